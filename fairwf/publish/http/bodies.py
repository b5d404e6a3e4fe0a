"""What is sent: a part of a file, or a form with a file, read from the disk while it is sent."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_CHUNK = 256 * 1024


class Readable(Protocol):
    """A stream whose length is known before it is read, as requests wants it."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[bytes]: ...
    def read(self, size: int = -1, /) -> bytes:
        """Return the next octets."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True)
class Body:
    """Octets of a file from ``start`` on, opened anew for each try."""

    path: Path
    size: int
    start: int = 0
    type: str = "application/octet-stream"

    def open(self) -> Readable:
        """Return a stream of them."""
        return _Slice(self)


class _Slice:
    def __init__(self, body: Body) -> None:
        self._left = self._size = body.size
        self._file = body.path.open("rb")
        self._file.seek(body.start)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(_CHUNK), b"")

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


class FormStream:
    """The octets of a form (RFC 7578): fields, then a file (field, file name, contents)."""

    def __init__(self, fields: Sequence[tuple[str, str]], file: tuple[str, str, Body]) -> None:
        field, name, body = file
        boundary = os.urandom(16).hex()
        self.type = f"multipart/form-data; boundary={boundary}"
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(key)}"\r\n\r\n'
            f"{value}\r\n"
            for key, value in fields
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(field)}"; '
            f'filename="{_quoted(name)}"\r\nContent-Type: {body.type}\r\n\r\n'
        )
        before, after = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        self._size = len(before) + body.size + len(after)
        self._file = body.open()
        self._pieces: list[Readable | io.BytesIO] = [
            io.BytesIO(before),
            self._file,
            io.BytesIO(after),
        ]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(_CHUNK), b"")

    def read(self, size: int = -1, /) -> bytes:
        """Return the next octets."""
        while self._pieces:
            data = self._pieces[0].read(size)
            if data:
                return data
            self._pieces.pop(0)
        return b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
