"""Snakemake (https://snakemake.readthedocs.io/): what its runs leave behind."""

from __future__ import annotations

from pathlib import Path

from fairwf.formats import Converter, TraceReader
from fairwf.report import Report
from fairwf.trace import Run


def _detect_trace(path: Path) -> int:
    from fairwf_snakemake.metadata import folder_of

    return 90 if folder_of(path) is not None else 0


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_snakemake.read import read

    return read(path, report)


CONVERTER = Converter(
    name="snakemake",
    title="Snakemake",
    media_type="text/x-snakemake",
    language_iri="https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
    trace=TraceReader(
        "snakemake", "working directory of Snakemake, with .snakemake", _detect_trace, _read_trace
    ),
)
