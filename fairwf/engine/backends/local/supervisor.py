"""Owns the processes of tasks: started by path as a process of its own, standard library only.

Never imported by fairwf. File descriptor 0 is a socket to the engine; each message is its length
(4 bytes, little endian) and a dict as :mod:`marshal` writes it (``backend.py`` says which), since
both ends are the same Python, and each module that is not loaded here makes every run start sooner.
When the engine ends, however it ends, the socket closes, and then
every process that a task has started is ended too: the supervisor is their subreaper, so even those
that left their process group are its children.

One thread, no polling: it sleeps in ``epoll`` until a message, a child's end, output or a time
limit. An output that is only a log comes through a pipe, and its file is made when something is
written: most tasks write nothing there, and a file costs as much as a fifth of a short task.
"""

from __future__ import annotations

import ctypes
import marshal
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

GRACE_S = 5.0
STOP_S = 15.0
PR_SET_CHILD_SUBREAPER = 36
# Pipes held at once; beyond it logs are files, since the system limits a process's descriptors.
MOST_PIPES = 400
BLOCK = 1 << 16
# Python ignores these two; programs expect what the system does by default.
RESTORED_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)


class Task:
    """A running process group."""

    def __init__(
        self,
        name: str,
        pid: int,
        started: float,
        limit: float | None,
        logs: list[Log],
        stop: list[str],
        env: dict[str, str],
    ) -> None:
        self.name = name
        self.pid = pid
        self.started = started
        self.logs = logs
        self.deadline = None if limit is None else time.monotonic() + limit
        self.stop = stop
        self.env = env
        self.kill_at: float | None = None
        self.timed_out = False
        self.cancelled = False


class Log:
    """An output that nobody collects: a pipe, and the file that is made for the first of it."""

    def __init__(self, path: str, pipe: int) -> None:
        self.path = path
        self.pipe = pipe
        self.file: int | None = None

    def take(self) -> bool:
        """Move what is in the pipe into the file; False when no more will come.

        Where the file cannot be written, the program meets a broken pipe as it would meet a full
        disk.
        """
        while True:
            try:
                data = os.read(self.pipe, BLOCK)
            except BlockingIOError:
                return True
            if not data:
                return False
            try:
                if self.file is None:
                    os.makedirs(os.path.dirname(self.path), exist_ok=True)
                    self.file = writing(self.path)
                while data:
                    data = data[os.write(self.file, data) :]
            except OSError:
                return False

    def close(self) -> None:
        """Let go of pipe and file."""
        os.close(self.pipe)
        if self.file is not None:
            os.close(self.file)


class Supervisor:
    """The loop and the processes."""

    def __init__(self, engine: int) -> None:
        self.engine = engine
        self.tasks: dict[str, Task] = {}
        self.by_pid: dict[int, Task] = {}
        self.logs: dict[int, Log] = {}
        self.incoming = b""
        self.outgoing = bytearray()
        self.closing = False
        self.awaited = select.EPOLLIN  # of the engine
        self.nothing = 0  # this process's own standard input, which a task simply inherits
        self.poll = select.epoll()

    def run(self, alarm: int) -> None:
        """Serve until the engine is gone and every process has ended."""
        engine = self.engine
        self.poll.register(engine, select.EPOLLIN)
        self.poll.register(alarm, select.EPOLLIN)
        while not (self.closing and not self.tasks):
            for ready, events in self.poll.poll(self.until_next()):
                if ready == alarm:
                    os.read(alarm, 4096)
                elif ready != engine:
                    self.drain(self.logs[ready])
                elif not self.closing:
                    if events & select.EPOLLOUT:
                        self.write()
                    if events & ~select.EPOLLOUT:
                        self.read()
            self.reap()
            self.expire()
        end_orphans()

    def drain(self, log: Log) -> None:
        """Take what a log's pipe holds; let go of it at its end."""
        if not log.take():
            # Closing alone may leave it there: a child that has not yet begun its program holds it.
            self.poll.unregister(log.pipe)
            del self.logs[log.pipe]
            log.close()

    def until_next(self) -> float | None:
        """Seconds until the next time limit or kill, None without one."""
        times = [t for task in self.tasks.values() for t in (task.deadline, task.kill_at) if t]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def write(self) -> None:
        """Send what the engine will take now, the rest when it takes more."""
        if self.closing or not self.outgoing:
            return
        try:
            sent = os.write(self.engine, self.outgoing)
            del self.outgoing[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        awaited = select.EPOLLIN | (select.EPOLLOUT if self.outgoing else 0)
        if awaited != self.awaited:
            self.poll.modify(self.engine, awaited)
            self.awaited = awaited

    def read(self) -> None:
        """Take messages; an end of the stream means that the engine is gone."""
        try:
            data = os.read(self.engine, BLOCK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.incoming += data
        while (end := 4 + int.from_bytes(self.incoming[:4], "little")) <= len(self.incoming):
            message = marshal.loads(self.incoming[4:end])  # noqa: S302 - of our own engine
            self.incoming = self.incoming[end:]
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
        if not self.closing:
            self.closing = True
            self.poll.unregister(self.engine)
        for task in self.tasks.values():
            task.cancelled = True
            self.end(task, grace=1.0)

    def end(self, task: Task, grace: float = GRACE_S) -> None:
        """Ask a process group to end; it is killed when the grace is over."""
        if task.kill_at is None:
            task.kill_at = time.monotonic() + grace
            task.deadline = None
            signal_group(task.pid, signal.SIGTERM)

    def expire(self) -> None:
        """Act on limits that have passed."""
        now = time.monotonic()
        for task in self.tasks.values():
            if task.deadline is not None and now >= task.deadline:
                task.timed_out = True
                self.end(task)
            if task.kill_at is not None and now >= task.kill_at:
                task.kill_at = now + 1.0
                # First the client, so that it starts no container after the removal.
                signal_group(task.pid, signal.SIGKILL)
                stop(task)

    def start(self, message: dict[str, Any]) -> None:
        """Start a process in a session of its own."""
        started = time.time()
        logs: list[Log] = []
        mine: list[int] = []  # what is open for the process alone
        try:
            try:
                streams = self.open_streams(message, mine, logs)
                os.chdir(message["cwd"])  # this process opens nothing by a relative path
                pid = os.posix_spawn(
                    message["argv"][0],
                    message["argv"],
                    message["env"],
                    file_actions=[
                        (os.POSIX_SPAWN_DUP2, stream, number)
                        for number, stream in enumerate(streams)
                        if stream != self.nothing
                    ],
                    setsid=True,
                    setsigdef=RESTORED_SIGNALS,
                )
            finally:
                for descriptor in mine:
                    os.close(descriptor)
        except (OSError, ValueError) as error:
            for log in logs:
                log.close()
            why, place = str(error), None
            if isinstance(error, OSError):
                why, place = error.strerror or why, error.filename
            if place not in (None, message["argv"][0]):
                why = f"{why}: {place}"
            self.tell(message["id"], 127, started, error=why)
            return
        for log in logs:
            self.logs[log.pipe] = log
            self.poll.register(log.pipe, select.EPOLLIN)
        limit, by_force = message["limit"], message["stop"]
        task = Task(message["id"], pid, started, limit, logs, by_force, message["env"])
        self.tasks[task.name] = self.by_pid[pid] = task

    def open_streams(
        self, message: dict[str, Any], mine: list[int], logs: list[Log]
    ) -> tuple[int, int, int]:
        """The three standard streams of a task; ``logs`` gets those that come through pipes."""

        def opened(name: str) -> int:
            if name in message["logs"] and len(self.logs) < MOST_PIPES:
                pipe, descriptor = os.pipe2(os.O_CLOEXEC)
                os.set_blocking(pipe, False)
                logs.append(Log(message[name], pipe))
            else:
                if name in message["logs"]:
                    os.makedirs(os.path.dirname(message[name]), exist_ok=True)
                descriptor = writing(message[name])
            mine.append(descriptor)
            return descriptor

        stdin = self.nothing
        if message["stdin"] is not None:
            stdin = os.open(message["stdin"], os.O_RDONLY | os.O_CLOEXEC)
            mine.append(stdin)
        stdout = opened("stdout")
        return stdin, stdout, stdout if message["stderr"] == message["stdout"] else opened("stderr")

    def reap(self) -> None:
        """Collect children that have ended, and end what they left behind in their groups."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            task = self.by_pid.pop(found.si_pid, None)
            if task is not None:
                # Before the leader is reaped, so that its number cannot belong to another group.
                signal_group(found.si_pid, signal.SIGKILL)
            _, status, usage = os.wait4(found.si_pid, 0)
            if task is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            del self.tasks[task.name]
            for log in task.logs:
                if log.pipe in self.logs and self.logs[log.pipe] is log:
                    self.drain(log)
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
        body = marshal.dumps(completion)
        self.outgoing += len(body).to_bytes(4, "little") + body
        self.write()


def stop(task: Task) -> None:
    """Run the command that ends by force what a signal to the group does not reach, once."""
    command, task.stop = task.stop, []
    if not command:
        return
    import subprocess  # containers only; it is slow to import

    quiet = subprocess.DEVNULL
    try:
        subprocess.run(
            command,
            env=task.env,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            timeout=STOP_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return  # the signal to the group is all that is left


def writing(path: str) -> int:
    """Open a file for a task's output, never through a symlink."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o666)


def signal_group(group: int, number: int) -> None:
    """Signal a process group that may be gone."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def end_orphans() -> None:
    """Kill what left its group; as its subreaper, this process has become its parent."""
    while True:
        # One thread, so its children are all there are.
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as listed:
            children = [int(number) for number in listed.read().split()]
        if not children:
            return
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        for child in children:
            try:
                os.waitpid(child, 0)
            except ChildProcessError:
                continue


def main() -> None:
    """Take the socket, become the subreaper, serve."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    engine = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.set_blocking(engine, False)
    alarm, ringing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ringing, warn_on_full_buffer=False)
    Supervisor(engine).run(alarm)


if __name__ == "__main__":
    main()
