"""The facts of a run directory, where it lies now.

A run directory may be moved. Each session notes where it worked; files that its facts name below
that place are found below the place where the run directory is now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.facts import AnyFact, Done, Given, SessionEnded, SessionStarted
from fairwf.engine.journal import Brief, read_brief, read_facts, read_log
from fairwf.engine.relocation import relocated
from fairwf.engine.rundir import RESTORE, RunDir
from fairwf.report import InvalidError

_F = TypeVar("_F", bound=AnyFact | Brief)


def facts_of(run: RunDir) -> Iterator[AnyFact]:
    """Yield the facts of a run in order, with locations as they are now.

    Raises:
        InvalidError: the journal is damaged.
    """
    return _here(run, read_facts(run.log, run.database))


def logged_facts(run: RunDir) -> Iterator[AnyFact]:
    """Yield the same from the log alone, which holds everything: one fact at a time in memory.

    Raises:
        InvalidError: the log is damaged.
    """
    return _here(run, (fact for _, fact in read_log(run.log)))


def brief_facts(run: RunDir) -> Iterator[AnyFact | Brief]:
    """Yield the same, of executions only what they are about.

    Raises:
        InvalidError: the log is damaged.
    """
    return _here(run, read_brief(run.log))


def _here(run: RunDir, facts: Iterable[_F]) -> Iterator[_F]:
    here, before = str(run.root), str(run.root)
    found = False
    for fact in facts:
        found = True
        if isinstance(fact, SessionStarted):
            before = fact.folder or here
        yield fact if before == here else _moved(fact, before, here)
    if not found and run.tasks.is_dir() and any(run.tasks.iterdir()):
        raise InvalidError.of(
            "FWF4012",
            "the journal is missing or empty, though tasks of this run have begun",
            file=str(run.log),
            hint=RESTORE,
        )


def moved_path(path: Path, before: str | None, run: RunDir) -> Path:
    """Return where a path below a run directory lies now that the directory has moved."""
    if before is not None and path.is_relative_to(before):
        return run.root / path.relative_to(before)
    return path


def _moved(fact: _F, before: str, here: str) -> _F:
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
