"""One attempt at a program, and the fact that its end is."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from fairwf.engine.facts import Done, Literals, literals, timestamp
from fairwf.engine.failures import Failure
from fairwf.engine.resources import Wanted
from fairwf.engine.scheduler import Cell
from fairwf.engine.task import Completion, PreparedTask, TaskRequest
from fairwf.engine.world import TaskCall
from fairwf.ir.values import Value
from fairwf.ir.workflow import Script


class Attempt(msgspec.Struct, eq=False):
    """A program on its way; the fields below ``inputs`` are filled in as it goes.

    ``name`` is what its folders are called, without its number.
    ``doomed``: why it is ended before its time. ``lent``: its place is another one's, as it only
    waits for what that one gives.
    """

    call: TaskCall
    cell: Cell
    want: Wanted
    digest: str
    inputs: Literals
    number: int = 0
    name: str | None = None
    cache_key: str | None = None
    request: TaskRequest | None = None
    prepared: PreparedTask | None = None
    doomed: Failure | None = None
    lent: bool = False


class End(NamedTuple):
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

    def __init__(self, run_dir: Path, now: Callable[[], float] = time.time) -> None:
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
        ended = completion
        # Of a container, only its client could be measured.
        measured = ended if prepared is not None and prepared.image is None else None
        stdout, stderr = self._streams(prepared, request) if prepared and request else (None, None)
        return Done(
            key=call.place.key,
            kind="script" if isinstance(call.process, Script) else "command",
            status=status_of(failure),
            process=name_of(call),
            digest=attempt.digest,
            step=call.place.step,
            index=call.place.index,
            parent=call.place.parent,
            attempt=max(attempt.number, 1),
            command=prepared.command if prepared is not None else (),
            started=timestamp(ended.started) if ended else None,
            ended=timestamp(ended.ended if ended else self._now()),
            exit_code=ended.exit_code if ended else None,
            timed_out=ended.timed_out if ended else False,
            code=failure.causes[0].diagnostic.code if failure else None,
            error=str(failure) if failure else None,
            inputs=attempt.inputs,
            outputs=literals(outputs) if outputs else {},
            host=(ended.host if ended else None) or self._host,
            site=attempt.want.site or None,
            cores=attempt.want.cores,
            cpu_user_s=measured.cpu_user_s if measured else None,
            cpu_system_s=measured.cpu_system_s if measured else None,
            container=prepared.image if prepared is not None else None,
            container_digest=prepared.image_digest if prepared is not None else None,
            max_rss_kib=measured.max_rss_kib if measured else None,
            stdin=self._relative(prepared.stdin) if prepared and prepared.stdin else None,
            stdout=stdout,
            stderr=stderr,
            folder=self._relative(request.folder) if request is not None else None,
        )

    def _streams(
        self, prepared: PreparedTask, request: TaskRequest
    ) -> tuple[str | None, str | None]:
        declared = prepared.stdout_declared or prepared.stderr_declared
        if not declared and not os.path.lexists(request.logs):
            return None, None  # a mere log is made where something is written
        return self._written(prepared.stdout), self._written(prepared.stderr)

    def _written(self, path: str) -> str | None:
        """Return the path of an output of which there may be a file."""
        return self._relative(path) if os.path.lexists(path) else None

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._root)
