"""The backends by name."""

from __future__ import annotations

from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.backends.names import BACKENDS
from fairwf.engine.backends.protocol import Backend
from fairwf.engine.rundir import RunDir
from fairwf.report import Report, UsageFault
from fairwf.source import did_you_mean


def check_backend(name: str) -> None:
    """Refuse a name that no backend has.

    Raises:
        UsageFault: FWF9001.
    """
    if name not in BACKENDS:
        hint = did_you_mean(name, BACKENDS) or f"known: {', '.join(BACKENDS)}"
        raise UsageFault.of("FWF9001", f"no backend {name!r:.40}", hint=hint)


def backend_of(name: str, deployment: Deployment | None, run: RunDir, report: Report) -> Backend:
    """Return the backend of this name, not yet entered.

    Raises:
        UsageFault: there is none.
        EnvironmentFault: it cannot work here.
    """
    check_backend(name)
    if name == "local":
        from fairwf.engine.backends.local import LocalBackend

        return LocalBackend()
    from fairwf.engine.backends.batch.backend import BatchBackend

    return BatchBackend(name.removeprefix("psij:"), deployment or Deployment(), run, report)
