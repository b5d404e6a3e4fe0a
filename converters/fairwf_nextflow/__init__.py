"""Nextflow (https://www.nextflow.io/): what its runs leave behind."""

from __future__ import annotations

from pathlib import Path

from fairwf.formats import Converter, TraceReader
from fairwf.report import Report
from fairwf.trace import Run


def _detect_trace(path: Path) -> int:
    from fairwf_nextflow.detect import detect

    return detect(path)


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_nextflow.read import read

    return read(path, report)


CONVERTER = Converter(
    name="nextflow",
    title="Nextflow",
    media_type="text/x-groovy",
    language_iri="https://w3id.org/workflowhub/workflow-ro-crate#nextflow",
    trace=TraceReader(
        "nextflow", "trace file or launch folder of Nextflow", _detect_trace, _read_trace
    ),
)
