"""Folders of 10,000 files and names with anything in them go through a run that is killed."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.engine import resume
from fairwf.ir.codec import encode
from fairwf.ir.expressions import File
from fairwf.ir.ports import Glob, OutputPort
from fairwf.ir.types import DirectoryType, FileType
from fairwf.ir.workflow import Workflow
from tests.engine.running.test_kill_and_resume import finished
from tests.engine.running.test_nothing_is_lost import begin, published
from tests.engine.running.workflows import (
    over,
    script,
    step,
    text,
    workflow,
)

Execute = Callable[..., Any]

ODD = [
    "two words",
    "'single' and \"double\"",
    "a\nline and a\ttab",
    "-rf",
    "$(touch made) `touch made`; touch made #",
    "*?[code]{a,b}",
    "%41%2F",
    "ünï côdé",
    "u\u0308 apart",
    "日" * 80,
    " blanks around ",
    "~",
    "\\back\\slash",
    "x" * 255,
]


def through(log: Path) -> Workflow:
    """Each file goes through two programs, which keep its name."""
    keep = f"echo x >> {log}; sleep 0.02; cat -- {{f}} > {{name}}; echo more >> {{name}}"

    out = OutputPort(id="out", type=FileType(), collect=Glob(patterns=(text("[!o]*"),)))
    made = with_outputs(script(keep, {"f": "File", "name": "string"}, out=""), out)
    steps = [
        step("one", made, {"f": "$f", "name": "$n"}, scatter=over(f="files", n="names")),
        step("two", made, {"f": "$f", "name": "$n"}, scatter=over(f="one.out", n="names")),
    ]
    inputs = {"files": "File[]", "names": "string[]"}
    return workflow(steps, {"o": ("File[]", "two.out")}, inputs)


def test_names_of_any_kind_survive_a_kill(execute: Execute, tmp_path: Path) -> None:
    place = tmp_path / 'it\'s a "place"\nof its öwn'
    place.mkdir()
    log = tmp_path / "log"
    for name in ODD:
        (place / name).write_text(f"{name}\n")
    files = [File(location=(place / name).as_uri()) for name in ODD]
    inputs = {"files": files, "names": ODD}
    whole = execute(through(log), inputs, outdir=place / "out", run_dir=place / "run", cores=2)
    assert whole.status == "completed"
    wanted = {name: f"{name}\nmore\nmore\n".encode() for name in ODD}
    assert published(place / "out") == wanted
    assert sorted(log.read_text()) == sorted("x\n" * 2 * len(ODD))
    assert not list(tmp_path.rglob("made"))
    for task in whole.record.tasks:
        assert task.status == "completed"
    # As a kill in the middle leaves it: half of the journal, and what was published is gone.
    journal = place / "run" / "journal.log"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[: len(lines) // 2]) + lines[len(lines) // 2][:20])
    done = finished(place / "run")
    assert 0 < len(done) < 2 * len(ODD)
    shutil.rmtree(place / "out")
    log.write_text("")
    assert resume(place / "run").status == "completed"
    assert published(place / "out") == wanted
    assert log.read_text() == "x\n" * (2 * len(ODD) - len(done))


COUNT = 10_000


def large_folder() -> Workflow:
    body = f"mkdir d && cd d && seq 1 {COUNT} | split -l 1 -a 4 - f"
    folder = OutputPort(id="d", type=DirectoryType(), collect=Glob(patterns=(text("d"),)))
    made = with_outputs(script(body, out=""), folder)
    counted = script("ls {d} | wc -l; cat {d}/* | sort -n | tail -n 1", {"d": "any"})
    steps = [
        step("make", made),
        step("count", counted, {"d": "make.d"}),
    ]
    return workflow(steps, {"folder": ("any", "make.d"), "n": ("string", "count.out")})


def with_outputs(process: Any, *ports: OutputPort) -> Any:
    fields = {name: getattr(process, name) for name in process.__struct_fields__}
    return process.__class__(**{**fields, "outputs": ports})


def test_a_folder_of_ten_thousand_files_is_whole_after_a_kill_while_it_is_published(
    tmp_path: Path,
) -> None:
    (tmp_path / "workflow.json").write_bytes(encode(large_folder()))
    out = tmp_path / "out"
    engine = begin(tmp_path)
    end = time.monotonic() + 120
    while engine.poll() is None and not any_of(out, 10) and time.monotonic() < end:
        time.sleep(0.001)
    engine.kill()
    engine.wait()
    assert not (out / "d").exists() or len(list((out / "d").iterdir())) == COUNT
    before = finished(tmp_path / "run")
    record = resume(tmp_path / "run")
    assert record.status == "completed"
    assert sorted(before) == sorted(finished(tmp_path / "run")) == ["count", "make"]
    assert record.outputs["n"].value == f"{COUNT}\n{COUNT}"
    assert [path.name for path in out.iterdir() if path.name != ".fairwf-outputs.json"] == ["d"]
    made = list((out / "d").iterdir())
    assert len(made) == COUNT
    assert sum(int(path.read_text()) for path in made) == COUNT * (COUNT + 1) // 2


def any_of(folder: Path, count: int) -> bool:
    """Whether so many files lie in a folder in that folder."""
    return folder.is_dir() and any(
        each.is_dir() and len(list(each.iterdir())) >= count for each in folder.iterdir()
    )
