"""Values of inputs from what people write: texts of a command line, plain Python or JSON values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from fairwf.ir import types as ty
from fairwf.ir.expressions import Directory, File
from fairwf.ir.types import Type
from fairwf.ir.values import Value
from fairwf.source import did_you_mean

_NOT_JSON = object()


class UnfitError(ValueError):
    """A text says no value of the type: what was wanted."""


def from_texts(texts: Sequence[str | None], kind: Type) -> Value:
    """Return the value that texts of a command line say; a text of None is a bare flag.

    Several texts make an array; one text may also be a JSON array.

    Raises:
        UnfitError: they say no value of the type.
    """
    inner = kind.item if isinstance(kind, ty.OptionalType) else kind
    if isinstance(inner, (ty.ArrayType, ty.StreamType)):
        if len(texts) == 1 and (texts[0] or "").lstrip().startswith("["):
            return _from_text(texts[0], inner)
        return [_from_text(text, inner.items) for text in texts]
    if len(texts) > 1:
        raise UnfitError(f"is given {len(texts)} times, but takes one value")
    return _from_text(texts[0], kind)


def from_plain(value: Any, kind: Type) -> Value:
    """Return a plain value as one of a type: where files are wanted, texts are paths.

    Raises:
        UnfitError: it is no value of the type.
    """
    return _from_json(value, repr(value), kind)


def to_plain(value: Value) -> Any:
    """Return a value as plain Python: files and folders of this machine are paths, others texts.

    A file or folder that is only a literal, without a place, becomes its contents or its listing.
    """
    if isinstance(value, (File, Directory)):
        location = value.location or value.path
        if location is not None:
            local = location.startswith(("/", "file:///"))
            path = unquote(urlsplit(location).path) if location.startswith("file:") else location
            return Path(path) if local else location
        if isinstance(value, File):
            return value.contents
        return {entry.basename or "": to_plain(entry) for entry in value.listing or ()}
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value


def _from_text(text: str | None, kind: Type) -> Value:
    if text is None:
        return True
    if isinstance(kind, ty.OptionalType):
        return None if text == "null" else _from_text(text, kind.item)
    if isinstance(kind, ty.UnionType):
        return _from_union(text, kind)
    if isinstance(kind, (ty.StringType, ty.BytesType)):
        return text if isinstance(kind, ty.StringType) else text.encode("utf-8")
    if isinstance(kind, (ty.FileType, ty.DirectoryType)):
        return _from_path(text, kind)
    if isinstance(kind, ty.EnumType):
        if text in kind.symbols:
            return text
        hint = did_you_mean(text, kind.symbols)
        known = ", ".join(kind.symbols[:12])
        raise UnfitError(
            f"expects one of {known}, got {text!r:.60}" + (f": {hint}" if hint else "")
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text if isinstance(kind, ty.AnyType) else _NOT_JSON
    return _from_json(value, text, kind)


def _from_union(text: str, kind: ty.UnionType) -> Value:
    """Return the value of the first member that the text fits; a plain text fits last."""
    texts_last = sorted(kind.members, key=lambda member: isinstance(member, ty.StringType))
    for member in texts_last:
        path = isinstance(member, (ty.FileType, ty.DirectoryType))
        if path and "://" not in text and not Path(text).exists():
            continue
        try:
            return (
                None
                if isinstance(member, ty.NoneType) and text == "null"
                else _from_text(text, member)
            )
        except UnfitError:
            continue
    raise UnfitError(f"expects one of {len(kind.members)} types, and {text!r:.60} fits none")


def _from_path(text: str, kind: ty.FileType | ty.DirectoryType) -> File | Directory:
    location = text if "://" in text else str(Path(text).resolve())
    name = location.rstrip("/").rsplit("/", 1)[-1]
    if isinstance(kind, ty.DirectoryType):
        return Directory(location=location, basename=name)
    return File(location=location, basename=name)


def _from_json(value: Any, text: str, kind: Type) -> Value:
    """Return a JSON value as one of a type; files in it are paths or objects."""
    wanted = str(type(kind).__struct_config__.tag)
    if isinstance(kind, ty.OptionalType):
        return None if value is None else _from_json(value, text, kind.item)
    if isinstance(value, (File, Directory)):
        if isinstance(kind, ty.FileType if isinstance(value, File) else ty.DirectoryType):
            return value
    elif isinstance(kind, (ty.FileType, ty.DirectoryType)):
        path = value.get("location") or value.get("path") if isinstance(value, dict) else value
        if isinstance(path, (str, Path)):
            return _from_path(str(path), kind)
    elif isinstance(kind, ty.FloatType) and type(value) in (int, float):
        return float(value)
    elif isinstance(kind, (ty.ArrayType, ty.StreamType)) and isinstance(value, (list, tuple)):
        return [_from_json(item, text, kind.items) for item in value]
    elif isinstance(kind, ty.MapType) and isinstance(value, dict):
        return {key: _from_json(item, text, kind.values) for key, item in value.items()}
    elif isinstance(kind, ty.RecordType) and isinstance(value, dict):
        fields = {each.name: each.type for each in kind.fields}
        return {
            key: _from_json(item, text, fields[key]) if key in fields else item
            for key, item in value.items()
        }
    elif isinstance(kind, ty.UnionType):
        for member in kind.members:
            try:
                return _from_json(value, text, member)
            except UnfitError:
                continue
    elif isinstance(kind, ty.AnyType) and value is not None:
        return cast(Value, value)
    else:
        plain: dict[type, type] = {
            ty.IntType: int,
            ty.BoolType: bool,
            ty.StringType: str,
            ty.EnumType: str,
            ty.NoneType: type(None),
        }
        if type(value) is plain.get(type(kind)):
            return cast(Value, value)
    raise UnfitError(f"expects {wanted}, got {text!r:.60}")
