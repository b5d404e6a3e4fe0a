"""Parsl (https://parsl-project.org): what its monitoring keeps of runs."""

from __future__ import annotations

from pathlib import Path

from fairwf.formats import Converter, TraceReader
from fairwf.report import Report
from fairwf.trace import Run


def _detect_trace(path: Path) -> int:
    from fairwf_parsl.detect import detect

    return detect(path)


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_parsl.read import read

    return read(path, report)


CONVERTER = Converter(
    name="parsl",
    title="Parsl",
    media_type="text/x-python",
    trace=TraceReader("parsl", "monitoring database of Parsl", _detect_trace, _read_trace),
)
