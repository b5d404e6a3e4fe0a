"""The worker process: what it may do, when it ends, who may use it."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairwf.engine.sandbox import JavaScriptError, Limits, Sandbox

ROOT = Path(__file__).parents[3]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(wall_s=20, cpu_s=10)) as made:
        yield made


def pid_of(sandbox: Sandbox) -> int:
    pid = sandbox.worker_pid()
    assert pid is not None
    return pid


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true in ten seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_one_worker_from_the_first_evaluation_to_the_end(sandbox: Sandbox) -> None:
    assert sandbox.worker_pid() is None
    sandbox.evaluate("1", "expression", {})
    pid = pid_of(sandbox)
    sandbox.evaluate("1", "expression", {})
    with pytest.raises(JavaScriptError):
        sandbox.evaluate("nope", "expression", {})
    assert pid_of(sandbox) == pid
    sandbox.close()
    sandbox.close()
    assert not running(pid)
    assert sandbox.worker_pid() is None
    assert sandbox.evaluate("2", "expression", {}) == 2


def test_the_worker_ends_with_a_forgotten_sandbox() -> None:
    sandbox = Sandbox()
    sandbox.evaluate("1", "expression", {})
    pid = pid_of(sandbox)
    del sandbox
    gc.collect()
    assert not running(pid)


def test_what_the_worker_may_do(sandbox: Sandbox) -> None:
    sandbox.evaluate("1", "expression", {})
    process = Path(f"/proc/{pid_of(sandbox)}")
    limits = {
        line[:25].strip(): line[25:].split()[:2]
        for line in (process / "limits").read_text().splitlines()[1:]
    }
    for name in ("file size", "core file size", "processes", "open files"):
        assert limits[f"Max {name}"] == ["0", "0"]
    assert int(limits["Max address space"][0]) < 2 << 30
    assert (process / "cwd").readlink() == Path("/")
    assert os.getsid(pid_of(sandbox)) == pid_of(sandbox)
    passed = (process / "environ").read_bytes().split(b"\0")
    assert {name.partition(b"=")[0] for name in passed} <= {b"", b"LD_LIBRARY_PATH", b"TZ"}
    targets = [str(link.readlink()) for link in (process / "fd").iterdir()]
    assert all(
        target.startswith("socket:") or target == "/dev/null" or target.endswith("/status")
        for target in targets
    )
    assert len(targets) == 4
    assert "NoNewPrivs:\t1" in (process / "status").read_text()


def test_a_worker_that_was_killed_is_replaced(sandbox: Sandbox) -> None:
    sandbox.evaluate("1", "expression", {})
    os.kill(pid_of(sandbox), signal.SIGKILL)
    assert eventually(lambda: sandbox.worker_pid() is None)
    assert sandbox.evaluate("2", "expression", {}) == 2


def test_a_worker_killed_in_an_evaluation_is_a_crash(sandbox: Sandbox) -> None:
    sandbox.evaluate("1", "expression", {})
    timer = threading.Timer(0.2, os.kill, (pid_of(sandbox), signal.SIGKILL))
    timer.start()
    with pytest.raises(JavaScriptError, match="signal 9") as caught:
        sandbox.evaluate("for (;;);", "body", {})
    timer.join()
    assert caught.value.kind == "crash"
    assert sandbox.evaluate("2", "expression", {}) == 2


ORPHAN = """
import sys, threading, time
from fairwf.engine.sandbox import Limits, Sandbox
sandbox = Sandbox(Limits(wall_s=300, cpu_s=300))
sandbox.evaluate("1", "expression", {})
if sys.argv[1] == "busy":
    threading.Thread(target=sandbox.evaluate, args=("for (;;);", "body", {})).start()
    time.sleep(0.2)
print(sandbox.worker_pid(), flush=True)
time.sleep(300)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
@pytest.mark.parametrize("launcher", [[], ["nohup"]])
def test_no_worker_outlives_its_parent(state: str, launcher: list[str]) -> None:
    parent = subprocess.Popen(
        [*launcher, sys.executable, "-c", ORPHAN, state],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert running(pid)
        parent.kill()
    assert eventually(lambda: not running(pid))


def test_the_thread_that_started_the_worker_may_end(sandbox: Sandbox) -> None:
    starter = threading.Thread(target=sandbox.evaluate, args=("1", "expression", {}))
    starter.start()
    starter.join()
    assert sandbox.evaluate("2", "expression", {}) == 2


def test_the_thread_that_started_the_worker_may_end_in_an_evaluation(sandbox: Sandbox) -> None:
    started, leave = threading.Event(), threading.Event()

    def start() -> None:
        sandbox.evaluate("1", "expression", {})
        started.set()
        leave.wait()

    starter = threading.Thread(target=start)
    starter.start()
    started.wait()
    first = pid_of(sandbox)
    threading.Timer(0.1, leave.set).start()
    code = "for (var t = Date.now(); Date.now() - t < 400;); return 3"
    assert sandbox.evaluate(code, "body", {}) == 3
    starter.join()
    assert pid_of(sandbox) != first


def test_threads_take_turns(sandbox: Sandbox) -> None:
    def double(number: int) -> object:
        return sandbox.evaluate("inputs * 2", "expression", {"inputs": number})

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(double, range(200))) == [2 * number for number in range(200)]


def test_an_interrupted_wait_does_not_shift_the_answers(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.evaluate("1", "expression", {})
    worker = sandbox._worker
    assert worker is not None

    def interrupted(deadline: float) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "_receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sandbox.evaluate("'first'", "expression", {})
    assert sandbox.evaluate("'second'", "expression", {}) == "second"


def test_a_forked_child_starts_a_worker_of_its_own(sandbox: Sandbox) -> None:
    script = """
import os, sys
from fairwf.engine.sandbox import Sandbox
sandbox = Sandbox()
sandbox.evaluate("1", "expression", {})
mine = sandbox.worker_pid()
child = os.fork()
if child == 0:
    right = sandbox.evaluate("40 + 2", "expression", {}) == 42 and sandbox.worker_pid() != mine
    sandbox.close()
    sys.exit(0 if right else 1)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert code == 0, code
assert sandbox.worker_pid() == mine
assert sandbox.evaluate("2", "expression", {}) == 2
assert sandbox.worker_pid() == mine
"""
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_caller_with_the_default_action_for_broken_pipes_lives_on() -> None:
    script = """
import os, signal
from fairwf.engine.sandbox import JavaScriptError, Sandbox
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
sandbox = Sandbox()
sandbox.evaluate("1", "expression", {})
worker = sandbox._worker
worker.alive = lambda: True
os.kill(sandbox.worker_pid(), signal.SIGKILL)
worker._process.wait()
try:
    sandbox.evaluate("'x'", "expression", {"inputs": "x" * 1000000})
except JavaScriptError as error:
    print(error.kind)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "crash\n")


def test_values_of_some_megabytes(sandbox: Sandbox) -> None:
    files = [
        {"class": "File", "path": f"/data/{number}.fastq", "size": number}
        for number in range(50_000)
    ]
    assert sandbox.evaluate("inputs", "expression", {"inputs": files}) == files
