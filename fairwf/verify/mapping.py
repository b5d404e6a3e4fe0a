"""Values of one format beside those of another: what counts as the same.

Ports are paired by their place. Then

- a record is the same as a struct whose members, in their order, are the same; names do not count,
- a file is the same as another one with its name and its octets, and with the same secondary
  files; a file with secondary files is the same as a record of it and them,
- a value of a union is the same as a record of optional members, of which one is given, that one;
  a value of any type the same as a text of JSON and files (:mod:`fairwf.ir.enclosing`) that say it,
- a folder is the same as another one that holds the same files under the same names,
- none is what a skipped step gives, and what a member that is not there gives,
- numbers are the same where their values are,
- a file that holds a stream which the document gives no name has none that counts.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from fairwf.crates.checksums import measure
from fairwf.ir.alternatives import alternatives, takes
from fairwf.ir.enclosing import enclosed, is_enclosed, opened
from fairwf.ir.expressions import Directory, File
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    FileType,
    MapType,
    OptionalType,
    RecordType,
    Type,
    UnionType,
)
from fairwf.ir.values import Value

_UNNAMED = re.compile(
    r"[0-9a-f]{20,40}\.std(?:out|err)|\.?std(?:out|err)\d*(?:\.txt)?|[0-9a-f]{40}"
)
"""Names that engines choose for a stream that the document does not name."""


def carried(value: Value, given: Type | None, wanted: Type | None) -> Value:
    """Return a value of a port as the port of the other document takes it."""
    chosen = _chosen(value, given, wanted)
    if chosen is not None:
        return chosen
    given, wanted = _inner(given, value), _inner(wanted, value)
    if isinstance(value, File) and isinstance(wanted, RecordType):
        parts: list[Value] = [_alone(value), *value.secondary]
        names = [field.name for field in wanted.fields]
        return dict(zip(names, [*parts, *[None] * len(names)], strict=False))
    if isinstance(value, Mapping) and isinstance(wanted, FileType):
        first, *rest = (one for one in value.values() if one is not None)
        kept = tuple(one for one in rest if isinstance(one, (File, Directory)))
        return _with(first, kept) if isinstance(first, File) else value
    if isinstance(value, Mapping) and isinstance(wanted, RecordType):
        if not isinstance(given, RecordType) or len(given.fields) != len(wanted.fields):
            return value
        return {
            new.name: carried(value.get(old.name), old.type, new.type)
            for old, new in zip(given.fields, wanted.fields, strict=True)
        }
    if isinstance(value, Mapping) and isinstance(wanted, MapType):
        of = given.values if isinstance(given, MapType) else None
        return {key: carried(item, of, wanted.values) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and isinstance(wanted, ArrayType):
        item_type = given.items if isinstance(given, ArrayType) else None
        return [carried(item, item_type, wanted.items) for item in value]
    return value


def _chosen(value: Value, given: Type | None, wanted: Type | None) -> Mapping[str, Value] | None:
    """Return a value of several types as the record that stands for it, None for any other."""
    record = _inner(wanted, value)
    if value is None or not isinstance(record, RecordType) or not _is_several(given):
        return None
    if is_enclosed(record):
        try:
            text, files = enclosed(value)
        except TypeError:
            return None
        return dict(zip((field.name for field in record.fields), (text, files), strict=True))
    for one in record.fields:
        if takes(one.type, value):
            found: Value = carried(value, None, one.type)
            return {each.name: found if each is one else None for each in record.fields}
    return None


def _is_several(type_: Type | None) -> bool:
    """Tell whether values of a type, but none, may be of several types."""
    members = list(alternatives(type_))
    return len(members) > 1 or any(isinstance(one, AnyType) for one in members)


def _taken(
    value: Value, type_: Type | None, beside: Type | None
) -> tuple[Value, Type | None] | None:
    """Return what a record that stands for several types holds, None for any other value."""
    record = _inner(type_, value)
    if not isinstance(value, Mapping) or not isinstance(record, RecordType):
        return None
    if not _is_several(beside):
        return None
    if is_enclosed(record):
        text, files = (value.get(field.name) for field in record.fields)
        if isinstance(text, str) and isinstance(files, (list, tuple)):
            try:
                return opened(text, list(files)), None
            except ValueError:
                return None
    if not all(isinstance(field.type, OptionalType) for field in record.fields):
        return None
    given = [field for field in record.fields if value.get(field.name) is not None]
    return (value[given[0].name], given[0].type) if len(given) == 1 else None


def _alone(value: File) -> File:
    return _with(value, ())


def _with(value: File, secondary: tuple[File | Directory, ...]) -> File:
    return replace(value, secondary=secondary)


def _inner(type_: Type | None, value: Value) -> Type | None:
    """Return the type that fits a value that is not none."""
    while isinstance(type_, OptionalType):
        type_ = type_.item
    if not isinstance(type_, UnionType):
        return type_
    members = [_inner(one, value) for one in type_.members]
    kind: type[Any] | None = None
    if isinstance(value, File):
        kind = FileType
    elif isinstance(value, Mapping):
        kind = RecordType
    elif isinstance(value, (list, tuple)):
        kind = ArrayType
    found = [one for one in members if kind is None or isinstance(one, kind)]
    return found[0] if len(found) == 1 else None


def differences(
    one: Value, of_one: Type | None, other: Value, of_other: Type | None, path: str = ""
) -> Iterator[str]:
    """Yield where two values are not the same, and how, the first as what is expected."""
    held = _taken(other, of_other, of_one)
    if held is not None:
        other, of_other = held
    if isinstance(one, (File, Directory)) or isinstance(other, (File, Directory)):
        yield from _files(one, other, path)
        return
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        yield from _members(one, of_one, other, of_other, path)
        return
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        if len(one) != len(other):
            yield f"{path or 'the array'} has {len(other)} items, and {len(one)} are expected"
            return
        of_one, of_other = _inner(of_one, one), _inner(of_other, other)
        items = (
            of_one.items if isinstance(of_one, ArrayType) else None,
            of_other.items if isinstance(of_other, ArrayType) else None,
        )
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, items[0], b, items[1], f"{path}[{number}]")
        return
    if isinstance(one, bool) != isinstance(other, bool) or one != other:
        yield f"{path or 'the value'} is {other!r:.120}, and {one!r:.120} is expected"


def _members(
    one: Mapping[str, Value],
    of_one: Type | None,
    other: Mapping[str, Value],
    of_other: Type | None,
    path: str,
) -> Iterator[str]:
    of_one, of_other = _inner(of_one, one), _inner(of_other, other)
    if isinstance(of_one, RecordType) and isinstance(of_other, RecordType):
        if len(of_one.fields) != len(of_other.fields):
            yield f"{path or 'the record'} has not the same number of members"
            return
        for a, b in zip(of_one.fields, of_other.fields, strict=True):
            place = f"{path}.{a.name}" if path else a.name
            yield from differences(one.get(a.name), a.type, other.get(b.name), b.type, place)
        return
    values = [of.values if isinstance(of, MapType) else None for of in (of_one, of_other)]
    for name in dict.fromkeys((*one, *other)):
        place = f"{path}.{name}" if path else name
        yield from differences(one.get(name), values[0], other.get(name), values[1], place)


def _files(one: Value, other: Value, path: str) -> Iterator[str]:
    expected, found = _parts(one), _parts(other)
    if expected is None or found is None:
        what = ["no file" if parts is None else "a file" for parts in (other, one)]
        yield f"{path or 'the value'} is {what[0]}, and {what[1]} is expected"
        return
    unread = [name for name, digest in (*expected, *found) if digest is None]
    if unread:
        yield f"{path or 'the file'}: {unread[0]!r:.120} cannot be read, so nothing is the same"
    elif expected != found:
        names = [
            ", ".join(f"{name} {digest:.12}" for name, digest in ps) for ps in (found, expected)
        ]
        yield f"{path or 'the file'} is {names[0]:.300}, and {names[1]:.300} is expected"


Part = tuple[str, str | None]
"""The name of a file or folder, and its SHA-256 or a word; None where it cannot be read."""


def _parts(value: Value) -> list[Part] | None:
    """Return the names and checksums of a file and its secondary files, or what a folder holds."""
    if isinstance(value, File):
        name = value.basename or _place(value).name
        found = [("" if _UNNAMED.fullmatch(name) else name, _digest(value))]
        for one in value.secondary:
            found += _parts(one) or []
        return [found[0], *sorted(found[1:], key=str)]
    if isinstance(value, Directory):
        return _held(value)
    if isinstance(value, Mapping):
        parts = [_parts(one) for one in value.values() if one is not None]
        known = [part for part in parts if part is not None]
        if not known or len(known) < len(parts):
            return None
        first, *rest = [entry for part in known for entry in part]
        return [first, *sorted(rest, key=str)]
    return None


def _digest(value: File) -> str | None:
    place = _place(value)
    if place.is_file():
        return measure(place)[2]
    text = value.contents if value.location is None and value.path is None else None
    return hashlib.sha256(text.encode()).hexdigest() if text is not None else None


def _held(value: Directory) -> list[Part]:
    """Return a folder and all that it holds, folders too, on the disk or as it is listed."""
    place, named = _place(value), value.location is not None or value.path is not None
    base = value.basename or place.name
    if named and place.is_dir():
        return [
            (base, "folder"),
            *(
                (f"{base}/{one.relative_to(place)}", measure(one)[2] if one.is_file() else "folder")
                for one in sorted(place.rglob("*"))
            ),
        ]
    if named or value.listing is None:
        return [(base, None)]
    listed = [part for one in value.listing for part in _parts(one) or []]
    return [(base, "folder"), *sorted(((f"{base}/{n}", d) for n, d in listed), key=str)]


def _place(value: File | Directory) -> Path:
    location = value.location or value.path or ""
    return Path(unquote(urlsplit(location).path) if location.startswith("file:") else location)


def on_disk(value: Value, folder: Path) -> Value:
    """Return a value whose files and folders lie on the disk under their names.

    What a job file holds as text, or calls by another name, is put into a folder of its own.
    """
    if isinstance(value, File):
        rest = tuple(one for one in _all_on_disk(value.secondary, folder))
        place, named = _place(value), value.location or value.path
        other = value.basename is not None and value.basename != place.name and place.is_file()
        if named is None or other:
            return replace(value, location=_laid(value, folder), path=None, secondary=rest)
        return replace(value, secondary=rest)
    if isinstance(value, Directory):
        if value.location is None and value.path is None:
            return replace(value, location=_laid(value, folder))
        return value
    if isinstance(value, Mapping):
        return {key: on_disk(item, folder) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [on_disk(item, folder) for item in value]
    return value


def _all_on_disk(values: Sequence[File | Directory], folder: Path) -> Iterator[File | Directory]:
    for one in values:
        laid = on_disk(one, folder)
        if isinstance(laid, (File, Directory)):
            yield laid


def _laid(value: File | Directory, folder: Path) -> str:
    number = len(list(folder.iterdir())) if folder.is_dir() else 0
    target = folder / str(number) / PurePosixPath(value.basename or "literal").name
    target.parent.mkdir(parents=True)
    _lay(value, target)
    return str(target)


def _lay(value: File | Directory, target: Path) -> None:
    if isinstance(value, File):
        if value.contents is not None:
            target.write_text(value.contents)
        else:
            shutil.copyfile(_place(value), target)
    elif value.listing is None:
        shutil.copytree(_place(value), target)
    else:
        target.mkdir()
        for one in value.listing:
            _lay(one, target / PurePosixPath(one.basename or _place(one).name).name)


def paired(
    values: Mapping[str, Value], given: Sequence[Any], wanted: Sequence[Any]
) -> dict[str, Value]:
    """Return values by port as the ports of the other document take them, none left out.

    Raises:
        ValueError: the documents have not the same number of ports.
    """
    return {
        new.id: carried(values[old.id], old.type, new.type)
        for old, new in zip(given, wanted, strict=True)
        if values.get(old.id) is not None
    }
