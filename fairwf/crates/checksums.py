"""Checksums of files: measured, and as a run recorded them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from fairwf.ir.expressions import File

_CHUNK = 1024 * 1024
_DIGITS = {"sha256": 64, "sha1": 40}
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def measure(path: Path) -> tuple[int, str, str]:
    """Return size in bytes, SHA-1 and SHA-256 of a file.

    Raises:
        OSError: it cannot be read.
    """
    size, sha1, sha256 = 0, hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            size += len(block)
            sha1.update(block)
            sha256.update(block)
    return size, sha1.hexdigest(), sha256.hexdigest()


def mismatch(
    entity: Mapping[str, Any], opened: Callable[[], BinaryIO]
) -> tuple[str, str, str] | None:
    """Compare the checksums that an entity states with the file.

    Returns:
        The property that is wrong, what is wrong, and what to do; None where nothing is.
    """
    for key, digits in _DIGITS.items():
        stated = entity.get(key)
        if not isinstance(stated, str):
            continue
        if len(stated) != digits or not _HEX.match(stated):
            text = f"has the {key} {stated!r:.80}, which is none"
            return key, text, f"write {digits} hexadecimal digits"
        found = hashlib.new(key, usedforsecurity=False)
        with opened() as stream:
            while block := stream.read(_CHUNK):
                found.update(block)
        if found.hexdigest() != stated.lower():
            text = f"is another file than the one described: its {key} is {found.hexdigest()}"
            return key, text, "put back the file that was described, or describe this one"
    return None


def checksums(node: File) -> list[str]:
    """Return the SHA-256 and SHA-1 of a file as far as they are recorded."""
    recorded = split_checksum(node.checksum)
    found = [recorded_sha256(node), recorded[1] if recorded is not None else None]
    return [each for each in dict.fromkeys(found) if each is not None]


def recorded(node: File) -> tuple[str | None, str | None]:
    """Return the SHA-1 and the SHA-256 of a file, as far as they are recorded."""
    found = split_checksum(node.checksum)
    sha256 = recorded_sha256(node)
    if found is not None and found[0] == "sha256":
        return None, sha256 or found[1]
    return (found[1] if found is not None else None), sha256


def split_checksum(text: str | None) -> tuple[str, str] | None:
    """Return the algorithm and the digits of ``sha1$...`` or ``sha256$...``."""
    algorithm, separator, value = (text or "").partition("$")
    if separator and _DIGITS.get(algorithm) == len(value) and _HEX.match(value):
        return algorithm, value.lower()
    return None


def recorded_sha256(node: File) -> str | None:
    """Return the SHA-256 that an engine recorded beside the checksum of the format."""
    own = node.extensions.get("fairwf")
    value = own.get("sha256") if isinstance(own, dict) else None
    return value if isinstance(value, str) and _SHA256.match(value) else None
