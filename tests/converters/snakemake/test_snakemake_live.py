"""Runs that Snakemake makes here: the program beside this Python, or those that FAIRWF_SNAKEMAKE
names (several versions with `:` between them; each in an environment of its own)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run
from fairwf.report import Report
from fairwf.trace.run import counts
from tests.converters.snakemake.test_snakemake_traces import EXAMPLE
from tests.crates.judged import assert_conformant

pytestmark = pytest.mark.long


def programs() -> list[str]:
    named = os.environ.get("FAIRWF_SNAKEMAKE")
    beside = Path(sys.executable).with_name("snakemake")
    return named.split(":") if named else [str(beside)] if beside.is_file() else []


@pytest.fixture(params=programs() or [None])
def snakemake(request: pytest.FixtureRequest) -> str:
    if request.param is None:
        pytest.skip("Snakemake is not installed: `make test-all` installs it")
    return str(request.param)


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_of_today(snakemake: str, fails: bool, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(EXAMPLE / "workflow", folder / "workflow")
    shutil.copytree(EXAMPLE / "data", folder / "data")
    config = ["--config", "fail=1"] if fails else []
    command = [snakemake, "-c1", *config]
    ended = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert ended.returncode == int(fails), ended.stderr
    run = read_run(str(folder), Report())
    assert run.status == ("failed" if fails else "completed")
    assert counts(run.tasks) == {"completed": 5 - fails, **({"failed": 1} if fails else {})}
    package_run(run, tmp_path / "crate", PackageOptions(license="CC0-1.0"))
    assert_conformant(tmp_path / "crate", "snakemake", recommended=92)
