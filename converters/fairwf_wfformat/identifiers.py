"""Identifiers that WfFormat allows: others are rewritten, and each stays unique."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

TASK = re.compile(r"[0-9a-zA-Z\-_.]+")
FILE = re.compile(r"[0-9a-zA-Z\-_./:]+")
ANY = re.compile(r".+", re.DOTALL)

# The newest schema file of 1.5 allows # too.
_HASHED_TASK = re.compile(r"[0-9a-zA-Z\-_.#]+")
_HASHED_FILE = re.compile(r"[0-9a-zA-Z\-_./:#]+")
_TASK_OUT = re.compile(r"[^0-9a-zA-Z\-_.]")
_FILE_OUT = re.compile(r"[^0-9a-zA-Z\-_./:]")


def task_ids(ids: Sequence[str], linked: Collection[int]) -> list[str]:
    """Return the ids as they are written; ``linked`` tasks stand in a list of parents.

    The schema restricts the ids in such lists alone.
    """
    return _legal(
        ids,
        [(TASK if index in linked else ANY) for index in range(len(ids))],
        _TASK_OUT,
        "task",
    )


def file_ids(ids: Sequence[str]) -> list[str]:
    """Return the ids as they are written."""
    return _legal(ids, [FILE] * len(ids), _FILE_OUT, "file")


def machine_names(names: Sequence[str]) -> list[str]:
    """Return the names as they are written."""
    written: list[str] = []
    taken = set(names)
    seen: set[str] = set()
    for name in names:
        fits = name != "" and name not in seen
        written.append(name if fits else _fresh(name or "machine", taken))
        seen.add(name)
    return written


def _legal(
    ids: Sequence[str], patterns: Sequence[re.Pattern[str]], out: re.Pattern[str], empty: str
) -> list[str]:
    taken = set(ids)
    counters: dict[str, int] = {}
    written = []
    for name, pattern in zip(ids, patterns, strict=True):
        if not pattern.fullmatch(name):
            name = _fresh(out.sub("_", name) or empty, taken, counters)
        written.append(name)
    return written


def _fresh(base: str, taken: set[str], counters: dict[str, int] | None = None) -> str:
    counters = {} if counters is None else counters
    name, number = base, counters.get(base, 1)
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    counters[base] = number
    taken.add(name)
    return name


def legal_tasks(ids: Sequence[str]) -> dict[str, str]:
    """Return new ids for those that no schema file of 1.5 allows in a list of parents."""
    return _changed(ids, _HASHED_TASK, _TASK_OUT, "task")


def legal_files(ids: Sequence[str]) -> dict[str, str]:
    """Return new ids for those that no schema file of 1.5 allows for a file."""
    return _changed(ids, _HASHED_FILE, _FILE_OUT, "file")


def _changed(
    ids: Sequence[str], pattern: re.Pattern[str], out: re.Pattern[str], empty: str
) -> dict[str, str]:
    unique = list(dict.fromkeys(ids))
    new = _legal(unique, [pattern] * len(unique), out, empty)
    return {a: b for a, b in zip(unique, new, strict=True) if a != b}
