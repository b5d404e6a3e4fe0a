"""The backends by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.backends.names import BACKENDS, PILOTS
from fairwf.engine.backends.protocol import Backend
from fairwf.engine.places.rundir import RunDir
from fairwf.report import FairwfError, InvalidError, Report, UsageFault
from fairwf.source import did_you_mean

if TYPE_CHECKING:
    from fairwf.engine.backends.sites.backend import SitesBackend


def check_backend(name: str, deployment: Deployment | None) -> None:
    """Refuse a name that no backend has, and a deployment that says too much or too little for it.

    Raises:
        UsageFault: FWF9001.
    """
    if deployment is not None and deployment.sites:
        if name != "local":
            raise UsageFault.of(
                "FWF9001",
                f"the deployment file names sites, each with a backend of its own, and --backend "
                f"says {name!r:.60}",
                hint="leave --backend out",
            )
        for site in deployment.sites.values():
            check_backend(site.backend, None if site.backend == "local" else site.jobs)
        return
    pilots = name.startswith(PILOTS) and name != PILOTS
    if name not in BACKENDS and not pilots:
        known = f"{', '.join(BACKENDS)}, {PILOTS}LABEL"
        hint = did_you_mean(name, BACKENDS) or f"known: {known}"
        raise UsageFault.of("FWF9001", f"no backend {name!r:.40}", hint=hint)
    if name == "local" and deployment is not None:
        raise UsageFault.of(
            "FWF9001",
            "a deployment file (--config) says what jobs on a cluster are like, and the run is "
            "local",
            hint="where a run begins, a scheduler is named: fairwf run --backend psij:slurm "
            "--config FILE",
        )
    if pilots and (deployment is None or deployment.parsl is None):
        raise UsageFault.of(
            "FWF9001",
            f"{name!r:.60} is an executor in a configuration of Parsl, and none is given",
            hint=f"fairwf run --backend {name} --config FILE.py, or with a deployment file that "
            "names it (parsl: FILE.py)",
        )
    own = deployment.parsl if deployment is not None else None
    if own is not None and not pilots and deployment == Deployment(parsl=own):
        raise UsageFault.of(
            "FWF9001",
            f"{name} takes a deployment file, not a configuration of Parsl",
            hint=f"fairwf run --backend {PILOTS}LABEL --config {own}",
        )


def backend_of(name: str, deployment: Deployment | None, run: RunDir, report: Report) -> Backend:
    """Return the backend of this name, not yet entered.

    Raises:
        UsageFault: there is none, or it takes no deployment.
        InvalidError: the configuration of Parsl may be that of a stranger.
        EnvironmentFault: it cannot work here.
    """
    check_backend(name, deployment)
    if deployment is not None and deployment.sites:
        return _sites(deployment, run, report)
    if name == "local":
        from fairwf.engine.backends.local import LocalBackend

        return LocalBackend()
    from fairwf.engine.backends.bundles.backend import BundleBackend

    said = deployment or Deployment()
    if not name.startswith(PILOTS):
        from fairwf.engine.backends.batch.scheduler import BatchScheduler

        batch = BatchScheduler(name.removeprefix("psij:"), said)
        return BundleBackend(batch, said, run, report)
    from fairwf.engine.backends.pilots.scheduler import PilotScheduler

    program = Path(said.parsl or "").resolve()
    if program.is_relative_to(run.root.resolve()):
        raise InvalidError.of(
            "FWF4042",
            "lies in the run directory, and is not run: such a folder may come from somebody else",
            file=str(program),
            hint=f"read it, copy it elsewhere, and fairwf resume {run.root} --config FILE.py",
        )
    said = said.for_pilots()
    run_id = run.jobs_id
    pilots = PilotScheduler(name.removeprefix(PILOTS), said, run_id, report)
    return BundleBackend(pilots, said, run, report)


def _sites(deployment: Deployment, run: RunDir, report: Report) -> Backend:
    from fairwf.engine.backends.sites.apart import ApartBackend
    from fairwf.engine.backends.sites.backend import SitesBackend

    backends: dict[str, Backend] = {}
    for name, site in deployment.sites.items():
        if site.apart:
            backends[name] = ApartBackend(name, site, run, report)
        else:
            backends[name] = backend_of(site.backend, site.jobs, run.of_site(name), report)
    return SitesBackend(deployment, backends)


def clear_apart(deployment: Deployment, run: RunDir, report: Report) -> bool:
    """Leave nothing at the sites of a run that has ended; tell whether all is gone.

    Sites where nothing of it can be are left alone: neither schedulers nor pilots are set up.
    """
    from fairwf.engine.backends.sites.apart import ApartBackend

    gone = True
    for name, site in deployment.sites.items():
        if site.apart:
            try:
                with ApartBackend(name, site, run, report) as backend:
                    gone = backend.clear() and gone
            except FairwfError as fault:
                report.extend(fault.report)
                gone = False
    return gone


def machines_of(backend: Backend) -> dict[str, Mapping[str, Any]]:
    """Return what the machines of the sites of a run are, by the names of the sites."""
    return _of_sites(backend).machines


def bring_home(backend: Backend, outputs: object) -> None:
    """Have the outputs of a run with sites here.

    Raises:
        EnvironmentFault: a site is out of reach.
    """
    _of_sites(backend).bring(outputs)


def clear_sites(backend: Backend) -> bool:
    """Leave nothing at the sites of a run that needs none of it any more; tell if all is gone."""
    return _of_sites(backend).clear()


def _of_sites(backend: Backend) -> SitesBackend:
    from fairwf.engine.backends.sites.backend import SitesBackend

    assert isinstance(backend, SitesBackend)
    return backend
