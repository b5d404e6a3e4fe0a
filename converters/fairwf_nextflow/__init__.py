"""Nextflow (https://www.nextflow.io/): scripts of DSL2, and what their runs leave behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fairwf.document import Document
from fairwf.features import Capabilities
from fairwf.formats import (
    Converter,
    Layout,
    ReadOptions,
    Source,
    TraceReader,
    WriteOptions,
    Written,
)
from fairwf.ir.values import Value
from fairwf.report import Report
from fairwf.trace import Run

_PART = re.compile(
    rb"(?m)^[ \t]*+(?:process\s+['\"]?\w+['\"]?\s*\{|workflow(?:\s+\w+)?\s*\{"
    rb"|include\s*\{[^}\n]*\}\s*from\b|nextflow\.(?:enable|preview)\.)"
)
_SHEBANG = re.compile(rb"\A#!\s*/usr/bin/env\s+nextflow\b")
_CHANNEL = re.compile(rb"(?m)^\s*(?:[Cc]hannel)\s*\.\s*\w+|=\s*[Cc]hannel\s*\.\s*\w+")


def _detect(source: Source) -> int:
    head = source.head
    if _SHEBANG.search(head):
        return 100
    if not _PART.search(head):
        return 0
    named = source.name.endswith(".nf")
    return 90 if named or b"script:" in head or _CHANNEL.search(head) else 60


def _read(source: Source, options: ReadOptions, report: Report) -> Document:
    from fairwf_nextflow.document import read

    return read(source, options, report)


def _normalize(document: Document, report: Report, version: str | None = None) -> Document:
    from fairwf_nextflow.write.normalize import normalize

    return normalize(document, report, version)


def _write(document: Document, options: WriteOptions, report: Report) -> Written:
    from fairwf_nextflow.write import write

    return write(document, options, report)


def _capabilities(version: str | None) -> Capabilities:
    from fairwf_nextflow.write.capabilities import capabilities

    return capabilities(version)


def _write_inputs(document: Document, values: Mapping[str, Value]) -> bytes:
    from fairwf.ir.instance import Instance
    from fairwf_nextflow.write.parameters import write_inputs

    root = document.workflow
    return write_inputs(() if isinstance(root, Instance) else root.inputs, values)


def _detect_trace(path: Path) -> int:
    from fairwf_nextflow.detect import detect

    return detect(path)


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_nextflow.read import read

    return read(path, report)


CONVERTER = Converter(
    name="nextflow",
    title="Nextflow",
    versions=("DSL2",),
    read_versions=("DSL2",),
    suffix=".nf",
    detect=_detect,
    read=_read,
    normalize=_normalize,
    write=_write,
    capabilities=_capabilities,
    write_inputs=_write_inputs,
    layout=Layout(main=("main.nf",)),
    media_type="text/x-groovy",
    language_iri="https://w3id.org/workflowhub/workflow-ro-crate#nextflow",
    trace=TraceReader(
        "nextflow", "trace file or launch folder of Nextflow", _detect_trace, _read_trace
    ),
)
