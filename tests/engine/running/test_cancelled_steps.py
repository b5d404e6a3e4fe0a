"""Steered ensembles: what runs and is not wanted any more is ended, and stays so."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fairwf.engine
from fairwf.check import check
from fairwf.document import Document
from fairwf.engine.events import StepCancelled, TaskCancelled, TaskFinished
from fairwf.ir.expressions import Each
from fairwf.ir.resources import Retry
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Handler, Step, WaitDuration, Workflow
from fairwf.report import Report
from tests.engine.running.workflows import call, expr, over, script, step, text, workflow

Execute = Callable[..., Any]
X = {"x": "int"}
# The three is there at once, the others would take a minute. It comes first, for places (such as a
# job of a cluster) where they run one after the other.
RACE = "test {x} -lt 3 && sleep 60; echo {x}"
ONE_IS_THERE = call("greater", call("length", call("all_defined", call("so_far", "race.out"))), 0)

WINNER = call("first_defined", call("collect", "race.out"))


def race(body: str = RACE, **more: Any) -> Step:
    more.setdefault("run", script(body, X, out="int"))
    return step(
        "race", more.pop("run"), {"x": "$x"},
        scatter=over("stream", x=call("to_stream", "numbers")),
        cancel=ONE_IS_THERE, **more,
    )  # fmt: skip


def ensemble(made: Step, *steps: Step, **outputs: Any) -> Workflow:
    asked = {"all": ("int?[]", call("collect", "race.out")), **outputs}
    return workflow([made, *steps], asked, {"numbers": "int[]"})


def test_the_losers_of_an_ensemble_are_cancelled(execute: Execute) -> None:
    flow = ensemble(
        race(),
        step("next", script("echo {x}", X), {"x": WINNER}),
        won=("string", "next.out"),
    )  # fmt: skip
    assert [str(found) for found in check(Document(workflow=flow), Report())] == []
    began = time.monotonic()
    done = execute(flow, {"numbers": [3, 1, 2]}, cores=3)
    assert done.outputs == {"all": [3, None, None], "won": "3"}
    assert done.report.ok and time.monotonic() - began < 30
    assert sorted(done.heard(StepCancelled)) == ["race[1]", "race[2]"]
    assert sorted(done.heard(TaskCancelled)) == ["race[1]", "race[2]"]
    status = {task.id: task.status for task in done.record.tasks}
    assert status == {
        "race[0]": "completed",
        "race[1]": "cancelled",
        "race[2]": "cancelled",
        "next": "completed",
    }


def test_what_waits_for_a_core_is_cancelled_too(execute: Execute) -> None:
    done = execute(ensemble(race()), {"numbers": [3, 1, 2, 1, 2, 1]}, cores=1)
    assert done.outputs == {"all": [3, None, None, None, None, None]}
    assert len(done.heard(StepCancelled)) == 5


def test_what_is_cancelled_is_neither_tried_again_nor_handled(
    execute: Execute, tmp_path: Path
) -> None:
    undo = Handler(event="any", run=script(f"echo handled > {tmp_path}/log"), then="continue")
    made = race(retry=Retry(attempts=expr(3)), handlers=(undo,))
    done = execute(ensemble(made), {"numbers": [3, 1]}, cores=2)
    assert done.outputs == {"all": [3, None]} and not (tmp_path / "log").exists()
    assert len(done.record.tasks) == 2


def test_a_whole_subworkflow_is_cancelled_also_where_it_only_waits(execute: Execute) -> None:
    member = workflow(
        [
            step(
                "rest", script("echo {x}", X), {"x": "x"},
                wait=WaitDuration(seconds=call("multiply", 60, call("subtract", 3, "x"))),
            ),
            step("last", script("echo {x}", {"x": "string"}, out="int"), {"x": "rest.out"}),
        ],
        {"out": ("int", "last.out")},
        X,
    )  # fmt: skip
    done = execute(ensemble(race(run=member)), {"numbers": [3, 1, 2]}, cores=2)
    assert done.outputs == {"all": [3, None, None]}
    assert done.heard(TaskFinished) == ["race[0]/rest", "race[0]/last"]


def test_a_resumed_run_cancels_the_same_and_repeats_nothing(
    execute: Execute, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    flow = ensemble(
        race(),
        step("last", script(f"test -e {gate}; echo $?"), after=("race",)),
        step("must", script(f"test -e {gate}"), after=("race",)),
        code=("string", "last.out"),
    )
    first = execute(flow, {"numbers": [3, 1, 2]}, cores=3)
    assert first.status == "failed" and len(first.heard(TaskCancelled)) == 2
    gate.touch()
    heard: list[Any] = []
    again = fairwf.engine.resume(first.folder, heard.append)
    assert again.status == "completed"
    assert from_literal(again.outputs["all"]) == [3, None, None]
    assert {e.key for e in heard if isinstance(e, TaskFinished) and not e.replayed} == {"must"}
    assert not any(isinstance(event, TaskCancelled) for event in heard)


def test_a_step_is_cancelled_by_what_another_one_gives(execute: Execute) -> None:
    called = call("equal", "judge.out", text("stop"))
    steps = [
        step("judge", script("sleep 0.2; echo stop")),
        step("slow", script("sleep 60; echo slow"), cancel=called),
    ]  # fmt: skip
    done = execute(workflow(steps, {"o": ("string?", "slow.out")}), cores=2)
    assert done.outputs == {"o": None} and done.report.ok


def test_what_is_no_truth_value_fails_the_step(execute: Execute) -> None:
    steps = [step("a", script("sleep 0.3; echo a"), cancel=expr(1))]
    done = execute(workflow(steps, {"o": ("string?", "a.out")}))
    assert done.status == "failed" and done.codes == ["FWF4002"]
    assert "what cancels 'a' is no truth value" in done.record.error


def test_only_what_cancels_may_see_what_has_arrived_so_far() -> None:
    made = Each(name="x", over=call("so_far", "race.out"), body=expr("$x"))
    report = check(Document(workflow=ensemble(race(), now=("int?[]", made))), Report())
    assert [found.code for found in report] == ["FWF2011"]
