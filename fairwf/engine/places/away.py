"""Files of a run that lie at a site: here is a placeholder of their size, which nobody may read.

Whoever reads what a file holds says so first (:func:`at_hand`), and waits until it has come; who
wants its digests alone asks :func:`digests_of`. Where all files are here, both cost a look into an
empty map.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple


class Absent(NamedTuple):
    """A file that lies at the site ``site``. Digests are in hexadecimal."""

    site: str
    size: int
    sha256: str
    sha1: str
    runs: bool


class Absences:
    """The files of a run that lie elsewhere, by their absolute paths."""

    def __init__(self) -> None:
        self._files: dict[str, Absent] = {}
        self._fetch: Callable[[Sequence[str]], None] | None = None

    def __bool__(self) -> bool:
        return bool(self._files)

    def serve(self, fetch: Callable[[Sequence[str]], None] | None) -> None:
        """Have files come by this function from now on, which returns when they are here."""
        self._fetch = fetch
        if fetch is None:
            self._files.clear()

    def add(self, path: str, file: Absent) -> None:
        """Note that a file lies elsewhere; a placeholder is at its path."""
        self._files[path] = file

    def drop(self, path: str) -> None:
        """Note that a file is here, or is nowhere."""
        self._files.pop(path, None)

    def get(self, path: str) -> Absent | None:
        """Return where a file lies whose real path is this; None where it is here."""
        return self._files.get(path)

    def at(self, site: str) -> list[str]:
        """Return the files that lie at a site."""
        return [path for path, file in list(self._files.items()) if file.site == site]

    def among(self, paths: Iterable[str]) -> list[str]:
        """Return the real paths of those of these files, or in these folders, that are away."""
        if not self._files:
            return []
        return list(dict.fromkeys(each for path in paths for each in self._of(path)))

    def _of(self, path: str) -> Iterator[str]:
        real = os.path.realpath(path)
        if real in self._files:
            yield real
        elif os.path.isdir(real):
            yield from [each for each in list(self._files) if each.startswith(f"{real}/")]

    def bring(self, paths: Iterable[str]) -> None:
        """Wait until files, or all in folders, are here."""
        away = self.among(paths)
        if away and self._fetch is not None:
            self._fetch(away)


AWAY = Absences()
"""Those of the run that this process works on: readers of files know of no run."""


def at_hand(path: str | os.PathLike[str]) -> None:
    """Wait until a file, or all in a folder, is here.

    Raises:
        EnvironmentFault: its site is out of reach.
    """
    if AWAY:
        AWAY.bring([os.fspath(path)])


def digests_of(path: str) -> Absent | None:
    """Return what is known of a file that lies elsewhere, None for one that is here."""
    return AWAY.get(os.path.realpath(path)) if AWAY else None
