"""A disk that is full for the engine and a site: what failed for want of room is tried again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairwf.document import Document
from fairwf.engine import RunOptions, resume, run
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Handler
from fairwf.report import EnvironmentFault
from tests.engine.running.workflows import script, step, workflow


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte, which needs root and the right to mount."""
    path = tmp_path / "disk"
    path.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)]
    if subprocess.run(small, capture_output=True, check=False).returncode != 0:
        pytest.skip("no small disk can be mounted here: that needs root, and a system that lets it")
    yield path
    subprocess.run(["umount", "-l", path], check=True)


def test_an_end_for_want_of_room_is_no_failure_of_the_resumed_run(
    disk: Path, tmp_path: Path
) -> None:
    """The end is known at the site, and nobody has taken it: the engine stopped before."""
    fill = f"echo x >>{tmp_path}/log; set -e; head -c 3000000 /dev/zero >large; cksum <large"
    other = Handler(event="failure", then="continue", run=script("echo lesser"))
    root = workflow([step("fill", script(fill), handlers=(other,))], {"o": ("string", "fill.out")})
    site = SiteSettings(mover="local", root=str(disk / "site"), cores=1)
    deployment = Deployment(sites={"a": site})
    options = RunOptions(run_dir=disk / "run", deployment=deployment)
    with pytest.raises(EnvironmentFault, match="No space left on device"):
        run(Document(workflow=root), {}, options)
    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
    done = resume(disk / "run")
    assert done.status == "completed", done.error
    sums = subprocess.run(["cksum"], input=bytes(3_000_000), capture_output=True, check=True)
    assert from_literal(done.outputs["o"]) == sums.stdout.decode().strip()
    assert (tmp_path / "log").read_text() == "x\n" * 2
    assert [task.status for task in done.tasks] == ["completed"]
