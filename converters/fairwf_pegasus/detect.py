"""Recognising what Pegasus leaves: a submit folder, or its stampede database."""

from __future__ import annotations

from pathlib import Path

from fairwf.trace.database import has_columns, is_database

BRAINDUMP = ("braindump.yml", "braindump.txt")
JOBSTATE = "jobstate.log"
_TABLES = {"workflow": "wf_uuid", "invocation": "wf_id"}


def database_of(path: Path) -> Path | None:
    """Return the stampede database: the file itself, or the one in a submit folder."""
    if path.is_file():
        return path if is_database(path) else None
    found = sorted(path.glob("*.stampede.db"))
    return next((file for file in found if is_database(file)), None)


def detect(path: Path) -> int:
    """Return how sure it is, 0 to 100, that a path is what Pegasus left behind."""
    if path.is_file():
        return 95 if is_database(path) and has_columns(path, _TABLES) else 0
    known = any((path / name).is_file() for name in BRAINDUMP)
    if not known:
        return 0
    planned = next(path.glob("*.dag"), None) is not None
    return 95 if planned or (path / JOBSTATE).is_file() or database_of(path) else 0
