"""Checking many documents at once, in processes of their own."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from fairwf.cli.outputs import CheckedFile
from fairwf.cli.validation.selection import Selection
from fairwf.cli.validation.verdict import check_found, check_source
from fairwf.formats import Source
from fairwf.report import EnvironmentFault
from fairwf.source import watched

if TYPE_CHECKING:
    from fairwf.cli.validation.kept import Kept

WORTH_A_PROCESS = 40
"""Documents for which a second process pays."""
_AT_ONCE = 8


@dataclass(frozen=True)
class Task:
    """A document to check. ``found``: in a folder, where it may be no document at all."""

    name: str
    format: str | None
    selection: Selection
    found: bool


class Verdict(msgspec.Struct, frozen=True, array_like=True):
    """What became of a task, and the files that this depends on."""

    file: CheckedFile | None
    read: list[str]


def check_all(tasks: Sequence[Task], jobs: int, kept: Kept | None) -> list[CheckedFile | None]:
    """Return the verdicts in the order of the tasks; those that are kept and hold are not repeated.

    Raises:
        EnvironmentFault: a process ended before its work was done.
    """
    found: list[CheckedFile | None] = [None] * len(tasks)
    open_: list[int] = []
    for number, task in enumerate(tasks):
        known = kept.get(task) if kept is not None else None
        if known is None:
            open_.append(number)
        else:
            found[number] = known.file
    verdicts = _checked([tasks[number] for number in open_], jobs)
    for number, verdict in zip(open_, verdicts, strict=True):
        found[number] = verdict.file
        if kept is not None:
            kept.put(tasks[number], verdict)
    return found


def default_jobs() -> int:
    """Return how many processes may work at once: as many as there are cores for this one."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _checked(tasks: Sequence[Task], jobs: int) -> list[Verdict]:
    several = min(jobs, len(tasks) // WORTH_A_PROCESS)
    # A fork is safe where nothing else runs; elsewhere one process does the work.
    alone = threading.active_count() == 1 and sys.platform == "linux"
    if several < 2 or not alone:
        return [_check(task) for task in tasks]
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    _check(tasks[0])  # what is imported now is there in every process
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(several, mp_context=context) as pool:
            encoded = list(pool.map(_encoded, tasks, chunksize=_AT_ONCE))
    except BrokenProcessPool:
        raise EnvironmentFault.of(
            "FWF9002",
            "a process that checks documents was ended from outside",
            hint="is there enough memory? --jobs 1 takes the least",
        ) from None
    return [msgspec.msgpack.decode(data, type=Verdict) for data in encoded]


def _encoded(task: Task) -> bytes:
    return msgspec.msgpack.encode(_check(task))


def _check(task: Task) -> Verdict:
    with watched() as read:
        if task.found:
            file = check_found(Path(task.name), task.format, task.selection)
        else:
            file = check_source(Source.at(task.name), task.format, task.selection)
    return Verdict(file, sorted(map(str, read)))
