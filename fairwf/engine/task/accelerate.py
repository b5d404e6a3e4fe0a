"""Ranks and accelerators: tasks of several MPI processes, and tasks that need GPUs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

from fairwf.engine.evaluate.texts import describe
from fairwf.engine.task.faults import Computing, failed
from fairwf.engine.task.request import TaskRequest
from fairwf.ir.expressions import Expr
from fairwf.ir.resources import Gpu

_LAUNCHERS = ("mpiexec", "mpirun")
_AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
_TIMEOUT_S = 20.0


def with_ranks(
    words: Sequence[str], request: TaskRequest, computing: Computing, env: dict[str, str]
) -> tuple[str, ...]:
    """Return a command line that starts as many MPI processes as the task asks for.

    The launcher is the one on PATH; ``env`` gets what it needs (cwltool's "MPIRequirement").

    Raises:
        TaskFailed: FWF4005, there is no launcher; FWF4002, the number is none.
    """
    resources = request.resources or request.process.resources
    if resources.ranks is None:
        return tuple(words)
    ranks = _whole(computing, resources.ranks, "the number of MPI processes")
    if ranks == 0:
        return tuple(words)
    launcher = next((path for name in _LAUNCHERS if (path := shutil.which(name))), None)
    if launcher is None:
        raise failed(
            "FWF4005",
            f"the task asks for {ranks} MPI processes, and neither mpiexec nor mpirun is on PATH",
            request.origins,
            resources.ranks,
            hint="install an MPI, for instance: apt install openmpi-bin",
        )
    if os.geteuid() == 0:
        env.update(_AS_ROOT)  # Open MPI refuses root otherwise
    return (launcher, "-n", str(ranks), *words)


def gpus_wanted(request: TaskRequest, computing: Computing) -> int:
    """Return how many GPUs the task asks for; 0 for none.

    Raises:
        TaskFailed: FWF4011, this machine has not enough of them, or too old ones.
    """
    gpu = (request.resources or request.process.resources).gpu
    if gpu is None:
        return 0
    low = gpu.count.min if gpu.count is not None else None
    count = 1 if low is None else _whole(computing, low, "the number of GPUs")
    if count:
        lack = _lack(gpu, count)
        if lack is not None:
            raise failed("FWF4011", f"the task {lack}", request.origins, gpu, request.process)
    return count


def _lack(gpu: Gpu, count: int) -> str | None:
    there = machine_gpus()
    if there is None:
        return f"asks for {count} GPUs, and nvidia-smi, which would tell of them, is not on PATH"
    number, cuda = there
    if number < count:
        return f"asks for {count} GPUs; there are {number}"
    wanted = gpu.cuda_version_min
    if wanted is not None and _version(cuda) < _version(wanted):
        return f"asks for CUDA {wanted}; there is {cuda or 'none'}"
    return None


@cache
def machine_gpus() -> tuple[int, str] | None:
    """Return how many GPUs this machine has and its CUDA version, None where nobody tells."""
    from xml.etree import ElementTree  # only here, and every run imports this module

    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "-q", "-x"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        tree = ElementTree.fromstring(done.stdout)  # noqa: S314 - written by the driver
    except (OSError, subprocess.TimeoutExpired, ElementTree.ParseError):
        return None
    number = tree.findtext("attached_gpus") or "0"
    return (int(number) if number.isdigit() else 0), tree.findtext("cuda_version") or ""


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _whole(computing: Computing, expression: Expr, what: str) -> int:
    value = computing.value(expression, what)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        message = f"{what} is a whole number, not {describe(value)}"
        raise failed("FWF4002", message, computing.origins, expression)
    return max(0, int(value))
