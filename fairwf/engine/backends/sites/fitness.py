"""Which steps a site cannot run: told before anything runs."""

from __future__ import annotations

from fairwf.document import Document
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.engine.backends.sites.binding import Bindings, names_something, steps_of
from fairwf.ir.types import StreamType
from fairwf.ir.workflow import Command, Process, Script
from fairwf.report import InvalidError, Report
from fairwf.source import did_you_mean


def check_sites(document: Document, deployment: Deployment, container: str) -> None:
    """Refuse bindings of steps that are not there, and steps that their site cannot run.

    Raises:
        InvalidError: FWF4042, FWF4061.
    """
    report = Report()
    paths = list(steps_of(document.workflow))
    names = ["/".join(path) for path, _ in paths]
    for pattern in deployment.steps:
        if not names_something(pattern, paths):
            hint = did_you_mean(pattern, names) or f"steps: {', '.join(names[:12])}"
            text = f"no step of the workflow is called {pattern!r:.80}"
            report.add("FWF4042", text, hint=hint, severity="error")
    bindings = Bindings(deployment)
    for path, process in paths:
        for site in dict.fromkeys(bindings.sites(path)):
            why = _unfit(process, deployment.sites[site], container)
            if why is not None:
                report.add(
                    "FWF4061",
                    f"the step {'/'.join(path)!r:.120} cannot run at the site {site!r}: {why[0]}",
                    span=document.origins.get(process) if process is not None else None,
                    hint=why[1],
                    severity="error",
                )
    if report.errors:
        raise InvalidError(report)


def _unfit(process: Process | None, site: SiteSettings, container: str) -> tuple[str, str] | None:
    """Return why a site cannot run a process, and what to do."""
    if not site.apart or not isinstance(process, (Command, Script)):
        return None
    elsewhere = "bind it to a site that shares the file system"
    copied = "files are copied there"
    if any(isinstance(port.type, StreamType) for port in process.inputs):
        return "a pipe that it reads while others write reaches this machine only", elsewhere
    if site.mover == "shared":
        return None
    if process.environment.container is not None and container != "none":
        return f"it wants a container, and {copied}", f"{elsewhere}, or --container none"
    if process.in_place:
        return f"it changes files where they lie, and {copied}", elsewhere
    if any(port.secret for port in process.inputs):
        return f"an input of it is secret, and {copied}", elsewhere
    return None
