"""Which batch schedulers work here, and why others do not."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from fairwf.engine.backends.batch.lister import Lister

_PROGRAMS = {
    "slurm": ("sbatch", "squeue", "scancel"),
    "pbs": ("qsub", "qstat", "qdel", "pbsnodes"),
    "lsf": ("bsub", "bjobs", "bkill"),
    "cobalt": ("qsub", "qstat", "qdel", "cqsub"),
    "sge": ("qsub", "qstat", "qdel", "qconf"),
}
"""What each is called with; the last of PBS's sisters tells them apart."""
_TIMEOUT_S = 10.0


class Availability(NamedTuple):
    """Whether a scheduler works here. ``path`` is its program that submits."""

    works: bool
    path: str | None = None
    reason: str | None = None


def availability(name: str) -> Availability:
    """Return whether a scheduler can be used here; it is asked for the jobs of this user."""
    programs = _PROGRAMS[name]
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        return Availability(False, reason=f"{', '.join(missing)} {are} not on PATH")
    path = shutil.which(programs[0])
    try:
        version("psij-python")
    except PackageNotFoundError:
        return Availability(False, path, "PSI/J is not installed: pip install 'fairwf[hpc]'")
    lister = Lister(name)
    if lister.now(_TIMEOUT_S) is None:
        return Availability(False, path, f"the scheduler does not answer: {lister.error}")
    return Availability(True, path)
