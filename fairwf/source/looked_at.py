"""Which files were looked at while something was done: what its result depends on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_SEEN: ContextVar[set[Path] | None] = ContextVar("_SEEN", default=None)


@contextmanager
def watched() -> Iterator[set[Path]]:
    """Give the set that the paths that are looked at from now on go to, also missing ones.

    Who watches around it sees them, too.
    """
    paths: set[Path] = set()
    around = _SEEN.get()
    token = _SEEN.set(paths)
    try:
        yield paths
    finally:
        _SEEN.reset(token)
        if around is not None:
            around |= paths


def seen(path: Path) -> None:
    """Note that a path was looked at."""
    paths = _SEEN.get()
    if paths is not None:
        paths.add(path)
