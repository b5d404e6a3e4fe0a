"""What kind of task each task of an instance is."""

from __future__ import annotations

import re

from fairwf.ir.instance import Tasks

_QUALIFIED = re.compile(r"[A-Z0-9_]+(?:\.[A-Z0-9_]+)+")
"""A process of Nextflow inside others."""
_SHELLS = ("sh", "bash", "dash", "zsh")


def kind_of_task(tasks: Tasks, index: int) -> str:
    """Return what kind of task it is: its process, else its program, else its name's beginning.

    A shell is no kind: its script is another for each task.
    """
    program = (tasks.program[index] if tasks.program else None) or ""
    program = program.rsplit("/", 1)[-1]
    if tasks.process and tasks.process[index]:
        return tasks.process[index]
    if program and program not in _SHELLS:
        return program
    name = tasks.name[index] if tasks.name else tasks.id[index]
    bare = name.split(" (")[0].rsplit(":", 1)[-1]
    if _QUALIFIED.fullmatch(bare):
        bare = bare.rsplit(".", 1)[-1]
    return bare.rstrip("0123456789").rstrip("_-.") or name
