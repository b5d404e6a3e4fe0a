"""WfFormat, the JSON of WfCommons: tasks, files and machines of one execution, one by one."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace

from fairwf.document import Document
from fairwf.features import Capabilities, Feature
from fairwf.formats import Converter, ReadOptions, Source, TraceReader, WriteOptions, Written
from fairwf.ir.instance import Instance, normal
from fairwf.report import Report
from fairwf.trace import Run


def _detect(source: Source) -> int:
    from fairwf_wfformat.detect import detect

    return detect(source)


def _read(source: Source, options: ReadOptions, report: Report) -> Document:
    from fairwf_wfformat.read import read

    return read(source, report)


def _write(document: Document, options: WriteOptions, report: Report) -> Written:
    from fairwf_wfformat.write import write

    return write(document, report, options.folder)


def _normalize(document: Document, report: Report, version: str | None = None) -> Document:
    from fairwf_wfformat.write import writable

    if not isinstance(document.workflow, Instance):
        return document
    writable(document, report)
    return replace(document, workflow=normal(document.workflow))


def _capabilities(version: str | None) -> Capabilities:
    return Capabilities(
        features=frozenset(
            {Feature.INSTANCE, Feature.DOCUMENTATION, Feature.METADATA, Feature.FOREIGN_KEYS}
        ),
        functions=frozenset(),
    )


def _detect_trace(path: Path) -> int:
    from fairwf_wfformat.runs import detect_run

    return detect_run(path)


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_wfformat.runs import read_run

    return read_run(path, report)


CONVERTER = Converter(
    name="wfformat",
    title="WfFormat",
    versions=("1.5",),
    read_versions=("1.3", "1.4", "1.5", "1.6"),
    suffix=".wfformat.json",
    media_type="application/json",
    language_iri="https://wfcommons.org/format",
    detect=_detect,
    read=_read,
    write=_write,
    capabilities=_capabilities,
    normalize=_normalize,
    trace=TraceReader(
        "wfinstance", "WfFormat instance with an execution", _detect_trace, _read_trace
    ),
    version_line=re.compile(r'"schemaVersion"\s*:\s*"([\w.-]+)"'),
)
