"""A disk without room, or one that cannot be written, ends no run for good and halves no output."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fairwf.document import Document
from fairwf.engine import status
from fairwf.ir.workflow import Handler, Workflow
from tests.engine.running.test_kill_and_resume import finished
from tests.engine.running.workflows import call, over, script, step, workflow

ROOT = Path(__file__).resolve().parents[3]


class Disk:
    """A small disk in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def change(self, *options: str) -> None:
        subprocess.run(["mount", "-o", ",".join(("remount", *options)), self.path], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk, which needs root and the right to mount."""
    path = tmp_path / "disk"
    path.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)]
    if subprocess.run(small, capture_output=True, check=False).returncode != 0:
        pytest.skip("no small disk can be mounted here: that needs root, and a system that lets it")
    yield Disk(path)
    subprocess.run(["umount", "-l", path], check=True)


class Said(NamedTuple):
    """What the command line said, and how it ended."""

    code: int
    out: Any
    err: str


def fairwf(*words: object) -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "fairwf", *map(str, words)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'converters'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Said(done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr)


def written(folder: Path, root: Workflow) -> Path:
    path = folder / "workflow.ir.json"
    path.write_bytes(Document(workflow=root).encode())
    return path


def copies(log: Path, size: int, count: int) -> Workflow:
    """Two layers of tasks that each write a file; a handler that must not take a full disk for
    a failure of its step."""
    made = f"echo {{x}} >> {log}; head -c {size} /dev/zero; echo {{x}}"
    first = script(made, {"x": "int"}, out="File")
    second = script(f"echo second >> {log}; cat {{f}}", {"f": "File"}, out="File")
    other = Handler(event="failure", then="continue", run=script("echo lesser", out="File"))
    numbers = over(x=call("range", count))
    steps = [
        step("first", first, {"x": "$x"}, scatter=numbers, handlers=(other,)),
        step("second", second, {"f": "$f"}, scatter=over(f="first.out")),
    ]
    return workflow(steps, {"o": ("File[]", "second.out")})


def contents(said: Any) -> list[bytes]:
    return [read(each) for each in said["o"]]


def read(file: Any) -> bytes:
    return Path(file["location"].removeprefix("file://")).read_bytes()


@pytest.mark.parametrize(
    ("size", "count", "place"),
    [
        pytest.param(2_000_000, 2, "/tasks/first_", id="the program itself finds no room"),
        pytest.param(3_000, 200, "", id="whoever comes first finds none"),
    ],
)
def test_a_full_disk_stops_the_run_which_goes_on_when_there_is_room(
    disk: Disk, tmp_path: Path, size: int, count: int, place: str
) -> None:
    log = tmp_path / "log"
    flow = written(tmp_path, copies(log, size, count))
    folder = disk.path / "run"
    said = fairwf("run", flow, "--run-dir", folder, "--outdir", disk.path / "out", "-q")
    assert said.code == 3, said.err
    assert said.err.startswith(f"{folder}{place}")
    assert "error[FWF9002]: " in said.err and "No space left on device" in said.err
    assert "hint: make room, " in said.err and f"resume {folder}" in said.err
    assert said.out is None and not list((disk.path / "out").glob("*"))
    assert status(folder).status == "interrupted" and status(folder).failed == ()
    before = set(finished(folder))
    log.write_text("")
    disk.change("size=64m")
    said = fairwf("resume", folder, "-q")
    assert (said.code, said.err) == (0, "")
    assert contents(said.out) == [b"\0" * size + f"{n}\n".encode() for n in range(count)]
    again = set(log.read_text().split())
    assert not again.intersection(key[6:-1] for key in before if key.startswith("first"))
    assert len(list((disk.path / "out").iterdir())) == count + 1  # with the hidden list


def test_outputs_that_find_no_room_appear_later_or_elsewhere(disk: Disk, tmp_path: Path) -> None:
    log = tmp_path / "log"
    flow = written(tmp_path, copies(log, 300_000, 5))
    out, run_dir = disk.path / "out", tmp_path / "run"
    said = fairwf("run", flow, "--run-dir", run_dir, "--outdir", out, "-q")
    assert said.code == 3
    assert said.err.startswith(f"{out}/out_4.txt: error[FWF9002]: the outputs cannot be published:")
    assert "hint: make room, then `fairwf resume RUN_DIR`; or name another folder" in said.err
    whole = [b"\0" * 300_000 + f"{n}\n".encode() for n in range(5)]
    assert [path.read_bytes() for path in sorted(out.iterdir())] == whole[:3]
    log.write_text("")
    said = fairwf("resume", run_dir, "--outdir", tmp_path / "elsewhere", "-q")
    assert said.code == 0 and contents(said.out) == whole
    disk.change("size=8m")
    said = fairwf("resume", run_dir, "--outdir", out, "-q")
    assert (said.code, said.err) == (0, "")
    assert contents(said.out) == whole
    assert log.read_text() == ""


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(
    disk: Disk, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    flow = written(tmp_path, copies(log, 10, 2))
    disk.change("ro")
    said = fairwf("run", flow, "--run-dir", tmp_path / "run", "--outdir", disk.path / "out", "-q")
    assert said.code == 3
    assert said.err.startswith(f"{disk.path}/out: error[FWF9002]: ")
    assert "Read-only file system" in said.err
    assert not log.exists() and not (tmp_path / "run").exists()


def test_a_folder_that_becomes_read_only_while_the_run_goes_on(disk: Disk, tmp_path: Path) -> None:
    close = script(f"mount -o remount,ro {disk.path}; echo closed", out="File")
    flow = written(tmp_path, workflow([step("close", close)], {"o": ("File", "close.out")}))
    run_dir, out = tmp_path / "run", disk.path / "out"
    said = fairwf("run", flow, "--run-dir", run_dir, "--outdir", out, "-q")
    assert said.code == 3
    assert f"{out}: error[FWF9002]: the outputs cannot be published: Read-only" in said.err
    said = fairwf("resume", run_dir, "-q")
    assert said.code == 3 and "Read-only file system" in said.err
    disk.change("rw")
    said = fairwf("resume", run_dir, "-q")
    assert said.code == 0 and read(said.out["o"]) == b"closed\n"
