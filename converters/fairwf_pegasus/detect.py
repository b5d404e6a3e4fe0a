"""Recognising what Pegasus leaves: a submit folder, or its stampede database."""

from __future__ import annotations

from pathlib import Path

from fairwf.report import InvalidError
from fairwf.trace.database import is_database, opened

BRAINDUMP = ("braindump.yml", "braindump.txt")
JOBSTATE = "jobstate.log"


def database_of(path: Path) -> Path | None:
    """Return the stampede database: the file itself, or the one in a submit folder."""
    if path.is_file():
        return path if is_database(path) else None
    found = sorted(path.glob("*.stampede.db"))
    return next((file for file in found if is_database(file)), None)


def detect(path: Path) -> int:
    """Return how sure it is, 0 to 100, that a path is what Pegasus left behind."""
    if path.is_file():
        return 95 if is_database(path) and _is_stampede(path) else 0
    known = any((path / name).is_file() for name in BRAINDUMP)
    if not known:
        return 0
    planned = next(path.glob("*.dag"), None) is not None
    return 95 if planned or (path / JOBSTATE).is_file() or database_of(path) else 0


def _is_stampede(path: Path) -> bool:
    try:
        with opened(path) as database:
            return "wf_uuid" in database.columns("workflow") and bool(
                database.columns("invocation")
            )
    except InvalidError:
        return False
