"""Ready tasks that wait for a job."""

from __future__ import annotations

import time

from fairwf.engine.backends.bundles.job import BatchTask
from fairwf.engine.backends.bundles.sizing import Estimates, bundles, work_of
from fairwf.engine.backends.deployment import Deployment

_MOST_LINGERS = 5
"""How many times ``linger`` tasks wait at most while more of them keep coming."""
_LINGERS_FOR_LITTLE = 10
"""The same for tasks that would fill no job, while other jobs run that may make more ready."""


class WaitingTasks:
    """Gathers tasks, and gives them out as bundles once no more of them seem to come."""

    def __init__(self, deployment: Deployment, estimates: Estimates) -> None:
        self._deployment = deployment
        self._estimates = estimates
        self._linger_s = deployment.seconds("linger")
        self._tasks: list[BatchTask] = []
        self._first = self._last = 0.0

    def add(self, task: BatchTask) -> None:
        """Let a task wait."""
        self._last = time.monotonic()
        if not self._tasks:
            self._first = self._last
        self._tasks.append(task)

    def remove(self, key: str) -> bool:
        """Forget a task; False where it does not wait here."""
        before = len(self._tasks)
        self._tasks = [task for task in self._tasks if task.key != key]
        return len(self._tasks) < before

    def clear(self) -> None:
        """Forget all."""
        self._tasks.clear()

    def take(self, active: int, room: int | None = None) -> list[list[BatchTask]]:
        """Return the bundles that are to be submitted now, with so many jobs under way.

        ``room`` is that of :class:`~fairwf.engine.backends.bundles.scheduler.JobSubmitter`.
        """
        said, now = self._deployment, time.monotonic()
        most = said.most_jobs if room is None or said.max_jobs is not None else room
        free = most - active
        if not self._tasks or free <= 0:
            return []
        waited = now - self._first
        if now - self._last < self._linger_s and waited < _MOST_LINGERS * self._linger_s:
            return []
        loads = [task.attempt.load for task in self._tasks]
        little = work_of(loads, self._estimates, said) < said.seconds("bundle_time")
        if active and little and waited < _LINGERS_FOR_LITTLE * self._linger_s:
            return []
        taken = bundles(loads, self._estimates, said, free, later=room is not None)
        found = [[self._tasks[place] for place in places] for places in taken]
        gone = {place for places in taken for place in places}
        self._tasks = [task for place, task in enumerate(self._tasks) if place not in gone]
        self._first = now
        return found
