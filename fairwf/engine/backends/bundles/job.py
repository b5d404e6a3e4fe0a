"""What is known of one job: its bundle, what its worker reported, what the scheduler says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from fairwf.engine.backends.bundles.bundle import BundleFolder, Line
from fairwf.engine.backends.bundles.scheduler import Listed
from fairwf.engine.backends.bundles.sizing import SMALLEST, Shape
from fairwf.engine.backends.bundles.stored import StoredAttempt
from fairwf.engine.task import Completion


@dataclass(eq=False, kw_only=True)
class BatchTask:
    """A task on its way. ``entry`` is what the worker gets; an adopted one has none."""

    attempt: StoredAttempt
    entry: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """The key of the task in the journal."""
        return self.attempt.key


@dataclass(eq=False, kw_only=True)
class BatchJob:
    """A bundle that was, or is being, submitted. Times are of the monotonic clock.

    ``heard`` is when the worker gave its last sign of life, ``missing`` since when the scheduler
    has not listed the job as waiting or running, ``over`` that it lists it as ended and will let go
    of it by itself, ``uncertain`` whether a submission failed that may have succeeded.
    """

    folder: BundleFolder
    tag: str
    tasks: list[BatchTask]
    shape: Shape = SMALLEST
    id: str | None = None
    submitted: float = 0.0
    future: Future[str] | None = None
    tries: int = 0
    again_at: float = 0.0
    uncertain: float | None = None
    claimed: float | None = None
    host: str | None = None
    heard: float = 0.0
    missing: float | None = None
    vanished: bool = False
    over: bool = False
    reason: str | None = None
    closed: Line | None = None
    closed_at: float = 0.0
    started: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The job as a person knows it."""
        return f"job {self.id}" if self.id else f"job {self.tag}"

    def known(self, job_id: str) -> None:
        """Take note that the scheduler has the job."""
        self.id = job_id
        self.submitted = self.heard = time.monotonic()
        self.uncertain = None

    def look(self, now: float) -> list[tuple[BatchTask, Completion]]:
        """Read what is new in the worker's log; return the tasks that ended."""
        found = []
        lines = self.folder.news()
        if lines:
            self.heard = now
        for line in lines:
            if line.k == "claim":
                self.claimed, self.host = now, line.host
                self.id = self.id or line.job
            elif line.k == "close":
                self.closed, self.closed_at = line, now
            elif not 0 <= line.i < len(self.tasks):
                continue
            elif line.k == "start":
                self.started.add(line.i)
            elif line.k == "end" and not line.stopped and line.i not in self.ended:
                self.ended.add(line.i)
                found.append((self.tasks[line.i], self._completion(line)))
        return found

    def _completion(self, line: Line) -> Completion:
        return Completion(
            task_id=self.tasks[line.i].key,
            exit_code=line.code,
            started=line.t0,
            ended=line.t1,
            cpu_user_s=line.u,
            cpu_system_s=line.s,
            max_rss_kib=line.rss,
            timed_out=line.to,
            cancelled=line.cut,
            error=line.err,
            signal=line.sig,
            host=self.host,
        )

    def judge(self, listed: Listed | None, asked: float, now: float) -> bool:
        """Take note of what the scheduler says; True where it has put the job back into its queue.

        ``asked`` is when it was asked: what it says of jobs submitted later counts for nothing.
        """
        if self.id is None or asked <= self.submitted:
            return False
        if listed is not None and listed.state != "ended":
            self.missing, self.over = None, False
            return listed.state == "queued" and self.claimed is not None and self.claimed < asked
        if self.missing is None:
            self.missing = now
        self.vanished = listed is None
        self.over = listed is not None and not listed.held
        if listed is not None:
            self.reason = listed.reason
        return False

    def left(self) -> list[tuple[BatchTask, bool]]:
        """Return the tasks that have not ended, and whether each had started."""
        return [
            (task, number in self.started)
            for number, task in enumerate(self.tasks)
            if number not in self.ended
        ]
