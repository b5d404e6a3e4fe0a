"""Tasks that come before there is a place for them: each takes that of one that ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.task import Completion
from tests.engine.backends.test_local_backend import LONG_S, shell, wait_for


@pytest.fixture
def backend() -> Iterator[LocalBackend]:
    with LocalBackend() as started:
        yield started


def told(backend: LocalBackend, count: int) -> list[Completion]:
    found: list[Completion] = []
    while len(found) < count:
        got = backend.wait(LONG_S)
        assert got, f"{len(found)} of {count} were told"
        found += got
    return found


def ended(path: Path) -> None:
    """Wait until the process whose number is in a file has been reaped."""
    wait_for(path)
    pid = int(path.read_text())
    end = time.monotonic() + LONG_S
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end
        time.sleep(0.005)


def most_at_once(ends: list[Completion]) -> int:
    moments = sorted([(c.started, 1) for c in ends] + [(c.ended, -1) for c in ends])
    running = most = 0
    for _, change in moments:
        running += change
        most = max(most, running)
    return most


def test_they_start_in_order_and_never_more_than_there_are_places(
    backend: LocalBackend, tmp_path: Path
) -> None:
    names = [f"n{number}" for number in range(12)]
    tasks = [shell(tmp_path, f"echo {n} >> log; sleep 0.01", name=n) for n in names]
    backend.submit(*tasks[:2], lane="a")
    backend.submit(*tasks[2:], lane="a", ahead=True)
    ends = told(backend, 12)
    assert {c.task_id: c.exit_code for c in ends} == dict.fromkeys(names, 0)
    assert most_at_once(ends) == 2
    assert sorted(ends, key=lambda c: c.started) == sorted(ends, key=lambda c: int(c.task_id[1:]))
    assert backend.running == frozenset()


def test_one_that_comes_after_an_end_that_was_not_heard_of_has_its_place(
    backend: LocalBackend, tmp_path: Path
) -> None:
    backend.submit(shell(tmp_path, "echo $$ > part; mv part pid", name="first"), lane="a")
    ended(tmp_path / "pid")
    backend.submit(shell(tmp_path, "exit 0", name="second"), lane="a", ahead=True)
    assert [c.task_id for c in told(backend, 2)] == ["first", "second"]


def test_a_place_that_the_engine_gave_to_another_is_not_taken(
    backend: LocalBackend, tmp_path: Path
) -> None:
    backend.submit(shell(tmp_path, "exit 0", name="first"), lane="a")
    told(backend, 1)
    backend.submit(shell(tmp_path, "while [ ! -e go ]; do sleep 0.01; done", name="b"), lane="a")
    backend.submit(shell(tmp_path, "exit 0", name="c"), lane="a", ahead=True)
    backend.submit(shell(tmp_path, "exit 0", name="other"), lane="other")
    assert [c.task_id for c in told(backend, 1)] == ["other"]
    (tmp_path / "go").touch()
    b, c = told(backend, 2)
    assert (b.task_id, c.task_id) == ("b", "c")
    assert c.started >= b.ended


def test_an_end_is_not_held_back_for_a_long_task(backend: LocalBackend, tmp_path: Path) -> None:
    backend.submit(shell(tmp_path, "exit 0", name="short"), lane="a")
    long = [shell(tmp_path, "sleep 600", name=f"long{n}") for n in range(4)]
    backend.submit(*long, lane="a", ahead=True)
    assert [c.task_id for c in told(backend, 1)] == ["short"]
    assert backend.running == {task.task_id for task in long}


def test_one_that_cannot_start_passes_its_place_on(backend: LocalBackend, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    tasks = [shell(tmp_path, "", name=f"n{n}", argv=(missing,)) for n in range(3)]
    backend.submit(shell(tmp_path, "exit 0", name="first"), lane="a")
    backend.submit(*tasks, shell(tmp_path, "exit 3", name="last"), lane="a", ahead=True)
    ends = told(backend, 5)
    assert [c.task_id for c in ends] == ["first", "n0", "n1", "n2", "last"]
    assert [c.error is not None for c in ends] == [False, True, True, True, False]
    assert ends[-1].exit_code == 3


def test_those_that_are_cancelled_never_start(backend: LocalBackend, tmp_path: Path) -> None:
    backend.submit(shell(tmp_path, "touch ready; sleep 600", name="first"), lane="a")
    wait_for(tmp_path / "ready")
    tasks = [shell(tmp_path, "touch started", name=f"n{n}") for n in range(3)]
    backend.submit(*tasks, lane="a", ahead=True)
    backend.cancel()
    assert all(c.cancelled for c in told(backend, 4))
    assert not (tmp_path / "started").exists()


def test_one_of_them_can_be_cancelled(backend: LocalBackend, tmp_path: Path) -> None:
    waiting = "touch ready; while [ ! -e go ]; do sleep 0.01; done"
    backend.submit(shell(tmp_path, waiting, name="first"), lane="a")
    wait_for(tmp_path / "ready")
    backend.submit(
        shell(tmp_path, "touch started", name="x"),
        shell(tmp_path, "exit 0", name="y"),
        lane="a",
        ahead=True,
    )
    backend.cancel("x")
    (tmp_path / "go").touch()
    assert {c.task_id: c.cancelled for c in told(backend, 3)} == {
        "first": False,
        "x": True,
        "y": False,
    }
    assert not (tmp_path / "started").exists()


def test_none_starts_when_the_engine_has_gone(tmp_path: Path) -> None:
    with LocalBackend() as backend:
        backend.submit(shell(tmp_path, "touch ready; sleep 600", name="first"), lane="a")
        backend.submit(shell(tmp_path, "touch started", name="x"), lane="a", ahead=True)
        wait_for(tmp_path / "ready")
    assert not (tmp_path / "started").exists()


def test_a_log_can_be_read_while_its_task_runs(backend: LocalBackend, tmp_path: Path) -> None:
    script = "echo begun >&2; while [ ! -e go ]; do sleep 0.01; done; echo done >&2"
    backend.submit(shell(tmp_path, script))
    wait_for(tmp_path / "t.err")
    while (tmp_path / "t.err").read_text() != "begun\n":
        time.sleep(0.005)
    (tmp_path / "go").touch()
    told(backend, 1)
    assert (tmp_path / "t.err").read_text() == "begun\ndone\n"


def test_a_task_blocks_no_signal(backend: LocalBackend, tmp_path: Path) -> None:
    backend.submit(shell(tmp_path, "grep ^SigBlk /proc/self/status", name="t"))
    told(backend, 1)
    assert int((tmp_path / "t.out").read_text().split()[1], 16) == 0


def test_many_short_ones_leave_no_process_and_no_descriptor(
    backend: LocalBackend, tmp_path: Path
) -> None:
    backend.submit(shell(tmp_path, "echo $PPID > parent; mv parent ready", name="first"), lane="a")
    wait_for(tmp_path / "ready")
    pid = (tmp_path / "ready").read_text().strip()
    told(backend, 1)
    descriptors = Path(f"/proc/{pid}/fd")
    open_before = len(list(descriptors.iterdir()))
    count = 0
    for round_ in range(4):
        tasks = [shell(tmp_path, "echo x >&2", name=f"r{round_}-{n}") for n in range(20)]
        backend.submit(tasks[0], lane="a")
        backend.submit(*tasks[1:], lane="a", ahead=True)
        count += len(told(backend, 20))
    assert count == 80
    assert len(list(descriptors.iterdir())) == open_before
    assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""
