"""Folders for the temporary files of tasks that run, used again where a task left nothing behind.

Most tasks write no temporary file, and to make and remove a folder for each of them costs more
than all else that the engine does for a short task.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

_MODE = 0o700
_LONG_PAST = 10**18
"""In nanoseconds since 1970: a day of 2001."""


class Scratch:
    """Temporary folders below ``root``, which no other engine uses at the same time.

    A folder that is handed out was last changed long ago, it says. What a task puts into it changes
    that time and the one that nobody can set, so one look tells that a task left it alone.
    """

    def __init__(self, root: Path) -> None:
        # Tasks of a killed engine may still be ending: never give them the folders of new ones.
        self._session = os.urandom(8).hex()
        self._base = f"{root}/"
        self._root = f"{root}/{self._session[:8]}"
        self._free: list[str] = []
        self._as_made: dict[str, tuple[int, int, int]] = {}
        self._made = 0

    def take(self) -> str:
        """Return a folder that is empty and belongs to the caller.

        Raises:
            OSError: it cannot be made.
        """
        if self._free:
            return self._free.pop()
        os.makedirs(self._root, exist_ok=True)
        folder = f"{self._root}/{self._number()}"
        os.mkdir(folder, _MODE)
        self._mark(folder)
        return folder

    def on_a_node(self, place: str) -> str:
        """Return a new name for a folder that whoever runs the task makes there, and removes."""
        return f"{place.rstrip('/')}/fairwf-{self._session}-{self._number()}"

    def _number(self) -> int:
        self._made += 1
        return self._made

    def give_back(self, folder: str) -> None:
        """Take a folder back; what is in it is removed. One on a node is gone already."""
        if not folder.startswith(self._base):
            return
        try:
            status = os.lstat(folder)
            if _looks(status) == self._as_made.get(folder) or self._emptied(folder, status):
                self._free.append(folder)
                return
        except OSError:
            pass
        shutil.rmtree(folder, ignore_errors=True)

    def _emptied(self, folder: str, status: os.stat_result) -> bool:
        """Tell whether a task that put something into a folder took it away; mark it anew."""
        if status.st_mode != stat.S_IFDIR | _MODE or os.listdir(folder):
            return False
        self._mark(folder)
        return True

    def _mark(self, folder: str) -> None:
        try:
            os.utime(folder, ns=(_LONG_PAST, _LONG_PAST))
            self._as_made[folder] = _looks(os.lstat(folder))
        except OSError:
            self._as_made.pop(folder, None)  # then its emptiness is looked at each time


def _looks(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mode, status.st_mtime_ns, status.st_ctime_ns
