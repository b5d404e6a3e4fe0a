"""The record of a run: what any engine leaves behind, and what packaging and scoring read.

How a trace becomes an instance is loaded on first use: a run needs only its record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairwf.trace.run import Host, Run, SoftwareAgent, StepApproval, Task, TaskStatus
from fairwf.trace.stream import RunStream

if TYPE_CHECKING:
    from fairwf.trace.instance import files_of, instance_of

__all__ = [
    "Host",
    "Run",
    "RunStream",
    "SoftwareAgent",
    "StepApproval",
    "Task",
    "TaskStatus",
    "files_of",
    "instance_of",
]


def __getattr__(name: str) -> Any:
    if name in ("files_of", "instance_of"):
        from fairwf.trace import instance

        return getattr(instance, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
