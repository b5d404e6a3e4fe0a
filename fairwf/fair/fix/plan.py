"""What ``--fix`` would write, as a diff, and writing it."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fairwf.atomic import write_file
from fairwf.document import Document
from fairwf.fair.detectors.licences import licence_text, spdx_id
from fairwf.fair.detectors.metadata_schemas import faults
from fairwf.fair.fix.citation import citation
from fairwf.fair.fix.codemeta import codemeta
from fairwf.fair.fix.crate import crate
from fairwf.fair.fix.facts import facts
from fairwf.fair.fix.registry import dockstore
from fairwf.fair.fix.steps import named_steps
from fairwf.fair.indicators.r1_1_licence import licence_files
from fairwf.fair.subject import Subject
from fairwf.locate import CRATE_METADATA
from fairwf.report import UsageFault
from fairwf.source import SourceError, load_structured


@dataclass(frozen=True)
class Change:
    """A file to write. ``old`` is None where there is none yet."""

    name: str
    old: str | None
    new: str


def changes(
    subject: Subject,
    licence: str | None = None,
    schema: Callable[[Document], object] | None = None,
) -> list[Change]:
    """Return what can be written from what is known; empty where that is nothing.

    ``licence`` is the SPDX id that a user chooses for a workflow that has none; ``schema`` makes
    the JSON Schema of its inputs.

    Raises:
        UsageFault: no folder is scored; the licence is unknown or has blanks to fill in.
        EnvironmentFault: the extra ``fair`` is not installed.
    """
    if subject.folder is None:
        raise UsageFault.of(
            "FWF9001",
            "--fix writes files beside the workflow: name the folder",
            file=subject.shown,
        )
    if subject.hollow is not None or subject.document is None:
        return []
    chosen, found = _chosen(subject, licence)
    known = facts(subject, chosen)
    trees = {file.name: file for file in subject.metadata}
    for name, write in (("CITATION.cff", citation), ("codemeta.json", codemeta)):
        old = _old(subject, name)
        tree = trees[name].tree if name in trees and trees[name].fault is None else None
        if old is None and os.path.lexists(subject.folder / name):
            continue  # a link, or too large to be what it claims
        new = write(known, old, tree)
        if new is not None and new != old and _no_worse(name, tree, new):
            found.append(Change(name, old, new))
    name = ".dockstore.yml"
    if not os.path.lexists(subject.folder / name):
        text = dockstore(subject)
        if text is not None:
            found.append(Change(name, None, text))
    found += _of_the_workflow(subject, schema)
    if not os.path.lexists(subject.folder / CRATE_METADATA):
        text = crate(known, subject, [change.name for change in found])
        if text is not None:
            found.append(Change(CRATE_METADATA, None, text))
    return found


SCHEMA = "inputs.schema.json"


def _of_the_workflow(subject: Subject, schema: Callable[[Document], object] | None) -> list[Change]:
    """Return the main document with names for its steps, and the schema of its inputs beside it."""
    assert subject.folder is not None and subject.document is not None
    found = []
    written = named_steps(subject)
    if written is not None and Path(subject.name) in subject.files:
        old = subject.source.data.decode("utf-8", "replace")
        found.append(Change(subject.name, old, written.decode()))
    name = (subject.home / SCHEMA).as_posix()
    inputs = [] if subject.is_instance else subject.workflow.inputs
    if schema is not None and inputs and not os.path.lexists(subject.folder / name):
        text = json.dumps(schema(subject.document), indent=2, ensure_ascii=False) + "\n"
        found.append(Change(name, None, text))
    return found


def _chosen(subject: Subject, licence: str | None) -> tuple[str | None, list[Change]]:
    if licence is None:
        return None, []
    chosen = spdx_id(licence)
    text = licence_text(chosen) if chosen is not None else None
    if chosen is None or text is None:
        raise UsageFault.of(
            "FWF9001",
            f"{licence!r:.60} is no SPDX id of a licence"
            if chosen is None
            else f"the text of {chosen} has blanks that only you can fill in",
            hint="see https://spdx.org/licenses/",
        )
    assert subject.folder is not None
    if licence_files(subject) or os.path.lexists(subject.folder / "LICENSE"):
        return chosen, []
    return chosen, [Change("LICENSE", None, text)]


def _old(subject: Subject, name: str) -> str | None:
    assert subject.folder is not None
    path = subject.folder / name
    if path.is_symlink() or not path.is_file() or Path(name) not in subject.files:
        return None
    return path.read_bytes().decode("utf-8", "replace")


def _no_worse(name: str, tree: object, new: str) -> bool:
    """Tell whether a text is as valid as the one before: an addition never breaks a file."""
    try:
        after = load_structured(new.encode(), name)
    except SourceError:
        return False
    before = faults(name, tree) if tree is not None else []
    return len(faults(name, after)) <= len(before)


def as_diff(planned: list[Change]) -> str:
    """Return the changes as a unified diff."""
    parts: list[str] = []
    for change in planned:
        old = change.old.splitlines(keepends=True) if change.old is not None else []
        before = "/dev/null" if change.old is None else f"a/{change.name}"
        new = change.new.splitlines(keepends=True)
        lines = difflib.unified_diff(old, new, before, f"b/{change.name}")
        parts += [line if line.endswith("\n") else f"{line}\n" for line in lines]
    return "".join(parts)


def apply(folder: Path, planned: list[Change]) -> None:
    """Write the changes, each file at once or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    for change in planned:
        write_file(folder / change.name, change.new.encode())
