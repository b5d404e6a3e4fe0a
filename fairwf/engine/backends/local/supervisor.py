"""Owns the processes of tasks: started by path as a process of its own, standard library only.

Never imported by fairwf. File descriptor 0 is a socket to the engine; each message is a line of
JSON (``backend.py`` says which). When the engine ends, however it ends, the socket closes, and then
every process that a task has started is ended too: the supervisor is their subreaper, so even those
that left their process group are its children.

One thread, no polling: it sleeps in ``select`` until a message, a child's end or a time limit.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

GRACE_S = 5.0
STOP_S = 15.0
PR_SET_CHILD_SUBREAPER = 36


class Task:
    """A running process group."""

    def __init__(
        self,
        name: str,
        process: subprocess.Popen[bytes],
        started: float,
        limit: float | None,
        stop: list[str],
        env: dict[str, str],
    ) -> None:
        self.name = name
        self.process = process
        self.started = started
        self.deadline = None if limit is None else time.monotonic() + limit
        self.stop = stop
        self.env = env
        self.kill_at: float | None = None
        self.timed_out = False
        self.cancelled = False


class Supervisor:
    """The loop and the processes."""

    def __init__(self, engine: socket.socket) -> None:
        self.engine = engine
        self.tasks: dict[str, Task] = {}
        self.incoming = b""
        self.outgoing = bytearray()
        self.closing = False

    def run(self, wake: socket.socket) -> None:
        """Serve until the engine is gone and every process has ended."""
        while not (self.closing and not self.tasks):
            readable = [wake] if self.closing else [wake, self.engine]
            writable = [self.engine] if self.outgoing and not self.closing else []
            ready, can_write, _ = select.select(readable, writable, [], self.until_next())
            if wake in ready:
                with contextlib.suppress(BlockingIOError):
                    wake.recv(4096)
            if can_write:
                self.write()
            if self.engine in ready:
                self.read()
            self.reap()
            self.expire()
        end_orphans()

    def until_next(self) -> float | None:
        """Seconds until the next time limit or kill, None without one."""
        times = [t for task in self.tasks.values() for t in (task.deadline, task.kill_at) if t]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def write(self) -> None:
        """Send what the engine will take now."""
        try:
            sent = self.engine.send(self.outgoing)
            del self.outgoing[:sent]
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def read(self) -> None:
        """Take messages; an end of the stream means that the engine is gone."""
        try:
            data = self.engine.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        *lines, self.incoming = (self.incoming + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if message["do"] == "start":
                self.start(message)
            elif message["do"] == "cancel":
                names = self.tasks if message["id"] is None else [message["id"]]
                for name in list(names):
                    if name in self.tasks:
                        self.tasks[name].cancelled = True
                        self.end(self.tasks[name])

    def close(self) -> None:
        """End everything: nobody waits for it any more."""
        self.closing = True
        for task in self.tasks.values():
            task.cancelled = True
            self.end(task, grace=1.0)

    def end(self, task: Task, grace: float = GRACE_S) -> None:
        """Ask a process group to end; it is killed when the grace is over."""
        if task.kill_at is None:
            task.kill_at = time.monotonic() + grace
            task.deadline = None
            signal_group(task.process.pid, signal.SIGTERM)

    def expire(self) -> None:
        """Act on limits that have passed."""
        now = time.monotonic()
        for task in self.tasks.values():
            if task.deadline is not None and now >= task.deadline:
                task.timed_out = True
                self.end(task)
            if task.kill_at is not None and now >= task.kill_at:
                task.kill_at = now + 1.0
                stop(task)
                signal_group(task.process.pid, signal.SIGKILL)

    def start(self, message: dict[str, Any]) -> None:
        """Start a process in a group of its own."""
        started = time.time()
        try:
            with contextlib.ExitStack() as files:
                stdin, stdout, stderr = open_streams(message, files)
                process = subprocess.Popen(
                    message["argv"],
                    env=message["env"],
                    cwd=message["cwd"],
                    start_new_session=True,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                )
        except (OSError, ValueError) as error:
            why, place = str(error), None
            if isinstance(error, OSError):
                why, place = error.strerror or why, error.filename
            if place not in (None, message["argv"][0]):
                why = f"{why}: {place}"
            self.tell(message["id"], 127, started, error=why)
            return
        task = Task(
            message["id"], process, started, message["limit"], message["stop"], message["env"]
        )
        self.tasks[task.name] = task

    def reap(self) -> None:
        """Collect children that have ended, and end what they left behind in their groups."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            task = next((t for t in self.tasks.values() if t.process.pid == found.si_pid), None)
            if task is not None:
                # Before the leader is reaped, so that its number cannot belong to another group.
                signal_group(found.si_pid, signal.SIGKILL)
            _, status, usage = os.wait4(found.si_pid, 0)
            if task is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            task.process.returncode = code
            del self.tasks[task.name]
            self.tell(
                task.name,
                code if code >= 0 else 128 - code,
                task.started,
                signal=-code if code < 0 else None,
                cpu_user_s=usage.ru_utime,
                cpu_system_s=usage.ru_stime,
                max_rss_kib=usage.ru_maxrss,
                timed_out=task.timed_out,
                cancelled=task.cancelled and not task.timed_out,
            )

    def tell(self, name: str, exit_code: int, started: float, **rest: object) -> None:
        """Queue a completion for the engine."""
        completion = {
            "task_id": name,
            "exit_code": exit_code,
            "started": started,
            "ended": max(started, time.time()),
            **rest,
        }
        self.outgoing += json.dumps(completion).encode("ascii") + b"\n"


def stop(task: Task) -> None:
    """Run the command that ends by force what a signal to the group does not reach, once."""
    command, task.stop = task.stop, []
    if command:
        with contextlib.suppress(OSError):
            done = subprocess.Popen(
                command,
                env=task.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            with contextlib.suppress(subprocess.TimeoutExpired):
                done.wait(STOP_S)


def open_streams(message: dict[str, Any], files: contextlib.ExitStack) -> tuple[int, int, int]:
    """The three standard streams of a task. Output never goes through a symlink."""

    def writing(path: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o666)
        files.callback(os.close, descriptor)
        return descriptor

    stdin = subprocess.DEVNULL
    if message["stdin"] is not None:
        stdin = os.open(message["stdin"], os.O_RDONLY | os.O_CLOEXEC)
        files.callback(os.close, stdin)
    stdout = writing(message["stdout"])
    same = message["stderr"] == message["stdout"]
    stderr = subprocess.STDOUT if same else writing(message["stderr"])
    return stdin, stdout, stderr


def signal_group(group: int, number: int) -> None:
    """Signal a process group that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end_orphans() -> None:
    """Kill what left its group; as its subreaper, this process has become its parent."""
    while True:
        # One thread, so its children are all there are.
        path = Path(f"/proc/self/task/{os.getpid()}/children")
        children = [int(number) for number in path.read_text(encoding="ascii").split()]
        if not children:
            return
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def main() -> None:
    """Take the socket, become the subreaper, serve."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    engine = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    engine.setblocking(False)
    wake, alarm = socket.socketpair()
    wake.setblocking(False)
    alarm.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(alarm.fileno(), warn_on_full_buffer=False)
    Supervisor(engine).run(wake)


if __name__ == "__main__":
    main()
