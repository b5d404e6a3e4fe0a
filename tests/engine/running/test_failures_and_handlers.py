"""Errors are values: others finish, root causes are told, retries and handlers take over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.engine.events import TaskFailed, TaskFinished
from fairwf.ir.expressions import Attr, Local
from fairwf.ir.resources import Resources, Retry
from fairwf.ir.workflow import Handler, Operation
from tests.engine.running.workflows import call, expr, over, pure, script, step, text, workflow

Execute = Callable[..., Any]
X = {"x": "string"}


def test_other_items_finish_and_the_root_cause_is_told_once(execute: Execute) -> None:
    risky = script("test {x} != b && echo {x}", X)
    steps = [
        step("risky", risky, {"x": "$x"}, scatter=over(x="words")),
        step("after", script("echo {x}", X), {"x": call("join", "risky.out", text(","))}),
        step("last", script("echo {x}", X), {"x": "after.out"}),
        step("free", script("sleep 0.1; echo free")),
    ]
    done = execute(
        workflow(steps, {"o": ("string", "last.out")}, {"words": "string[]"}),
        {"words": ["a", "b", "c"]},
    )
    assert done.status == "failed"
    assert set(done.heard(TaskFinished)) == {"risky[0]", "risky[2]", "free"}
    assert done.codes == ["FWF4001"]
    assert next(iter(done.report)).path == "risky[1]"
    failed = [task for task in done.record.tasks if task.status == "failed"]
    assert [(t.id, t.exit_code) for t in failed] == [("risky[1]", 1)]


def test_a_failed_step_fails_the_run_even_if_no_output_needs_it(execute: Execute) -> None:
    steps = [step("bad", script("exit 3")), step("good", script("echo fine"))]
    done = execute(workflow(steps, {"o": ("string", "good.out")}))
    assert done.status == "failed" and done.codes == ["FWF4001"]


def test_a_failed_task_is_tried_again(execute: Execute, tmp_path: Path) -> None:
    count = tmp_path / "count"
    body = f"echo x >> {count}; test $(wc -l < {count}) -ge 3 && echo done"
    made = step("flaky", script(body), retry=Retry(attempts=expr(4), delay=0.01, backoff=2))
    done = execute(workflow([made], {"o": ("string", "flaky.out")}))
    assert done.outputs == {"o": "done"}
    assert [(t.id, t.status) for t in done.record.tasks] == [
        ("flaky@1", "failed"),
        ("flaky@2", "failed"),
        ("flaky", "completed"),
    ]
    assert [e.will_retry for e in done.events if isinstance(e, TaskFailed)] == [True, True]


def test_only_the_named_exit_codes_are_tried_again(execute: Execute, tmp_path: Path) -> None:
    body = f"echo x >> {tmp_path}/count; exit 2"
    process = script(body, retry=Retry(attempts=expr(5), exit_codes=(75,)))
    assert execute(workflow([step("a", process)], {})).status == "failed"
    assert (tmp_path / "count").read_text() == "x\n"


def test_a_handler_continues_with_outputs_of_its_own(execute: Execute) -> None:
    fallback = script("echo {why}", {"why": "string"})
    handler = Handler(
        event="failure",
        run=fallback,
        inputs={"why": call("to_string", Attr(of=Local(name="error"), name="exit_code"))},
        then="continue",
    )
    steps = [
        step("risky", script("exit 7"), handlers=(handler,)),
        step("next", script("echo got {x}", X), {"x": "risky.out"}),
    ]
    done = execute(workflow(steps, {"o": ("string", "next.out")}))
    assert done.outputs == {"o": "got 7"} and done.report.ok


def test_a_handler_without_process_continues_with_none(execute: Execute) -> None:
    made = step("a", script("exit 1"), handlers=(Handler(event="any", then="continue"),))
    done = execute(workflow([made], {"o": ("string?", "a.out")}))
    assert done.status == "completed" and done.outputs == {"o": None}


def test_compensation_runs_and_the_step_still_fails(execute: Execute, tmp_path: Path) -> None:
    undo = Handler(event="any", run=script(f"echo undone > {tmp_path}/log"))
    done = execute(workflow([step("a", script("exit 1"), handlers=(undo,))], {}))
    assert done.status == "failed" and done.codes == ["FWF4001"]
    assert (tmp_path / "log").read_text() == "undone\n"


def test_a_time_limit_is_an_event_of_its_own(execute: Execute) -> None:
    slow = script("sleep 60", resources=Resources(time=expr(0.2)))
    steps = [
        step(
            "slow",
            slow,
            handlers=(
                Handler(event="failure", run=script("echo failed"), then="continue"),
                Handler(event="timeout", run=script("echo too slow"), then="continue"),
            ),
        )
    ]
    assert execute(workflow(steps, {"o": ("string", "slow.out")})).outputs == {"o": "too slow"}


def test_an_operation_cannot_run(execute: Execute) -> None:
    done = execute(workflow([step("abstract", Operation(label="Assemble"))], {}))
    assert done.codes == ["FWF4006"] and "Assemble" in done.record.error


def test_a_failing_expression_names_its_step(execute: Execute) -> None:
    broken = pure({"x": "int"}, y=("float", call("divide", 1, "x")))
    done = execute(workflow([step("a", broken, {"x": 0})], {"y": ("float", "a.y")}))
    assert done.status == "failed" and done.codes == ["FWF4002"]
    assert "by zero" in done.record.error


def test_steps_that_wait_for_each_other_are_told_as_a_cycle(execute: Execute) -> None:
    echo = script("echo {x}", X)
    steps = [step("a", echo, {"x": "b.out"}), step("b", echo, {"x": "a.out"})]
    done = execute(workflow(steps, {"o": ("string", "a.out")}))
    assert done.status == "failed" and done.codes == ["FWF4004"]
    assert "a -> b -> a" in done.record.error or "b -> a -> b" in done.record.error
