"""The tasks of a record, read from the journal when they are asked for."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import msgspec

from fairwf.engine.journal.facts import Done, Started
from fairwf.engine.journal.history import History
from fairwf.engine.places.rundir import RunDir
from fairwf.ir.expressions import Expr
from fairwf.trace import Task, TaskStatus


class RecordedTasks(Sequence[Task]):
    """The tasks of a run, read from its journal when they are asked for: eight bytes a task.

    The last attempt of each task has its key as id; earlier ones end in ``@attempt``.
    """

    def __init__(self, run: RunDir, history: History) -> None:
        self._run = run
        self._history = history
        self._offsets = array("q")
        self._earlier: set[int] = set()
        self._places: dict[int, int] = {}
        self._attempts: dict[str, int] = {}
        self._running_since: int | None = None
        self._given: dict[int, Mapping[str, Expr]] = {}

    def add(self, key: str, attempt: int, at: int, given: Mapping[str, Expr] | None = None) -> None:
        """Add an execution whose end stands at an offset; one told again keeps its place.

        One without an end was ``given`` these inputs, as far as they are known.
        """
        if given:
            self._given[at] = given
        place = self._places.setdefault(hash((key, attempt)), len(self._offsets))
        if place < len(self._offsets):
            self._offsets[place] = at
        else:
            self._offsets.append(at)
        if attempt > 1:
            self._attempts[key] = max(attempt, self._attempts.get(key, 1))

    def completed(self, key: str) -> Done | None:
        """Return the execution of a key that completed, of those that were added."""
        for attempt in range(self._attempts.get(key, 1), 0, -1):
            place = self._places.get(hash((key, attempt)))
            fact = self._history.fact(self._offsets[place]) if place is not None else None
            if isinstance(fact, Done) and fact.status == "completed":
                return fact
        return None

    def has(self, key: str, attempt: int) -> bool:
        """Tell whether an execution was added."""
        return hash((key, attempt)) in self._places

    def close(self, alive: bool, session: int) -> None:
        """Note that all were added.

        ``alive`` tells whether the engine works; ``session`` is where its last session begins.
        """
        self._running_since = session if alive else None
        for key, last in self._attempts.items():
            places = (self._places.get(hash((key, number))) for number in range(1, last))
            self._earlier.update(place for place in places if place is not None)
        self._places, self._attempts = {}, {}

    @overload
    def __getitem__(self, index: int) -> Task: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Task]: ...

    def __getitem__(self, index: int | slice) -> Task | Sequence[Task]:
        if isinstance(index, slice):
            return tuple(self[one] for one in range(*index.indices(len(self))))
        with self._history:
            return self._task(index)

    def __iter__(self) -> Iterator[Task]:
        with self._history:
            for index in range(len(self)):
                yield self._task(index)

    def _task(self, index: int) -> Task:
        at = self._offsets[index]
        fact = self._history.fact(at)
        assert isinstance(fact, (Done, Started))
        if isinstance(fact, Done):
            task = _task(self._run, fact)
        else:
            runs = self._running_since is not None and at > self._running_since
            task = _unended(fact, "running" if runs else "interrupted", self._given.get(at, {}))
        if self._earlier and index % len(self) in self._earlier:
            return msgspec.structs.replace(task, id=f"{fact.key}@{fact.attempt}")
        return task

    def __len__(self) -> int:
        return len(self._offsets)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as of every sequence that may be long


def _unended(begun: Started, status: TaskStatus, inputs: Mapping[str, Expr]) -> Task:
    """Return an execution that began and has no end on record."""
    return Task(
        id=begun.key,
        step=begun.step,
        process=begun.process,
        kind=begun.kind,
        status=status,
        index=begun.index,
        parent=begun.parent,
        started=begun.time,
        inputs=inputs,
        site=begun.site,
        attempt=begun.attempt,
    )


def _task(run: RunDir, done: Done) -> Task:
    return Task(
        id=done.key,
        step=done.step,
        process=done.process,
        kind=done.kind,
        status=done.status,
        index=done.index,
        parent=done.parent,
        command=done.command,
        started=done.started,
        ended=done.ended,
        exit_code=done.exit_code,
        error=done.error,
        inputs=done.inputs,
        outputs=done.outputs,
        host=done.host,
        site=done.site,
        cores=done.cores,
        cpu_user_s=done.cpu_user_s,
        cpu_system_s=done.cpu_system_s,
        max_rss_kib=done.max_rss_kib,
        container=done.container,
        container_digest=done.container_digest,
        stdin=under(run, done.stdin),
        stdout=under(run, done.stdout),
        stderr=under(run, done.stderr),
        folder=under(run, done.folder),
        attempt=done.attempt,
        reused=done.reused,
    )


def under(run: RunDir, path: str | None) -> str | None:
    """Return a path that the journal holds, absolute."""
    return os.path.join(run.root, path) if path is not None else None
