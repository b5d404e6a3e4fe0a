"""Nextflow (https://www.nextflow.io/): scripts of DSL2, and what their runs leave behind."""

from __future__ import annotations

import re
from pathlib import Path

from fairwf.document import Document
from fairwf.formats import Converter, Layout, ReadOptions, Source, TraceReader
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


def _detect_trace(path: Path) -> int:
    from fairwf_nextflow.detect import detect

    return detect(path)


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_nextflow.read import read

    return read(path, report)


CONVERTER = Converter(
    name="nextflow",
    title="Nextflow",
    read_versions=("DSL2",),
    suffix=".nf",
    detect=_detect,
    read=_read,
    layout=Layout(main=("main.nf",)),
    media_type="text/x-groovy",
    language_iri="https://w3id.org/workflowhub/workflow-ro-crate#nextflow",
    trace=TraceReader(
        "nextflow", "trace file or launch folder of Nextflow", _detect_trace, _read_trace
    ),
)
