"""Recognising Parsl's monitoring database, and finding it in a run folder."""

from __future__ import annotations

from pathlib import Path

from fairwf.report import InvalidError
from fairwf.trace.database import is_database, opened

NAME = "monitoring.db"
_TABLES = ("workflow", "task", "try")


def database_of(path: Path) -> Path | None:
    """Return the database: the file itself, or that of a folder or of its ``runinfo``."""
    for place in (path, path / NAME, path / "runinfo" / NAME):
        if place.is_file() and is_database(place):
            return place
    return None


def detect(path: Path) -> int:
    """Return how sure it is, 0 to 100, that Parsl's monitoring wrote what is there."""
    place = database_of(path)
    if place is None:
        return 0
    try:
        with opened(place) as database:
            told = all("run_id" in database.columns(table) for table in _TABLES)
    except InvalidError:
        return 0
    return 95 if told else 0
