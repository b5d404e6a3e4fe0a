"""Whether a task runs inside a container. Running inside one is not implemented yet."""

from __future__ import annotations

from fairwf.engine.task.faults import Computing, span_of
from fairwf.engine.task.request import ContainerPolicy
from fairwf.ir.environment import Environment
from fairwf.report import Report, UnsupportedError


def note_environment(
    environment: Environment, policy: ContainerPolicy, computing: Computing, report: Report
) -> None:
    """Add to the report what of the environment the task runs without.

    ``auto`` and ``none`` run without the container (FWF4015).

    Raises:
        UnsupportedError: FWF4008, a container engine was asked for by name and is needed.
    """
    container = environment.container
    span = span_of(computing.origins, container)
    if container is not None:
        image = container.image_id or container.load or "an image of its own"
        if container.image is not None:
            image = computing.text(container.image, "the container's image")
        if policy not in ("auto", "none"):
            raise UnsupportedError.of(
                "FWF4008",
                f"the task asks for the container {image}, and containers are not supported yet",
                span=span,
                hint="run it with --container none if its programs are installed here",
            )
        report.add(
            "FWF4015",
            f"the task asks for the container {image} and runs without one",
            span=span,
            hint="its programs are taken from PATH; their versions may differ",
        )
    wanted = {
        "a conda environment": environment.conda is not None,
        "environment modules": bool(environment.modules),
        "Spack packages": bool(environment.spack),
    }
    for what, is_wanted in wanted.items():
        if is_wanted:
            report.add(
                "FWF4008",
                f"the task asks for {what}, which the engine does not set up",
                severity="warning",
                hint="its programs are taken from PATH",
            )
    if environment.packages_required and environment.packages:
        names = ", ".join(package.name for package in environment.packages)
        report.add(
            "FWF4008",
            f"the task requires the software {names}, which the engine does not install",
            severity="warning",
            hint="its programs are taken from PATH",
        )
