"""Processes of this machine: started, timed, ended, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.task import Completion, PreparedTask

LONG_S = 60.0
"""How long a test waits for something that comes at once; only a failure waits so long."""


@pytest.fixture
def backend() -> Iterator[LocalBackend]:
    with LocalBackend() as started:
        yield started


def shell(folder: Path, script: str, name: str = "t", **options: Any) -> PreparedTask:
    folder.mkdir(parents=True, exist_ok=True)
    values: dict[str, Any] = {
        "env": {"PATH": "/usr/bin:/bin"},
        "stdin": None,
        "stdout": folder / f"{name}.out",
        "stderr": folder / f"{name}.err",
        "argv": ("/bin/sh", "-c", script),
    }
    values |= options
    for stream in ("stdin", "stdout", "stderr"):
        values[stream] = values[stream] and str(values[stream])
    return PreparedTask(task_id=name, command=values["argv"], cwd=str(folder), **values)


def run(backend: LocalBackend, task: PreparedTask) -> Completion:
    backend.submit(task)
    (completion,) = backend.wait(LONG_S)
    return completion


def is_alive(pid: int) -> bool:
    """True for a process that runs; one that ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def has_ended(pid: int) -> bool:
    """Wait until a process has ended, by the kernel's own notice."""
    import select

    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        return bool(waiting.poll(LONG_S * 1000))
    finally:
        os.close(descriptor)


def test_a_process_gets_its_streams_folder_and_environment_and_nothing_else(
    backend: LocalBackend, tmp_path: Path
) -> None:
    (tmp_path / "in").write_text("from stdin\n")
    task = shell(
        tmp_path / "work",
        'cat; pwd; echo oops >&2; echo "[$X]"; env -0 | tr "\\0" "\\n" | cut -d= -f1 | sort',
        stdin=tmp_path / "in",
        env={"PATH": "/usr/bin:/bin", "X": "a b\n'c"},
    )
    completion = run(backend, task)
    assert completion.exit_code == 0
    out = (tmp_path / "work" / "t.out").read_text()
    assert out.startswith(f"from stdin\n{tmp_path / 'work'}\n[a b\n'c]\n")
    assert "HOME" not in out
    assert (tmp_path / "work" / "t.err").read_text() == "oops\n"
    assert completion.ended >= completion.started
    assert completion.max_rss_kib is not None
    assert completion.max_rss_kib > 0
    assert completion.cpu_user_s is not None


@pytest.mark.parametrize(
    ("script", "declared", "logged"),
    [
        ("true", False, False),
        ("echo text", False, None),
        ("echo text >&2", False, None),
        ("echo text", True, False),
        ("echo text >&2", True, None),
    ],
)
def test_a_completion_tells_of_logs_that_nothing_was_written_to(
    backend: LocalBackend, tmp_path: Path, script: str, declared: bool, logged: bool | None
) -> None:
    task = shell(tmp_path, script, stdout_declared=declared)
    assert run(backend, task).logged is logged
    assert (tmp_path / "t.err").exists() is ("&2" in script)
    assert (tmp_path / "t.out").exists() is (declared or script == "echo text")


@pytest.mark.parametrize(
    ("script", "code", "by_signal"),
    [("exit 0", 0, None), ("exit 7", 7, None), ("kill -9 $$", 137, 9), ("kill -TERM $$", 143, 15)],
)
def test_exit_codes(
    backend: LocalBackend, tmp_path: Path, script: str, code: int, by_signal: int | None
) -> None:
    completion = run(backend, shell(tmp_path, script))
    assert (completion.exit_code, completion.signal) == (code, by_signal)
    assert not completion.cancelled
    assert not completion.timed_out


def test_many_at_once_are_all_reported(backend: LocalBackend, tmp_path: Path) -> None:
    for number in range(100):
        backend.submit(shell(tmp_path, f"exit {number}", name=str(number)))
    codes: dict[str, int] = {}
    while backend.running or len(codes) < 100:
        codes |= {done.task_id: done.exit_code for done in backend.wait(LONG_S)}
    assert codes == {str(number): number for number in range(100)}


def test_waiting_with_nothing_running_returns_at_once(backend: LocalBackend) -> None:
    assert backend.wait() == []


def test_waiting_ends_when_its_time_is_over(backend: LocalBackend, tmp_path: Path) -> None:
    backend.submit(shell(tmp_path, "", argv=("/bin/sleep", "600")))
    assert backend.wait(0.01) == []
    assert backend.running == {"t"}


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("/no/such/program",), "No such file"),
        (("/etc/passwd",), "Permission denied"),
    ],
)
def test_what_cannot_be_started_is_reported(
    backend: LocalBackend, tmp_path: Path, argv: tuple[str, ...], words: str
) -> None:
    completion = run(backend, shell(tmp_path, "", argv=argv))
    assert completion.exit_code == 127
    assert completion.error is not None
    assert words in completion.error


def test_a_text_without_interpreter_is_no_program(backend: LocalBackend, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("echo hello\n")
    program.chmod(0o755)
    completion = run(backend, shell(tmp_path, "", argv=(str(program),)))
    assert completion.error == "Exec format error"


def test_a_log_is_a_file_only_when_something_is_written(
    backend: LocalBackend, tmp_path: Path
) -> None:
    logs = tmp_path / "logs" / "t"
    task = shell(tmp_path, "echo oops >&2", stdout=logs / "stdout", stderr=logs / "stderr")
    assert run(backend, task).exit_code == 0
    assert [path.name for path in logs.iterdir()] == ["stderr"]
    assert (logs / "stderr").read_text() == "oops\n"


def test_an_output_that_is_declared_is_a_file_in_any_case(
    backend: LocalBackend, tmp_path: Path
) -> None:
    run(backend, shell(tmp_path, "", stdout_declared=True))
    assert (tmp_path / "t.out").read_bytes() == b""


def test_a_log_is_whole_when_its_task_is_reported(backend: LocalBackend, tmp_path: Path) -> None:
    run(backend, shell(tmp_path, "head -c 3000000 /dev/zero; echo end >&2"))
    assert (tmp_path / "t.out").stat().st_size == 3_000_000
    assert (tmp_path / "t.err").read_text() == "end\n"


def test_a_log_is_not_written_through_a_symlink(backend: LocalBackend, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (tmp_path / "t.out").symlink_to(precious)
    run(backend, shell(tmp_path, "echo overwritten"))
    assert precious.read_text() == "keep me"


def test_more_logs_than_descriptors(backend: LocalBackend, tmp_path: Path) -> None:
    for number in range(450):
        backend.submit(shell(tmp_path, f"sleep 0.2; echo {number}", name=str(number)))
    left = 450
    while left:
        done = backend.wait(LONG_S)
        assert [one.error for one in done if one.error] == []
        left -= len(done)
    texts = {path.read_text() for path in tmp_path.glob("*.out")}
    assert texts == {f"{number}\n" for number in range(450)}


def test_output_is_never_written_through_a_symlink(backend: LocalBackend, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (tmp_path / "t.out").symlink_to(precious)
    completion = run(backend, shell(tmp_path, "echo overwritten", stdout_declared=True))
    assert completion.error is not None
    assert precious.read_text() == "keep me"


def test_both_streams_may_go_to_one_file(backend: LocalBackend, tmp_path: Path) -> None:
    both = tmp_path / "both"
    run(backend, shell(tmp_path, "echo a; echo b >&2; echo c", stdout=both, stderr=both))
    assert both.read_text() == "a\nb\nc\n"


def test_hostile_arguments_arrive_as_they_are(backend: LocalBackend, tmp_path: Path) -> None:
    words = ("a b", "'", '"', "\n", "$(touch x)", "-n", "ünï", "*", "", "\udcff")
    task = shell(tmp_path, "", argv=("/usr/bin/printf", "%s\\0", *words))
    run(backend, task)
    assert (tmp_path / "t.out").read_bytes() == b"".join(os.fsencode(w) + b"\0" for w in words)


# --- ends -------------------------------------------------------------------------------------

FAMILY = """
sleep 600 & echo $! > child
setsid sleep 600 & echo $! > stray
echo $$ > leader
mv leader ready
"""


def wait_for(path: Path) -> None:
    """Wait until a file appears. A pipe would be shorter, but the task must not know the test."""
    import time

    end = time.monotonic() + LONG_S
    while not path.exists():
        assert time.monotonic() < end, f"{path} never appeared"
        time.sleep(0.005)


def test_a_time_limit_ends_the_whole_group(backend: LocalBackend, tmp_path: Path) -> None:
    task = shell(tmp_path, "sleep 600 & echo $! > child; wait", time_limit_s=0.3)
    completion = run(backend, task)
    assert completion.timed_out
    assert completion.exit_code == 128 + signal.SIGTERM
    assert has_ended(int((tmp_path / "child").read_text()))


def test_cancelling_one_leaves_the_others(backend: LocalBackend, tmp_path: Path) -> None:
    for name in ("a", "b"):
        backend.submit(shell(tmp_path / name, "touch ready; sleep 600 & wait", name=name))
        wait_for(tmp_path / name / "ready")
    backend.cancel("a")
    (completion,) = backend.wait(LONG_S)
    assert completion.task_id == "a"
    assert completion.cancelled
    assert backend.running == {"b"}
    backend.cancel()
    (completion,) = backend.wait(LONG_S)
    assert (completion.task_id, completion.cancelled) == ("b", True)


def test_what_a_task_leaves_in_its_group_ends_with_it(
    backend: LocalBackend, tmp_path: Path
) -> None:
    completion = run(backend, shell(tmp_path, "sleep 600 >/dev/null 2>&1 & echo $! > child"))
    assert completion.exit_code == 0
    assert has_ended(int((tmp_path / "child").read_text()))


def test_closing_ends_everything_even_what_left_its_group(tmp_path: Path) -> None:
    with LocalBackend() as backend:
        backend.submit(shell(tmp_path, FAMILY + "wait"))
        wait_for(tmp_path / "ready")
    for name in ("ready", "child", "stray"):
        assert not is_alive(int((tmp_path / name).read_text())), name


ENGINE = """
import sys, time
from pathlib import Path
from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.task import PreparedTask

folder = Path(sys.argv[1])
backend = LocalBackend()
backend.submit(PreparedTask(
    task_id="t", argv=("/bin/sh", "-c", sys.argv[2]), command=(), cwd=str(folder), stdin=None,
    env={"PATH": "/usr/bin:/bin"}, stdout=f"{folder}/out", stderr=f"{folder}/err",
))
backend.wait()
"""


def test_nothing_outlives_an_engine_that_is_killed(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    engine = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ENGINE), str(tmp_path), FAMILY + "wait"],
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    wait_for(tmp_path / "ready")
    engine.kill()
    engine.wait()
    for name in ("ready", "child", "stray"):
        assert has_ended(int((tmp_path / name).read_text())), name


def test_a_supervisor_that_dies_is_told(backend: LocalBackend, tmp_path: Path) -> None:
    from fairwf.report import EnvironmentFault

    task = shell(tmp_path, "echo $PPID > parent; mv parent ready; sleep 1; exit 0")
    backend.submit(task)
    wait_for(tmp_path / "ready")
    os.kill(int((tmp_path / "ready").read_text()), signal.SIGKILL)
    with pytest.raises(EnvironmentFault, match="supervisor of tasks has died"):
        backend.wait(LONG_S)


def test_a_large_request_and_many_completions_do_not_block_each_other(
    backend: LocalBackend, tmp_path: Path
) -> None:
    for number in range(30):
        env = {"PATH": "/bin", **{f"V{i}": "x" * 60_000 for i in range(10)}}
        backend.submit(shell(tmp_path, "exit 0", name=f"n{number}", env=env))
    done = 0
    while backend.running or done < 30:
        done += len(backend.wait(LONG_S))
    assert done == 30
