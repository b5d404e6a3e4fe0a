"""What a file is by its first octets."""

from __future__ import annotations

from pathlib import Path

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def is_zip(path: Path) -> bool:
    """Tell whether a file begins like a zip file."""
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            return False
        with path.open("rb") as stream:
            return stream.read(4) in _ZIP
    except (OSError, ValueError):
        return False
