"""The facts of a run directory, where it lies now.

A run directory may be moved. Each session notes where it worked; files that its facts name below
that place are found below the place where the run directory is now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.journal.facts import AnyFact, Done, Given, SessionEnded, SessionStarted
from fairwf.engine.journal.index import Entry
from fairwf.engine.journal.log import LogReader, read_entries, read_log
from fairwf.engine.journal.relocation import relocated
from fairwf.engine.places.rundir import RESTORE, RunDir
from fairwf.report import InvalidError


class History:
    """What happened in a run until now: an entry for each fact, and facts by their entries.

    A context manager. Entries are small and facts may be large, so that a run of a million tasks
    can be looked at without holding what each of them was given and made.
    """

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self._log: LogReader | None = None
        self._here = str(run.root)
        self._begins: list[int] = []
        self._folders: list[str] = []

    def entries(self) -> Iterator[Entry]:
        """Yield an entry for each fact in order.

        Raises:
            InvalidError: the journal is damaged.
        """
        self._begins, self._folders = [], []
        found = False
        for entry in read_entries(self._run.log, self._run.database):
            found = True
            if entry.fact == "session":
                fact = self._read(entry.at)
                assert isinstance(fact, SessionStarted)
                self._begins.append(entry.at)
                self._folders.append(fact.folder or self._here)
            yield entry
        if not found and self._run.tasks.is_dir() and any(self._run.tasks.iterdir()):
            raise _missing(self._run)

    def fact(self, at: int) -> AnyFact:
        """Return the fact of an entry that was yielded, with locations as they are now.

        Raises:
            InvalidError: the journal is damaged.
        """
        fact = self._read(at)
        session = bisect_right(self._begins, at) - 1
        before = self._folders[session] if session >= 0 else self._here
        return fact if before == self._here else _moved(fact, before, self._here)

    def _read(self, at: int) -> AnyFact:
        if self._log is None:
            self._log = LogReader(self._run.log)
        return self._log.read(at)

    def close(self) -> None:
        """Close the journal; it is opened again when it is needed."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def facts_of(run: RunDir) -> Iterator[AnyFact]:
    """Yield the facts of a run in order, with locations as they are now.

    Raises:
        InvalidError: the journal is damaged.
    """
    here = before = str(run.root)
    for _, fact in read_log(run.log):
        if isinstance(fact, SessionStarted):
            before = fact.folder or here
        yield fact if before == here else _moved(fact, before, here)


def _missing(run: RunDir) -> InvalidError:
    return InvalidError.of(
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
