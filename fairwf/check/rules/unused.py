"""Inputs that nothing uses."""

from __future__ import annotations

from fairwf.check.findings import Findings
from fairwf.check.rules.tasks import inputs_seen
from fairwf.check.sites import placed
from fairwf.ir.types import DirectoryType, FileType, Type
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Operation, Process, Workflow


def check_unused(root: Process, findings: Findings) -> None:
    """Tell of inputs that no expression of their process sees.

    Files of a task are put where it runs, so a program may find them without being told; nothing
    is said of these, nor of operations, which have no expressions.
    """
    for place in placed(root):
        process = place.process
        if isinstance(process, Operation):
            continue
        used = inputs_seen(process)
        for port in process.inputs:
            if port.id in used or port.id.startswith("_"):
                continue
            if not isinstance(process, Workflow) and _holds_files(port.type):
                continue
            findings.tell(
                "FWF2104",
                port,
                f"nothing uses the input {port.id!r:.60}",
                "use it, or remove it",
                field="id",
            )


def _holds_files(type_: Type) -> bool:
    return any(isinstance(node, (FileType, DirectoryType)) for _, node in walk(type_))
