"""A run that Parsl makes here, with monitoring: the Python of FAIRWF_PARSL, or this one."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run
from fairwf.report import Report
from fairwf.trace.run import counts
from tests.crates.judged import assert_conformant

pytestmark = pytest.mark.long
HERE = Path(__file__).parent


@pytest.fixture
def python() -> str:
    named = os.environ.get("FAIRWF_PARSL")
    if named is None and find_spec("parsl") is None:
        pytest.skip("Parsl is not installed: `make test-all` installs it")
    return named or sys.executable


def test_a_run_of_today(python: str, tmp_path: Path) -> None:
    folder = tmp_path / "started"
    folder.mkdir()
    (folder / "letters.py").write_text((HERE / "letters.py").read_text())
    (folder / "a.txt").write_text("a\nb\n")
    (folder / "b.txt").write_text("a\na\n")
    path = f"{Path(python).parent}:{os.environ['PATH']}"
    subprocess.run([python, "letters.py"], cwd=folder, env={**os.environ, "PATH": path}, check=True)
    run = read_run(str(folder), Report())
    assert (run.status, counts(run.tasks)) == ("failed", {"completed": 3, "failed": 1})
    package_run(run, tmp_path / "crate", PackageOptions(license="CC0-1.0"))
    assert_conformant(tmp_path / "crate", "parsl", recommended=93)
    assert (tmp_path / "crate/outputs/whole.txt").read_text() == "1\n2\n"
