"""What files and folders are: by their content, or by place, size and time."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from fairwf.engine.places.away import digests_of

CacheKey = Literal["content", "stat"]
"""How files count as the same: by what they hold, or without reading them."""

_BLOCK = 1 << 20

_Stamp = tuple[int, int, int, int, int]


class UnidentifiedError(Exception):
    """A file is not there, cannot be read, or is no regular file."""


class Identities:
    """What files are. Each is read once while its size and times stay as they are.

    ``by`` of ``stat`` takes path, size and time of change for files outside ``own``, the folders of
    this run: what tasks make lies elsewhere in each run, so only its content tells.
    """

    def __init__(self, by: CacheKey, own: Sequence[Path]) -> None:
        self._by = by
        self._own = tuple(f"{path}/" for path in own)
        self._known: dict[str, tuple[_Stamp, str]] = {}

    def learn(self, path: Path, sha256: str) -> None:
        """Take note of a digest that was computed a moment ago."""
        try:
            self._known[str(path)] = (_stamp(path.stat()), sha256)
        except OSError:
            self._known.pop(str(path), None)

    def of(self, path: Path) -> str:
        """Return what lies at a path: a file, or a folder with all that is in it.

        Raises:
            UnidentifiedError: it cannot be read, or holds itself.
        """
        try:
            return self._of(path, ())
        except OSError as error:
            raise UnidentifiedError(f"{str(path)!r}: {error.strerror}") from error

    def _of(self, path: Path, above: tuple[tuple[int, int], ...]) -> str:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            place = (status.st_dev, status.st_ino)
            if place in above:
                raise UnidentifiedError(f"{str(path)!r} holds itself")
            digest = hashlib.sha256()
            for entry in sorted(path.iterdir(), key=lambda each: each.name):
                inside = self._of(entry, (*above, place))
                digest.update(f"{len(os.fsencode(entry.name))}:".encode())
                digest.update(os.fsencode(entry.name) + b"\0" + inside.encode() + b"\n")
            return f"folder:{digest.hexdigest()}"
        if not stat.S_ISREG(status.st_mode):
            raise UnidentifiedError(f"{str(path)!r} is no regular file")
        program = "program" if status.st_mode & 0o100 else "file"
        if self._by == "stat" and not str(path.resolve()).startswith(self._own):
            return f"{program}:{path.resolve()}:{status.st_size}:{status.st_mtime_ns}"
        return f"{program}:{self._content(path, status)}"

    def _content(self, path: Path, status: os.stat_result) -> str:
        known = self._known.get(str(path))
        if known is not None and known[0] == _stamp(status):
            return known[1]
        if (absent := digests_of(str(path))) is not None:
            return absent.sha256
        digest = hashlib.sha256()
        with path.open("rb", buffering=0) as stream:
            before = _stamp(os.fstat(stream.fileno()))
            while block := stream.read(_BLOCK):
                digest.update(block)
        self._known[str(path)] = (before, digest.hexdigest())
        return digest.hexdigest()


def _stamp(status: os.stat_result) -> _Stamp:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
