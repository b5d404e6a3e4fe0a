"""The record of a run: what any engine leaves behind, and what packaging and scoring read."""

from fairwf.trace.instance import files_of, instance_of
from fairwf.trace.run import Host, Run, SoftwareAgent, StepApproval, Task, TaskStatus
from fairwf.trace.stream import RunStream

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
