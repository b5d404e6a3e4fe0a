"""An append-only log of JSON lists, one a line, that an engine may be killed in the midst of."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class LineLog:
    """A log that loses a line that was torn, and no other: what is added begins a line of its own.

    Raises:
        OSError: the file cannot be opened or read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        size = os.fstat(self._file).st_size
        self._torn = size > 0 and os.pread(self._file, 1, size - 1) != b"\n"

    def lines(self) -> Iterator[list[Any]]:
        """Yield what whole lines hold, in order.

        Raises:
            OSError: the file cannot be read.
        """
        with self._path.open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                try:
                    told = json.loads(line)
                except ValueError:
                    continue  # torn: its engine was killed, or found no room
                if isinstance(told, list):
                    yield told

    def add(self, *words: object) -> None:
        """Add a line.

        Raises:
            OSError: it cannot be written whole.
        """
        line = json.dumps(words).encode("ascii") + b"\n"
        if self._torn:
            line = b"\n" + line
        written = os.write(self._file, line)
        self._torn = written < len(line)
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
