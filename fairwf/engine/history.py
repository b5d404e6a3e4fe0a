"""The facts of a run directory, where it lies now.

A run directory may be moved. Each session notes where it worked; files that its facts name below
that place are found below the place where the run directory is now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.facts import AnyFact, Done, Given, Literals, SessionEnded, SessionStarted
from fairwf.engine.journal import Brief, read_brief, read_facts, read_log
from fairwf.engine.rundir import RESTORE, RunDir
from fairwf.ir.expressions import Array, Directory, Expr, File, Record
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
    change = partial(_values, prefixes=prefixes)
    if isinstance(fact, Done):
        return replace(fact, inputs=change(fact.inputs), outputs=change(fact.outputs))
    if isinstance(fact, Given):
        return replace(fact, inputs=change(fact.inputs))
    if isinstance(fact, SessionEnded):
        return replace(fact, outputs=change(fact.outputs))
    return fact


def _values(values: Literals, prefixes: Mapping[str, str]) -> Literals:
    return {name: _value(value, prefixes) for name, value in values.items()}


def _value(node: Expr, prefixes: Mapping[str, str]) -> Expr:
    if isinstance(node, File):
        inside = tuple(_value(each, prefixes) for each in node.secondary)
        return replace(node, location=_place(node.location, prefixes), secondary=inside)
    if isinstance(node, Directory):
        listing = node.listing
        if listing is not None:
            listing = tuple(_value(each, prefixes) for each in listing)  # type: ignore[misc]
        return replace(node, location=_place(node.location, prefixes), listing=listing)
    if isinstance(node, Array):
        return replace(node, items=tuple(_value(each, prefixes) for each in node.items))
    if isinstance(node, Record):
        return replace(node, fields=_values(node.fields, prefixes))
    return node


def _place(location: str | None, prefixes: Mapping[str, str]) -> str | None:
    for before, here in prefixes.items():
        if location is not None and location.startswith(before):
            return here + location[len(before) :]
    return location
