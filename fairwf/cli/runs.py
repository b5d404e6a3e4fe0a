"""Run directories as a SOURCE."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fairwf.document import Document
from fairwf.features import Feature
from fairwf.formats import converter
from fairwf.locate import is_run
from fairwf.report import Report, UsageFault

if TYPE_CHECKING:
    from fairwf.ir.origins import Origins
    from fairwf.trace import Run


def is_trace(text: str, from_: str | None = None) -> bool:
    """Tell whether a SOURCE is a trace of another engine's run, and is not to be read otherwise.

    A file that a converter reads as a document is one, and so is a crate.
    """
    from fairwf.foreign import holds_provenance
    from fairwf.formats import Source, detect
    from fairwf.report import FairwfError

    if from_ is not None or is_run(text):
        return False
    if os.path.isfile(text):  # noqa: PTH113 - asks, and does not raise
        with suppress(FairwfError):
            if detect(Source.at(text)).read is not None:
                return False
    return holds_provenance(text)


def recorded_run(text: str, report: Report) -> Run | None:
    """Return the record of a run directory or of a trace; None for any other SOURCE.

    Raises:
        InvalidError: it is damaged.
    """
    if is_run(text):
        from fairwf.engine import load_run

        return load_run(Path(text))
    if is_trace(text):
        from fairwf.foreign import read_run

        return read_run(text, report)
    return None


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


def trace_document(text: str, target: str, report: Report) -> Document:
    """Return the run that a trace tells of as a document: see :func:`run_document`.

    Raises:
        InvalidError: the trace is damaged.
    """
    from fairwf.foreign import read_run
    from fairwf.ir.origins import Origins

    return _as_document(read_run(text, report), Origins(), target, text, report)


def run_document(folder: Path, target: str, report: Report) -> Document:
    """Return a run as a document: its tasks where the target can say them, else its workflow.

    What the tasks leave out of the run goes to the report.

    Raises:
        InvalidError: the run directory is damaged.
    """
    from fairwf.engine.journal.record import load_document, recorded
    from fairwf.engine.places.rundir import RunDir

    place = RunDir.open(folder)
    document = load_document(place)
    run = recorded(place, document)
    return _as_document(run, document.origins, target, str(folder), report)


def _as_document(run: Run, origins: Origins, target: str, source: str, report: Report) -> Document:
    from fairwf.ir.instance import Instance
    from fairwf.trace import instance_of
    from fairwf.trace.losses import tell_losses

    chosen = converter(target)
    can = chosen.capabilities(None).features if chosen.capabilities else frozenset()
    if Feature.INSTANCE in can and not isinstance(run.workflow, Instance):
        tell_losses(run, origins, report)
    if Feature.INSTANCE in can:
        return Document(workflow=instance_of(run), format="run", source=source)
    return Document(workflow=run.workflow, format=run.format, source=run.source or source)
