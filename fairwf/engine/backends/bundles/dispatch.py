"""Making jobs of tasks: their bundles are written, and submitted beside other work."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fairwf.atomic import write_file
from fairwf.engine.backends.bundles.bundle import BundleFolder
from fairwf.engine.backends.bundles.job import BatchJob, BatchTask
from fairwf.engine.backends.bundles.scheduler import JobSubmitter, RefusedError, Scheduler
from fairwf.engine.backends.bundles.script import JobNames, job_script
from fairwf.engine.backends.bundles.stored import encode
from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.places.rundir import RunDir
from fairwf.report import EnvironmentFault, Report

WORKER = Path(__file__).with_name("worker.py")
"""The program that runs the tasks of a bundle."""
_LONGEST_BACKOFF_S = 60.0
_RESERVE_S = 30.0
"""Of the walltime, in which no task is started any more."""


class Dispatcher:
    """Submits jobs one after the other, in a thread of its own."""

    def __init__(
        self,
        scheduler: Scheduler,
        deployment: Deployment,
        run: RunDir,
        names: JobNames,
        report: Report,
    ) -> None:
        self._scheduler = scheduler
        self._deployment = deployment
        self._run = run
        self._names = names
        self._report = report
        self._submitter: JobSubmitter | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="submit")

    def prepare(self) -> None:
        """Write what all jobs run, and connect to the scheduler.

        Raises:
            EnvironmentFault: the run directory cannot be written; the scheduler cannot be used.
        """
        folder = self._run.batch
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_file(folder / "worker.py", WORKER.read_bytes())
            script = job_script(self._deployment, self._scheduler.held)
            write_file(folder / "job.sh", script.encode())
        except OSError as error:
            raise EnvironmentFault.refused(error) from None
        self._submitter = self._scheduler.connect(folder)

    @property
    def room(self) -> int | None:
        """How many jobs keep the place busy, where it takes more at any time."""
        assert self._submitter is not None
        return self._submitter.room

    def dispatch(self, number: int, tasks: list[BatchTask]) -> BatchJob:
        """Begin to submit a job for tasks that want the same shape; ``number`` is new in the run.

        Raises:
            OSError: its bundle cannot be written.
        """
        said = self._deployment
        shape = tasks[0].attempt.load.shape(said)
        walltime = said.seconds("walltime")
        folder = BundleFolder(self._run.batch / "bundles" / f"{number:06}")
        entries: list[Mapping[str, Any]] = []
        for task in tasks:
            assert task.entry is not None
            entries.append({**task.entry, "cores": shape.cores} if shape.gpus else task.entry)
        folder.write(
            encode(str(self._run.root), [task.attempt for task in tasks]),
            entries,
            cores=shape.cores,
            ram_mib=shape.memory_mib,
            life_s=max(walltime - _RESERVE_S, walltime / 2),
            beat_s=max(0.5, said.seconds("grace") / 4),
            path=os.environ.get("PATH", ""),
        )
        job = BatchJob(folder=folder, tag=self._names.of(number), tasks=tasks, shape=shape)
        job.future = self._thread.submit(self._send, job)
        return job

    def again(self, job: BatchJob, now: float) -> None:
        """Begin to submit a job that was not taken, where it is time and nobody has it."""
        ready = job.future is None and job.id is None and job.uncertain is None
        if ready and now >= job.again_at and job.claimed is None:
            job.future = self._thread.submit(self._send, job)

    def settle(self, job: BatchJob, timeout: float) -> RefusedError | None:
        """Take the result of a submission that is over; return why it will not be tried again.

        Raises:
            OSError: the id of the job could not be recorded.
        """
        future = job.future
        if future is None or (not timeout and not future.done()):
            return None
        try:
            job.known(future.result(timeout))
        except TimeoutError:
            return None
        except RefusedError as error:
            job.future = None
            if not error.passing:
                return error
            self._put_off(job, error)
        job.future = None
        return None

    def _put_off(self, job: BatchJob, error: RefusedError) -> None:
        job.tries += 1
        job.uncertain = time.monotonic()
        job.again_at = job.uncertain + min(2.0**job.tries, _LONGEST_BACKOFF_S)
        if job.tries == 1:
            text = f"the scheduler did not take a job: {error}; it is tried again"
            self._report.add("FWF4044", text)

    def _send(self, job: BatchJob) -> str:
        """Submit a job and record its id at once; runs in the thread."""
        assert self._submitter is not None
        shell = self._deployment.shell if self._deployment.setup else ("/bin/sh",)
        batch = self._run.batch
        command = (*shell, str(batch / "job.sh"), str(job.folder.path), str(batch / "worker.py"))
        job_id = self._submitter.submit(job.tag, command, job.shape)
        job.folder.submitted(job_id)
        return job_id

    def cancel(self, job_id: str) -> str | None:
        """Cancel a job; return why it could not be, None where it could or has ended already."""
        assert self._submitter is not None
        return self._submitter.cancel(job_id)

    def close(self) -> None:
        """Submit nothing any more."""
        self._thread.shutdown(cancel_futures=True)
        if self._submitter is not None:
            self._submitter.close()
