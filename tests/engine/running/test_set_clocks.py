"""Somebody sets the clock while a run goes on: nothing ends too early or late, and order is kept.

libfaketime sets the clock of the engine and of the supervisor of its tasks, by an hour.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from fairwf.document import Document
from fairwf.engine import approve, load_run
from fairwf.engine.clock import Clock, placed
from fairwf.engine.task import Completion
from fairwf.ir.resources import Resources, Retry
from fairwf.ir.workflow import Approval, Handler, WaitDuration, Workflow
from fairwf.trace import Run
from tests.engine.running.workflows import expr, script, step, text, workflow

ROOT = Path(__file__).resolve().parents[3]
HOUR = 3600.0
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
PROGRAM = """
import runpy, select, time
time.sleep = lambda seconds: select.select([], [], [], seconds)  # which libfaketime lets work
runpy.run_module("fairwf", run_name="__main__", alter_sys=True)
"""

needs_faketime = pytest.mark.skipif(
    LIBRARY is None, reason="needs the Debian package faketime (`make test` installs it)"
)

Engine = Callable[..., int]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Run or resume with a clock that goes by `tmp_path/clock`; returns the exit code."""

    def go(*words: object, clock: str) -> int:
        (tmp_path / "clock").write_text(clock)
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *map(str, words), "-q"],
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT}:{ROOT / 'converters'}",
                "LD_PRELOAD": str(LIBRARY),
                "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "clock"),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1",
            },
            stdout=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        return done.returncode

    return go


def times(record: Run) -> list[tuple[str, datetime, datetime]]:
    """When each program began and ended."""
    return [
        (task.id, datetime.fromisoformat(task.started), datetime.fromisoformat(task.ended))
        for task in record.tasks
        if task.started and task.ended
    ]


def in_order(record: Run, events: Path) -> None:
    """No duration is negative or an hour long, and whatever is told later came later."""
    assert record.started and record.ended and record.started <= record.ended
    began = {name: start for name, start, _ in times(record)}
    for name, start, end in times(record):
        assert 0 <= (end - start).total_seconds() < HOUR / 2, name
        assert record.started <= start.isoformat(timespec="milliseconds"), name
    told = [json.loads(line)["time"] for line in events.read_text().splitlines()]
    assert told == sorted(told)
    ends = {name: end for name, _, end in times(record)}
    for before, after in pairwise(["set", "next", "back", "last"]):
        if before in ends and after in began:
            assert ends[before] <= began[after]


def set_twice(clock: Path, log: Path, first: str, second: str) -> Workflow:
    """Steps between which the clock is set, there and back, while another runs and others wait."""

    def limit(seconds: float) -> Resources:
        return Resources(time=expr(seconds))

    retry = Retry(attempts=expr(3), delay=0.3)
    flaky = script(f"echo x >> {log}; test $(wc -l < {log}) -ge 3", out="")
    too_slow = Handler(event="timeout", then="continue", run=script("echo over"))
    never = script("sleep 60", resources=limit(0.3))
    pause = WaitDuration(seconds=expr(0.3))
    there = script(f"printf '{first}' > {clock}; sleep 0.2; echo 1")
    back = script(f"printf '{second}' > {clock}; sleep 0.2; echo 1")
    said = script("echo {x}", {"x": "string"})
    steps = [
        step("long", script("sleep 2; echo long", resources=limit(60))),
        step("set", there),
        step("next", said, {"x": "set.out"}),
        step("slept", script("echo 1"), after=("set",), wait=pause),
        step("again", flaky, after=("set",), retry=retry),
        step("limited", never, handlers=(too_slow,), after=("set",)),
        step("back", back, after=("again", "slept")),
        step("last", said, {"x": "back.out"}),
    ]
    return workflow(steps, {"o": ("string", "last.out"), "l": ("string", "limited.out")})


@needs_faketime
@pytest.mark.parametrize(("first", "second"), [("+1h", "+0"), ("-1h", "+0")])
def test_an_hour_both_ways_while_a_run_goes_on(
    engine: Engine, tmp_path: Path, first: str, second: str
) -> None:
    flow, log = tmp_path / "flow.ir.json", tmp_path / "log"
    root = set_twice(tmp_path / "clock", log, first, second)
    flow.write_bytes(Document(workflow=root).encode())
    events = tmp_path / "events.jsonl"
    options = ("--cores", 4, "--run-dir", tmp_path / "run", "--events", events)
    assert engine("run", flow, *options, clock="+0") == 0
    record = load_run(tmp_path / "run")
    assert record.status == "completed"
    in_order(record, events)
    lasted = {name: (end - start).total_seconds() for name, start, end in times(record)}
    assert lasted["long"] >= 2 and lasted["set"] >= 0.2
    assert log.read_text() == "x\n" * 3
    assert record.outputs["l"].value == "over"
    failed = [task.id for task in record.tasks if task.status == "failed"]
    assert sorted(failed) == ["again@1", "again@2", "limited"]


@needs_faketime
@pytest.mark.parametrize("clock", ["+1h", "-1h"])
def test_an_hour_both_ways_between_run_and_resume(
    engine: Engine, tmp_path: Path, clock: str
) -> None:
    said = script("sleep 0.1; echo {x}", {"x": "string"})
    approval = Approval(prompt=text("Go on?"))
    steps = [
        step("set", script("echo 1")),
        step("asked", said, {"x": "set.out"}, approval=approval),
        step("slept", script("echo 1"), after=("set",), wait=WaitDuration(seconds=expr(0.2))),
        step("last", said, {"x": "asked.out"}),
    ]
    flow, run_dir, events = tmp_path / "flow.ir.json", tmp_path / "run", tmp_path / "events"
    root = workflow(steps, {"o": ("string", "last.out")})
    flow.write_bytes(Document(workflow=root).encode())
    options = ("--run-dir", run_dir, "--events", events, "--no-wait")
    assert engine("run", flow, *options, clock="+0") == 130
    approve(run_dir, "asked", who="somebody")
    assert engine("resume", run_dir, clock=clock) == 0
    record = load_run(run_dir)
    in_order(record, events)
    assert len(record.tasks) == len(steps)


def test_a_clock_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    before = clock()
    monkeypatch.setattr("time.time", lambda: before - HOUR)
    assert before <= clock() < before + HOUR / 2
    later = Clock(not_before=before)
    assert before <= later() < before + HOUR / 2


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        pytest.param((100.0, 105.0), (100.0, 105.0), id="it fits"),
        pytest.param((4000.0, 4005.0), (105.0, 110.0), id="by a clock that is ahead"),
        pytest.param((-4000.0, -3995.0), (90.0, 95.0), id="by a clock that is behind"),
        pytest.param((100.0, 3700.0), (90.0, 110.0), id="by one that was set forward meanwhile"),
        pytest.param((100.0, -3500.0), (100.0, 100.0), id="by one that was set back meanwhile"),
    ],
)
def test_times_of_a_task_lie_between_its_submission_and_now(
    measured: tuple[float, float], shown: tuple[float, float]
) -> None:
    completion = Completion(task_id="a", exit_code=0, started=measured[0], ended=measured[1])
    found = placed(completion, submitted=90.0, now=110.0)
    assert (found.started, found.ended) == shown
