"""Databases that engines leave behind, opened so that nothing in them or beside them changes."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fairwf.report import InvalidError

MAGIC = b"SQLite format 3\0"
MOST_BYTES = 16 * 1024**3
MOST_COPIED = 1024**3
MOST_ROWS = 10_000_000
_MOST_CELL = 64 * 1024**2

Row = Mapping[str, Any]


class Database:
    """An SQLite database that is only read."""

    def __init__(self, connection: sqlite3.Connection, file: str) -> None:
        self._connection, self._file = connection, file

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of a table's columns; none where there is no such table.

        A view is none: engines make no views, and that of a stranger may never end.
        """
        text = (
            "SELECT c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c "
            "WHERE t.type = 'table' AND t.name = ?"
        )
        return frozenset(str(row["name"]) for row in self._rows(text, (table,)))

    def rows(self, table: str, wanted: Sequence[str], where: Mapping[str, Any] = {}) -> list[Row]:
        """Return the rows of a table (:meth:`each`)."""
        return list(self.each(table, wanted, where))

    def each(
        self, table: str, wanted: Sequence[str], where: Mapping[str, Any] = {}
    ) -> Iterator[Row]:
        """Yield the rows of a table; a column that it lacks is None in each.

        Args:
            table, wanted: names that the program knows, never those of a document.
            where: what columns must equal.

        Raises:
            InvalidError: the database is damaged, or has too many rows.
        """
        known = self.columns(table)
        if not known:
            return
        shown = ", ".join(f'"{c}"' if c in known else f'NULL AS "{c}"' for c in wanted)
        kept = {name: value for name, value in where.items() if name in known}
        test = " AND ".join(f'"{name}" = ?' for name in kept)
        text = f'SELECT {shown} FROM "{table}"' + (f" WHERE {test}" if test else "")  # noqa: S608 - the names are ours
        for number, row in enumerate(self._rows(text, tuple(kept.values()))):
            if number >= MOST_ROWS:
                raise InvalidError.of(
                    "FWF1009", f"{table!r} has more than {MOST_ROWS} rows", file=self._file
                )
            yield row

    def _rows(self, text: str, values: tuple[Any, ...]) -> Iterator[Row]:
        try:
            for row in self._connection.execute(text, values):
                yield dict(row)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise InvalidError.of(
                "FWF1802", f"the database cannot be read: {error}", file=self._file
            ) from None


def is_database(path: Path) -> bool:
    """Tell whether a file is an SQLite database."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def has_columns(path: Path, wanted: Mapping[str, str]) -> bool:
    """Tell whether a database has a column in each of these tables.

    Its write-ahead log, which may be large, is looked at only where the database lacks one.
    """
    for with_log in (False, True):
        try:
            with opened(path, with_log=with_log) as database:
                if all(column in database.columns(table) for table, column in wanted.items()):
                    return True
        except InvalidError:
            return False
    return False


@contextmanager
def opened(path: Path, *, with_log: bool = True) -> Iterator[Database]:
    """Give a database, read-only and taken as immutable: no lock, no journal, no change.

    Where the engine left a write-ahead log, both are copied first, for its rows count; without
    ``with_log`` they do not.

    Raises:
        InvalidError: it is no database, or too large.
    """
    if not is_database(path) or path.stat().st_size > MOST_BYTES:
        raise InvalidError.of("FWF1802", "is no SQLite database, or too large", file=str(path))
    log = path.with_name(path.name + "-wal")
    logged = with_log and log.is_file() and not log.is_symlink() and log.stat().st_size > 0
    if not logged:
        with _connected(path, "mode=ro&immutable=1") as database:
            yield database
        return
    if path.stat().st_size + log.stat().st_size > MOST_COPIED:
        raise InvalidError.of(
            "FWF1802",
            "is too large to be read while it has a write-ahead log",
            file=str(path),
            hint="close it: sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE)'",
        )
    with tempfile.TemporaryDirectory(prefix="fairwf-") as folder:
        copy = Path(folder, "copy.db")
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name("copy.db-wal"))
        with _connected(copy, "mode=rw") as database:
            yield database


@contextmanager
def _connected(path: Path, options: str) -> Iterator[Database]:
    uri = f"file:{quote(str(path.resolve()))}?{options}"
    try:
        connection = sqlite3.connect(uri, uri=True)
    except sqlite3.Error as error:
        raise InvalidError.of(
            "FWF1802", f"the database cannot be opened: {error}", file=str(path)
        ) from None
    try:
        connection.row_factory = sqlite3.Row
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_CELL)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        yield Database(connection, str(path))
    except sqlite3.Error as error:
        raise InvalidError.of(
            "FWF1802", f"the database cannot be read: {error}", file=str(path)
        ) from None
    finally:
        connection.close()
