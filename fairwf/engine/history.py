"""The facts of a run directory, where it lies now.

A run directory may be moved. Each session notes where it worked; files that its facts name below
that place are found below the place where the run directory is now.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.facts import AnyFact, Done, Given, SessionEnded, SessionStarted
from fairwf.engine.journal import read_facts
from fairwf.engine.relocation import relocated
from fairwf.engine.rundir import RunDir


def facts_of(run: RunDir) -> Iterator[AnyFact]:
    """Yield the facts of a run in order, with locations as they are now.

    Raises:
        InvalidError: the journal is damaged.
    """
    here, before = str(run.root), str(run.root)
    for fact in read_facts(run.log, run.database):
        if isinstance(fact, SessionStarted):
            before = fact.folder or here
        yield fact if before == here else _moved(fact, before, here)


def moved_path(path: Path, before: str | None, run: RunDir) -> Path:
    """Return where a path below a run directory lies now that the directory has moved."""
    if before is not None and path.is_relative_to(before):
        return run.root / path.relative_to(before)
    return path


def _moved(fact: AnyFact, before: str, here: str) -> AnyFact:
    # Locations are URIs; those that a user gave may be plain paths.
    prefixes = {file_uri(Path(before)) + "/": file_uri(Path(here)) + "/", f"{before}/": f"{here}/"}

    def move(location: str) -> str:
        for old, new in prefixes.items():
            if location.startswith(old):
                return new + location[len(old) :]
        return location

    change = partial(relocated, move=move)
    if isinstance(fact, Done):
        return replace(fact, inputs=change(fact.inputs), outputs=change(fact.outputs))
    if isinstance(fact, Given):
        return replace(fact, inputs=change(fact.inputs))
    if isinstance(fact, SessionEnded):
        return replace(fact, outputs=change(fact.outputs))
    return fact
