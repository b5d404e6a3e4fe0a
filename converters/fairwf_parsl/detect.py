"""Recognising Parsl's monitoring database, and finding it in a run folder."""

from __future__ import annotations

from pathlib import Path

from fairwf.trace.database import has_columns, is_database

NAME = "monitoring.db"
_TABLES = dict.fromkeys(("workflow", "task", "try"), "run_id")


def database_of(path: Path) -> Path | None:
    """Return the database: the file itself, or that of a folder or of its ``runinfo``."""
    for place in (path, path / NAME, path / "runinfo" / NAME):
        if place.is_file() and is_database(place):
            return place
    return None


def detect(path: Path) -> int:
    """Return how sure it is, 0 to 100, that Parsl's monitoring wrote what is there."""
    place = database_of(path)
    return 95 if place is not None and has_columns(place, _TABLES) else 0
