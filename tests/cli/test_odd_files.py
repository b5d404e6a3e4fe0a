"""Files that are no documents: pipes, links that lead nowhere, binaries; and job files on stdin."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

JOB = b"names: [Ada]\n"


@pytest.mark.parametrize("words", [["validate"], ["convert", "--to", "ir"], ["run"], ["graph"]])
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path, words: list[str]) -> None:
    pipe = tmp_path / "pipe.cwl"
    os.mkfifo(pipe)
    said = subprocess.run(
        [sys.executable, "-m", "fairwf", *words, str(pipe)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert "pipe.cwl: error[FWF1002]: is not a regular file" in said.stderr


def test_links_that_lead_nowhere_are_told_as_that(fairwf: Fairwf, tmp_path: Path) -> None:
    one, other, dangling = (tmp_path / name for name in ("one.cwl", "two.cwl", "dangling.cwl"))
    one.symlink_to(other)
    other.symlink_to(one)
    dangling.symlink_to("nothing")
    said = fairwf("validate", one)
    assert said.code == 1
    assert "one.cwl: error[FWF1001]: is a symlink that leads back to itself" in said.err
    assert "did you mean" not in said.err
    assert "is a symlink to 'nothing', which does not exist" in fairwf("run", dangling).err


def test_the_job_may_come_from_standard_input(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = fairwf("run", workflow, "-", "--run-dir", "r", "-q", stdin=JOB)
    assert said.code == 0, said.err
    assert said.json["greetings"][0]["basename"] == "hello.txt"
    assert fairwf("package", "r", "-o", "crate", "-q").code == 0
    (tmp_path / "note.txt").touch()
    said = fairwf("run", workflow, "-", stdin=JOB + b"note: {class: File, path: not.txt}\n")
    assert said.code == 1
    assert "-:2:" in said.err
    assert "did you mean 'note.txt'?" in said.err
    both = fairwf("run", "-", "-", stdin=workflow.read_bytes())
    assert both.code == 2
    assert "cannot both come from standard input" in both.err


def test_a_cwl_job_from_standard_input_counts_from_the_current_folder(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_text("hello\n")
    (tmp_path / "cat.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: cat\n"
        "inputs: {f: {type: File, inputBinding: {}}}\nstdout: o\noutputs: {o: stdout}\n"
    )
    said = fairwf("run", "cat.cwl", "-", "-q", stdin=b"f: {class: File, path: in.txt}\n")
    assert said.code == 0, said.err
    assert said.json["o"]["size"] == 6


def test_a_binary_job_file_is_not_shown(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    job = tmp_path / "job.yml"
    job.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(range(256)))
    said = fairwf("run", workflow, job)
    assert said.code == 1
    assert "not a text in UTF-8" in said.err
    assert "|" not in said.err


def test_a_broken_converter_of_a_third_party_is_named_and_left_out(tmp_path: Path) -> None:
    info = tmp_path / "broken-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[fairwf.converters]\nfirst = broken_converter:CONVERTER\nsecond = os:path\n"
    )
    (tmp_path / "broken_converter.py").write_text("import nothing_of_this_name\n")
    (tmp_path / "ok.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: ls\ninputs: []\noutputs: []\n"
    )

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fairwf", *words],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    said = call("validate", "ok.cwl")
    assert said.returncode == 0, said.stderr
    why = "'first' of the package 'broken' is left out: ModuleNotFoundError: No module named"
    assert f"warning[FWF9004]: the converter {why}" in said.stderr
    assert "'second' of the package 'broken' is left out: 'os:path' is no fairwf" in said.stderr
    assert "bug in fairwf" not in said.stderr
    assert call("inputs", "ok.cwl").returncode == 0
    assert call("convert", "ok.cwl", "--to", "ir", "-q", "-o", "x.ir.json").stderr == ""
