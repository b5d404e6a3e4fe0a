"""WfFormat, the JSON of WfCommons: tasks, files and machines of one execution, one by one."""

from __future__ import annotations

from dataclasses import replace

from fairwf.document import Document
from fairwf.features import Capabilities, Feature
from fairwf.formats import Converter, ReadOptions, Source, WriteOptions, Written
from fairwf.ir.instance import Instance, normal
from fairwf.report import Report


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


CONVERTER = Converter(
    name="wfformat",
    title="WfFormat",
    versions=("1.5",),
    read_versions=("1.3", "1.4", "1.5"),
    suffix=".wfformat.json",
    media_type="application/json",
    language_iri="https://wfcommons.org/format",
    detect=_detect,
    read=_read,
    write=_write,
    capabilities=_capabilities,
    normalize=_normalize,
)
