"""Members of records, attributes of files, items of arrays and maps."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from fairwf.engine.evaluate.collections import KeyedValue, RuntimeValue
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.reading import file_size
from fairwf.engine.evaluate.texts import describe
from fairwf.ir.expressions import Directory, File
from fairwf.source import did_you_mean

_FILE = (
    "location",
    "path",
    "basename",
    "dirname",
    "nameroot",
    "nameext",
    "size",
    "checksum",
    "format",
    "contents",
)
_DIRECTORY = ("location", "path", "basename")


def attribute(whole: RuntimeValue, name: str) -> Any:
    """Return a member of a record or an attribute of a file or folder.

    An attribute that files have, but this one does not, is none. ``secondary`` (in CWL
    ``secondaryFiles``) is an array, ``class`` is ``File`` or ``Directory``.

    Raises:
        FunctionError: there is no such member, or the value has none.
    """
    if isinstance(whole, File):
        return _of_file(whole, name)
    if isinstance(whole, Directory):
        return _of_directory(whole, name)
    if isinstance(whole, Mapping):
        if name not in whole:
            raise FunctionError(
                f"{describe(whole)} has no member {name!r}", did_you_mean(name, whole)
            )
        return whole[name]
    raise FunctionError(f"{describe(whole)} has no member {name!r}")


def _of_file(file: File, name: str) -> Any:
    if name in ("secondary", "secondaryFiles"):
        return list(file.secondary)
    if name == "class":
        return "File"
    if name == "size" and file.size is None:
        return file_size(file)
    if name in _FILE:
        value = getattr(file, name)
        return _derived(file, name) if value is None else value
    return _foreign(file, name, (*_FILE, "secondary"))


def _derived(file: File, name: str) -> str | None:
    base = file.basename
    if base is None and (file.path or file.location):
        base = posixpath.basename(file.path or file.location or "")
    if name == "basename":
        return base
    if name == "dirname" and file.path:
        return posixpath.dirname(file.path)
    if base is not None and name in ("nameroot", "nameext"):
        return posixpath.splitext(base)[name == "nameext"]
    return None


def _of_directory(folder: Directory, name: str) -> Any:
    if name == "listing":
        return None if folder.listing is None else list(folder.listing)
    if name == "class":
        return "Directory"
    if name == "basename" and folder.basename is None:
        return posixpath.basename((folder.path or folder.location or "").rstrip("/")) or None
    if name in _DIRECTORY:
        return getattr(folder, name)
    return _foreign(folder, name, (*_DIRECTORY, "listing"))


def _foreign(node: File | Directory, name: str, known: tuple[str, ...]) -> Any:
    foreign = node.extensions.get("cwl", {})
    if name not in foreign:
        raise FunctionError(
            f"{describe(node)} has no attribute {name!r}", did_you_mean(name, known)
        )
    return foreign[name]


def item(whole: RuntimeValue, by: RuntimeValue) -> Any:
    """Return an item of an array, a value of a map, or what a keyed collection holds at a key.

    Raises:
        FunctionError: there is no such item, or the value has no items.
        NotReady: the keyed collection has not made it yet.
    """
    if isinstance(whole, KeyedValue):
        if not isinstance(by, Mapping):
            raise FunctionError(f"a key is a record of its parts, not {describe(by)}")
        return whole.get(by)
    if isinstance(whole, Mapping):
        if not isinstance(by, str):
            raise FunctionError(f"a map is indexed by a text, not by {describe(by)}")
        if by not in whole:
            raise FunctionError(f"{describe(whole)} has no key {by!r}", did_you_mean(by, whole))
        return whole[by]
    if isinstance(whole, Sequence) and not isinstance(whole, (str, bytes)):
        if isinstance(by, bool) or not isinstance(by, int):
            raise FunctionError(f"an array is indexed by a whole number, not by {describe(by)}")
        if not 0 <= by < len(whole):
            raise FunctionError(f"{describe(whole)} has no index {by}")
        return whole[by]
    if isinstance(whole, (File, Directory)) and isinstance(by, str):
        return attribute(whole, by)
    raise FunctionError(f"{describe(whole)} has no items")
