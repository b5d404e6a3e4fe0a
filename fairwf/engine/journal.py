"""The journal: facts in an append-only log, and a database of them for queries.

Each fact is one line, and facts are written with one ``write`` before the engine acts on them, so
that a killed process loses nothing that it had recorded. A line begins with the CRC-32 of its text:
a torn or damaged end is recognised and left behind. The SQLite database (WAL) is made when there
are :data:`BATCH` facts, is filled in batches, and may lag behind or be missing: whoever reads adds
what the log holds beyond it.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from fairwf.engine.facts import AnyFact
from fairwf.report import EnvironmentFault, InvalidError

if TYPE_CHECKING:
    import sqlite3

BATCH = 500
"""How many facts are put into the database together."""

_F = TypeVar("_F")
_TORN_START = re.compile(rb"[0-9a-f]{0,8}|[0-9a-f]{8} [^\n]*")
"""What a kill during the very first write leaves."""

_ENCODER = msgspec.json.Encoder()

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (
    at INTEGER PRIMARY KEY, fact TEXT NOT NULL, key TEXT, status TEXT, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS facts_by_key ON facts (key);
CREATE INDEX IF NOT EXISTS facts_by_status ON facts (fact, status);
CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), log INTEGER);
"""


@cache
def _decoder() -> msgspec.json.Decoder[AnyFact]:
    return msgspec.json.Decoder(AnyFact)


def line_of(fact: AnyFact) -> bytes:
    """Return the line of a fact: eight hex digits, a blank, JSON, a newline."""
    text = _ENCODER.encode(fact)
    return b"%08x %s\n" % (zlib.crc32(text), text)


class Brief(msgspec.Struct, frozen=True):
    """The key of a fact that is about one execution."""

    fact: str
    key: str | None = None
    attempt: int = 1


def read_brief(path: Path) -> Iterator[AnyFact | Brief]:
    """Yield each fact; of executions only what they are about, without the values they hold.

    Raises:
        InvalidError: a damaged line is followed by others.
    """
    brief = msgspec.json.Decoder(Brief).decode
    whole = _decoder().decode

    def decode(text: bytes) -> AnyFact | Brief:
        found = brief(text)
        return found if found.fact in ("done", "started") else whole(text)

    return (fact for _, fact in _read(path, 0, decode))


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
                        raise InvalidError.of(
                            "FWF4012",
                            f"the journal is damaged at byte {offset}",
                            file=str(path),
                            hint="restore the file, or start a new run",
                        )
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


class Journal:
    """A run's journal, open for writing. One engine at a time: see :mod:`fairwf.engine.rundir`."""

    def __init__(self, log: Path, database: Path) -> None:
        """Open, cut off a torn end, and bring the database up to date.

        Raises:
            InvalidError: the log is damaged in the middle.
            EnvironmentFault: the folder cannot be written.
        """
        self._log_path = log
        ends = [end for end, _ in read_log(log)]
        end = ends[-1] if ends else 0
        try:
            self._log = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            if os.fstat(self._log).st_size > end:
                os.ftruncate(self._log, end)
        except OSError as error:
            raise _unwritable(log, error) from None
        self._end = end
        self._rows: list[tuple[int, str, str | None, str | None, bytes]] = []
        self._path = database
        self._database: sqlite3.Connection | None = None
        self._broken = False
        if database.exists() or len(ends) >= BATCH:
            self._open()

    def _open(self) -> None:
        import sqlite3

        try:
            self._database = _open(self._path)
        except sqlite3.DatabaseError:
            for path in self._path.parent.glob(self._path.name + "*"):
                path.unlink()
            self._database = _open(self._path)
        self._catch_up()

    def _catch_up(self) -> None:
        """Fill the database with what only the log holds, and with the rows that wait for it."""
        assert self._database is not None
        waiting, self._rows = self._rows, []
        known = _position(self._database)
        if known > self._end:
            with self._database:
                self._database.execute("DELETE FROM facts")
            known = 0
        at, until = known, waiting[0][0] if waiting else self._end
        if at < until:
            for end, fact in read_log(self._log_path, known):
                self._rows.append(_row(at, fact, _ENCODER.encode(fact)))
                at = end
                if len(self._rows) >= BATCH:
                    self._store(at)
                if at >= until:
                    break
        self._rows += [row for row in waiting if row[0] >= known]
        self._store(self._end)

    def write(self, *facts: AnyFact) -> None:
        """Append facts; when this returns, a kill of the process cannot lose them.

        Raises:
            EnvironmentFault: the disk is full, or the file is gone.
        """
        if not facts:
            return
        end, lines, rows = self._end, [], []
        for fact in facts:
            text = _ENCODER.encode(fact)
            lines.append(b"%08x %s\n" % (zlib.crc32(text), text))
            rows.append(_row(end, fact, text))
            end += len(lines[-1])
        try:
            written = os.write(self._log, b"".join(lines))
            if written != end - self._end:
                os.ftruncate(self._log, self._end)
                raise OSError(28, "no space left on device")
        except OSError as error:
            raise _unwritable(self._log_path, error) from None
        self._rows += rows
        self._end = end
        if len(self._rows) >= BATCH:
            self._store(self._end)

    def flush(self) -> None:
        """Put what is recorded into the database, and the log onto the disk."""
        self._store(self._end)
        try:
            os.fsync(self._log)
        except OSError as error:
            raise _unwritable(self._log_path, error) from None

    def _store(self, end: int) -> None:
        """Fill the database. Where it fails (disk full), the log still has everything."""
        if self._broken:
            self._rows.clear()
            return
        if self._database is None and len(self._rows) < BATCH:
            return
        import sqlite3

        try:
            if self._database is None:
                self._open()
                return
            with self._database:
                self._database.executemany(
                    "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?)", self._rows
                )
                self._database.execute("INSERT OR REPLACE INTO position VALUES (1, ?)", (end,))
        except sqlite3.OperationalError:
            if self._database is not None:
                self._database.close()
            self._database, self._broken = None, True
        self._rows.clear()

    def close(self) -> None:
        """Flush and close."""
        try:
            self.flush()
        finally:
            if self._database is not None:
                self._database.close()
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


def read_facts(log: Path, database: Path) -> Iterator[AnyFact]:
    """Yield every fact in order: those of the database, then those that only the log holds.

    Reads only, so it may be called while an engine writes.

    Raises:
        InvalidError: the log is damaged.
    """
    start, bodies = 0, list[bytes]()
    if database.exists() and log.exists():
        import sqlite3

        try:
            connection = sqlite3.connect(f"file:{_uri(database)}?mode=ro", uri=True)
            try:
                connection.execute("BEGIN")
                position = _position(connection)
                if position <= log.stat().st_size:
                    rows = connection.execute("SELECT body FROM facts ORDER BY at").fetchall()
                    start, bodies = position, [body for (body,) in rows]
            finally:
                connection.close()
        except sqlite3.DatabaseError:
            start, bodies = 0, []  # the log holds everything
    for body in bodies:
        try:
            fact = _decoder().decode(body)
        except (msgspec.DecodeError, TypeError, ValueError) as error:
            message = f"is damaged: {error}"
            raise InvalidError.of("FWF4012", message, file=str(database)) from None
        yield fact
    for _, fact in read_log(log, start):
        yield fact


def _uri(path: Path) -> str:
    return path.resolve().as_uri().removeprefix("file://")


def _open(path: Path) -> sqlite3.Connection:
    import sqlite3

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.executescript(_SCHEMA)
    return connection


def _position(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT log FROM position").fetchone()
    return int(row[0]) if row else 0


def _row(at: int, fact: AnyFact, body: bytes) -> tuple[int, str, str | None, str | None, bytes]:
    tag = str(type(fact).__struct_config__.tag)
    key, status = getattr(fact, "key", None), getattr(fact, "status", None)
    return at, tag, key, status, body


def _unwritable(path: Path, error: OSError) -> EnvironmentFault:
    return EnvironmentFault.refused(
        error,
        "the journal cannot be written",
        file=str(path),
        hint="mend that, and go on with `fairwf resume`",
    )
