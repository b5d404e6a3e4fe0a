"""What has come to a site: a file is moved once, whatever reads it, and however often we die."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from fairwf.engine.backends.sites.line_log import LineLog


class Ledger:
    """Files that are at a site as they are here: an append-only log, by path, size and time.

    A line is written after the site has said that the file is whole and in its place. One that the
    machine loses costs another transfer.
    """

    def __init__(self, path: Path) -> None:
        self._moved: dict[str, tuple[int, int]] = {}
        self._log = LineLog(path)
        for told in self._log.lines():
            match told:
                case [str(place), int(size), int(time), _]:
                    self._moved[place] = (size, time)

    def has(self, path: str) -> bool:
        """Tell whether the site has the file as it is now.

        Raises:
            OSError: it is not here.
        """
        status = os.stat(path)
        return self._moved.get(path) == (status.st_size, status.st_mtime_ns)

    def add(self, path: str, status: os.stat_result, digest: str) -> None:
        """Note that the site has the file as it was here.

        Raises:
            OSError: it cannot be noted.
        """
        self._moved[path] = (status.st_size, status.st_mtime_ns)
        self._log.add(path, status.st_size, status.st_mtime_ns, digest)

    def files(self) -> list[tuple[str, int]]:
        """Return what the site has, by path and size."""
        return [(path, size) for path, (size, _) in self._moved.items()]

    def forget(self, paths: Iterable[str]) -> None:
        """Take note that the site has lost files."""
        for path in paths:
            self._moved.pop(path, None)

    def close(self) -> None:
        """Close the log."""
        self._log.close()
