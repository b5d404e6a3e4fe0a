"""What is seen of a run on a log that is no terminal."""

import io
import re
import sys

import pytest

from fairwf.cli.progress import Lines, Tally, shown
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
    assert said[1].startswith("[1/1 so far] t[0] in ")
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


def test_how_many_there_are_is_said_only_where_it_is_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Lines()
    lines(RunStarted(time=NOW, run_id="1", run_dir="/r", workflow="w", total=9))
    for event in started("a"):
        lines(event)
    lines(TaskFinished(time=NOW, key="a", attempt=1))
    assert "[1/9] a in " in capsys.readouterr().err


def test_what_was_done_earlier_is_counted_and_not_told_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Lines()
    lines(RunStarted(time=NOW, run_id="1", run_dir="/r", workflow="w", resumed=True))
    lines(TaskFinished(time=NOW, key="a", attempt=1, replayed=True))
    lines(RunFinished(time=NOW, status="completed"))
    first, last = capsys.readouterr().err.splitlines()
    assert first == "resuming w in /r"
    assert last.startswith("completed: 1 task done, 1 of them earlier in ")


def failing() -> list[AnyEvent]:
    return [
        RunStarted(time=NOW, run_id="1", run_dir="/r", workflow="w"),
        *started("a"),
        TaskFailed(time=NOW, key="a", attempt=1, message="exit code 1", stderr="/r/logs/a.1/err"),
        RunFinished(time=NOW, status="failed"),
    ]


def expected(said: str) -> None:
    assert "running w in /r\n" in said
    assert "failed: a: exit code 1\n  what it wrote to stderr: /r/logs/a.1/err\n" in said
    assert "\n  after mending the cause: fairwf resume /r\n" in said


def test_logs_and_run_directory_of_a_failed_run_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Lines()
    for event in failing():
        lines(event)
    expected(capsys.readouterr().err)


def test_a_terminal_is_told_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    with shown(quiet=False) as listener:
        assert listener is not None
        for event in failing():
            listener(event)
    said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue()).replace("\r", "\n")
    expected(re.sub(r"(?m)^((starting|tasks) .*)?\n", "", said))
    assert " left" not in said


def test_an_approval_is_not_asked_for_twice(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(quiet=False, asking=False) as listener:
        assert listener is not None
        listener(ApprovalWanted(time=NOW, key="release", prompt="Publish?"))
    assert capsys.readouterr().err == ""
