"""Snakemake (https://snakemake.readthedocs.io/): Snakefiles, and what runs leave behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fairwf.document import Document
from fairwf.features import Capabilities
from fairwf.formats import (
    UNSURE,
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

_RULE = re.compile(rb"(?m)^[ \t]*(?:rule|checkpoint)(?:[ \t]+\w+)?[ \t]*:")
_SECTION = re.compile(
    rb"(?m)^[ \t]+(?:input|output|shell|run|script|wrapper|params|log|threads)[ \t]*:"
)
_INCLUDES = re.compile(
    rb"(?m)^(?:include|configfile|module[ \t]+\w+|localrules)[ \t]*:|^use[ \t]+rule[ \t]+[\w*]"
)


def _detect(source: Source) -> int:
    head = source.head
    named = source.path is not None and (
        source.path.name.startswith("Snakefile") or source.path.suffix == ".smk"
    )
    if _RULE.search(head):
        return 95 if named else 90 if _SECTION.search(head) else UNSURE
    if named:
        return 90 if _INCLUDES.search(head) else UNSURE
    return 0


def _read(source: Source, options: ReadOptions, report: Report) -> Document:
    from fairwf_snakemake.document import read

    return read(source, options, report)


def _normalize(document: Document, report: Report, version: str | None = None) -> Document:
    from fairwf_snakemake.writing.normalize import normalize

    return normalize(document, report, version)


def _write(document: Document, options: WriteOptions, report: Report) -> Written:
    from fairwf_snakemake.writing.document import write

    return write(document, options, report)


def _capabilities(version: str | None) -> Capabilities:
    from fairwf_snakemake.writing.capabilities import capabilities

    return capabilities(version)


def _write_inputs(document: Document, values: Mapping[str, Value]) -> bytes:
    from fairwf_snakemake.writing.jobs import write_inputs

    return write_inputs(document, values)


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
    detect=_detect,
    read=_read,
    normalize=_normalize,
    write=_write,
    capabilities=_capabilities,
    write_inputs=_write_inputs,
    suffix=".smk",
    versions=("9",),
    read_versions=("8", "9"),
    layout=Layout(main=("Snakefile", "workflow/Snakefile")),
    trace=TraceReader(
        "snakemake", "working directory of Snakemake, with .snakemake", _detect_trace, _read_trace
    ),
)
