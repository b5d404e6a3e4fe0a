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


class Scratch:
    """Temporary folders below ``root``, which no other engine uses at the same time."""

    def __init__(self, root: Path) -> None:
        # Tasks of a killed engine may still be ending: never give them the folders of new ones.
        self._root = f"{root}/{os.urandom(4).hex()}"
        self._free: list[str] = []
        self._made = 0

    def take(self) -> str:
        """Return a folder that is empty and belongs to the caller.

        Raises:
            OSError: it cannot be made.
        """
        if self._free:
            return self._free.pop()
        if not self._made:
            os.makedirs(self._root)
        self._made += 1
        folder = f"{self._root}/{self._made}"
        os.mkdir(folder, _MODE)
        return folder

    def give_back(self, folder: str) -> None:
        """Take a folder back; what is in it is removed."""
        if self._is_as_made(folder):
            self._free.append(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _is_as_made(folder: str) -> bool:
        try:
            mode = os.lstat(folder).st_mode
            with os.scandir(folder) as entries:
                return mode == stat.S_IFDIR | _MODE and next(entries, None) is None
        except OSError:
            return False
