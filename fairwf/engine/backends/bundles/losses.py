"""What becomes of the tasks of a job that is over and has not run them to their end."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from fairwf.engine.backends.bundles.job import BatchJob, BatchTask

Fate = Literal["waits", "again", "fails"]
"""It waits for another job as it is; it runs again as a new attempt; it has failed."""


class Losses:
    """Counts how often a task was tried in a job that was lost, and bears ``retries`` of them."""

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._count: Counter[str] = Counter()

    def fates(self, job: BatchJob, lost: bool) -> list[tuple[BatchTask, Fate]]:
        """Return the tasks that have not ended, each with what becomes of it.

        ``lost`` is False for a job that ended in order, and had no time left for them. A task that
        a worker left unbegun, while it ran others, was not tried. Where nothing is known to have
        begun, all count as tried: what ends such a job may end the next one, too.
        """
        found: list[tuple[BatchTask, Fate]] = []
        known = job.closed is not None
        for task, started in job.left():
            if lost and (started or not known or not job.started):
                self._count[task.key] += 1
            unbegun = job.claimed is None or (known and not started)
            if self._count[task.key] > self._retries:
                found.append((task, "fails"))
            else:
                found.append((task, "waits" if unbegun and task.entry is not None else "again"))
        return found
