"""A finished (or failed) run, engine-neutral.

Nothing here is invented: what an engine did not record is None or empty. Values are literal
expressions (:mod:`fairwf.ir.values`); files in them carry location, size and checksum. Times are
ISO 8601 with a UTC offset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from fairwf.ir.codec import Root
from fairwf.ir.expressions import Expr
from fairwf.ir.metadata import Agent

TaskStatus = Literal["completed", "failed", "skipped", "cancelled", "running", "interrupted"]
RunStatus = Literal["completed", "failed", "cancelled", "running", "interrupted"]
"""``cancelled``: somebody stopped it. ``interrupted``: it has no end, and nothing goes on."""

PROGRAMS = frozenset({"command", "script"})
"""The kinds of what is counted as a task: programs. Computed steps and subworkflows are none."""


class SoftwareAgent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The engine that ran the workflow."""

    name: str
    version: str | None = None
    url: str | None = None


class Host(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A machine that tasks ran on. Memory in bytes."""

    name: str
    system: str | None = None
    release: str | None = None
    architecture: str | None = None
    cores: int | None = None
    memory_bytes: int | None = None
    cpu: str | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of one process.

    ``step`` is the path of step ids from the outermost workflow (empty for a tool run alone);
    ``index`` says which item of its scatters, round of its loops, or key it is, outermost first.
    ``parent`` is the id of the enclosing workflow's task, if it is recorded. ``kind`` tells
    programs from computed steps and subworkflows. Volumes in bytes, memory in KiB, CPU in seconds.
    ``elapsed_s`` is how long it took, where that was recorded beside or without start and end;
    ``average_cpu`` is in percent of one core.
    ``site`` is what the engine's configuration calls the place where it ran, beside its ``host``.
    ``reused`` names the run that a cached result came from. ``attempt`` counts from 1.
    ``stdin``, ``stdout`` and ``stderr`` are paths of files.
    """

    id: str
    step: tuple[str, ...]
    process: str
    kind: Literal["command", "script", "pure", "workflow", "operation"]
    status: TaskStatus
    index: tuple[str, ...] = ()
    parent: str | None = None
    command: tuple[str, ...] = ()
    started: str | None = None
    ended: str | None = None
    exit_code: int | None = None
    error: str | None = None
    inputs: Mapping[str, Expr] = {}
    outputs: Mapping[str, Expr] = {}
    host: str | None = None
    site: str | None = None
    cores: float | None = None
    elapsed_s: float | None = None
    average_cpu: float | None = None
    cpu_user_s: float | None = None
    cpu_system_s: float | None = None
    max_rss_kib: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    container: str | None = None
    container_digest: str | None = None
    environment: Mapping[str, str] = {}
    stdin: str | None = None
    stdout: str | None = None
    stderr: str | None = None
    folder: str | None = None
    attempt: int = 1
    reused: str | None = None


class StepApproval(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's yes to a step before it ran. ``step`` and ``index`` as those of a task.

    ``who`` is the name that was said; ``prompt`` what was asked.
    """

    step: tuple[str, ...]
    time: str
    index: tuple[str, ...] = ()
    who: str | None = None
    prompt: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run: the workflow that ran, what went in and came out, and every task.

    ``workflow`` is the IR as it ran, ``workflow_hash`` its content hash; ``source`` the path of the
    document that the user gave, ``format`` its format, ``source_files`` all files it consists of
    (main first), ``base`` the folder that relative locations in ``workflow`` count from;
    ``absent_files`` are those that it needs and that could not be kept: what each is, by its path.
    ``inputs_source`` is the job file. ``folder`` is the run directory. ``within`` are the folders
    whose files may be looked at and copied, links followed; None for a record of our own engine,
    which is trusted.
    """

    id: str
    workflow: Root
    status: RunStatus
    engine: SoftwareAgent
    workflow_hash: str | None = None
    source: str | None = None
    format: str | None = None
    format_version: str | None = None
    source_files: tuple[str, ...] = ()
    absent_files: Mapping[str, str] = {}
    base: str | None = None
    inputs_source: str | None = None
    folder: str | None = None
    within: tuple[str, ...] | None = None
    agent: Agent | None = None
    hosts: tuple[Host, ...] = ()
    started: str | None = None
    ended: str | None = None
    error: str | None = None
    command_line: tuple[str, ...] = ()
    inputs: Mapping[str, Expr] = {}
    outputs: Mapping[str, Expr] = {}
    tasks: Sequence[Task] = ()
    approvals: tuple[StepApproval, ...] = ()

    def __repr__(self) -> str:
        return f"<Run {self.id}: {self.status}, {counts_text(counts(self.tasks))}>"


def last_attempts(tasks: Iterable[Task]) -> list[Task]:
    """Return the last attempt of each task, in order of their first ones."""
    last: dict[tuple[tuple[str, ...], tuple[str, ...]], Task] = {}
    for task in tasks:
        known = last.get((task.step, task.index))
        if known is None or task.attempt >= known.attempt:
            last[task.step, task.index] = task
    return list(last.values())


def told_apart(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return tasks of which no two are the same attempt at the same item of a step.

    Where an engine did not say which items they were, their own ids do.
    """
    listed = tuple(tasks)
    shared = Counter((task.step, task.index, task.attempt) for task in listed)
    return tuple(
        msgspec.structs.replace(task, index=(*task.index, _own_name(task)))
        if shared[task.step, task.index, task.attempt] > 1
        else task
        for task in listed
    )


def _own_name(task: Task) -> str:
    return task.id.removeprefix("/".join(task.step) + "/")


def counts(tasks: Iterable[Task]) -> dict[str, int]:
    """Return how many tasks there are of each status, by the last attempt of each.

    ``skipped`` are the steps whose condition was false, whatever they would have run.
    """
    counted = (
        t.status for t in last_attempts(tasks) if t.kind in PROGRAMS or t.status == "skipped"
    )
    return dict(sorted(Counter[str](counted).items()))


def counts_text(counts: Mapping[str, int]) -> str:
    """Return counts in words: ``27 tasks done, 1 failed, 4 steps skipped``."""
    done, skipped = counts.get("completed", 0), counts.get("skipped", 0)
    parts = [f"{done} task{'' if done == 1 else 's'} done"]
    for status in ("failed", "cancelled", "interrupted", "running"):
        parts += [f"{counts[status]} {status}"] if counts.get(status) else []
    parts += [f"{skipped} step{'' if skipped == 1 else 's'} skipped"] if skipped else []
    return ", ".join(parts)
