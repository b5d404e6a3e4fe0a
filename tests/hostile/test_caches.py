"""A cache folder that others may write into: nothing of theirs is believed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import msgspec
import pytest

import fairwf
from fairwf.engine.evaluate.reading import file_uri
from fairwf.ir.expressions import File
from fairwf.report import Report
from fairwf.trace import Run

TOOL = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: [echo, good]
inputs: []
outputs: {o: stdout}
stdout: o.txt
"""

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")


def go(folder: Path) -> tuple[Run, str, list[str]]:
    report = Report()
    (folder / "tool.cwl").write_text(TOOL)
    done = fairwf.run(
        folder / "tool.cwl",
        run_dir=folder / f"run-{os.urandom(4).hex()}",
        cache=folder / "cache",
        report=report,
    )
    made = done.outputs["o"]
    assert isinstance(made, File)
    return (
        done,
        Path((made.location or "").removeprefix("file://")).read_text(),
        report_codes(report),
    )


def report_codes(report: Report) -> list[str]:
    return [found.code for found in report]


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    go(tmp_path)
    (found,) = tmp_path.glob("cache/1/??/*/entry.json")
    return found.parent


def rewrite(entry: Path, **changes: object) -> None:
    """Change an entry and its digest, as somebody can who knows how they are written."""
    body = entry / "entry.json"
    said = msgspec.json.decode(body.read_bytes().partition(b"\n")[2])
    said.update(changes)
    text = msgspec.json.encode(said)
    body.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)


def poison(entry: Path) -> None:
    (made,) = [path for path in entry.glob("files/*") if path.is_file()]
    made.write_text("evil\n")
    sha256 = hashlib.sha256(b"evil\n").hexdigest()
    rewrite(entry, files=[{"path": made.name, "sha256": sha256, "size": 5}])


def test_a_poisoned_result_of_ones_own_would_be_taken(entry: Path, tmp_path: Path) -> None:
    """So the tests below see what keeps the others out."""
    poison(entry)
    assert go(tmp_path)[1:] == ("evil\n", [])


@root_only
@pytest.mark.parametrize("what", ["folder", "entry", "file"])
def test_what_belongs_to_another_user_is_not_taken(entry: Path, tmp_path: Path, what: str) -> None:
    poison(entry)
    (made,) = [path for path in entry.glob("files/*") if path.is_file()]
    os.chown({"folder": entry, "entry": entry / "entry.json", "file": made}[what], 12345, 12345)
    done, text, codes = go(tmp_path)
    assert (text, codes, done.tasks[0].reused) == ("good\n", ["FWF4032"], None)


@pytest.mark.parametrize("what", ["folder", "entry", "file"])
def test_links_are_not_followed(entry: Path, tmp_path: Path, what: str) -> None:
    poison(entry)
    (made,) = [path for path in entry.glob("files/*") if path.is_file()]
    place = {"folder": entry, "entry": entry / "entry.json", "file": made}[what]
    shutil.move(place, tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert go(tmp_path)[1:] == ("good\n", ["FWF4032"])


def test_a_pipe_in_the_place_of_a_file_does_not_hold_the_run(entry: Path, tmp_path: Path) -> None:
    (entry / "entry.json").unlink()
    os.mkfifo(entry / "entry.json")
    assert go(tmp_path)[1:] == ("good\n", ["FWF4032"])


@pytest.mark.parametrize("path", ["../../../../../../escape", "/etc/escape", "a/../../b"])
def test_files_of_an_entry_stay_in_the_folder_of_the_task(
    entry: Path, tmp_path: Path, path: str
) -> None:
    rewrite(entry, files=[{"path": path, "sha256": "0" * 64, "size": 0}])
    assert go(tmp_path)[1:] == ("good\n", ["FWF4032"])
    assert not list(tmp_path.rglob("escape"))


@pytest.mark.parametrize("location", ["cache:../../x", "cache:%2Fetc%2Fpasswd", "/etc/passwd"])
def test_outputs_of_an_entry_name_its_own_files_only(
    entry: Path, tmp_path: Path, location: str
) -> None:
    rewrite(entry, outputs={"o": {"kind": "file", "location": location, "basename": "o.txt"}})
    assert go(tmp_path)[1:] == ("good\n", ["FWF4032"])


def test_outputs_of_an_entry_are_checked_in_every_form(entry: Path, tmp_path: Path) -> None:
    location = file_uri(Path("/etc/passwd"))
    inner = {"kind": "file", "location": location, "basename": "o.txt"}
    rewrite(entry, outputs={"o": {"kind": "array_of", "items": [inner]}})
    assert go(tmp_path)[1:] == ("good\n", ["FWF4032"])


def test_a_bomb_of_nested_values_is_damage(entry: Path, tmp_path: Path) -> None:
    deep: object = {"kind": "none_lit"}
    for _ in range(300):
        deep = {"kind": "array_of", "items": [deep]}
    text = msgspec.json.encode({"key": entry.name, "outputs": deep})
    body = hashlib.sha256(text).hexdigest().encode() + b"\n" + text
    (entry / "entry.json").write_bytes(body)
    assert go(tmp_path)[1:] == ("good\n", ["FWF4032"])
