"""Verdicts are kept as long as every file that was read is the same; damage does no harm."""

import json
import os
from pathlib import Path

import pytest

from fairwf.cli.validation import kept as kept_module
from fairwf.cli.validation import workers
from tests.cli.conftest import Fairwf

WORKFLOW = """cwlVersion: v1.2
class: Workflow
inputs: {table: File}
outputs:
  lines: {type: File, outputSource: count/lines}
steps:
  count: {run: tool.cwl, in: {table: table}, out: [lines]}
"""
TOOL = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: [wc]
inputs:
  table: {type: File, inputBinding: {}}
outputs:
  lines: stdout
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "main.cwl").write_text(WORKFLOW)
    (root / "tool.cwl").write_text(TOOL)
    (root / "notes.yml").write_text("a: 1\n")
    return root


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that were really checked."""
    names: list[str] = []
    check = workers._check

    def noting(task: workers.Task) -> workers.Verdict:
        names.append(Path(task.name).name)
        return check(task)

    monkeypatch.setattr(workers, "_check", noting)
    return names


def test_what_did_not_change_is_not_checked_again(
    fairwf: Fairwf, tree: Path, checked: list[str]
) -> None:
    first = fairwf("validate", tree, "--format", "json")
    assert checked == ["main.cwl", "notes.yml", "tool.cwl"]
    checked.clear()
    assert fairwf("validate", tree, "--format", "json").out == first.out
    assert checked == []


def test_a_changed_file_and_what_reads_it_are_checked_again(
    fairwf: Fairwf, tree: Path, checked: list[str]
) -> None:
    fairwf("validate", tree)
    checked.clear()
    (tree / "tool.cwl").write_text(TOOL.replace("lines: stdout", "line: stdout"))
    said = fairwf("validate", tree)
    assert checked == ["main.cwl", "tool.cwl"]
    assert said.code == 1
    assert "error[" in said.err


def test_a_file_that_appears_is_seen(fairwf: Fairwf, tree: Path) -> None:
    (tree / "tool.cwl").rename(tree / "toool.cwl")
    assert "tool.cwl does not exist" in fairwf("validate", tree).err
    (tree / "toool.cwl").rename(tree / "tool.cwl")
    assert fairwf("validate", tree).code == 0


@pytest.mark.parametrize("words", [["--strict"], ["--ignore", "unused"], ["--from", "cwl"]])
def test_other_options_are_another_question(
    fairwf: Fairwf, tree: Path, checked: list[str], words: list[str]
) -> None:
    fairwf("validate", tree / "main.cwl")
    checked.clear()
    fairwf("validate", tree / "main.cwl", *words)
    assert checked == ["main.cwl"]


def test_no_cache_keeps_nothing(fairwf: Fairwf, tree: Path, tmp_path: Path) -> None:
    fairwf("validate", tree, "--no-cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "writable", "link", "other"])
def test_what_is_damaged_or_foreign_counts_as_not_there(
    fairwf: Fairwf, tree: Path, tmp_path: Path, checked: list[str], damage: str
) -> None:
    first = fairwf("validate", tree, "--format", "json").out
    (store,) = (tmp_path / "cache").rglob("*.msgpack")
    data = store.read_bytes()
    if damage == "cut":
        store.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        store.write_bytes(data.replace(b"valid", b"vaLid"))
    elif damage == "other":
        store.write_bytes(b"\x00" * 100)
    elif damage == "writable":
        store.chmod(0o666)
    elif damage == "link":
        store.rename(tmp_path / "elsewhere")
        store.symlink_to(tmp_path / "elsewhere")
    elif os.geteuid() != 0:
        pytest.skip("only root gives files away")
    else:
        os.chown(store, 65534, 65534)
    checked.clear()
    assert fairwf("validate", tree, "--format", "json").out == first
    assert checked


def test_the_cache_stays_bounded(
    fairwf: Fairwf, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "MOST_BYTES", 6000)
    for number in range(8):
        fairwf("validate", tree, "--ignore", f"FWF210{number}" if number else "unused")
    files = list((tmp_path / "cache").rglob("*.msgpack"))
    assert files
    assert sum(file.stat().st_size for file in files) <= 6000


def test_a_cache_that_cannot_be_written_is_done_without(
    fairwf: Fairwf, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert fairwf("validate", tree).code == 0


def test_several_processes_tell_the_same_as_one(
    fairwf: Fairwf, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        (tree / f"more{number}.cwl").write_text(TOOL.replace("wc", f"wc{number}"))
    monkeypatch.setattr(workers, "WORTH_A_PROCESS", 2)
    one = fairwf("validate", tree, "--jobs", "1", "--no-cache", "--format", "json").out
    three = fairwf("validate", tree, "--jobs", "3", "--no-cache", "--format", "json").out
    assert json.loads(one)["summary"]["files"] == 14
    assert one == three
