"""Run directories as a SOURCE."""

from __future__ import annotations

import os
from pathlib import Path

from fairwf.document import Document
from fairwf.features import Feature
from fairwf.formats import converter


def is_run(text: str) -> bool:
    """Tell whether a SOURCE is a folder that holds a run of our engine."""
    return all(os.path.isfile(f"{text}/{name}") for name in ("run.json", "workflow.ir.json"))  # noqa: PTH113 - asks, and does not raise


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
