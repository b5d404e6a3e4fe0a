"""The engine's side of the supervisor: submit, wait, cancel.

No thread and no polling: a socket carries requests one way and completions the other. The socket
closes when this process ends, even by SIGKILL; the supervisor then ends every task.
"""

from __future__ import annotations

import marshal
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from fairwf.engine.backends.protocol import Kept, Site
from fairwf.engine.programs.resources import Pool, machine_memory_mib
from fairwf.engine.task.request import Completion, PreparedTask
from fairwf.report import EnvironmentFault

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_STOP_S = 10.0
_HERE = Site()


def _encoded(message: dict[str, Any]) -> bytes:
    body = marshal.dumps(message)
    return len(body).to_bytes(4, "little") + body


def _started(prepared: PreparedTask) -> dict[str, Any]:
    return {
        "do": "start",
        "id": prepared.task_id,
        **prepared.program(),
        "logs": prepared.streams(declared=False),
    }


class LocalBackend:
    """Runs tasks as processes of this machine, each in a process group of its own.

    A context manager; without one, call :meth:`close`. Not for several threads at once.
    """

    lasting = False
    kept: Mapping[str, Kept] = MappingProxyType({})
    """Always empty: what runs here ends with its engine."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._poll = select.poll()
        self._incoming = b""
        self._completions: list[Completion] = []
        self._running: dict[str, str] = {}
        self._heard: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def running(self) -> frozenset[str]:
        """The ids of the tasks that were submitted and have not been reported."""
        return frozenset(self._running)

    def fileno(self) -> int:
        """A descriptor that becomes readable when :meth:`wait` may have news, for ``select``."""
        return self._connection().fileno()

    def site_of(self, key: str) -> Site:
        """Return this machine."""
        return _HERE

    def pool(self, cores: float | None, memory_mib: float | None) -> Pool[Any]:
        """Return the queue of tasks that wait for cores and memory of this machine."""
        return Pool(cores or os.cpu_count() or 1, memory_mib or machine_memory_mib())

    def adopt(self, key: str, digest: str, above: int) -> Kept | None:
        """Return None: no task outlives its engine."""
        return None

    def submit(self, *tasks: PreparedTask, lane: str = "", ahead: bool = False) -> None:
        """Start tasks. What cannot be started is reported as a completion with ``error``.

        Those that come ``ahead`` start one by one, each in the place of the next task of its
        ``lane`` that ends, where :meth:`wait` has not returned its end before.

        Raises:
            ValueError: a task of this id is running.
            EnvironmentFault: FWF9002, the supervisor cannot be started or has died.
        """
        heard = self._heard.setdefault(lane, 0) if ahead else None
        messages = b""
        for each in tasks:
            if each.task_id in self._running:
                raise ValueError(f"the task {each.task_id!r} is running already")
            messages += _encoded({**_started(each), "lane": lane, "heard": heard})
        self._send(messages)
        for each in tasks:
            self._running[each.task_id] = lane

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return the completions since the last call; waits for one for ``timeout`` seconds.

        None waits for ever; with nothing running it returns at once.

        Raises:
            EnvironmentFault: FWF9002, the supervisor has died.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not self._completions and self._running:
            left = None if end is None else max(0.0, end - time.monotonic())
            self._connection()
            if self._poll.poll(None if left is None else left * 1000):
                self._receive()
            elif end is not None:
                break
        done, self._completions = self._completions, []
        for each in done:
            lane = self._running.pop(each.task_id)
            self._heard[lane] = self._heard.get(lane, 0) + 1
        return done

    def cancel(self, *task_ids: str) -> None:
        """End tasks, or all: SIGTERM to the group of each, SIGKILL after 5 seconds.

        Each is reported by :meth:`wait` as ``cancelled``.
        """
        for task_id in task_ids or (None,):
            if self._running:
                self._send(_encoded({"do": "cancel", "id": task_id}))

    def close(self) -> None:
        """End everything that still runs, and the supervisor. Nothing is reported."""
        if self._socket is not None:
            with suppress(OSError):  # it is gone
                self._socket.shutdown(socket.SHUT_WR)
        if self._process is not None:
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._running.clear()

    # --- the socket

    def _connection(self) -> socket.socket:
        if self._socket is None:
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    # A session of its own: Ctrl-C on the terminal is the engine's to handle.
                    self._process = subprocess.Popen(
                        [sys.executable, "-I", "-S", str(_SUPERVISOR)],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                except OSError as error:
                    ours.close()
                    message = f"the supervisor of tasks cannot be started: {error.strerror}"
                    raise EnvironmentFault.of("FWF9002", message) from error
            ours.setblocking(False)
            self._socket = ours
            self._poll = select.poll()
            self._poll.register(ours, select.POLLIN)
        return self._socket

    def _send(self, messages: bytes) -> None:
        rest = memoryview(messages)
        connection = self._connection()
        try:
            rest = rest[connection.send(rest) :]
        except BlockingIOError:
            pass
        except OSError as error:
            raise self._died() from error
        while rest:
            # Reading too: a supervisor that waits for us to read would never read itself.
            readable, writable, _ = select.select([connection], [connection], [])
            if readable:
                self._receive()
            if writable:
                try:
                    rest = rest[connection.send(rest) :]
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise self._died() from error

    def _receive(self) -> None:
        try:
            data = self._connection().recv(1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            raise self._died() from error
        if not data:
            raise self._died()
        self._incoming += data
        while (end := 4 + int.from_bytes(self._incoming[:4], "little")) <= len(self._incoming):
            told = marshal.loads(self._incoming[4:end])  # noqa: S302 - of our own program
            completion = Completion(**told)
            self._incoming = self._incoming[end:]
            self._completions.append(completion)

    def _died(self) -> EnvironmentFault:
        lost = ", ".join(sorted(self._running)[:5])
        return EnvironmentFault.of(
            "FWF9002", "the supervisor of tasks has died" + (f"; lost: {lost}" if lost else "")
        )
