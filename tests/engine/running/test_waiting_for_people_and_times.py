"""Approvals, events and times: they survive the end of the engine."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine import approve, cancel, load_run, resume, send_event, status
from fairwf.engine.events import AnyEvent, ApprovalGiven, ApprovalWanted, TaskStarted
from fairwf.ir.workflow import Approval, WaitDuration, WaitEvent, WaitUntil
from fairwf.report import InvalidError, Report, UsageFault
from tests.engine.running.workflows import expr, over, script, step, template, text, workflow

Execute = Callable[..., Any]


def release(log: Path) -> Any:
    steps = [
        step("model", script(f"echo run >> {log}; echo 0.97")),
        step(
            "release",
            script("echo {x} released", {"x": "string"}),
            {"x": "model.out"},
            approval=Approval(prompt=template("Publish ", expr("?x"), "?"), who=("pi",)),
        ),
    ]
    return workflow(steps, {"o": ("string", "release.out")})


def test_a_run_stops_for_an_approval_and_goes_on_in_another_session(
    execute: Execute, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    done = execute(release(log))
    assert done.status == "running" and done.codes == ["FWF4016"]
    assert "fairwf approve" in next(iter(done.report)).hint
    state = status(done.folder)
    assert state.status == "waiting" and not state.alive
    assert [(w.key, w.what, w.text, w.who) for w in state.waiting] == [
        ("release", "approval", "Publish 0.97?", ("pi",))
    ]

    report = Report()
    assert resume(done.folder, report=report).status == "running"

    approve(done.folder, "release", who="pi")
    record = resume(done.folder)
    assert record.status == "completed" and record.outputs["o"].value == "0.97 released"
    assert log.read_text() == "run\n"
    assert status(done.folder).waiting == ()
    assert resume(done.folder) == load_run(done.folder) == record


def test_a_living_engine_hears_an_approval(execute: Execute, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def say_yes() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if (folder / "run.json").exists() and status(folder).waiting:
                assert status(folder).alive
                approve(folder, "release")
                return
            time.sleep(0.02)

    person = threading.Thread(target=say_yes)
    person.start()
    done = execute(release(tmp_path / "log"), run_dir=folder, wait_for_approval=True)
    person.join()
    assert done.outputs == {"o": "0.97 released"}
    assert done.heard(ApprovalWanted) == done.heard(ApprovalGiven) == ["release"]


def test_other_steps_run_while_one_waits(execute: Execute) -> None:
    steps = [
        step("held", script("echo held"), approval=Approval(prompt=text("?"))),
        step("free", script("echo free")),
    ]
    done = execute(workflow(steps, {}))
    assert done.status == "running" and done.heard(TaskStarted) == ["free"]


def test_an_approval_that_nobody_asked_for_is_refused(execute: Execute, tmp_path: Path) -> None:
    done = execute(release(tmp_path / "log"))
    with pytest.raises(UsageFault) as fault:
        approve(done.folder, "relaese")
    assert "release" in str(fault.value)


def test_a_scatter_is_approved_once(execute: Execute) -> None:
    made = step(
        "all",
        script("echo {x}", {"x": "int"}, out="int"),
        {"x": "$x"},
        scatter=over(x="xs"),
        approval=Approval(prompt=text("All?")),
    )
    done = execute(workflow([made], {"o": ("int[]", "all.out")}, {"xs": "int[]"}), {"xs": [1, 2]})
    approve(done.folder, "all")
    assert [item.number for item in resume(done.folder).outputs["o"].items] == [1, 2]


def test_an_event_from_outside(execute: Execute) -> None:
    made = step("a", script("echo on"), wait=WaitEvent(name=text("data arrived")))
    done = execute(workflow([made], {"o": ("string", "a.out")}))
    assert done.status == "running"
    send_event(done.folder, "data arrived")
    assert resume(done.folder).outputs["o"].value == "on"


def test_a_duration_is_waited_for_once(execute: Execute) -> None:
    steps = [
        step("a", script("echo on"), wait=WaitDuration(seconds=expr(0.3))),
        step("b", script("echo off"), {}, after=("a",), approval=Approval(prompt=text("?"))),
    ]
    before = time.time()
    done = execute(workflow(steps, {"o": ("string", "a.out")}))
    assert time.time() - before >= 0.3
    timers = (done.folder / "journal.log").read_text().count('"timer"')
    approve(done.folder, "b")
    resume(done.folder)
    assert timers == (done.folder / "journal.log").read_text().count('"timer"') == 1


@pytest.mark.parametrize(
    ("moment", "ends"), [("2020-01-01T00:00:00+00:00", "completed"), ("soon", "failed")]
)
def test_a_time(execute: Execute, moment: str, ends: str) -> None:
    made = step("a", script("echo on"), wait=WaitUntil(time=text(moment)))
    assert execute(workflow([made], {})).status == ends


def test_cancel_stops_a_living_engine(execute: Execute, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def stop(event: AnyEvent) -> None:
        if isinstance(event, TaskStarted):
            cancel(folder)

    from fairwf.document import Document
    from fairwf.engine import RunOptions, run

    report = Report()
    flow = workflow([step("a", script("sleep 60"))], {})
    before = time.monotonic()
    record = run(Document(workflow=flow), {}, RunOptions(run_dir=folder), stop, report)
    assert time.monotonic() - before < 30
    assert record.status == "cancelled" and [d.code for d in report] == ["FWF4017"]
    with pytest.raises(UsageFault):
        cancel(folder)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    for verb in (resume, status, load_run, cancel):
        with pytest.raises(InvalidError) as fault:
            verb(tmp_path)
        assert fault.value.report.errors[0].code == "FWF4012"
