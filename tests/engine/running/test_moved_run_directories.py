"""A run directory may be moved: what it holds is found where it is now."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.engine import load_run, resume, status
from fairwf.engine.evaluate.reading import local_path
from fairwf.ir.expressions import File
from fairwf.ir.values import from_literal
from tests.engine.running.workflows import script, step, workflow

Execute = Callable[..., Any]


def chain(log: Path, allowed: Path) -> Any:
    """Two steps; the second fails until a file is there. Each execution leaves a line in a log."""
    return workflow(
        [
            step("a", script(f"echo a >> {log}; echo A", {}, out="File")),
            step(
                "b",
                script(
                    f"echo b >> {log}; test -e {allowed} || exit 3; cat {{x}}",
                    {"x": "File"},
                    out="File",
                ),
                {"x": "a.out"},
            ),
        ],
        {"o": ("File", "b.out")},
    )


def text_of(value: Any) -> str:
    file = from_literal(value)
    assert isinstance(file, File)
    return local_path(file).read_text()


def test_the_outputs_of_a_moved_run_are_found_below_its_new_place(
    execute: Execute, tmp_path: Path
) -> None:
    (tmp_path / "allowed").touch()
    done = execute(chain(tmp_path / "log", tmp_path / "allowed"))
    moved = tmp_path / "an other place"
    done.folder.rename(moved)
    record = load_run(moved)
    assert text_of(record.outputs["o"]) == "A\n"
    assert all(text_of(task.outputs["out"]) == "A\n" for task in record.tasks)
    assert record.folder == status(moved).folder == str(moved)
    assert resume(moved).outputs == record.outputs


def test_a_moved_run_resumes_without_repeating_what_had_finished(
    execute: Execute, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    failed = execute(chain(log, tmp_path / "allowed"))
    assert failed.status == "failed"
    for name in ("second", "third"):  # each session notes where it worked
        moved = tmp_path / name
        shutil.move(failed.folder if name == "second" else tmp_path / "second", moved)
        if name == "third":
            (tmp_path / "allowed").touch()
        record = resume(moved)
    assert record.status == "completed"
    assert log.read_text().split() == ["a", "b", "b", "b"]
    assert text_of(record.outputs["o"]) == "A\n"
    assert str(tmp_path / "third") in local_path(from_literal(record.outputs["o"])).as_posix()  # type: ignore[arg-type]
