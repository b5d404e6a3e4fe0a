"""What the supervisor knows of tasks: running ones, their logs, and those that wait for a place."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BLOCK = 1 << 16
# A log's pipe is looked at after so long, or when its task ends: most tasks are shorter.
PATIENCE_S = 0.05
# Counts the time in which the machine sleeps, too.
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


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
        lane: str,
    ) -> None:
        self.name = name
        self.pid = pid
        self.lane = lane
        self.started = started
        self.logs = logs
        self.piped = False  # whether all that it may log comes through these
        now = time.monotonic()
        self.deadline = None if limit is None else now + limit
        self.watch_at: float | None = now + PATIENCE_S if logs else None
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
        self.watched = False
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


class Lane:
    """Tasks that take each other's place: those that came ahead, and places that are free.

    ``ended`` counts the ends that were told, ``free`` those of the last of them whose place no task
    of this side has taken.
    """

    def __init__(self) -> None:
        self.ahead: list[dict[str, Any]] = []
        self.ended = 0
        self.free = 0


def writing(path: str) -> int:
    """Open a file for a task's output, never through a symlink."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o666)
