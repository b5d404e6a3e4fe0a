"""A batch scheduler that PSI/J submits to."""

from __future__ import annotations

from pathlib import Path

from fairwf.engine.backends.batch.lister import Lister
from fairwf.engine.backends.batch.submission import Submitter
from fairwf.engine.backends.bundles.scheduler import JobLister, JobSubmitter
from fairwf.engine.backends.deployment import Deployment


class BatchScheduler:
    """One scheduler, by PSI/J's name for it. Its jobs go on without the engine."""

    held = False

    def __init__(self, name: str, deployment: Deployment) -> None:
        self.name = name
        self.lister: JobLister = Lister(name)
        self._deployment = deployment

    def connect(self, folder: Path) -> JobSubmitter:
        """Return what submits jobs.

        Raises:
            EnvironmentFault: FWF9002, PSI/J is missing or cannot load its executor.
        """
        return Submitter(self.name, self._deployment, folder / "psij")
