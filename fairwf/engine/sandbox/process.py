"""One worker process: started, talked to within a time limit, killed."""

import importlib.util
import marshal
import os
import socket
import struct
import subprocess
import sys
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fairwf.engine.sandbox.errors import JavaScriptError
from fairwf.engine.sandbox.limits import Limits

_NUMBER = 8
_AT_ONCE = 1 << 14
_SLACK_BYTES = 1 << 20
_START_S = 60.0
_REAP_S = 10.0
# What the dynamic loader and the C library need; JavaScript sees no environment.
_PASSED_ON = ("LD_LIBRARY_PATH", "TZ")


class WorkerEndedError(Exception):
    """The worker closed its end; `returncode` as in subprocess (None: killed by this side)."""

    def __init__(self, returncode: int | None) -> None:
        super().__init__(returncode)
        self.returncode = returncode


class WorkerProcess:
    """A running worker that has said it is ready.

    `texts`: what it is told first. `utc`: its local time is UTC. Raises JavaScriptError(crash) if
    it cannot be started.
    """

    def __init__(self, limits: Limits, texts: Sequence[str], utc: bool) -> None:
        self.owner = os.getpid()
        self._largest = limits.result_bytes + _SLACK_BYTES
        self._allowed: float | None = None
        self._data = b""
        mine, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        if utc:
            environment["TZ"] = "UTC0"
        try:
            self._process = subprocess.Popen(
                [*_command(), *_arguments(limits)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                close_fds=True,
                start_new_session=True,
            )
        except OSError as error:
            mine.close()
            raise JavaScriptError(f"the sandbox cannot be started: {error}", "crash") from error
        finally:
            theirs.close()
        self._socket = mine
        self._end = weakref.finalize(self, _kill, self._process, mine)
        try:
            answer = self.exchange([text.encode() for text in texts], _START_S)
        except (WorkerEndedError, TimeoutError) as error:
            self.kill()
            raise JavaScriptError(f"the sandbox did not start: {error!r}", "crash") from error
        if answer != b"ready":
            self.kill()
            told = answer.decode("utf-8", "replace")
            raise JavaScriptError(f"the sandbox did not start: {told}", "crash")

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether this process may still use the worker (False in a forked child)."""
        return self.owner == os.getpid() and self._process.poll() is None

    def exchange(self, message: Sequence[bytes], seconds: float) -> bytes:
        """Send a message and return the answer.

        Raises TimeoutError (kill the worker then: its answer would still come) or
        WorkerEndedError.
        """
        return next(self.answers([message], seconds))

    def answers(self, messages: Iterable[Sequence[bytes]], seconds: float) -> Iterator[bytes]:
        """Send messages at once and yield the answer to each, for which there is so much time.

        Together they are small, so that the worker need not answer before it has them all.
        Raises as `exchange`.
        """
        bodies = [marshal.dumps(list(message)) for message in messages]
        data = b"".join(len(body).to_bytes(_NUMBER, "little") + body for body in bodies)
        self._allow(seconds)
        deadline = time.monotonic() + seconds
        self._send(memoryview(data), deadline)
        for _ in bodies:
            try:
                yield self._receive(deadline)
            except BlockingIOError:
                raise TimeoutError from None
            except (BrokenPipeError, ConnectionResetError):
                raise WorkerEndedError(self._reap()) from None
            deadline = time.monotonic() + seconds

    def _send(self, rest: memoryview, deadline: float) -> None:
        try:
            while rest:
                # The caller may have given SIGPIPE its default action, which ends the process.
                rest = rest[self._socket.send(rest, socket.MSG_NOSIGNAL) :]
                self._check(deadline)
        except BlockingIOError:
            raise TimeoutError from None
        except (BrokenPipeError, ConnectionResetError):
            raise WorkerEndedError(self._reap()) from None

    def kill(self) -> None:
        """End and reap the worker. May be called again."""
        if self.owner == os.getpid():
            self._end()
        else:
            self._end.detach()
            self._socket.close()
            self._process.poll()  # notes that it is no child of this process

    def _receive(self, deadline: float) -> bytes:
        while len(self._data) < _NUMBER:
            self._data += self._part(_AT_ONCE, deadline)
        size = int.from_bytes(self._data[:_NUMBER], "little")
        if size > self._largest:
            self.kill()
            raise WorkerEndedError(None)
        end = _NUMBER + size
        parts, missing = [self._data], end - len(self._data)
        while missing > 0:
            parts.append(self._part(min(missing, 1 << 20), deadline))
            missing -= len(parts[-1])
        whole = parts[0] if len(parts) == 1 else b"".join(parts)
        self._data = whole[end:]
        return whole[_NUMBER:end]

    def _part(self, most: int, deadline: float) -> bytes:
        part = self._socket.recv(most)
        if not part:
            raise WorkerEndedError(self._reap())
        self._check(deadline)
        return part

    def _allow(self, seconds: float) -> None:
        """Have the system end each wait after so many seconds: cheaper than to poll before each."""
        if seconds == self._allowed:
            return
        whole, rest = divmod(max(seconds, 1e-6), 1)
        limit = struct.pack("@ll", int(whole), int(rest * 1e6))
        for which in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, which, limit)
        self._allowed = seconds

    @staticmethod
    def _check(deadline: float) -> None:
        if time.monotonic() > deadline:
            raise TimeoutError

    def _reap(self) -> int | None:
        try:
            return self._process.wait(_REAP_S)
        except subprocess.TimeoutExpired:
            return None


def _command() -> list[str]:
    if not sys.executable:
        raise JavaScriptError("the sandbox needs sys.executable, which is empty", "crash")
    # No site: its .pth files cost more than all the rest of the start.
    return [sys.executable, "-I", "-S", "-B", str(Path(__file__).parent / "worker.py")]


def _arguments(limits: Limits) -> list[str]:
    engine = importlib.util.find_spec("_quickjs")
    if engine is None or engine.origin is None:
        raise JavaScriptError("the package quickjs-ng is not installed", "crash")
    bounds = (limits.memory_bytes, limits.stack_bytes, limits.result_bytes, limits.cpu_s)
    numbers = (os.getpid(), *bounds)
    return [str(Path(engine.origin).parent), *map(str, numbers)]


def _kill(process: "subprocess.Popen[bytes]", connection: socket.socket) -> None:
    connection.close()
    process.kill()
    process.wait()
