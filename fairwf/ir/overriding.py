"""What a step says of the process that it runs (fields of :class:`fairwf.ir.workflow.Step`)."""

from __future__ import annotations

import msgspec

from fairwf.ir.workflow import Command, Process, Script, Step


def overridden(step: Step, process: Process) -> Process | None:
    """Return a process with the step's own resources, environment and retry.

    None where the step has some and the process is no task, which alone takes them.
    """
    changes = {
        field: getattr(step, field)
        for field in ("resources", "environment", "retry")
        if getattr(step, field) is not None
    }
    if not changes:
        return process
    if not isinstance(process, (Command, Script)):
        return None
    return msgspec.structs.replace(process, **changes)
