"""What earlier engines of a run have left: jobs that wait or run, and ends that nobody took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fairwf.engine.backends.bundles.bundle import BundleFolder
from fairwf.engine.backends.bundles.job import BatchJob, BatchTask
from fairwf.engine.backends.bundles.scheduler import Listed
from fairwf.engine.backends.bundles.script import JobNames
from fairwf.engine.backends.bundles.stored import StoredBundle, decode, kept
from fairwf.engine.backends.protocol import Kept
from fairwf.engine.task import Completion


@dataclass
class Recovered:
    """What was found. ``ended`` are completions of those ``kept`` attempts that have ended."""

    kept: dict[str, Kept] = field(default_factory=dict)
    ended: dict[str, Completion] = field(default_factory=dict)
    jobs: dict[int, BatchJob] = field(default_factory=dict)
    next_number: int = 1


def recover(bundles: Path, root: Path, names: JobNames, listed: list[Listed]) -> Recovered:
    """Return what earlier engines have left of the run in ``root``.

    Bundles of which no job is to be seen are taken back: what the scheduler may still start of them
    will run nothing.

    Raises:
        OSError: the folder of a bundle cannot be written.
    """
    found = Recovered()
    by_number, by_id = names.by_number(listed), {one.id: one for one in listed}
    paths = sorted(bundles.iterdir()) if bundles.is_dir() else []
    for path in paths:
        if not path.name.isdigit():
            continue
        bundle = BundleFolder(path)
        number = bundle.number
        found.next_number = max(found.next_number, number + 1)
        record = _record(bundle)
        if record is None or record.folder != str(root):
            bundle.revoke()
            continue
        tasks = [BatchTask(attempt=attempt) for attempt in record.attempts]
        job = BatchJob(folder=bundle, tag=names.of(number), tasks=tasks)
        job.heard = time.monotonic()
        there = by_number.get(number)
        job.id = bundle.job or (there.id if there is not None else None)
        _take(found, job, there or by_id.get(job.id or ""))
    return found


def _record(bundle: BundleFolder) -> StoredBundle | None:
    try:
        return decode(bundle.attempts()) if bundle.complete else None
    except (OSError, msgspec.DecodeError):
        return None


def _take(found: Recovered, job: BatchJob, there: Listed | None) -> None:
    """Add a bundle; a later one knows better than an earlier one."""
    ended = job.look(time.monotonic())
    lives = _lives(job, there)
    for number, task in enumerate(job.tasks):
        before = found.kept.get(task.key)
        if number in job.ended or lives:
            found.kept[task.key] = kept(task.attempt)
            found.ended.pop(task.key, None)
        elif before is not None and before.number < task.attempt.number:
            del found.kept[task.key]
            found.ended.pop(task.key, None)
    for task, completion in ended:
        found.ended[task.key] = completion
    if lives:
        found.jobs[job.folder.number] = job


def _lives(job: BatchJob, there: Listed | None) -> bool:
    """Tell whether something may still come of a job; where not, nothing ever will."""
    if job.closed is not None or job.folder.given_up:
        return False
    if there is not None and there.state != "ended":
        job.folder.submitted(there.id)
        return True
    return not job.folder.revoke()
