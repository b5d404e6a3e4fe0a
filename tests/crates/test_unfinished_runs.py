"""What a crate says of steps that were repeated, interrupted, or never came to an end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.engine import load_run
from fairwf.ir.expressions import IntLit
from fairwf.report import Report
from fairwf.trace import Run, Task
from tests.crates.example_run import example_run

COMPLETED = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"

SLOW = """cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}}
inputs: {ts: "int[]"}
outputs: []
steps:
  a:
    scatter: t
    in: {t: ts}
    out: []
    run:
      class: CommandLineTool
      inputs: {t: {type: int, inputBinding: {position: 1}}}
      baseCommand: sleep
      outputs: []
"""


def entities(crate: Path) -> dict[str, dict[str, Any]]:
    graph = json.loads((crate / "ro-crate-metadata.json").read_bytes())["@graph"]
    return {entity["@id"]: entity for entity in graph}


def packaged(run: Run, folder: Path, **options: Any) -> dict[str, dict[str, Any]]:
    package_run(run, folder / "crate", PackageOptions(**options))
    return entities(folder / "crate")


def attempts(run: Run, *statuses: str) -> Run:
    """The run with as many attempts at gathering; the last of them ended the run."""
    gather = next(task for task in run.tasks if task.id == "gather")
    more: list[Task] = []
    for number, status in enumerate(statuses, 1):
        last = number == len(statuses)
        error = f"'gather' ended with exit code {number}" if status == "failed" else None
        more.append(
            msgspec.structs.replace(
                gather,
                id="gather" if last else f"gather@{number}",
                attempt=number,
                status=status,
                error=error,
                ended=None if status == "interrupted" else gather.ended,
                outputs=gather.outputs if status == "completed" else {},
            )
        )
    tasks = (*(task for task in run.tasks if task.id != "gather"), *more)
    return msgspec.structs.replace(run, tasks=tasks)


@pytest.mark.parametrize("most", [5000, 3])
def test_a_step_has_the_status_of_its_last_attempts(tmp_path: Path, most: int) -> None:
    run = attempts(example_run(tmp_path / "run"), "failed", "interrupted", "completed")
    told = packaged(run, tmp_path, most_tasks=most)
    control = next(e for i, e in told.items() if i.startswith("#control/") and "gather" in i)
    assert (control["actionStatus"], control.get("error")) == (COMPLETED, None)
    if most == 3:
        shown = told["#executions/gather"]
        assert shown["description"] == "All executions together: 1 completed, 2 retried."
        assert shown["actionStatus"] == COMPLETED
    else:
        assert told["#action/gather"]["actionStatus"] == FAILED
        cut = told["#action/gather/attempt%202"]
        assert "startTime" in cut
        assert not {"endTime", "actionStatus", "error"} & set(cut)


@pytest.mark.parametrize("most", [5000, 3])
def test_a_step_tells_why_each_of_its_parts_failed(tmp_path: Path, most: int) -> None:
    run = example_run(tmp_path / "run", fails=True)
    gather = next(task for task in run.tasks if task.id == "gather")
    more = tuple(
        msgspec.structs.replace(gather, id=f"g{n}", index=(str(n),), error=f"reason {n}")
        for n in range(7)
    )
    tasks = (*(task for task in run.tasks if task.id != "gather"), *more)
    told = packaged(msgspec.structs.replace(run, tasks=tasks), tmp_path, most_tasks=most)
    control = next(e for i, e in told.items() if i.startswith("#control/") and "gather" in i)
    assert control["error"] == "reason 0; reason 1; reason 2; reason 3; reason 4; and 2 more"


def test_a_scatter_that_was_stopped_is_not_called_complete(tmp_path: Path) -> None:
    """Items that never began leave no trace; where the next step ran, none were missing."""
    run = example_run(tmp_path / "run")
    stopped = msgspec.structs.replace(run, status="interrupted", ended=None, outputs={})
    told = packaged(stopped, tmp_path)
    assert told["#control/run/analyse"]["actionStatus"] == COMPLETED
    early = tuple(task for task in run.tasks if task.id not in ("gather", "extra"))
    told = packaged(msgspec.structs.replace(stopped, tasks=early), tmp_path / "early")
    assert "actionStatus" not in told["#control/run/analyse"]
    assert not {"actionStatus", "endTime", "error"} & set(told["#run"])


def begun(folder: Path) -> subprocess.Popen[bytes]:
    """Start a run of which the second item sleeps long, and wait until that is recorded."""
    (folder / "slow.cwl").write_text(SLOW)
    words = ["run", "slow.cwl", "--ts", "0", "--ts", "600", "--run-dir", "run", "-q"]
    process = subprocess.Popen(
        [sys.executable, "-m", "fairwf", *words], cwd=folder, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        log = folder / "run/journal.log"
        text = log.read_text() if log.exists() else ""
        if '"done"' in text and text.count('"started"') >= 2 and '"time"' in text:
            return process
        time.sleep(0.1)
    process.kill()
    raise AssertionError("the run did not begin")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_execution_that_was_cut_off_has_a_start_and_no_end(tmp_path: Path, how: int) -> None:
    process = begun(tmp_path)
    try:
        told = packaged(load_run(tmp_path / "run"), tmp_path / "running")
        assert load_run(tmp_path / "run").tasks[-1].status == "running"
        assert "actionStatus" not in told["#run"]
    finally:
        os.kill(process.pid, how)
        process.wait()
    run, report = load_run(tmp_path / "run"), Report()
    assert [task.status for task in run.tasks] == ["completed", "interrupted"]
    assert run.tasks[-1].inputs == {"t": IntLit(value=600)}
    package_run(run, tmp_path / "crate", report=report)
    told = entities(tmp_path / "crate")
    cut = told["#action/a/item%201"]
    given = told[cut["object"]["@id"]]
    assert (given["name"], given["value"]) == ("t", 600)
    assert "startTime" in cut
    assert not {"endTime", "actionStatus", "error"} & set(cut)
    assert not {"endTime", "actionStatus"} & set(told["#control/run/a"])
    (warning,) = (d.message for d in report if d.code == "FWF5018")
    if how == signal.SIGKILL:
        assert run.status == "interrupted"
        assert not {"actionStatus", "error", "endTime"} & set(told["#run"])
        assert "its engine is gone" in warning
    else:
        assert run.status == "cancelled"
        assert told["#run"]["error"] == "interrupted by a signal"
        assert "was interrupted by a signal" in warning
