"""Pegasus (https://pegasus.isi.edu): what its runs leave behind."""

from __future__ import annotations

from pathlib import Path

from fairwf.formats import Converter, TraceReader
from fairwf.report import Report
from fairwf.trace import Run


def _detect_trace(path: Path) -> int:
    from fairwf_pegasus.detect import detect

    return detect(path)


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_pegasus.read import read

    return read(path, report)


CONVERTER = Converter(
    name="pegasus",
    title="Pegasus",
    media_type="application/x-yaml",
    trace=TraceReader(
        "pegasus", "submit folder or stampede database of Pegasus", _detect_trace, _read_trace
    ),
)
