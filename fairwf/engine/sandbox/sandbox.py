"""Evaluation of JavaScript in a worker process that can be killed."""

import re
import signal
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType

from fairwf.engine.sandbox.errors import JavaScriptError
from fairwf.engine.sandbox.limits import Limits
from fairwf.engine.sandbox.process import WorkerEndedError, WorkerProcess
from fairwf.engine.sandbox.program import Form, Program, harness, lasting_context, program
from fairwf.engine.sandbox.replies import ended, value_of
from fairwf.engine.sandbox.values import to_json

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_STARTS = 3
_AT_ONCE = 1 << 16
_FORESEEN_BYTES = 1 << 22
_FORESEEN_S = 0.5

Request = tuple[str, Form, Mapping[str, object], Sequence[str]]
"""Code, form, context and libraries of one evaluation (:meth:`Sandbox.evaluate`)."""


class Sandbox:
    """Evaluates JavaScript in one worker process, each time as if in a fresh context.

    The worker starts at the first evaluation, and again after it was killed. Threads may share a
    sandbox; they take turns. `reproducible`: the clock stands at 1970-01-01T00:00:00Z, local time
    is UTC, and Math.random gives the same numbers in each evaluation.
    """

    def __init__(self, limits: Limits | None = None, *, reproducible: bool = False) -> None:
        self.limits = limits or Limits()
        self.reproducible = reproducible
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._known: dict[tuple[bytes, ...], list[bytes]] = {}
        self._foresees = True

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
        composed = program(code, form, tuple(libraries))
        message = self._message(composed, context)
        size = sum(map(len, message))
        if size > self.limits.memory_bytes:
            raise JavaScriptError(
                f"code and values are {size} bytes; the limit is {self.limits.memory_bytes}",
                "memory",
            )
        with self._lock:
            known = self._known.get(message)
            answer = known.pop() if known else self._exchange(message)
            try:
                value = value_of(answer, composed, self.limits)
                composed.checked = True
                return value
            except JavaScriptError as error:
                if error.kind in ("memory", "crash"):
                    self._stop()
                raise

    def foresee(self, requests: Iterable[Request]) -> None:
        """Evaluate what will be asked for soon, all at once: to wake the worker costs much.

        Each answer is kept for one :meth:`evaluate` with the same arguments, until the next time.
        What goes wrong shows there. Where evaluations turn out to be long, or their answers to be
        large, nothing more is foreseen.
        """
        if not self._foresees:
            return
        messages: list[tuple[bytes, ...]] = []
        size = 0
        for code, form, context, libraries in requests:
            try:
                composed = program(code, form, tuple(libraries))
                message = self._message(composed, context)
            except (JavaScriptError, ValueError):
                continue
            size += sum(map(len, message))
            if size > _AT_ONCE:
                break
            if not message[
                0
            ]:  # else it takes more than an evaluation, and is the first of its kind
                messages.append(message)
        with self._lock:
            self._known.clear()
            if not messages:
                return
            end, left = time.monotonic() + _FORESEEN_S, _FORESEEN_BYTES
            self._foresees = False
            try:
                answers = self._running().answers(messages, self.limits.wall_s)
                for message, answer in zip(messages, answers, strict=True):
                    self._known.setdefault(message, []).append(answer)
                    left -= len(answer)
                    if left < 0 or time.monotonic() > end:
                        self._stop()  # other answers would come
                        return
                self._foresees = True
            except (TimeoutError, WorkerEndedError, JavaScriptError):
                self._stop()
            except BaseException:
                self._stop()
                raise

    def _message(self, composed: Program, context: Mapping[str, object]) -> tuple[bytes, ...]:
        for name in context:
            if not _IDENTIFIER.fullmatch(name):
                raise ValueError(f"not a name for a global variable: {name!r}")
        values, marked = to_json(context)
        asked = composed.asked(values, marked, self.reproducible)
        given = b"" if asked else values.encode()
        lasts = b"1" if composed.lasts else b""
        return asked, given, composed.run(tuple(context)), lasts, *composed.libraries

    def close(self) -> None:
        """End the worker. A later evaluation starts another."""
        with self._lock:
            self._stop()

    def worker_pid(self) -> int | None:
        """Process id of the worker, None when there is none."""
        worker = self._worker
        return worker.pid if worker is not None and worker.alive() else None

    def _exchange(self, message: Sequence[bytes]) -> bytes:
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
            self._worker = WorkerProcess(
                self.limits, [harness(), lasting_context()], utc=self.reproducible
            )
        return self._worker

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
