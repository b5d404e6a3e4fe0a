"""The names of the backends. It imports nothing, since `fairwf --help` does."""

from __future__ import annotations

SCHEDULERS = {
    "slurm": "Slurm",
    "pbs": "PBS Pro",
    "lsf": "LSF",
    "cobalt": "Cobalt",
    "sge": "Grid Engine",
}
"""Batch schedulers, by the name that PSI/J has for each."""

PILOTS = "parsl:"
"""Before the label of an executor in a configuration of Parsl."""

BACKENDS = ("local", *(f"psij:{name}" for name in SCHEDULERS))
"""Those whose names are known beforehand."""
