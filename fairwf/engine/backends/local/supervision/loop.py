"""The loop of the supervisor: messages, starts, ends, time limits."""

from __future__ import annotations

import ctypes
import marshal
import os
import select
import sys
import time

from .processes import end_orphans, signal_group, stop
from .tasks import BLOCK, STEADY, Lane, Log, Task, writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any
else:
    import _signal as signal  # what is around it takes longer to load than all else here

GRACE_S = 5.0
# Where the engine asks for no more tasks, and where it is gone.
LAST_GRACE_S = 1.0
PR_SET_CHILD_SUBREAPER = 36
SIGNAL_SET_BYTES = 128
# Pipes held at once; beyond it logs are files, since the system limits a process's descriptors.
MOST_PIPES = 400
# So many that wait for a place will all have one before the engine has sent more.
FEW = 8
# How long ends may be held back to be told together.
HOLD_S = 0.02
# How long a task lasted must not depend on whether somebody sets the clock meanwhile.
BEGAN = time.time() - time.clock_gettime(STEADY)
# Python ignores these two; programs expect what the system does by default.
RESTORED_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)


class Supervisor:
    """The loop and the processes."""

    def __init__(self, engine: int) -> None:
        self.engine = engine
        self.tasks: dict[str, Task] = {}
        self.by_pid: dict[int, Task] = {}
        self.logs: dict[int, Log] = {}
        self.lanes: dict[str, Lane] = {}
        self.ahead = 0  # tasks that wait for a place
        self.incoming = b""
        self.outgoing = bytearray()
        self.hold_until = 0.0
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
                elif self.closing:
                    self.hurry()
                else:
                    if events & select.EPOLLOUT:
                        self.write()
                    if events & ~select.EPOLLOUT:
                        self.read()
            self.reap()
            self.expire()
            self.report()
        end_orphans()

    def drain(self, log: Log) -> None:
        """Take what a log's pipe holds; let go of it at its end."""
        if not log.take():
            # Closing alone may leave it there: a child that has not yet begun its program holds it.
            if log.watched:
                self.poll.unregister(log.pipe)
            del self.logs[log.pipe]
            log.close()

    def watch(self, log: Log) -> None:
        """Take what comes through a log's pipe as it comes, where that is still open."""
        if not log.watched and self.logs.get(log.pipe) is log:
            log.watched = True
            self.poll.register(log.pipe, select.EPOLLIN)

    def until_next(self) -> float | None:
        """Seconds until there is something to do at a time, None without such."""
        times = [
            moment
            for task in self.tasks.values()
            for moment in (task.deadline, task.kill_at, task.watch_at)
            if moment is not None
        ]
        if self.outgoing and not self.awaited & select.EPOLLOUT:
            times.append(self.hold_until)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def report(self) -> None:
        """Tell the engine what is held back, unless more will soon be to tell with it."""
        if not self.outgoing or self.awaited & select.EPOLLOUT:
            return
        if self.ahead <= min(len(self.tasks), FEW) or time.monotonic() >= self.hold_until:
            self.write()

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
                self.take(message)
            elif message["do"] == "cancel":
                self.cancel(message["id"])

    def cancel(self, name: str | None) -> None:
        """End a task, or all; those that came ahead are told as cancelled in their turn."""
        for lane in self.lanes.values():
            for message in lane.ahead:
                if name in (None, message["id"]):
                    message["do"] = "cancel"
        for task in list(self.tasks.values()):
            if name in (None, task.name):
                task.cancelled = True
                self.end(task)

    def close(self) -> None:
        """End everything: nobody waits for it any more."""
        if not self.closing:
            self.closing = True
            self.poll.modify(self.engine, 0)  # what is still told: that it is gone altogether
            self.outgoing.clear()
            for lane in self.lanes.values():
                lane.ahead.clear()
            self.ahead = 0
        for task in self.tasks.values():
            task.cancelled = True
            self.end(task, LAST_GRACE_S)

    def hurry(self) -> None:
        """Wait no longer for programs that were asked to end: the engine does not wait either."""
        self.poll.unregister(self.engine)
        latest = time.monotonic() + LAST_GRACE_S
        for task in self.tasks.values():
            if task.kill_at is not None:
                task.kill_at = min(task.kill_at, latest)

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
            if task.watch_at is not None and now >= task.watch_at:
                task.watch_at = None
                for log in task.logs:
                    self.watch(log)
            if task.deadline is not None and now >= task.deadline:
                task.timed_out = True
                self.end(task)
            if task.kill_at is not None and now >= task.kill_at:
                task.kill_at = now + 1.0
                # First the client, so that it starts no container after the removal.
                signal_group(task.pid, signal.SIGKILL)
                stop(task)

    def take(self, message: dict[str, Any]) -> None:
        """Start a task now or, one that came ahead, as soon as there is a place for it.

        ``heard`` are the ends in its lane that the engine knew of when it sent that one: the places
        of those it has given to others.
        """
        lane = self.lanes.setdefault(message["lane"], Lane())
        if message["heard"] is None:
            self.start(message)
            return
        lane.free = min(lane.free, lane.ended - message["heard"])
        if lane.free:
            lane.free -= 1
            self.start(message)
        else:
            lane.ahead.append(message)
            self.ahead += 1

    def pass_on(self, lane: Lane) -> None:
        """Give the place of a task that ended to the next one of its lane."""
        lane.ended += 1
        if lane.ahead:
            self.ahead -= 1
            self.start(lane.ahead.pop(0))
        else:
            lane.free += 1

    def start(self, message: dict[str, Any]) -> None:
        """Start a process in a session of its own."""
        started = now_utc()
        if message["do"] == "cancel":
            self.tell(message["id"], 128 + signal.SIGTERM, started, cancelled=True)
            self.pass_on(self.lanes[message["lane"]])
            return
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
                    setsigmask=(),
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
            self.pass_on(self.lanes[message["lane"]])
            return
        for log in logs:
            self.logs[log.pipe] = log
        limit, by_force = message["limit"], message["stop"]
        lane = message["lane"]
        task = Task(message["id"], pid, started, limit, logs, by_force, message["env"], lane)
        task.piped = len(logs) == len(message["logs"])
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
                if self.logs.get(log.pipe) is log:
                    self.drain(log)
                    self.watch(log)  # what left the group may hold it
            silent = task.piped and all(log.file is None for log in task.logs)
            self.tell(
                task.name,
                code if code >= 0 else 128 - code,
                task.started,
                signal=-code if code < 0 else None,
                cpu_user_s=usage.ru_utime,
                cpu_system_s=usage.ru_stime,
                max_rss_kib=usage.ru_maxrss,
                logged=False if silent else None,
                timed_out=task.timed_out,
                cancelled=task.cancelled and not task.timed_out,
            )
            self.pass_on(self.lanes[task.lane])

    def tell(self, name: str, exit_code: int, started: float, **rest: object) -> None:
        """Queue a completion for the engine."""
        completion = {
            "task_id": name,
            "exit_code": exit_code,
            "started": started,
            "ended": max(started, now_utc()),
            **rest,
        }
        body = marshal.dumps(completion)
        if not self.outgoing:
            self.hold_until = time.monotonic() + HOLD_S
        self.outgoing += len(body).to_bytes(4, "little") + body


def now_utc() -> float:
    """Seconds since 1970, by a clock that nobody sets."""
    return BEGAN + time.clock_gettime(STEADY)


def main() -> None:
    """Take the socket, become the subreaper, serve."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    engine = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.set_blocking(engine, False)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    mask = ctypes.create_string_buffer(SIGNAL_SET_BYTES)
    libc.sigemptyset(mask)
    libc.sigaddset(mask, signal.SIGCHLD)
    alarm = libc.signalfd(-1, mask, os.O_CLOEXEC | os.O_NONBLOCK)
    if alarm < 0:
        sys.exit(f"signalfd: {os.strerror(ctypes.get_errno())}")
    Supervisor(engine).run(alarm)
