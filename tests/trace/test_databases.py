"""Databases of strangers: read within limits, and never what would run."""

import sqlite3
from pathlib import Path

import pytest

from fairwf.report import InvalidError
from fairwf.trace import database
from fairwf.trace.database import opened

ENDLESS = """
WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n WHERE id < 0
"""


def made(folder: Path, *statements: str) -> Path:
    path = folder / "a.db"
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_a_view_is_no_table(tmp_path: Path) -> None:
    """This one never ends: no row of it is ever found."""
    with opened(made(tmp_path, f"CREATE VIEW task AS {ENDLESS}")) as found:
        assert found.columns("task") == frozenset()
        assert found.rows("task", ("id",)) == []


def test_a_column_that_is_missing_is_none(tmp_path: Path) -> None:
    path = made(tmp_path, "CREATE TABLE task (id)", "INSERT INTO task VALUES (1), (2)")
    with opened(path) as found:
        assert found.rows("task", ("id", "name"), {"id": 2}) == [{"id": 2, "name": None}]


def test_more_rows_than_anyone_reads_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path, "CREATE TABLE task (id)", "INSERT INTO task VALUES (1), (2), (3)")
    monkeypatch.setattr(database, "MOST_ROWS", 2)
    with opened(path) as found, pytest.raises(InvalidError, match="more than 2 rows"):
        found.rows("task", ("id",))


def test_a_huge_cell_is_an_error(tmp_path: Path) -> None:
    path = made(tmp_path, "CREATE TABLE task (id)", "INSERT INTO task VALUES (zeroblob(70000000))")
    with opened(path) as found, pytest.raises(InvalidError, match="cannot be read"):
        found.rows("task", ("id",))
