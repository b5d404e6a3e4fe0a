"""Evaluation of JavaScript in a worker process that can be killed."""

import re
import signal
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType

from fairwf.engine.sandbox.errors import JavaScriptError
from fairwf.engine.sandbox.limits import Limits
from fairwf.engine.sandbox.process import WorkerEndedError, WorkerProcess
from fairwf.engine.sandbox.program import Form, harness, program
from fairwf.engine.sandbox.replies import ended, value_of
from fairwf.engine.sandbox.values import to_json

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_STARTS = 3


class Sandbox:
    """Evaluates JavaScript, each time in a fresh context, in one worker process.

    The worker starts at the first evaluation, and again after it was killed. Threads may share a
    sandbox; they take turns. `reproducible`: the clock stands at 1970-01-01T00:00:00Z, local time
    is UTC, and Math.random gives the same numbers in each evaluation.
    """

    def __init__(self, limits: Limits | None = None, *, reproducible: bool = False) -> None:
        self.limits = limits or Limits()
        self.reproducible = reproducible
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def evaluate(
        self,
        code: str,
        form: Form,
        context: Mapping[str, object],
        libraries: Sequence[str] = (),
    ) -> object:
        """Value of ECMAScript code (sloppy mode), as CWL v1.2 "Expressions" asks.

        `form`: `expression` (`${...}` without its function is a `body`, `$(...)` an `expression`).
        `context`: global variables, JSON-like values. `libraries`: scripts that run before these
        variables exist (CWL `expressionLib`). Whole numbers below 1e21 come back as int, undefined
        as None; members that are undefined vanish from objects and are None in arrays, as in JSON.
        What JSON would drop or change without a word (functions, Map, Promise, ...) is an error.
        Raises JavaScriptError, and ValueError for a variable name that is no identifier.
        """
        for name in context:
            if not _IDENTIFIER.fullmatch(name):
                raise ValueError(f"not a name for a global variable: {name!r}")
        composed = program(code, form, tuple(libraries))
        values, marked = to_json(context)
        asked = composed.asked(values, marked, self.reproducible)
        given = b"" if asked else values.encode()
        message = [asked, given, composed.run(tuple(context)), *composed.libraries]
        size = sum(map(len, message))
        if size > self.limits.memory_bytes:
            raise JavaScriptError(
                f"code and values are {size} bytes; the limit is {self.limits.memory_bytes}",
                "memory",
            )
        with self._lock:
            answer = self._exchange(message)
            try:
                value = value_of(answer, composed, self.limits)
                composed.checked = True
                return value
            except JavaScriptError as error:
                if error.kind in ("memory", "crash"):
                    self._stop()
                raise

    def close(self) -> None:
        """End the worker. A later evaluation starts another."""
        with self._lock:
            self._stop()

    def worker_pid(self) -> int | None:
        """Process id of the worker, None when there is none."""
        worker = self._worker
        return worker.pid if worker is not None and worker.alive() else None

    def _exchange(self, message: list[bytes]) -> bytes:
        for _ in range(_STARTS):
            worker = self._running()
            try:
                return worker.exchange(message, self.limits.wall_s)
            except TimeoutError:
                self._stop()
                raise JavaScriptError(
                    f"not finished after {self.limits.wall_s:g} s", "timeout"
                ) from None
            except WorkerEndedError as end:
                self._stop()
                # The kernel's sign that the thread which started the worker has ended. Evaluations
                # have no effects, so another worker may repeat it.
                if end.returncode == -signal.SIGHUP:
                    continue
                raise ended(end.returncode, self.limits) from None
            except BaseException:
                # The answer to this request would be taken for the next one's.
                self._stop()
                raise
        raise JavaScriptError("the threads that start the sandbox keep ending", "crash")

    def _running(self) -> WorkerProcess:
        if self._worker is not None and not self._worker.alive():
            self._stop()
        if self._worker is None:
            self._worker = WorkerProcess(self.limits, harness(), utc=self.reproducible)
        return self._worker

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
