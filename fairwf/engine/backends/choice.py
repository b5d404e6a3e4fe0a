"""The backends by name."""

from __future__ import annotations

from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.backends.names import BACKENDS
from fairwf.engine.backends.protocol import Backend
from fairwf.engine.rundir import RunDir
from fairwf.report import Report, UsageFault
from fairwf.source import did_you_mean


def check_backend(name: str, with_deployment: bool) -> None:
    """Refuse a name that no backend has, and a deployment file for one that has no jobs.

    Raises:
        UsageFault: FWF9001.
    """
    if name not in BACKENDS:
        hint = did_you_mean(name, BACKENDS) or f"known: {', '.join(BACKENDS)}"
        raise UsageFault.of("FWF9001", f"no backend {name!r:.40}", hint=hint)
    if name == "local" and with_deployment:
        raise UsageFault.of(
            "FWF9001",
            "a deployment file (--config) says what jobs on a cluster are like, and the run is "
            "local",
            hint="where a run begins, a scheduler is named: fairwf run --backend psij:slurm "
            "--config FILE",
        )


def backend_of(name: str, deployment: Deployment | None, run: RunDir, report: Report) -> Backend:
    """Return the backend of this name, not yet entered.

    Raises:
        UsageFault: there is none, or it takes no deployment.
        EnvironmentFault: it cannot work here.
    """
    check_backend(name, deployment is not None)
    if name == "local":
        from fairwf.engine.backends.local import LocalBackend

        return LocalBackend()
    from fairwf.engine.backends.batch.backend import BatchBackend

    return BatchBackend(name.removeprefix("psij:"), deployment or Deployment(), run, report)
