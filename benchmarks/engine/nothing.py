"""A backend whose programs end at once, without a process: what is left is what the engine costs.

Everything else is as ever: expansion, staging with a working folder of its own for each task,
journal, collection of outputs, record.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType, TracebackType
from typing import Any, Self
from unittest import mock

from fairwf.engine import session
from fairwf.engine.backends.protocol import Kept, Site
from fairwf.engine.programs.resources import Pool
from fairwf.engine.task.request import Completion, PreparedTask

_HERE = Site()


class NothingBackend:
    """Tells of each task that it ended well, when it is asked."""

    lasting = False
    kept: Mapping[str, Kept] = MappingProxyType({})

    def __init__(self, cores: int = 32) -> None:
        self._cores = cores
        self._ended: list[Completion] = []
        self.ended = 0

    def site_of(self, key: str) -> Site:
        """Return this machine."""
        return _HERE

    def pool(self, cores: float | None, memory_mib: float | None) -> Pool[Any]:
        """Return a queue with room for so many tasks at once."""
        return Pool(self._cores, float("inf"))

    def submit(self, *tasks: PreparedTask, lane: str = "", ahead: bool = False) -> None:
        """Note that tasks began and ended."""
        now = time.time()
        self._ended += [
            Completion(
                task_id=task.task_id,
                exit_code=0,
                started=now,
                ended=now,
                cpu_user_s=0.0,
                cpu_system_s=0.0,
                max_rss_kib=0,
                logged=False,
            )
            for task in tasks
        ]

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return those that ended."""
        ended, self._ended = self._ended, []
        self.ended += len(ended)
        return ended

    def adopt(self, key: str, digest: str, above: int) -> Kept | None:
        """Return None: nothing outlives its engine."""
        return None

    def cancel(self) -> None:
        """Nothing runs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


@contextmanager
def nothing_runs() -> Iterator[list[NothingBackend]]:
    """Have the engine of this process use such backends; yields those that it made."""
    made: list[NothingBackend] = []

    def backend(*_: object) -> NothingBackend:
        made.append(NothingBackend())
        return made[-1]

    with mock.patch.object(session, "backend_of", backend):
        yield made
