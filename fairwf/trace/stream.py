"""A run whose tasks are read one after another, for runs that are too large to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from fairwf.trace.run import Run, Task


class RunStream(msgspec.Struct, frozen=True):
    """The record of a run without its tasks (``run.tasks`` is empty), how many there are, and
    what yields them, as often as it is called, in the order of the record."""

    run: Run
    count: int
    tasks: Callable[[], Iterator[Task]]

    @classmethod
    def of(cls, run: Run) -> RunStream:
        """Return the stream of a run that is held as a whole."""
        tasks = run.tasks
        return cls(msgspec.structs.replace(run, tasks=()), len(tasks), lambda: iter(tasks))

    def whole(self) -> Run:
        """Return the run with its tasks."""
        return msgspec.structs.replace(self.run, tasks=tuple(self.tasks()))
