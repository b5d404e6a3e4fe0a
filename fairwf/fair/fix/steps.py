"""Names for steps that have only a number: those of what they run."""

from __future__ import annotations

import re
from pathlib import Path

from fairwf.check import check
from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.fair.indicators.f1_identifiers import is_positional
from fairwf.fair.subject import Subject
from fairwf.formats import Source, converters
from fairwf.ir.workflow import Workflow
from fairwf.report import FairwfError, Report

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{2,60}")


def named_steps(subject: Subject) -> bytes | None:
    """Return the main document with names for its positional steps, None where there is nothing.

    A name is that of the process that the step runs, or of its file, where no other step or port
    has it. What does not read back as the same workflow is not written.
    """
    document, path = subject.document, subject.source.path
    root = document.workflow if document is not None else None
    if document is None or path is None or not isinstance(root, Workflow):
        return None
    known = converters().get(document.format or "")
    rename = known.rename_steps if known is not None else None
    if rename is None or path.is_symlink():
        return None
    taken = {step.id for step in root.steps}
    taken |= {port.id for port in subject.workflow.ports}
    names: dict[str, str] = {}
    for step in root.steps:
        if not is_positional(step.id):
            continue
        run = subject.workflow.process(step)
        span = document.origins.get(run) if run is not None else None
        file = Path(span.file) if span is not None else path
        own_file = file.stem if file.name != path.name else ""
        for name in (str(getattr(run, "id", "") or ""), own_file):
            usable = _NAME.fullmatch(name) and not is_positional(name)
            if usable and name not in taken and name not in names.values():
                names[step.id] = name
                break
    written = rename(subject.source, names) if names else None
    if written is None or not _same(document, subject.source, written, names):
        return None
    return written


def _same(document: Document, source: Source, written: bytes, names: dict[str, str]) -> bool:
    """Tell whether the text reads back as the workflow with its steps renamed."""
    report = Report()
    try:
        again = read_document(
            Source(name=source.name, path=source.path, given=written), report, document.format
        )
        check(again, report)
    except FairwfError:
        return False
    old, new = document.workflow, again.workflow
    assert isinstance(old, Workflow)
    if report.errors or not isinstance(new, Workflow):
        return False
    wanted = [names.get(step.id, step.id) for step in old.steps]
    return sorted(wanted) == sorted(step.id for step in new.steps)
