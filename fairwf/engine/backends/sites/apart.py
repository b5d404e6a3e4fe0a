"""A site where a program of our own runs the tasks: on another machine, or in another folder."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from queue import Empty
from types import TracebackType
from typing import Any, Self

from fairwf.engine.backends.bundles.stored import kept
from fairwf.engine.backends.deployment import SiteSettings
from fairwf.engine.backends.protocol import Kept, Site
from fairwf.engine.backends.sites.connection import Connection
from fairwf.engine.backends.sites.pool import AheadPool
from fairwf.engine.backends.sites.remains import Ended
from fairwf.engine.backends.sites.site_task import SiteTask
from fairwf.engine.backends.sites.work import SiteWork
from fairwf.engine.places.rundir import RunDir
from fairwf.engine.programs.resources import Pool
from fairwf.engine.task import Completion, PreparedTask
from fairwf.report import Report

_AHEAD = 4
"""How many times as many tasks as can run are on their way, so that files move beside them."""


class ApartBackend:
    """Runs the tasks of one site. A context manager; entering it connects.

    What takes time is done in a thread (:class:`SiteWork`); here it is handed over and taken.
    """

    lasting = False

    def __init__(self, name: str, settings: SiteSettings, run: RunDir, report: Report) -> None:
        self.name = name
        self.kept: dict[str, Kept] = {}
        """What had ended there, and whose files had not come home, when an engine died."""
        self._ended: dict[str, Ended] = {}
        self._report = report
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        self._connection = Connection(name, settings, run)
        self._work = SiteWork(self._connection, self._wake)
        self._tasks: dict[str, SiteTask] = {}

    def __enter__(self) -> Self:
        try:
            self._ended = self._work.begin()
        except BaseException:
            self.close()
            raise
        self.kept = {key: kept(each.attempt) for key, each in self._ended.items()}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def machine(self) -> Mapping[str, Any]:
        """What the machine of the site is, as a record of the run says it."""
        return self._connection.machine

    def fileno(self) -> int:
        """A descriptor that becomes readable when :meth:`wait` may have news."""
        return self._woken

    def site_of(self, key: str) -> Site:
        """Return this site."""
        return self._connection.site

    def pool(self, cores: float | None, memory_mib: float | None) -> Pool[Any]:
        """Return the queue of tasks that wait for cores and memory there."""
        room = self._connection.room
        return AheadPool(room.cores, room.ram_mib, _AHEAD)

    def adopt(self, key: str, digest: str, above: int) -> Kept | None:
        """Return an attempt that had ended there; what it left is taken home."""
        found, ended = self.kept.pop(key, None), self._ended.pop(key, None)
        if found is None or ended is None or found.digest != digest or found.number <= above:
            return None
        task = SiteTask(found.prepared, found.tmp, ended.logs, "fetching", line=ended.line)
        task.host = ended.host
        self._tasks[key] = task
        self._work.tell("fetch", task)
        return found

    def submit(self, *tasks: PreparedTask, lane: str = "", ahead: bool = False) -> None:
        """Have what they need brought there, and start them."""
        for each in tasks:
            assert each.request is not None
            task = SiteTask(each, each.request.tmp, each.request.logs)
            self._tasks[each.task_id] = task
            self._work.tell("bring", task)

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return the completions since the last call; waits for one for ``timeout`` seconds.

        Raises:
            EnvironmentFault: the site is out of reach, or files do not come.
        """
        done: list[Completion] = []
        until = None if timeout is None else time.monotonic() + timeout
        self._drain()
        while self._tasks or not self._work.results.empty():
            left = None if until is None else max(0.0, until - time.monotonic())
            try:
                found = self._work.results.get(not done and left != 0, left)
            except Empty:
                break
            if isinstance(found, str):
                self._report.add("FWF4062", found)
            elif isinstance(found, Completion):
                self._tasks.pop(found.task_id, None)
                done.append(found)
            else:
                raise found
        return done

    def _drain(self) -> None:
        try:
            while os.read(self._woken, 1024):
                continue
        except BlockingIOError:
            return

    def home(self, paths: Sequence[str]) -> Future[None]:
        """Have files here that stayed there."""
        return self._work.home(paths)

    def cancel(self, *task_ids: str) -> None:
        """End tasks, or all; each is reported as cancelled."""
        for name in task_ids or list(self._tasks):
            task = self._tasks.get(name)
            if task is not None:
                task.unwanted = True
                self._work.tell("cancel", task)

    def clear(self) -> bool:
        """Remove what the run left there: all that counts is home. Tell whether it is gone."""
        why = self._work.clear()
        if why is None:
            return True
        hint = f"fairwf resume {self._connection.run.root} tries again; or remove it by hand"
        self._report.add("FWF4062", f"site {self.name!r}: {why}", hint=hint)
        return False

    def close(self) -> None:
        """End everything that still runs there, and let go of the site."""
        self._work.close()
        for end in (self._woken, self._wake):
            if end >= 0:
                os.close(end)
        self._woken = self._wake = -1
        self._tasks.clear()
