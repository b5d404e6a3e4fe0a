"""Submitting and cancelling jobs through PSI/J."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fairwf.engine.backends.bundles.scheduler import RefusedError
from fairwf.engine.backends.bundles.sizing import Shape
from fairwf.engine.backends.deployment import Deployment
from fairwf.report import EnvironmentFault

if TYPE_CHECKING:
    from psij import Job, JobExecutor

_NEVER_S = 10**8
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
"""Paths that PSI/J 0.9.11 writes into its scripts without harm; it forgets to quote others."""
_NAMING = {
    "slurm": "slurm.job-name",
    "pbs": "pbs.N",
    "lsf": "lsf.J",
    "cobalt": "cobalt.jobname",
    "sge": "sge.N",
}
"""The option that names a job: PSI/J 0.9.11 looks for the name where there is none."""
_BY_PROCESSES = frozenset({"pbs", "lsf", "cobalt"})
"""Where PSI/J asks for a core a process, whatever is said of cores."""
_PASSING = re.compile(
    r"unable to contact|timed? ?out|temporar|connect|communication|not respond|try again|"
    r"unreachable|too many jobs|limit exceeded|job limit|slurm_persist|cannot reach|can't reach|"
    r"unable to send|error: commlib|MaxSubmitJobs|QOSMaxSubmit|AssocMaxSubmit",
    re.IGNORECASE,
)


class Submitter:
    """One scheduler, by PSI/J's name for it."""

    def __init__(self, name: str, deployment: Deployment, folder: Path) -> None:
        """``folder`` holds the scripts of jobs; it must be on the shared file system.

        Raises:
            EnvironmentFault: FWF9002, PSI/J is missing or cannot load its executor.
        """
        self.name = name
        self._deployment = deployment
        self._executor = _executor(name, folder)

    @property
    def room(self) -> None:
        """Nothing: jobs wait in a queue."""
        return None

    def submit(self, tag: str, command: Sequence[str], shape: Shape) -> str:
        """Submit a job of this name and return the scheduler's id of it.

        Raises:
            RefusedError: the scheduler does not take it.
        """
        from psij import (
            InvalidJobException,
            JobAttributes,
            JobSpec,
            ResourceSpecV1,
            SubmitException,
        )
        from psij import Job as PsijJob

        said = self._deployment
        by_processes = self.name in _BY_PROCESSES
        cores, memory = shape.cores, shape.memory_mib
        spec = JobSpec(
            name=tag,
            executable=command[0],
            arguments=list(command[1:]),
            inherit_environment=said.inherit_environment,
            resources=ResourceSpecV1(
                node_count=1,
                process_count=cores if by_processes else 1,
                cpu_cores_per_process=1 if by_processes else cores,
                gpu_cores_per_process=shape.gpus or None,
                memory=None if memory is None else int(memory * 2**20),
            ),
            attributes=JobAttributes(
                duration=timedelta(seconds=said.seconds("walltime")),
                queue_name=said.queue,
                account=said.account,
                reservation_id=said.reservation,
                custom_attributes={**said.attributes, _NAMING[self.name]: tag},
            ),
            launcher=said.launcher,
        )
        job = PsijJob(spec)
        try:
            self._executor.submit(job)
        except (SubmitException, InvalidJobException, ValueError) as error:
            raise _refused(str(error)) from None
        except OSError as error:
            raise _refused(f"{error.filename}: {error.strerror}") from None
        if job.native_id is None:
            raise RefusedError("no id of the job was given")
        return str(job.native_id)

    def cancel(self, job_id: str) -> str | None:
        """Cancel a job; return why it could not be, None where it could or has ended already."""
        from psij import Job as PsijJob
        from psij import SubmitException

        job: Job = PsijJob()
        self._executor.attach(job, job_id)
        try:
            self._executor.cancel(job)
        except SubmitException as error:
            return str(error).strip()[:300]
        except OSError as error:
            return f"{error.filename}: {error.strerror}"
        return None

    def close(self) -> None:
        """Do nothing: no connection stays open."""


def _refused(words: str) -> RefusedError:
    return RefusedError(words, passing=_PASSING.search(words) is not None)


def _executor(name: str, folder: Path) -> JobExecutor:
    try:
        import psij
        from psij.executors.batch.batch_scheduler_executor import BatchSchedulerExecutorConfig
    except ImportError as error:
        raise EnvironmentFault.of(
            "FWF9002",
            f"PSI/J, which submits jobs, cannot be loaded: {error}",
            hint="pip install 'fairwf[hpc]'",
        ) from None
    if name == "sge":
        from fairwf.engine.backends.batch.grid_engine import DESCRIPTOR, ROOT

        psij.JobExecutor.register_executor(DESCRIPTOR, str(ROOT))
    place = folder if _SAFE.fullmatch(str(folder)) else Path.home() / ".psij" / "work"
    if not _SAFE.fullmatch(str(place)):
        raise EnvironmentFault.of(
            "FWF9002",
            "PSI/J cannot write its scripts to a path with spaces or quotes",
            file=str(folder),
            hint="name another folder with --run-dir",
        )
    config = BatchSchedulerExecutorConfig(
        work_directory=place,
        queue_polling_interval=_NEVER_S,
        initial_queue_polling_delay=_NEVER_S,
    )
    try:
        return psij.JobExecutor.get_instance(name, config=config)
    except ValueError as error:
        cause = error.__cause__
        raise EnvironmentFault.of("FWF9002", f"PSI/J cannot use {name}: {cause or error}") from None
