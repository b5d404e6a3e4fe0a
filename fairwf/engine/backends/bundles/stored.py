"""An attempt as it is kept beside its job, so that a later engine can go on with it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fairwf.engine.backends.bundles.sizing import Load
from fairwf.engine.backends.protocol import Kept
from fairwf.engine.task import PreparedTask
from fairwf.engine.task.view import View
from fairwf.ir.expressions import Expr
from fairwf.ir.values import from_literal, to_literal


class StoredAttempt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A prepared task whose values are literals, without what only its start needs."""

    key: str
    digest: str
    number: int
    tmp: str
    kind: str
    cores: float
    gpus: int
    ram_mib: float = 0
    argv: tuple[str, ...]
    command: tuple[str, ...]
    cwd: str
    stdin: str | None
    stdout: str
    stderr: str
    stdout_declared: bool = False
    stderr_declared: bool = False
    time_limit_s: float | None = None
    inputs: dict[str, Expr] = {}
    staged: list[Expr] = []
    runtime: dict[str, Expr] = {}
    view: list[tuple[str, str]] = []
    image: str | None = None
    image_digest: str | None = None

    @property
    def load(self) -> Load:
        """What it asks of a job."""
        return Load(self.kind, self.cores, self.gpus, self.time_limit_s, self.ram_mib)


class StoredBundle(msgspec.Struct, kw_only=True):
    """All attempts of a bundle. ``folder`` is where the run directory was."""

    folder: str
    attempts: list[StoredAttempt]


def stored(task: PreparedTask, digest: str, number: int, tmp: str, load: Load) -> StoredAttempt:
    """Return what is kept of an attempt."""
    return StoredAttempt(
        key=task.task_id,
        digest=digest,
        number=number,
        tmp=tmp,
        kind=load.kind,
        cores=load.cores,
        gpus=load.gpus,
        ram_mib=load.ram_mib,
        # the first word tells why a program could not be started; the rest may hold secrets
        argv=task.argv[:1],
        command=task.command,
        cwd=task.cwd,
        stdin=task.stdin,
        stdout=task.stdout,
        stderr=task.stderr,
        stdout_declared=task.stdout_declared,
        stderr_declared=task.stderr_declared,
        time_limit_s=task.time_limit_s,
        inputs={name: to_literal(value) for name, value in task.inputs.items()},
        staged=[to_literal(value) for value in task.staged],
        runtime={name: to_literal(value) for name, value in task.runtime.items()},
        view=task.view.pairs,
        image=task.image,
        image_digest=task.image_digest,
    )


def kept(attempt: StoredAttempt) -> Kept:
    """Return an attempt as the engine goes on with it."""
    prepared = PreparedTask(
        task_id=attempt.key,
        argv=attempt.argv,
        command=attempt.command,
        env={},
        cwd=attempt.cwd,
        stdin=attempt.stdin,
        stdout=attempt.stdout,
        stderr=attempt.stderr,
        stdout_declared=attempt.stdout_declared,
        stderr_declared=attempt.stderr_declared,
        time_limit_s=attempt.time_limit_s,
        inputs={name: from_literal(value) for name, value in attempt.inputs.items()},
        staged=[from_literal(value) for value in attempt.staged],
        runtime={name: from_literal(value) for name, value in attempt.runtime.items()},
        view=View(attempt.view),
        image=attempt.image,
        image_digest=attempt.image_digest,
    )
    return Kept(digest=attempt.digest, number=attempt.number, tmp=attempt.tmp, prepared=prepared)


_DECODER = msgspec.json.Decoder(StoredBundle)
_ENCODER = msgspec.json.Encoder()


def encode(folder: str, attempts: Sequence[StoredAttempt]) -> bytes:
    """Return the text of ``attempts.json``."""
    return _ENCODER.encode(StoredBundle(folder=folder, attempts=list(attempts)))


def decode(data: bytes) -> StoredBundle:
    """Return what ``attempts.json`` holds.

    Raises:
        msgspec.DecodeError: it is damaged.
    """
    return _DECODER.decode(data)
