"""Run directories as a SOURCE."""

from __future__ import annotations

import os
from pathlib import Path

from fairwf.document import Document
from fairwf.features import Feature
from fairwf.formats import converter
from fairwf.report import UsageFault


def is_run(text: str) -> bool:
    """Tell whether a SOURCE is a folder that holds a run of our engine."""
    return all(os.path.isfile(f"{text}/{name}") for name in ("run.json", "workflow.ir.json"))  # noqa: PTH113 - asks, and does not raise


def spare_source(source: str, output: str) -> None:
    """Refuse an output that is the source, holds it, or takes the place of a file in it.

    A crate in a run directory may be replaced: a place that is one is no part of what is read.

    Raises:
        UsageFault: writing it would destroy what is read.
    """
    read = Path(os.path.realpath(source.partition("#")[0]))
    target = Path(os.path.realpath(output))
    if target == read or target in read.parents or (read in target.parents and _is_part(target)):
        raise UsageFault.of(
            "FWF9001",
            "the result would replace its own source",
            file=output,
            hint="name another place with -o",
        )


def _is_part(path: Path) -> bool:
    return path.is_file() and path.suffix != ".zip"


def run_document(folder: Path, target: str) -> Document:
    """Return a run as a document: its tasks where the target can say them, else its workflow.

    Raises:
        InvalidError: the run directory is damaged.
    """
    from fairwf.engine import load_run
    from fairwf.trace import instance_of

    run = load_run(folder)
    chosen = converter(target)
    can = chosen.capabilities(None).features if chosen.capabilities else frozenset()
    if Feature.INSTANCE in can:
        return Document(workflow=instance_of(run), format="run", source=str(folder))
    return Document(workflow=run.workflow, format=run.format, source=run.source or str(folder))
