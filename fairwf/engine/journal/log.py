"""The journal: facts in an append-only log, and an index of them for queries.

Each fact is one line, and facts are written with one ``write`` before the engine acts on them, so
that a killed process loses nothing that it had recorded. A line begins with the CRC-32 of its text:
a torn or damaged end is recognised and left behind. The index (:mod:`fairwf.engine.journal.index`)
is made when there are :data:`BATCH` facts, is filled in batches, and may lag behind or be missing:
whoever reads adds what the log holds beyond it.
"""

from __future__ import annotations

import errno
import os
import re
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec
from msgspec.structs import astuple

from fairwf.engine.journal.facts import AnyFact, Done, Started
from fairwf.engine.journal.index import Entry, Index, Row, read_index
from fairwf.report import EnvironmentFault, InvalidError

BATCH = 1000
"""How many facts are put into the index together."""

_F = TypeVar("_F")
_TORN_START = re.compile(rb"[0-9a-f]{0,8}|[0-9a-f]{8} [^\n]*")
"""What a kill during the very first write leaves."""

_ENCODER = msgspec.json.Encoder()


@cache
def _decoder() -> msgspec.json.Decoder[AnyFact]:
    return msgspec.json.Decoder(AnyFact)


def line_of(fact: AnyFact) -> bytes:
    """Return the line of a fact: eight hex digits, a blank, JSON, a newline."""
    text = _ENCODER.encode(fact)
    return b"%08x %s\n" % (zlib.crc32(text), text)


class _Brief(msgspec.Struct, frozen=True):
    """What the index says of a fact."""

    fact: str
    key: str | None = None
    status: str | None = None
    kind: str | None = None
    attempt: int = 1
    reused: str | None = None


def read_entries(log: Path, database: Path) -> Iterator[Entry]:
    """Yield what each fact is about, and where it stands: from the index, the rest from the log.

    Reads only, so it may be called while an engine writes.

    Raises:
        InvalidError: the log is damaged.
    """
    size = log.stat().st_size if log.exists() else 0
    position, entries = read_index(database, size)
    yield from entries
    yield from _tail(log, position)


def _tail(log: Path, start: int) -> Iterator[Entry]:
    at = start
    for end, one in _read(log, start, msgspec.json.Decoder(_Brief).decode):
        yield Entry(at, one.fact, one.key, one.status, one.kind, one.attempt, one.reused)
        at = end


class LogReader:
    """Reads facts by where they stand."""

    def __init__(self, path: Path) -> None:
        """Open the log.

        Raises:
            InvalidError: it cannot be read.
        """
        self._path = path
        try:
            self._log = path.open("rb")
        except OSError as error:
            message = f"the journal cannot be read: {error.strerror}"
            raise InvalidError.of("FWF4012", message, file=str(path)) from None

    def read(self, at: int) -> AnyFact:
        """Return the fact at an offset.

        Raises:
            InvalidError: none stands there.
        """
        self._log.seek(at)
        fact = _parse(self._log.readline(), _decoder().decode)
        if fact is None:
            raise _damaged(self._path, at)
        return fact

    def close(self) -> None:
        """Close the log."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()


def read_log(path: Path, start: int = 0) -> Iterator[tuple[int, AnyFact]]:
    """Yield each whole fact from an offset on, with the offset behind its line.

    Reading ends silently at a torn last line.

    Raises:
        InvalidError: a damaged line is followed by others.
    """
    return _read(path, start, _decoder().decode)


def _read(path: Path, start: int, decode: Callable[[bytes], _F]) -> Iterator[tuple[int, _F]]:
    try:
        with path.open("rb") as log:
            log.seek(start)
            offset = start
            for line in log:
                fact = _parse(line, decode)
                if fact is None:
                    if log.read(1) or (offset == 0 and not _TORN_START.fullmatch(line)):
                        raise _damaged(path, offset)
                    return
                offset += len(line)
                yield offset, fact
    except FileNotFoundError:
        return


def _parse(line: bytes, decode: Callable[[bytes], _F]) -> _F | None:
    if len(line) < 10 or not line.endswith(b"\n"):
        return None
    text = line[9:-1]
    if line[:9] != b"%08x " % zlib.crc32(text):
        return None
    try:
        return decode(text)
    except msgspec.DecodeError:
        return None


def _damaged(path: Path, at: int) -> InvalidError:
    return InvalidError.of(
        "FWF4012",
        f"the journal is damaged at byte {at}",
        file=str(path),
        hint="restore the file, or start a new run",
    )


class Journal:
    """A run's journal, open for writing.

    One engine at a time: see :mod:`fairwf.engine.places.rundir`.
    """

    def __init__(self, log: Path, database: Path) -> None:
        """Open, cut off a torn end, and bring the index up to date.

        Raises:
            InvalidError: the log is damaged in the middle.
            EnvironmentFault: the folder cannot be written.
        """
        self._log_path = log
        size = log.stat().st_size if log.exists() else 0
        self._index = Index(database)
        self._end = self._index.open(size)
        self._rows: list[Row] = []
        self._begun: dict[tuple[str, int], int] = {}
        at = self._end
        for end, one in _read(log, at, msgspec.json.Decoder(_Brief).decode):
            self._add(Entry(at, one.fact, one.key, one.status, one.kind, one.attempt, one.reused))
            at = self._end = end
            self._fill()
        try:
            self._log = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            if os.fstat(self._log).st_size > self._end:
                os.ftruncate(self._log, self._end)
        except OSError as error:
            raise _unwritable(log, error) from None

    def write(self, *facts: AnyFact) -> None:
        """Append facts; when this returns, a kill of the process cannot lose them.

        Raises:
            EnvironmentFault: the disk is full, or the file is gone.
        """
        if not facts:
            return
        end, lines = self._end, list[bytes]()
        places = list[int]()
        for fact in facts:
            line = line_of(fact)
            lines.append(line)
            places.append(end)
            end += len(line)
        try:
            written = os.write(self._log, b"".join(lines))
            if written != end - self._end:
                os.ftruncate(self._log, self._end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise _unwritable(self._log_path, error) from None
        self._end = end
        begun, rows = self._begun, self._rows
        for at, fact in zip(places, facts, strict=True):
            if type(fact) is Started:
                begun[fact.key, fact.attempt] = at
            elif type(fact) is Done:
                begun.pop((fact.key, fact.attempt), None)
                reused = fact.reused or ""
                rows.append((at, "done", fact.key, fact.status, fact.kind, fact.attempt, reused))
            else:
                tag = str(type(fact).__struct_config__.tag)
                rows.append((at, tag, getattr(fact, "key", None), None, None, 1, ""))
        self._fill()

    def _add(self, entry: Entry) -> None:
        """Let an entry wait for the index; of an attempt that has ended, only its end."""
        if entry.key is not None and entry.fact == "started":
            self._begun[entry.key, entry.attempt] = entry.at
            return
        if entry.key is not None and entry.fact == "done":
            self._begun.pop((entry.key, entry.attempt), None)
        self._rows.append((*astuple(entry)[:-1], entry.reused or ""))

    def _fill(self) -> None:
        if len(self._rows) + len(self._begun) >= BATCH:
            self._store()

    def _store(self) -> None:
        for (key, attempt), at in self._begun.items():
            self._rows.append((at, "started", key, None, None, attempt, ""))
        self._index.store(self._rows, self._end)
        self._rows.clear()
        self._begun.clear()

    def flush(self) -> None:
        """Put what is recorded into the index, if there is one, and the log onto the disk."""
        if self._index.exists:
            self._store()
        try:
            os.fsync(self._log)
        except OSError as error:
            raise _unwritable(self._log_path, error) from None

    def close(self) -> None:
        """Flush and close."""
        try:
            self.flush()
        finally:
            self._index.close()
            os.close(self._log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except EnvironmentFault:
            if error is None:
                raise


def _unwritable(path: Path, error: OSError) -> EnvironmentFault:
    return EnvironmentFault.refused(
        error,
        "the journal cannot be written",
        file=str(path),
        hint=("make room" if error.errno == errno.ENOSPC else "mend that")
        + f", and go on: fairwf resume {path.parent}",
    )
