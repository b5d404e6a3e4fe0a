"""Files that stay at their site until they are read elsewhere, and their placeholders here."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from fairwf.engine.backends.sites.line_log import LineLog
from fairwf.engine.places.away import AWAY, Absent


class Staying:
    """Notes which files of the run directory ``root`` lie at a site, so that a later engine knows.

    A line is written before the placeholder is there, and after the file itself has come.
    """

    def __init__(self, site: str, root: str, log: Path) -> None:
        self._site = site
        self._root = root
        self._log = LineLog(log)
        self._earlier: dict[str, Absent] = {}
        for told in self._log.lines():
            match told:
                case [str(name), int(size), str(sha256), str(sha1), bool(runs)]:
                    self._earlier[f"{root}/{name}"] = Absent(site, size, sha256, sha1, runs)
                case [str(name)]:
                    self._earlier.pop(f"{root}/{name}", None)

    def files(self) -> dict[str, Absent]:
        """Return all files that stay, those of an earlier engine too."""
        found, self._earlier = self._earlier, {}
        for path in AWAY.at(self._site):
            absent = AWAY.get(path)
            assert absent is not None
            found[path] = absent
        return found

    def stay(self, path: str, file: Absent) -> None:
        """Put a placeholder where a file would be.

        Raises:
            OSError: it cannot be written.
        """
        self._note(path, file.size, file.sha256, file.sha1, file.runs)
        AWAY.add(path, file)
        self.place(path, file)

    def place(self, path: str, file: Absent) -> None:
        """Have a placeholder there: of the size of the file, and with rights for nobody.

        Raises:
            OSError: it cannot be written.
        """
        AWAY.add(path, file)
        if os.path.lexists(path):
            os.unlink(path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0)
        try:
            os.ftruncate(handle, file.size)
        finally:
            os.close(handle)

    def came(self, path: str) -> None:
        """Note that a file is here."""
        AWAY.drop(path)
        self._note(path)

    def lost(self, path: str) -> None:
        """Note that the site has lost a file."""
        _remove(path)
        self.came(path)

    def _note(self, path: str, *what: object) -> None:
        self._log.add(os.path.relpath(path, self._root), *what)

    def close(self) -> None:
        """Remove the placeholders: nobody else shall read them."""
        for path in AWAY.at(self._site):
            _remove(path)
            AWAY.drop(path)
        self._log.close()


def is_placeholder(path: str) -> bool:
    """Tell whether a placeholder is there, and no file that came meanwhile."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and not status.st_mode & 0o777


def _remove(path: str) -> None:
    if is_placeholder(path):
        os.unlink(path)
