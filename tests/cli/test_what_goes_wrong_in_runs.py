"""What goes wrong in runs is told as what it is: which task or file, why, and what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: COMMAND
inputs: []
stdout: o
outputs: {o: stdout}
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CWL tool in the current folder; ``COMMAND`` in it is to be replaced."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tool.cwl"
    path.write_text(TOOL)
    return path


def command(tool: Path, words: str) -> Path:
    tool.write_text(TOOL.replace("COMMAND", words))
    return tool


# --- programs


def test_a_task_that_removes_its_own_folder_is_a_failed_task(fairwf: Fairwf, tool: Path) -> None:
    command(tool, """[sh, -c, 'rm -rf "$PWD"; true']""")
    said = fairwf("run", tool, "--run-dir", "r")
    assert said.code == 1
    assert "failed: tool: " in said.err or "failed: main: " in said.err
    assert "tool.cwl:" in said.err
    assert "FWF9002" not in said.err
    status = fairwf("status", "r", "--format", "json").json
    assert status["status"] == "failed"
    assert status["counts"] == {"failed": 1}


def test_a_removed_output_is_no_symlink(fairwf: Fairwf, tool: Path) -> None:
    said = fairwf("run", command(tool, "[sh, -c, 'rm o']"), "-q")
    assert said.code == 1
    assert "'o' is not there any more: the task removed it" in said.err


@pytest.mark.parametrize(
    ("text", "mode", "expected", "hint"),
    [
        ("#!/bin/sh\n", 0o644, "is not executable: '{path}'", "hint: chmod +x {path}"),
        ("#!/no/such/sh\n", 0o755, "asks for '/no/such/sh', which is not here", "first line of"),
        ("echo hi\n", 0o755, "it is no program, and names no interpreter", "as #!/bin/sh"),
    ],
)
def test_a_program_that_is_there_and_does_not_start(
    fairwf: Fairwf, tool: Path, monkeypatch: pytest.MonkeyPatch,
    text: str, mode: int, expected: str, hint: str,
) -> None:  # fmt: skip
    path = tool.parent / "bin" / "program"
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(mode)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{path.parent}")
    said = fairwf("run", command(tool, "[program]"), "-q")
    assert said.code == 1
    assert expected.format(path=path) in said.err
    assert hint.format(path=path) in said.err


@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker client here")
def test_docker_without_its_daemon_is_not_a_missing_image(
    fairwf: Fairwf, tool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tool.parent}/none.sock")
    command(tool, '[echo]\nhints: {DockerRequirement: {dockerPull: "debian:12"}}')
    said = fairwf("run", tool, "--container", "docker", "-q")
    assert said.code == 33
    assert "error[FWF4008]: the task asks for the container debian:12, and docker" in said.err
    assert "none.sock" in said.err
    assert "pull" not in said.err


def test_too_large_wants_have_units_and_stand_at_the_requirement(
    fairwf: Fairwf, tool: Path
) -> None:
    command(tool, "[echo]\nrequirements:\n  ResourceRequirement:\n    coresMin: 4000")
    said = fairwf("run", tool, "--cores", "1", "--memory", "1GiB", "-q")
    assert said.code == 1
    assert "tool.cwl:6:5: error[FWF4011]: wants 4000 cores, and there is 1 core\n" in said.err
    command(tool, "[echo]\nrequirements:\n  ResourceRequirement:\n    ramMin: 4096")
    said = fairwf("run", tool, "--cores", "1", "--memory", "1GiB", "-q")
    assert "wants 4096 MiB of memory, and there are 1024 MiB\n" in said.err


# --- the machine


def test_events_that_find_no_room_name_their_file(fairwf: Fairwf, tool: Path) -> None:
    said = fairwf("run", command(tool, "[echo]"), "-q", "--events", "/dev/full")
    assert said.code == 3
    assert "/dev/full: error[FWF9002]: No space left on device\n  hint: make room" in said.err


def test_no_message_shows_the_name_of_a_temporary_file(fairwf: Fairwf, tool: Path) -> None:
    said = fairwf("convert", command(tool, "[echo]"), "--to", "ir", "-o", "/proc/x.json")
    assert said.code == 3
    assert said.err.splitlines()[-1].startswith("/proc/x.json: error[FWF9002]")
    assert ".tmp" not in said.err


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="a small disk is made by bubblewrap")
def test_a_full_disk_is_told_of_the_run_directory_not_of_the_workflow(tool: Path) -> None:
    command(tool, "[echo]\n" + "# nothing\n" * 10_000)
    full = ["bwrap", "--dev-bind", "/", "/", "--size", "32768", "--tmpfs", "/mnt"]
    if subprocess.run([*full, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("bubblewrap does not work here")
    said = subprocess.run(
        [*full, sys.executable, "-m", "fairwf", "run", str(tool), "--run-dir", "/mnt/r"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 3, said.stderr
    assert said.stderr.startswith("/mnt/r/source/tool.cwl: error[FWF9002]: cannot be written: No")
    assert "hint: make room, or choose another place" in said.stderr
