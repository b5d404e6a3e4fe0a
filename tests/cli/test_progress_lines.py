"""What is seen of a run on a log that is no terminal."""

import pytest

from fairwf.cli.progress import Lines, Tally
from fairwf.engine.events import (
    AnyEvent,
    ApprovalWanted,
    RunFinished,
    RunStarted,
    TaskFailed,
    TaskFinished,
    TaskQueued,
    TaskStarted,
)

NOW = "2026-01-01T00:00:00+00:00"


def started(key: str) -> list[AnyEvent]:
    return [
        TaskQueued(time=NOW, key=key, process="p"),
        TaskStarted(time=NOW, key=key, attempt=1, command=("x",), folder="f"),
    ]


def test_many_tasks_at_once_are_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines(RunStarted(time=NOW, run_id="1", run_dir="/r", workflow="w"))
    for number in range(500):
        for event in started(f"t[{number}]"):
            lines(event)
        lines(TaskFinished(time=NOW, key=f"t[{number}]", attempt=1))
    lines(RunFinished(time=NOW, status="completed"))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "running w in /r"
    assert said[1].startswith("[1/1] t[0] in ")
    assert said[-1].startswith("completed: 500 tasks done in ")
    assert len(said) <= 5


def test_failures_and_approvals_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines(RunStarted(time=NOW, run_id="1", run_dir="/r", workflow="w"))
    lines(TaskFailed(time=NOW, key="a", attempt=1, message="exit\x1b code 1", will_retry=True))
    lines(TaskFailed(time=NOW, key="a", attempt=2, message="exit code 1"))
    lines(ApprovalWanted(time=NOW, key="release", prompt="Publish?"))
    said = capsys.readouterr().err
    assert "failed: a: exit\\x1b code 1; trying again\n" in said
    assert "failed: a: exit code 1\n" in said
    assert "waiting for approval: Publish?\n  fairwf approve /r release\n" in said
    assert lines.tally.failed == 1


def test_the_tally_names_few_of_many_running_steps() -> None:
    tally = Tally()
    for number in range(6):
        for event in started(f"t[{number}]"):
            tally.hear(event)
    assert tally.now_running() == "t[0], t[1], t[2], t[3] and 2 more"
    assert (tally.ended, tally.expected) == (0, 6)
