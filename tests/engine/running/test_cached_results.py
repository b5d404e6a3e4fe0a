"""The cache: what ran once with the same inputs does not run again; no stranger is believed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine import load_run, resume, status
from fairwf.engine.cache.store import DamagedError, check_relative
from fairwf.ir.expressions import Call, File, Input, IntLit
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.types import DirectoryType
from fairwf.ir.workflow import Script, Workflow
from tests.engine.running.workflows import over, script, step, text, workflow

Execute = Callable[..., Any]


def place(path: Path) -> File:
    return File(location=str(path))


class Ledger:
    """Where each execution of a program leaves a line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def taken(self) -> list[str]:
        lines = sorted(self.path.read_text().split()) if self.path.exists() else []
        self.path.unlink(missing_ok=True)
        return lines


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def diamond(ledger: Ledger) -> Workflow:
    """Two steps that each read a file of their own, and one that reads what both made."""
    log = ledger.path
    return workflow(
        [
            step("a", script(f"echo a >> {log}; cat {{x}}", {"x": "File"}, out="File"), {"x": "x"}),
            step("b", script(f"echo b >> {log}; cat {{x}}", {"x": "File"}, out="File"), {"x": "y"}),
            step(
                "c",
                script(f"echo c >> {log}; cat {{p}} {{q}}", {"p": "File", "q": "File"}, out="File"),
                {"p": "a.out", "q": "b.out"},
            ),
        ],
        {"o": ("File", "c.out")},
        {"x": "File", "y": "File"},
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, File]:
    for name in ("x", "y"):
        (tmp_path / f"{name}.txt").write_text(name)
    return {name: place(tmp_path / f"{name}.txt") for name in ("x", "y")}


def entries(cache: Path) -> list[Path]:
    return [path.parent for path in sorted(cache.glob("1/??/*/entry.json"))]


# --- what runs again --------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["content", "stat"])
def test_a_second_run_repeats_nothing_and_says_from_which_run(
    execute: Execute, ledger: Ledger, files: dict[str, File], tmp_path: Path, by: str
) -> None:
    cache = tmp_path / "cache"
    first = execute(diamond(ledger), files, cache=cache, cache_key=by)
    assert ledger.taken() == ["a", "b", "c"]
    second = execute(diamond(ledger), files, cache=cache, cache_key=by)
    assert (second.status, ledger.taken()) == ("completed", [])
    assert first.outputs == second.outputs == {"o": "xy"}
    assert {task.id: task.reused for task in second.record.tasks} == dict.fromkeys(
        ("a", "b", "c"), first.record.id
    )
    assert status(second.folder).reused == dict.fromkeys(("a", "b", "c"), first.record.id)
    assert all(task.reused is None for task in first.record.tasks)
    commands = [{t.id: t.command for t in each.record.tasks} for each in (first, second)]
    assert commands[0] == commands[1]


def test_the_files_of_a_reused_result_lie_in_the_run_itself(
    execute: Execute, ledger: Ledger, files: dict[str, File], tmp_path: Path
) -> None:
    execute(diamond(ledger), files, cache=tmp_path / "cache")
    second = execute(diamond(ledger), files, cache=tmp_path / "cache")
    shutil.rmtree(tmp_path / "cache")
    assert resume(second.folder).outputs == second.record.outputs
    for task in load_run(second.folder).tasks:
        (made,) = task.outputs.values()
        assert isinstance(made, File)
        assert (made.location or "").startswith(f"file://{second.folder}/tasks/")


@pytest.mark.parametrize("by", ["content", "stat"])
def test_a_changed_input_runs_exactly_what_depends_on_it(
    execute: Execute, ledger: Ledger, files: dict[str, File], tmp_path: Path, by: str
) -> None:
    execute(diamond(ledger), files, cache=tmp_path / "cache", cache_key=by)
    ledger.taken()
    (tmp_path / "y.txt").write_text("Y2")
    changed = execute(diamond(ledger), files, cache=tmp_path / "cache", cache_key=by)
    assert ledger.taken() == ["b", "c"]
    assert changed.outputs == {"o": "xY2"}


def test_the_same_content_in_another_place_is_the_same(
    execute: Execute, ledger: Ledger, files: dict[str, File], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    moved = {"x": place(tmp_path / "other/x.txt"), "y": files["y"]}
    (tmp_path / "other/x.txt").write_text("x")
    for by, again in (("content", []), ("stat", ["a"])):
        execute(diamond(ledger), files, cache=tmp_path / by, cache_key=by)
        ledger.taken()
        execute(diamond(ledger), moved, cache=tmp_path / by, cache_key=by)
        assert ledger.taken() == again, "what 'a' made has the same content, so 'c' need not run"


def test_by_stat_a_file_that_was_touched_is_another(
    execute: Execute, ledger: Ledger, files: dict[str, File], tmp_path: Path
) -> None:
    execute(diamond(ledger), files, cache=tmp_path / "cache", cache_key="stat")
    ledger.taken()
    os.utime(tmp_path / "x.txt", (1, 1))
    execute(diamond(ledger), files, cache=tmp_path / "cache", cache_key="stat")
    assert ledger.taken() == ["a"]


def test_another_command_runs_and_another_label_does_not(
    execute: Execute, ledger: Ledger, tmp_path: Path
) -> None:
    log, cache = ledger.path, tmp_path / "cache"
    execute(script(f"echo 1 >> {log}", out="File"), cache=cache)
    execute(script(f"echo 1 >> {log}", out="File", label="new", doc="words", id="n"), cache=cache)
    assert ledger.taken() == ["1"]
    execute(script(f"echo 2 >> {log}", out="File"), cache=cache)
    assert ledger.taken() == ["2"]


def test_items_of_a_scatter_are_kept_one_by_one(
    execute: Execute, ledger: Ledger, tmp_path: Path
) -> None:
    body = script(f"echo {{n}} >> {ledger.path}; echo {{n}}", {"n": "int"}, out="int")
    squares = workflow(
        [step("s", body, {"n": "$n"}, scatter=over(n="ns"))],
        {"o": ("int[]", "s.out")},
        {"ns": "int[]"},
    )
    execute(squares, {"ns": [1, 2, 3]}, cache=tmp_path / "cache")
    assert ledger.taken() == ["1", "2", "3"]
    more = execute(squares, {"ns": [3, 4, 1]}, cache=tmp_path / "cache")
    assert (more.outputs, ledger.taken()) == ({"o": [3, 4, 1]}, ["4"])


def test_a_failed_task_is_not_kept(execute: Execute, ledger: Ledger, tmp_path: Path) -> None:
    fails = script(f"echo f >> {ledger.path}; exit 1", out="File")
    for _ in range(2):
        assert execute(fails, cache=tmp_path / "cache").status == "failed"
    assert ledger.taken() == ["f", "f"] and entries(tmp_path / "cache") == []


def test_a_folder_comes_back_as_it_was(execute: Execute, ledger: Ledger, tmp_path: Path) -> None:
    makes = Script(
        body=script(
            f"echo m >> {ledger.path}; mkdir -p d/e 'd/ü #%'; echo 1 > d/e/f; chmod +x d/e/f"
        ).body,
        outputs=(
            OutputPort(id="d", type=DirectoryType(), collect=Glob(patterns=(text("d"),))),
            OutputPort(id="all", type=DirectoryType(), collect=Glob(patterns=(text("."),))),
        ),
    )
    for _ in range(2):
        done = execute(makes, cache=tmp_path / "cache", outdir=tmp_path / "out")
        assert done.status == "completed"
        assert sorted(p.name for p in (tmp_path / "out/d").iterdir()) == ["e", "ü #%"]
        assert os.access(tmp_path / "out/d/e/f", os.X_OK)
        shutil.rmtree(tmp_path / "out")
    assert ledger.taken() == ["m"]


# --- what must not be used again --------------------------------------------------------------


@pytest.mark.parametrize(
    ("cacheable", "runs"),
    [
        (False, 2),
        (Call(function="less", args=(Input(name="n"), IntLit(value=0))), 2),
        (Call(function="less", args=(IntLit(value=0), Input(name="n"))), 1),
    ],
)
def test_a_process_may_forbid_it(
    execute: Execute, ledger: Ledger, tmp_path: Path, cacheable: Any, runs: int
) -> None:
    once = script(f"echo r >> {ledger.path}", {"n": "int"}, out="File", cacheable=cacheable)
    for _ in range(2):
        assert execute(once, {"n": 5}, cache=tmp_path / "cache").status == "completed"
    assert len(ledger.taken()) == runs


def test_whether_it_may_must_be_true_or_false(execute: Execute, tmp_path: Path) -> None:
    odd = script("true", {"n": "int"}, cacheable=Input(name="n"))
    done = execute(odd, {"n": 5}, cache=tmp_path / "cache")
    assert (done.status, done.codes) == ("failed", ["FWF4002"])


def test_a_file_that_the_document_itself_names_counts(
    execute: Execute, ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "helper").write_text("one")
    body = script(f"echo r >> {ledger.path}; cat {{h}}", {"h": "File"}, out="File")
    port = InputPort(id="h", type=body.inputs[0].type, default=place(tmp_path / "helper"))
    tool = Script(**{f: getattr(body, f) for f in ("body", "outputs", "stdout")}, inputs=(port,))
    assert execute(tool, cache=tmp_path / "cache").outputs == {"out": "one"}
    (tmp_path / "helper").write_text("two")
    assert execute(tool, cache=tmp_path / "cache").outputs == {"out": "two"}
    assert len(ledger.taken()) == 2


def test_a_newer_program_runs_again(
    execute: Execute, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairwf.ir.command import Argument
    from fairwf.ir.workflow import Command

    program = tmp_path / "bin/prog"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    tool = Command(
        arguments=(Argument(value=text("prog")),),
        stdout=text("out.txt"),
        outputs=script("", out="File").outputs,
    )
    for said in ("1", "2"):
        program.write_text(f"#!/bin/sh\necho {said}\n")
        program.chmod(0o755)
        assert execute(tool, cache=tmp_path / "cache").outputs == {"out": f"{said}\n"}


# --- damage -----------------------------------------------------------------------------------


def _flip(entry: Path) -> None:
    (made,) = [path for path in entry.rglob("files/*") if path.is_file()]
    made.write_bytes(b"?" * made.stat().st_size)


def _lose(entry: Path) -> None:
    shutil.rmtree(entry / "files")


def _cut(entry: Path) -> None:
    whole = (entry / "entry.json").read_bytes()
    (entry / "entry.json").write_bytes(whole[: len(whole) // 2])


def _swap(entry: Path) -> None:
    body = (entry / "entry.json").read_bytes().partition(b"\n")[2]
    (entry / "entry.json").write_bytes(b"0" * 64 + b"\n" + body)


@pytest.mark.parametrize("damage", [_flip, _lose, _cut, _swap])
def test_a_damaged_result_is_noticed_and_made_again(
    execute: Execute, ledger: Ledger, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    cache = tmp_path / "cache"
    tool = script(f"echo r >> {ledger.path}; echo good", out="File")
    execute(tool, cache=cache)
    (entry,) = entries(cache)
    damage(entry)
    again = execute(tool, cache=cache)
    assert (again.outputs, again.codes) == ({"out": "good\n"}, ["FWF4032"])
    assert "damaged" in str(again.report)
    assert len(ledger.taken()) == 2
    third = execute(tool, cache=cache)
    assert (third.outputs, third.codes, ledger.taken()) == ({"out": "good\n"}, [], [])


def test_the_result_of_another_task_is_not_taken(
    execute: Execute, ledger: Ledger, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    execute(script("echo bad", out="File"), cache=cache)
    (bad,) = entries(cache)
    shutil.move(bad, tmp_path / "bad")
    execute(script("echo good", out="File"), cache=cache)
    (good,) = entries(cache)
    shutil.rmtree(good)
    shutil.move(tmp_path / "bad", good)
    done = execute(script("echo good", out="File"), cache=cache)
    assert (done.outputs, done.codes) == ({"out": "good\n"}, ["FWF4032"])


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x", "a\0b"])
def test_paths_of_entries_stay_inside(path: str) -> None:
    with pytest.raises(DamagedError):
        check_relative(path)


def test_a_full_or_closed_cache_ends_no_run(
    execute: Execute, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairwf.engine.cache import store

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.Store, "finish", full)
    done = execute(script("echo x", out="File"), cache=tmp_path / "cache")
    assert (done.status, done.codes) == ("completed", ["FWF4032"])
    assert list((tmp_path / "cache/1/making").iterdir()) == []


# --- several at once --------------------------------------------------------------------------

_RUN = """
import sys
from pathlib import Path
from fairwf.engine import RunOptions, run
from fairwf.document import Document
from tests.engine.running.test_cached_results import Ledger, slow
root = Path(sys.argv[1])
run(Document(workflow=slow(Ledger(root / "ledger"))), {"ns": list(range(12))},
    RunOptions(run_dir=root / sys.argv[2], cache=root / "cache", base=root, cores=2))
"""


def slow(ledger: Ledger) -> Workflow:
    body = script(
        f"echo {{n}} >> {ledger.path}; head -c 200000 /dev/zero | tr '\\0' {{n}}; sleep 0.02",
        {"n": "int"},
        out="File",
    )
    return workflow(
        [step("s", body, {"n": "$n"}, scatter=over(n="ns"))],
        {"o": ("File[]", "s.out")},
        {"ns": "int[]"},
    )


def test_two_runs_may_share_it_at_once(execute: Execute, ledger: Ledger, tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    both = [
        subprocess.Popen([sys.executable, "-c", _RUN, str(tmp_path), name], cwd=root)
        for name in ("one", "two")
    ]
    assert [each.wait(120) for each in both] == [0, 0]
    assert load_run(tmp_path / "one").status == load_run(tmp_path / "two").status == "completed"
    assert len(entries(tmp_path / "cache")) == 12
    assert list((tmp_path / "cache/1/making").iterdir()) == []
    ledger.taken()
    third = execute(slow(ledger), {"ns": list(range(12))}, cache=tmp_path / "cache")
    assert (third.status, third.codes, ledger.taken()) == ("completed", [], [])


def test_what_a_killed_run_left_half_written_goes_in_time(execute: Execute, tmp_path: Path) -> None:
    making = tmp_path / "cache/1/making"
    for name, age_days in (("old", 30), ("new", 0)):
        (making / name).mkdir(parents=True)
        when = time.time() - age_days * 86400
        os.utime(making / name, (when, when))
    execute(script("echo x"), cache=tmp_path / "cache")
    assert [path.name for path in making.iterdir()] == ["new"]


# --- on the command line ----------------------------------------------------------------------

TOOL = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: [cat]
inputs: {f: {type: File, inputBinding: {}}}
outputs: {o: stdout}
stdout: o.txt
"""


def test_the_command_line_status_and_crate_say_it(tmp_path: Path) -> None:
    (tmp_path / "tool.cwl").write_text(TOOL)
    (tmp_path / "f").write_text("data")

    def fairwf(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fairwf", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done

    base = ("run", "tool.cwl", "--f", "f", "--cache", "cache")
    first = fairwf(*base, "--run-dir", "r1", "--outdir", "o1")
    second = fairwf(*base, "--run-dir", "r2", "--outdir", "o2", "--crate", "crate")
    assert "1 of them from the cache" in second.stderr and "cache" not in first.stderr
    origin = json.loads((tmp_path / "r1/run.json").read_text())["id"]
    assert f"reused   1 from the run {origin}" in fairwf("status", "r2").stdout
    said = json.loads(fairwf("status", "r2", "--format", "json").stdout)
    assert said["reused"] == {"tool": origin} or list(said["reused"].values()) == [origin]
    crate = (tmp_path / "crate/ro-crate-metadata.json").read_text()
    assert f"result reused from {origin}" in crate
