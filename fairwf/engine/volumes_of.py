"""How many files and bytes the steps of a run took, gave, and left in their folders.

What they took and gave is what the journal says of their inputs and outputs; an input counts for
each task that has it. What they left is measured where it lies: all in the folders of their tasks
and in their logs, links not followed.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.facts import Done, Literals
from fairwf.engine.history import facts_of
from fairwf.engine.replay import files_in
from fairwf.engine.rundir import RunDir
from fairwf.ir.expressions import File
from fairwf.trace.run import PROGRAMS


class Volume(msgspec.Struct, kw_only=True):
    """The files and bytes of a step: of all its tasks that have ended, every attempt.

    ``step`` is its path; the whole run has the empty one.
    """

    step: str = ""
    tasks: int = 0
    files_in: int = 0
    bytes_in: int = 0
    files_out: int = 0
    bytes_out: int = 0
    files_left: int = 0
    bytes_left: int = 0

    def add(self, other: Volume) -> None:
        """Add what another one counts."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_NUMBERS = tuple(name for name in Volume.__struct_fields__ if name != "step")


def volumes(run_dir: Path | str) -> list[Volume]:
    """Return the volumes of each step that ran programs, in order, and at last of the whole run.

    Raises:
        InvalidError: the folder is no run directory, or is damaged.
    """
    run = RunDir.open(Path(run_dir))
    found: dict[str, Volume] = {}
    for fact in facts_of(run):
        if isinstance(fact, Done) and fact.kind in PROGRAMS and fact.status != "skipped":
            path = "/".join(fact.step) or fact.key
            found.setdefault(path, Volume(step=path)).add(_of(run, fact))
    whole = Volume()
    for each in found.values():
        whole.add(each)
    return [*found.values(), whole]


def _of(run: RunDir, done: Done) -> Volume:
    files_in, bytes_in = _said(done.inputs)
    files_out, bytes_out = _said(done.outputs)
    places = {done.folder, *(os.path.dirname(log) for log in (done.stdout, done.stderr) if log)}
    left = [_measured(run.root / place) for place in places if place]
    return Volume(
        tasks=1,
        files_in=files_in,
        bytes_in=bytes_in,
        files_out=files_out,
        bytes_out=bytes_out,
        files_left=sum(files for files, _ in left),
        bytes_left=sum(size for _, size in left),
    )


def _said(values: Literals) -> tuple[int, int]:
    """Return how many files values hold, and their bytes, as far as they say or it can be seen."""
    files = size = 0
    for value in values.values():
        for each in files_in(value):
            path = path_of_location(each.location) if each.location is not None else None
            if isinstance(each, File):
                files += 1
                size += each.size or 0
            elif path is not None and each.listing is None:
                inside = _measured(path)
                files, size = files + inside[0], size + inside[1]
    return files, size


def _measured(folder: Path) -> tuple[int, int]:
    """Return how many regular files lie below a folder, and their bytes."""
    files = size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.lstat(f"{place}/{name}")
            except OSError:  # removed meanwhile
                continue
            if stat.S_ISREG(status.st_mode):
                files, size = files + 1, size + status.st_size
    return files, size
