"""The record of a run: what any engine leaves behind, and what packaging and scoring read."""

from fairwf.trace.instance import files_of, instance_of
from fairwf.trace.run import Approval, Host, Run, SoftwareAgent, Task, TaskStatus

__all__ = [
    "Approval",
    "Host",
    "Run",
    "SoftwareAgent",
    "Task",
    "TaskStatus",
    "files_of",
    "instance_of",
]
