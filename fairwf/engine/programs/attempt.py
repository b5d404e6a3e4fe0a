"""One attempt at a program, and the fact that its end is."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from fairwf.engine.expansion.scheduler import Cell
from fairwf.engine.expansion.world import TaskCall
from fairwf.engine.failures import Failure
from fairwf.engine.journal.facts import Done, Literals, literals, timestamp
from fairwf.engine.programs.resources import Wanted
from fairwf.engine.task import Completion, PreparedTask, TaskRequest
from fairwf.ir.values import Value
from fairwf.ir.workflow import Script

if TYPE_CHECKING:
    from fairwf.engine.cache.key import TaskKey
    from fairwf.engine.programs.ahead import Lane


class Attempt(msgspec.Struct, eq=False):
    """A program on its way; the fields below ``inputs`` are filled in as it goes.

    ``name`` is what its folders are called, without its number. ``submitted`` is when it was handed
    to the backend; 0 where an earlier engine did. ``lane`` are those that want the same.
    ``because``: see :class:`fairwf.engine.journal.facts.Done`.
    ``doomed``: why it is ended before its time. ``lent``: its place is another one's, as it only
    waits for what that one gives.
    """

    call: TaskCall
    cell: Cell
    want: Wanted
    digest: str
    inputs: Literals
    number: int = 0
    submitted: float = 0.0
    name: str | None = None
    cache_key: TaskKey | None = None
    because: tuple[str, ...] = ()
    request: TaskRequest | None = None
    prepared: PreparedTask | None = None
    doomed: Failure | None = None
    lent: bool = False
    lane: Lane[Attempt] | None = None


class End(msgspec.Struct, frozen=True):
    """An attempt that has ended; ``follower`` has its place now."""

    attempt: Attempt
    done: Done
    result: dict[str, Value] | Failure
    follower: Attempt | None = None


def name_of(call: TaskCall) -> str:
    """Return the name of the process that a call runs."""
    return call.process.id or (call.place.step[-1] if call.place.step else "main")


def status_of(failure: Failure | None) -> Literal["completed", "failed", "cancelled"]:
    """Return how something ended."""
    if failure is None:
        return "completed"
    return "cancelled" if failure.cancelled else "failed"


class Describer:
    """Makes the facts that ends are; paths in them are relative to the run directory."""

    def __init__(self, run_dir: Path, now: Callable[[], float]) -> None:
        self._root = f"{run_dir}/"
        self._host = platform.node()
        self._now = now

    def __call__(
        self,
        attempt: Attempt,
        completion: Completion | None,
        outputs: Mapping[str, Value],
        failure: Failure | None = None,
    ) -> Done:
        """Return the fact that an attempt ended."""
        call, prepared, request = attempt.call, attempt.prepared, attempt.request
        place, ended = call.place, completion
        # Of a container, only its client could be measured.
        measured = ended if prepared is not None and prepared.image is None else None
        done = Done(
            place.key,
            "script" if type(call.process) is Script else "command",
            status_of(failure),
            name_of(call),
            attempt.digest,
            place.step,
            place.index,
            place.parent,
            attempt.number or 1,
            prepared.command if prepared is not None else (),
            timestamp(ended.started) if ended is not None else None,
            timestamp(ended.ended if ended is not None else self._now()),
            ended.exit_code if ended is not None else None,
            attempt.inputs,
            literals(outputs) if outputs else {},
            (ended.host if ended is not None else None) or self._host,
            attempt.want.cores,
            measured.cpu_user_s if measured is not None else None,
            measured.cpu_system_s if measured is not None else None,
            measured.max_rss_kib if measured is not None else None,
            self._relative(request.folder) if request is not None else None,
        )
        more: dict[str, Any] = {}
        if failure is not None:
            more.update(
                timed_out=ended is not None and ended.timed_out,
                code=failure.causes[0].diagnostic.code,
                error=str(failure),
            )
        if attempt.want.site:
            more["site"] = attempt.want.site
        if attempt.cache_key is not None or attempt.because:
            kept = attempt.cache_key
            more.update(cache_key=kept.text if kept is not None else None, because=attempt.because)
        if prepared is not None and request is not None:
            more.update(self._found(prepared, request, completion))
        return msgspec.structs.replace(done, **more) if more else done

    def _found(
        self, prepared: PreparedTask, request: TaskRequest, completion: Completion | None
    ) -> dict[str, Any]:
        """Return the image and the standard streams of an attempt, as far as it had any."""
        found: dict[str, Any] = {}
        if prepared.image is not None:
            found.update(container=prepared.image, container_digest=prepared.image_digest)
        if prepared.stdin is not None:
            found["stdin"] = self._relative(prepared.stdin)
        if not prepared.stdout_declared and not prepared.stderr_declared:
            logged = completion.logged if completion is not None else None
            if logged is False or not os.path.lexists(request.logs):
                return found  # a mere log is made where something is written
        found["stdout"] = self._written(prepared.stdout)
        found["stderr"] = self._written(prepared.stderr)
        return found

    def _written(self, path: str) -> str | None:
        """Return the path of an output of which there may be a file."""
        return self._relative(path) if os.path.lexists(path) else None

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._root)
