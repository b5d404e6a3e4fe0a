"""Files and folders as the objects that expressions of documents see, and back.

Implements CWL v1.2 "File" and "Directory": ``{class: File, location, path, basename, ...}``.
Opaque expressions of every language are given these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fairwf.engine.evaluate.errors import FunctionError
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value

_FILE = ("location", "path", "basename", "dirname", "nameroot", "nameext")
_TEXTS = (*_FILE, "checksum", "format", "contents")
_OWN = "cwl"


def to_object(node: File | Directory) -> dict[str, Any]:
    """Return the object of a file or folder; absent attributes are left out."""
    if isinstance(node, Directory):
        folder: dict[str, Any] = {"class": "Directory", **node.extensions.get(_OWN, {})}
        for name in ("location", "path", "basename"):
            if getattr(node, name) is not None:
                folder[name] = getattr(node, name)
        if node.listing is not None:
            folder["listing"] = [to_object(entry) for entry in node.listing]
        return folder
    plain: dict[str, Any] = {"class": "File", **node.extensions.get(_OWN, {})}
    for name in (*_FILE, "size", "checksum", "format", "contents"):
        if getattr(node, name) is not None:
            plain[name] = getattr(node, name)
    if node.secondary:
        plain["secondaryFiles"] = [to_object(entry) for entry in node.secondary]
    return plain


def from_object(plain: Any, depth: int = 128, *, as_json: bool = False) -> Value:
    """Return the value of what an opaque expression gave; objects of a class become nodes.

    ``as_json``: numbers that JSON lacks are none, as in JSON text that JavaScript writes.

    Raises:
        FunctionError: an object of class File or Directory is malformed, or nesting is too deep.
    """
    if depth <= 0:
        raise FunctionError("the value is nested too deeply")
    if as_json and type(plain) is float and not math.isfinite(plain):
        return None
    if plain is None or type(plain) in (str, int, float, bool):
        return plain  # type: ignore[no-any-return]
    if isinstance(plain, Mapping):
        kind = plain.get("class")
        if kind == "File":
            return _file(plain, depth)
        if kind == "Directory":
            return _directory(plain, depth)
        below = depth - 1
        return {str(key): from_object(item, below, as_json=as_json) for key, item in plain.items()}
    if isinstance(plain, Sequence) and not isinstance(plain, (str, bytes)):
        return [from_object(item, depth - 1, as_json=as_json) for item in plain]
    if plain is None or isinstance(plain, (bool, int, float, str, bytes, File, Directory)):
        return plain
    raise FunctionError(f"a value of the class {type(plain).__name__} is none of the IR's")


def _file(plain: Mapping[str, Any], depth: int) -> File:
    texts = {name: _text(plain, name, "File") for name in _TEXTS}
    size = plain.get("size")
    if isinstance(size, float) and size.is_integer():
        size = int(size)
    if size is not None and (isinstance(size, bool) or not isinstance(size, int)):
        raise FunctionError(f"'size' of a File must be a whole number, not {size!r:.40}")
    return File(
        **texts,
        size=size,
        secondary=_entries(plain.get("secondaryFiles"), "secondaryFiles", depth),
        extensions=_foreign(plain, {*_TEXTS, "size", "secondaryFiles", "class"}),
    )


def _directory(plain: Mapping[str, Any], depth: int) -> Directory:
    listing = plain.get("listing")
    return Directory(
        location=_text(plain, "location", "Directory"),
        path=_text(plain, "path", "Directory"),
        basename=_text(plain, "basename", "Directory"),
        listing=None if listing is None else _entries(listing, "listing", depth),
        extensions=_foreign(plain, {"class", "location", "path", "basename", "listing"}),
    )


def _foreign(plain: Mapping[str, Any], known: set[str]) -> dict[str, dict[str, Any]]:
    foreign = {str(key): value for key, value in plain.items() if key not in known}
    return {_OWN: foreign} if foreign else {}


def _text(plain: Mapping[str, Any], name: str, kind: str) -> str | None:
    value = plain.get(name)
    if value is None or isinstance(value, str):
        return value
    raise FunctionError(f"{name!r} of a {kind} must be a text, not {value!r:.40}")


def _entries(plain: Any, name: str, depth: int) -> tuple[File | Directory, ...]:
    if plain is None:
        return ()
    if not isinstance(plain, Sequence) or isinstance(plain, (str, bytes)):
        raise FunctionError(f"{name!r} must be an array of files and folders")
    entries = [from_object(entry, depth - 1) for entry in plain]
    if not all(isinstance(entry, (File, Directory)) for entry in entries):
        raise FunctionError(f"{name!r} must hold files and folders only")
    return tuple(entry for entry in entries if isinstance(entry, (File, Directory)))
