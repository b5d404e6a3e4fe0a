"""The folder of one bundle: what the engine says to the worker, and what the worker reports.

::

    attempts.json   the engine's own record of the attempts in it, for a later engine
    bundle.json     the tasks as the worker wants them; when it is there, the folder is complete
    job             the scheduler's id of the job, once it is known
    claim           made by whoever owns the bundle: the worker, or an engine that took it back
    log             what happened, one line each, written by the worker alone
    cancel.3        the engine does not want the task of this number any more
    stop            the engine has given the bundle up: nothing in it may start any more
    output          what the job itself wrote to standard output and error
    environment     the variables before the set-up commands ran, where there are any
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from fairwf.atomic import write_file

REVOKED = "engine\n"
_TAIL_BYTES = 2000


class Line(msgspec.Struct, frozen=True):
    """One line of a worker's log (``worker.py`` writes it).

    ``k``: claim, start, end, beat, close. ``i`` is the number of the task, ``t`` a time in seconds
    since 1970; of an end: ``code`` of exit, ``sig`` of a signal, times, CPU seconds, KiB;
    ``to``: over its time limit; ``stopped``: ended from outside, so that it says nothing about the
    task; ``cut``: ended because the engine did not want it any more; ``err``: why it could not be
    started. Of a close, ``why`` it came before its time.
    """

    k: str
    i: int = -1
    t: float = 0.0
    code: int = 0
    sig: int | None = None
    t0: float = 0.0
    t1: float = 0.0
    u: float | None = None
    s: float | None = None
    rss: int | None = None
    to: bool = False
    stopped: bool = False
    cut: bool = False
    err: str | None = None
    why: str | None = None
    host: str | None = None
    job: str | None = None
    pid: int | None = None


_LINE = msgspec.json.Decoder(Line)


class BundleFolder:
    """Reads and writes the folder of a bundle."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        self._rest = b""

    @property
    def number(self) -> int:
        """The number of the bundle in its run, from 1."""
        return int(self.path.name)

    def write(
        self,
        attempts: bytes,
        tasks: Sequence[Mapping[str, Any]],
        *,
        cores: float,
        ram_mib: float | None,
        life_s: float | None,
        beat_s: float,
        path: str,
    ) -> None:
        """Make the folder, complete.

        ``life_s``: how long the worker may start tasks; ``beat_s``: how often it shows that it
        lives; ``path``: the PATH of the engine.

        Raises:
            OSError: it cannot be written.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_file(self.path / "attempts.json", attempts)
        bundle = {
            "cores": cores,
            "ram": ram_mib,
            "life": life_s,
            "beat": beat_s,
            "path": path,
            "tasks": tasks,
        }
        write_file(self.path / "bundle.json", json.dumps(bundle).encode("ascii"))

    @property
    def complete(self) -> bool:
        """Whether the engine that made it lived long enough to write it."""
        return (self.path / "bundle.json").exists()

    def attempts(self) -> bytes:
        """Return the engine's own record.

        Raises:
            OSError: it cannot be read.
        """
        return (self.path / "attempts.json").read_bytes()

    # --- who owns it

    @property
    def job(self) -> str | None:
        """The scheduler's id of the job."""
        try:
            return (self.path / "job").read_text("utf-8").strip() or None
        except OSError:
            return None

    def submitted(self, job: str) -> None:
        """Record the scheduler's id of the job.

        Raises:
            OSError: it cannot be written.
        """
        write_file(self.path / "job", f"{job}\n".encode())

    @property
    def claimed(self) -> bool:
        """Whether a worker owns the bundle."""
        try:
            return (self.path / "claim").read_text("utf-8", "replace") != REVOKED
        except OSError:
            return False

    def revoke(self) -> bool:
        """Take the bundle back; False where a worker owns it.

        After True, no worker will ever run anything of it.

        Raises:
            OSError: the folder cannot be written.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            file = os.open(self.path / "claim", flags, 0o600)
        except FileExistsError:
            return not self.claimed
        try:
            os.write(file, REVOKED.encode())
        finally:
            os.close(file)
        return True

    @property
    def given_up(self) -> bool:
        """Whether an engine gave the bundle up."""
        return (self.path / "stop").exists()

    def give_up(self) -> None:
        """Tell the worker, wherever it is, to end everything.

        Raises:
            OSError: the folder cannot be written.
        """
        (self.path / "stop").touch(mode=0o600)

    def cancel(self, number: int) -> None:
        """Tell the worker to end one task.

        Raises:
            OSError: the folder cannot be written.
        """
        (self.path / f"cancel.{number}").touch(mode=0o600)

    # --- what the worker reports

    def news(self) -> list[Line]:
        """Return the whole lines that are new in the log. A damaged line says nothing.

        The file is opened each time: only then does a shared file system look for what is new.
        """
        try:
            with open(self.path / "log", "rb") as log:
                log.seek(self._read)
                data = log.read()
        except OSError:
            return []
        self._read += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line for text in lines if (line := _parsed(text)) is not None]

    def last_words(self) -> str:
        """Return the last line that the job itself wrote: why a worker never came to start."""
        try:
            with open(self.path / "output", "rb") as output:
                output.seek(0, os.SEEK_END)
                output.seek(max(0, output.tell() - _TAIL_BYTES))
                lines = output.read().decode("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        last = lines[-1] if lines else ""
        return "".join(c if c.isprintable() else "?" for c in last)[:300]


def _parsed(text: bytes) -> Line | None:
    if len(text) < 10 or text[:9] != b"%08x " % zlib.crc32(text[9:]):
        return None
    try:
        return _LINE.decode(text[9:])
    except msgspec.DecodeError:
        return None
