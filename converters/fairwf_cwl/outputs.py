"""The output object that a CWL runner prints (CWL v1.2, "Executing a CWL process", "File")."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fairwf.document import Document
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value
from fairwf_cwl.names import scheme_of

_CHUNK = 1 << 20
MAX_DEPTH = 64
"""How deep folders are listed."""

_EXACT = 2.0**53
"""From here on every float is whole. Other runners write such a number in full, not as 1e+42."""


def render_outputs(document: Document, outputs: Mapping[str, Value]) -> dict[str, Any]:
    """Return the CWL output object of a run: JSON values by output id, nulls kept.

    Files have ``location`` (a ``file`` URI), ``basename``, ``size`` and ``checksum`` (SHA-1, as
    CWL prescribes; computed from the file where another checksum is known). A folder that is not
    listed is listed from disk; symbolic links to folders are not followed.
    """
    return {name: render(value) for name, value in outputs.items()}


def render(value: Value) -> Any:
    """Return a value as CWL writes it in JSON."""
    if isinstance(value, File):
        return _file(value)
    if isinstance(value, Directory):
        return _directory(value)
    if isinstance(value, Mapping):
        return {key: render(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, tuple)):
        return [render(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # which JSON cannot say, and JavaScript writes so
    if isinstance(value, float) and abs(value) >= _EXACT:
        return int(Decimal(repr(value)))
    return value


def _uri(location: str) -> str:
    if scheme_of(location) is not None:
        return location
    return "file://" + quote(location) if location.startswith("/") else quote(location)


def _local(location: str | None) -> Path | None:
    if location is None or scheme_of(location) is not None:
        return None
    return Path(location)


def _file(file: File) -> dict[str, Any]:
    path = _local(file.location or file.path)
    there = path is not None and path.is_file()
    shown: dict[str, Any] = {"class": "File"}
    if file.location or file.path:
        shown["location"] = _uri(file.location or file.path or "")
    shown["basename"] = file.basename or (path.name if path is not None else None)
    if file.size is not None:
        shown["size"] = file.size
    elif there and path is not None:
        shown["size"] = path.stat().st_size
    checksum = file.checksum
    if (checksum is None or not checksum.startswith("sha1$")) and there and path is not None:
        checksum = sha1_of(path)
    if checksum is not None:
        shown["checksum"] = checksum
    if file.format is not None:
        shown["format"] = file.format
    if file.contents is not None and path is None:
        data = file.contents.encode("utf-8", "surrogatepass")
        shown.setdefault("size", len(data))
        shown["contents"] = file.contents
        digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        shown.setdefault("checksum", "sha1$" + digest)
    if file.secondary:
        shown["secondaryFiles"] = [render(item) for item in file.secondary]
    shown.update(file.extensions.get("cwl", {}))
    return {key: item for key, item in shown.items() if item is not None}


def sha1_of(path: Path) -> str:
    """Return ``sha1$`` and the digest of a file's octets."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return f"sha1${digest.hexdigest()}"


def _directory(folder: Directory, depth: int = 0) -> dict[str, Any]:
    path = _local(folder.location or folder.path)
    shown: dict[str, Any] = {"class": "Directory"}
    if folder.location or folder.path:
        shown["location"] = _uri(folder.location or folder.path or "")
    basename = folder.basename or (path.name if path is not None else None)
    if basename is not None:
        shown["basename"] = basename
    if folder.listing is not None:
        shown["listing"] = [render(item) for item in folder.listing]
    elif path is not None and path.is_dir() and depth < MAX_DEPTH:
        shown["listing"] = [_on_disk(item, depth + 1) for item in sorted(path.iterdir())]
    shown.update(folder.extensions.get("cwl", {}))
    return shown


def _on_disk(path: Path, depth: int) -> dict[str, Any]:
    if path.is_dir() and not path.is_symlink():
        return _directory(Directory(location=str(path), basename=path.name), depth)
    if path.is_dir():
        return {"class": "Directory", "location": _uri(str(path)), "basename": path.name}
    return _file(File(location=str(path), basename=path.name))
