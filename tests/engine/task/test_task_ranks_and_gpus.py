"""Tasks of several MPI processes, and tasks that need GPUs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.task import TaskFailed
from fairwf.engine.task.accelerate import machine_gpus
from fairwf.ir.command import Argument
from fairwf.ir.expressions import Expr, Input, IntLit, StringLit
from fairwf.ir.ports import InputPort, OutputPort, Stdout
from fairwf.ir.resources import Amount, Gpu, Resources
from fairwf.ir.types import FileType, IntType
from fairwf.ir.workflow import Command

# What nvidia-smi -q -x prints, shortened; the driver itself could not be tried.
REPORT = """<?xml version="1.0" ?>
<nvidia_smi_log>
  <driver_version>535.104.05</driver_version><cuda_version>12.2</cuda_version>
  <attached_gpus>2</attached_gpus>
</nvidia_smi_log>
"""


def command(*words: str, **more: Any) -> Command:
    arguments = tuple(Argument(value=StringLit(value=word)) for word in words)
    return Command(id="t", arguments=arguments, **more)


def gpu(count: int, version: str | None = None) -> Resources:
    low: Expr = IntLit(value=count)
    return Resources(gpu=Gpu(count=Amount(min=low), cuda_version_min=version))


@pytest.mark.skipif(shutil.which("mpiexec") is None, reason="needs an MPI (apt: openmpi-bin)")
def test_every_rank_runs_the_command(place: Any) -> None:
    process = command(
        "sh", "-c", "echo $OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE",
        inputs=(InputPort(id="n", type=IntType()),),
        outputs=(OutputPort(id="out", type=FileType(), collect=Stdout()),),
        resources=Resources(ranks=Input(name="n")),
    )  # fmt: skip
    ran = place.run(process, {"n": 2})
    lines = Path(ran.prepared.stdout).read_text().splitlines()
    assert sorted(lines) == ["0 of 2", "1 of 2"]
    assert ran.prepared.command[0] == "sh"  # as the document says it


def test_no_ranks_is_a_command_as_any_other(place: Any) -> None:
    process = command("true", resources=Resources(ranks=IntLit(value=0)))
    assert Path(place.prepare(process).argv[0]).name == "true"


def test_a_launcher_that_is_not_here_is_told(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    process = command("/bin/true", resources=Resources(ranks=IntLit(value=2)))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TaskFailed, match=r"FWF4005.*mpiexec"):
        place.prepare(process)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (gpu(2), None),
        (gpu(2, "11.8"), None),
        (gpu(3), "asks for 3 GPUs; there are 2"),
        (gpu(1, "12.10"), "asks for CUDA 12.10; there is 12.2"),
    ],
)
def test_gpus_are_counted(
    place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: Resources, why: str | None
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{REPORT}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    machine_gpus.cache_clear()
    try:
        if why is None:
            assert place.prepare(command("true", resources=wanted)).argv
        else:
            with pytest.raises(TaskFailed, match=f"FWF4011.*{why}"):
                place.prepare(command("true", resources=wanted))
    finally:
        machine_gpus.cache_clear()
