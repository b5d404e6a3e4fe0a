"""Identifiers that WfFormat allows: others are rewritten, and each stays unique."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

TASK = re.compile(r"[0-9a-zA-Z\-_.]+")
FILE = re.compile(r"[0-9a-zA-Z\-_./:]+")
ANY = re.compile(r".+", re.DOTALL)

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
