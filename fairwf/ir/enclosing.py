"""Values of any type where a format has none for them: a text of JSON, and the files that it names.

In the JSON a file is ``{"class": "File", "file": N}``, the N-th of the files, which an engine so
still knows as files; with ``secondaryFiles`` where it has any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fairwf.ir.expressions import Directory, File
from fairwf.ir.types import ArrayType, FileType, RecordField, RecordType, StringType, Type
from fairwf.ir.values import Value

ENCLOSED = RecordType(
    name="Anything",
    fields=(
        RecordField(name="json", type=StringType()),
        RecordField(name="files", type=ArrayType(items=FileType())),
    ),
)
"""The record that stands for a value of any type."""


def is_enclosed(type_: Type | None) -> bool:
    """Tell whether a type is that of an enclosed value, by whatever names."""
    return (
        isinstance(type_, RecordType)
        and len(type_.fields) == 2
        and isinstance(type_.fields[0].type, StringType)
        and type_.fields[1].type == ArrayType(items=FileType())
    )


def enclosed(value: Value) -> tuple[str, list[File]]:
    """Return a value as JSON, and the files in it, without their secondary files.

    Raises:
        TypeError: the value holds a folder, or octets.
    """
    files: list[File] = []

    def close(one: Value) -> Any:
        if isinstance(one, File):
            files.append(File(location=one.location, path=one.path, basename=one.basename,
                              contents=one.contents))  # fmt: skip
            said: dict[str, Any] = {"class": "File", "file": len(files) - 1}
            if one.secondary:
                said["secondaryFiles"] = [close(more) for more in one.secondary]
            return said
        if isinstance(one, Mapping):
            return {key: close(item) for key, item in one.items()}
        if isinstance(one, (list, tuple)):
            return [close(item) for item in one]
        if isinstance(one, (Directory, bytes)):
            raise TypeError(f"no JSON for a value of {type(one).__name__}")
        return one

    return json.dumps(close(value)), files


def opened(text: str, files: list[Value]) -> Value:
    """Return the value that a text of JSON and files are.

    Raises:
        ValueError: the text is no JSON, or names a file that is not there.
    """

    def open_(one: Any) -> Value:
        if isinstance(one, dict):
            number = one.get("file")
            if one.get("class") == "File" and isinstance(number, int):
                found = files[number] if 0 <= number < len(files) else None
                if not isinstance(found, File):
                    raise ValueError(f"there is no file {number}")
                more = tuple(open_(each) for each in one.get("secondaryFiles", ()))
                kept = tuple(each for each in more if isinstance(each, (File, Directory)))
                return File(location=found.location, path=found.path, basename=found.basename,
                            contents=found.contents, secondary=kept)  # fmt: skip
            return {key: open_(item) for key, item in one.items()}
        if isinstance(one, list):
            return [open_(item) for item in one]
        plain: Value = one
        return plain

    return open_(json.loads(text))
