"""What has come to a site: a file is moved once, whatever reads it, and however often we die."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path


class Ledger:
    """Files that are at a site as they are here: an append-only log, by path, size and time.

    A line is written after the site has said that the file is whole and in its place. One that the
    machine loses costs another transfer.
    """

    def __init__(self, path: Path) -> None:
        self._moved: dict[str, tuple[int, int]] = {}
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with open(path, encoding="ascii", errors="replace") as lines:
            for line in lines:
                try:
                    place, size, time, _ = json.loads(line)
                    self._moved[place] = (size, time)
                except (ValueError, TypeError):
                    continue  # the last line of an engine that was killed
        if self._moved:
            os.write(self._file, b"\n")

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
        line = [path, status.st_size, status.st_mtime_ns, digest]
        os.write(self._file, json.dumps(line).encode("ascii") + b"\n")

    def files(self) -> list[tuple[str, int]]:
        """Return what the site has, by path and size."""
        return [(path, size) for path, (size, _) in self._moved.items()]

    def forget(self, paths: Iterable[str]) -> None:
        """Take note that the site has lost files."""
        for path in paths:
            self._moved.pop(path, None)

    def close(self) -> None:
        """Close the log."""
        os.close(self._file)
