"""Packed images give the same numbers as images in files of their own, with far fewer files."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fairwf.engine import volumes
from fairwf.engine.volumes_of import Volume

ROOT = Path(__file__).resolve().parents[2]


class Ran(NamedTuple):
    """What came out, how many files and bytes lie there, and the CPU time in seconds."""

    summary: Any
    volume: Volume
    cpu_s: float


def ran(folder: Path, name: str, batches: int, count: int) -> Ran:
    job = folder / "job.json"
    job.write_text(json.dumps({"batches": list(range(batches)), "count": count}))
    words = ["run", ROOT / "examples" / "many-images" / f"{name}.cwl", job, "-q"]
    words += ["--run-dir", folder / name, "--outdir", folder / f"{name}-out"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "fairwf", *map(str, words)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'converters'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    summary = json.loads((folder / f"{name}-out" / "summary.json").read_text())
    return Ran(summary, volumes(folder / name)[-1], cpu)


@pytest.mark.parametrize(
    ("batches", "count"),
    [(2, 50), pytest.param(40, 500, marks=pytest.mark.long, id="20,000 images")],
)
def test_packed_against_plain(tmp_path: Path, batches: int, count: int) -> None:
    plain, packed = (ran(tmp_path, name, batches, count) for name in ("plain", "packed"))
    assert plain.summary == packed.summary
    assert plain.summary["count"] == batches * count
    assert plain.volume.files_left > 2 * batches * count
    assert packed.volume.files_left == 2 * batches + 2
    assert plain.volume.files_left / packed.volume.files_left > count / 2
    # Seen with `-s`; how much CPU time packing saves depends on how the machine starts programs.
    print(f"files {plain.volume.files_left} : {packed.volume.files_left}")
    print(f"CPU seconds {plain.cpu_s:.1f} : {packed.cpu_s:.1f}")
