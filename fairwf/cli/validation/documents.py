"""Finding the documents below a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from fairwf.formats import converters, kind_of
from fairwf.kinds import KINDS

PLAIN = (".json", ".yml", ".yaml")
"""How files end that may hold anything."""

_PASSED_OVER = frozenset({"CVS", "_darcs", "node_modules", "__pycache__", "site-packages"})
_MOST_IGNORED = 100_000


def documents(folder: Path, locked: Callable[[OSError], object] | None = None) -> Iterator[Path]:
    """Yield the files below a folder that may hold a workflow, in order.

    Hidden folders, those of version control and of installed packages, and those that .gitignore
    names are passed over; links are followed, but no folder is entered twice. ``locked`` is told of
    folders that may not be looked into.
    """
    for text in document_names(str(folder), locked):
        yield Path(text)


def document_names(folder: str, locked: Callable[[OSError], object] | None = None) -> Iterator[str]:
    """Yield what :func:`documents` does, as texts."""
    seen: set[tuple[int, int]] = set()
    known = _known_endings()
    for here, names, files in os.walk(folder, onerror=locked, followlinks=True):
        status = os.stat(here)
        if (status.st_dev, status.st_ino) in seen:
            names.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        ignored = _ignored(here, files)
        names[:] = sorted(n for n in names if not _passed_over(here, n, ignored))
        for name in sorted(files):
            if name.startswith(".") or not (name.endswith(known) or name in KINDS):
                continue
            path = os.path.join(here, name) if here != "." else name
            if os.path.isfile(path):
                yield path


@cache
def _known_endings() -> tuple[str, ...]:
    return (*PLAIN, *suffixes(), *(key for key in KINDS if key.startswith(".")))


def _ignored(folder: str, files: Iterable[str]) -> tuple[str, ...]:
    """Return the names and patterns of folders beside a .gitignore that it names.

    Only what names a folder right there, or anywhere below, is taken; a file that also takes
    something back (``!``) counts for nothing.
    """
    if ".gitignore" not in files:
        return ()
    try:
        data = Path(folder, ".gitignore").read_bytes()[:_MOST_IGNORED]
    except OSError:
        return ()
    patterns = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    if any(pattern.startswith("!") for pattern in patterns):
        return ()
    names = (p.removeprefix("/").removesuffix("/") for p in patterns if not p.startswith("#"))
    return tuple(name for name in names if name and "/" not in name)


def _passed_over(above: str, name: str, ignored: Iterable[str]) -> bool:
    return (
        name.startswith(".")
        or name in _PASSED_OVER
        or os.path.lexists(os.path.join(above, name, "pyvenv.cfg"))
        or any(fnmatchcase(name, pattern) for pattern in ignored)
    )


@cache
def suffixes() -> dict[str, str]:
    """Return the formats whose files have an ending of their own, by that ending."""
    own = {c.suffix: c.name for c in converters().values() if c.suffix}
    return {suffix: name for suffix, name in own.items() if suffix not in PLAIN}


def own_suffix(name: str) -> str | None:
    """Return the ending of a file's name that tells its format, if it has one."""
    return next((suffix for suffix in suffixes() if name.endswith(suffix)), None)


def is_named(path: Path) -> bool:
    """Tell whether the name of a file says that it is a workflow document."""
    return own_suffix(path.name) is not None or kind_of(path) is not None
