"""Tasks isolated by bubblewrap: this machine's programs, and nothing written outside."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.containers.conftest import HEAD, Execute, shell


@pytest.fixture(autouse=True)
def bubblewrap() -> None:
    """Skip where bubblewrap is not, or may not make namespaces."""
    program = shutil.which("bwrap")
    works = program and subprocess.run(
        [program, "--ro-bind", "/", "/", "--unshare-pid", "true"], capture_output=True, check=False
    )
    if not works or works.returncode != 0:
        pytest.skip("needs bubblewrap, and the right to make namespaces")


def test_nothing_is_written_outside_the_tasks_folders(execute: Execute, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    script = f'touch "{outside}" /tmp/fairwf-outside; touch inside "$TMPDIR/x" && ls'
    done = execute(shell(script), container="bubblewrap")
    assert done.text() == "inside\nout.txt\n"
    assert not outside.exists()
    assert not Path("/tmp/fairwf-outside").exists()


def test_a_link_out_of_the_folder_leads_nowhere(execute: Execute) -> None:
    tool = """\
baseCommand: [sh, -c, "echo x > /tmp/fairwf-original; ln -s /tmp/fairwf-original link"]
inputs: []
outputs: {out: {type: File, outputBinding: {glob: link}}}
"""
    done = execute(tool, container="bubblewrap")
    assert done.status == "failed"
    assert not Path("/tmp/fairwf-original").exists()


def test_inputs_are_there_wherever_they_lie(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("read\n")
    tool = shell('cat "$0"; echo more >> "$0"', inputs="{f: {type: File, inputBinding: {}}}")
    job = {"f": {"class": "File", "path": "data.txt"}}
    done = execute(tool, job, container="bubblewrap")
    assert done.status == "failed"  # it tried to write
    assert (tmp_path / "data.txt").read_text() == "read\n"


def test_a_tool_that_asks_for_no_container_is_isolated_too(execute: Execute) -> None:
    assert HEAD.startswith("cwlVersion: v1.2")
    tool = """\
baseCommand: [sh, -c, "tail -n +3 /proc/net/dev | wc -l"]
inputs: []
stdout: out.txt
outputs: {out: {type: stdout}}
"""
    done = execute(tool, container="bubblewrap")
    assert done.text().strip() == "1"  # no network but its own
    assert done.codes == []
