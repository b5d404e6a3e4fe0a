"""The index of a journal: what each fact is about, and where in the log it stands.

A SQLite database (WAL), filled in batches. It holds no values: those are read from the log. It may
lag behind the log, be missing or damaged: then it is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import sqlite3

_VERSION = 2
"""Of the tables. Those of another version are made again."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS facts (
    at INTEGER PRIMARY KEY, fact TEXT NOT NULL, key TEXT, status TEXT, kind TEXT,
    attempt INTEGER NOT NULL, reused TEXT);
CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), log INTEGER);
PRAGMA user_version = {_VERSION};
"""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a fact is about. ``at`` is the offset of its line in the log, ``fact`` its tag.

    Where an attempt has ended, the entry of its start may be missing.
    """

    at: int
    fact: str
    key: str | None = None
    status: str | None = None
    kind: str | None = None
    attempt: int = 1
    reused: str | None = None


Row = tuple[int, str, str | None, str | None, str | None, int, str]
"""The fields of an :class:`Entry`; ``reused`` of none is an empty text, which binds faster."""


class Index:
    """The index, open for writing. Where it cannot be written, the log still has everything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._broken = False

    @property
    def exists(self) -> bool:
        """Whether there is a database."""
        return self._database is not None

    def open(self, size: int) -> int:
        """Open the database if there is one; return up to where it knows a log of this size."""
        if not self._path.exists():
            return 0
        self._connect()
        if self._database is None:
            return 0
        position = _position(self._database)
        if position > size:
            self._anew()
            return 0
        return position

    def store(self, rows: Iterable[Row], position: int) -> None:
        """Add entries, which are those up to an offset of the log; makes the database."""
        if self._broken:
            return
        if self._database is None:
            self._connect()
        import sqlite3

        try:
            if self._database is None:
                return
            with self._database:
                self._database.executemany(
                    "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?, ?, NULLIF(?, ''))", rows
                )
                self._database.execute("INSERT OR REPLACE INTO position VALUES (1, ?)", (position,))
        except sqlite3.OperationalError:
            self.close()
            self._broken = True

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _connect(self) -> None:
        import sqlite3

        try:
            self._database = _opened(self._path)
            if self._database is None:
                self._anew()
        except sqlite3.OperationalError:
            self._broken = True
        except sqlite3.DatabaseError:
            self._anew()

    def _anew(self) -> None:
        """Replace the database by an empty one."""
        self.close()
        for path in self._path.parent.glob(self._path.name + "*"):
            path.unlink()
        self._database = _opened(self._path)


def read_index(path: Path, size: int) -> tuple[int, Iterator[Entry]]:
    """Return up to where the index knows a log of this size, and the entries until there."""
    nothing: tuple[int, Iterator[Entry]] = (0, iter(()))
    if not path.exists():
        return nothing
    import sqlite3

    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.DatabaseError:
        return nothing
    try:
        connection.execute("BEGIN")
        position = _position(connection) if _version(connection) == _VERSION else 0
        whole = connection.execute("PRAGMA quick_check(1)").fetchone() if position else None
    except sqlite3.DatabaseError:
        position, whole = 0, None
    if not 0 < position <= size or whole != ("ok",):
        connection.close()
        return nothing
    return position, _entries(connection)


def _entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    try:
        rows = connection.execute(
            "SELECT at, fact, key, status, kind, attempt, reused FROM facts ORDER BY at"
        )
        yield from starmap(Entry, rows)
    finally:
        connection.close()


def _opened(path: Path) -> sqlite3.Connection | None:
    """Return a connection; None where the database is of another version."""
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        tables: Sequence[object] = connection.execute("SELECT name FROM sqlite_master").fetchall()
        if tables and _version(connection) != _VERSION:
            connection.close()
            return None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _position(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT log FROM position").fetchone()
    return int(row[0]) if row else 0
