"""A PSI/J executor for Grid Engine (Sun, Oracle, Open, Son of, Altair), which PSI/J has none for.

Written against the interface of PSI/J 0.9 for batch schedulers, and usable with PSI/J alone::

    JobExecutor.register_executor(DESCRIPTOR, root)
    JobExecutor.get_instance("sge")
"""

from __future__ import annotations

import getpass
from collections.abc import Collection
from pathlib import Path
from typing import IO

from packaging.version import Version
from psij import Job, JobState, JobStatus, SubmitException
from psij.descriptor import Descriptor
from psij.executors.batch.batch_scheduler_executor import (
    BatchSchedulerExecutor,
    BatchSchedulerExecutorConfig,
    InvalidJobStateError,
    check_status_exit_code,
)
from psij.executors.batch.script_generator import TemplatedScriptGenerator

from fairwf.engine.backends.batch.listing import QUERIES

DESCRIPTOR = Descriptor(
    name="sge",
    nice_name="Grid Engine",
    version=Version("0.0.1"),
    cls="fairwf.engine.backends.batch.grid_engine.GridEngineJobExecutor",
)
ROOT = Path(__file__).resolve().parents[4]
"""The folder that holds the package ``fairwf``."""

_STATES = {"queued": JobState.QUEUED, "running": JobState.ACTIVE, "ended": JobState.FAILED}
_GONE = ("has already finished", "does not exist", "already in deletion")


class GridEngineExecutorConfig(BatchSchedulerExecutorConfig):
    """The configuration of the executor for Grid Engine."""


class GridEngineJobExecutor(BatchSchedulerExecutor):
    """Submits with ``qsub``, looks with ``qstat``, cancels with ``qdel``.

    Custom attributes whose names begin with ``sge.`` become options: ``sge.l`` of
    ``mem_free=4G`` is ``#$ -l mem_free=4G``. Several cores need a parallel environment, whose names
    are a site's own: ``sge.pe`` of ``smp``.
    """

    def __init__(
        self, url: str | None = None, config: GridEngineExecutorConfig | None = None
    ) -> None:
        config = config or GridEngineExecutorConfig()
        super().__init__(url=url, config=config)
        template = Path(__file__).with_name("grid_engine.mustache")
        self.generator = TemplatedScriptGenerator(config, template)

    def generate_submit_script(
        self, job: Job, context: dict[str, object], submit_file: IO[str]
    ) -> None:
        """Write the script of a job."""
        custom = context.get("custom_attributes")
        options = custom.get("sge", []) if isinstance(custom, dict) else []
        resources = job.spec.resources if job.spec is not None else None
        cores = getattr(resources, "cpu_cores_per_process", None) or 1
        cores *= getattr(resources, "computed_process_count", None) or 1
        for option in list(options):
            if option["key"] == "pe":
                options.remove(option)
                words = str(option["value"]).split()
                slots = words[1] if words[1:] else cores
                context["parallel_environment"] = {"name": words[0], "slots": slots}
        self.generator.generate_submit_script(job, context, submit_file)

    def get_submit_command(self, job: Job, submit_file_path: Path) -> list[str]:
        """Return the command that submits a script and prints the id of its job alone."""
        return ["qsub", "-terse", str(submit_file_path.absolute())]

    def job_id_from_submit_output(self, out: str) -> str:
        """Return the id of a job."""
        lines = [line.strip() for line in out.splitlines() if line.strip()]
        if not lines or not lines[-1].isdigit():
            raise SubmitException(out)
        return lines[-1]

    def get_cancel_command(self, native_id: str) -> list[str]:
        """Return the command that deletes a job."""
        return ["qdel", native_id]

    def process_cancel_command_output(self, exit_code: int, out: str) -> None:
        """Tell a job that has ended from one that cannot be deleted."""
        if any(words in out for words in _GONE):
            raise InvalidJobStateError
        raise SubmitException(f"qdel failed: {out}")

    def get_status_command(self, native_ids: Collection[str]) -> list[str]:
        """Return the command that lists all jobs of this user."""
        return QUERIES["sge"].command(list(native_ids))

    def parse_status_output(self, exit_code: int, out: str) -> dict[str, JobStatus]:
        """Return the states of the jobs that are listed; those that ended are not."""
        check_status_exit_code("qstat", exit_code, out)
        return {
            job.id: JobStatus(_STATES[job.state], message=job.reason)
            for job in QUERIES["sge"].parse(out)
        }

    def get_list_command(self) -> list[str]:
        """Return the command that lists the jobs of this user."""
        return QUERIES["sge"].command([])

    def parse_list_output(self, out: str) -> list[str]:
        """Return the ids of the jobs that are listed."""
        return [job.id for job in QUERIES["sge"].parse(out)]

    def _current_user(self) -> str:
        return getpass.getuser()  # there may be no terminal to ask for the login
