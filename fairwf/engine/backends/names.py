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

BACKENDS = ("local", *(f"psij:{name}" for name in SCHEDULERS))
