"""Whether a value fits a type; what fits after a lossless change is changed.

The only changes: a whole number becomes a float where the type says float, an absent member of a
record that may be none becomes none. Truth values are no numbers, texts are no files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fairwf.engine.evaluate.collections import KeyedValue, StreamValue
from fairwf.engine.evaluate.texts import describe
from fairwf.ir.expressions import Directory, File
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    BytesType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    KeyedType,
    MapType,
    NoneType,
    OptionalType,
    RecordType,
    StreamType,
    StringType,
    Type,
    UnionType,
)
from fairwf.source import did_you_mean


class Key(str):
    """A key of a map in a path, which is no member of a record."""

    __slots__ = ()


Path = tuple[str | int, ...]
"""Indexes of items from 0, names of members, and keys."""


class Mismatch(NamedTuple):
    """A value inside the whole, at ``path``, that does not fit."""

    path: Path
    expected: str
    found: str
    hint: str | None = None

    @property
    def where(self) -> str:
        """The path in words: ``, item 2, member 'x'``."""
        return "".join(
            f", item {part + 1}"
            if isinstance(part, int)
            else f", {'key' if isinstance(part, Key) else 'member'} {str(part)!r}"
            for part in self.path
        )

    def __str__(self) -> str:
        return f"{self.where.removeprefix(', ')}: " * bool(self.where) + (
            f"expected {self.expected}, found {self.found}"
        )


def fit(value: Any, type_: Type) -> tuple[Any, list[Mismatch]]:
    """Return the value as the type wants it, and everything about it that does not fit."""
    faults: list[Mismatch] = []
    return _fit(value, type_, (), faults), faults


def fits(value: Any, type_: Type) -> bool:
    """Tell whether the value fits the type, changed or not."""
    return not fit(value, type_)[1]


def accepts_none(type_: Type) -> bool:
    """Tell whether none is a value of the type."""
    return fits(None, type_)


_WORDS: dict[type[Any], str] = {
    NoneType: "none",
    BoolType: "true or false",
    IntType: "a whole number",
    FloatType: "a number",
    StringType: "a text",
    BytesType: "bytes",
    FileType: "a file",
    DirectoryType: "a folder",
    AnyType: "any value but none",
    StreamType: "a stream",
    KeyedType: "a keyed collection",
}
_PLURALS: dict[type[Any], str] = {
    BoolType: "truth values",
    IntType: "whole numbers",
    FloatType: "numbers",
    StringType: "texts",
    FileType: "files",
    DirectoryType: "folders",
    ArrayType: "arrays",
    RecordType: "records",
}


def words(type_: Type) -> str:
    """Return a type in the words of a message: ``an array of files or none``."""
    if isinstance(type_, OptionalType):
        return f"{words(type_.item)} or none"
    if isinstance(type_, UnionType):
        return " or ".join(words(member) for member in type_.members)
    if isinstance(type_, EnumType):
        shown = ", ".join(repr(symbol) for symbol in type_.symbols[:8])
        return f"one of {shown}" + (", ..." if len(type_.symbols) > 8 else "")
    if isinstance(type_, ArrayType):
        some = "a non-empty array" if type_.nonempty else "an array"
        plural = _PLURALS.get(type(type_.items))
        return f"{some} of {plural}" if plural else f"{some} whose items are {words(type_.items)}"
    if isinstance(type_, MapType):
        return f"a map whose values are {words(type_.values)}"
    if isinstance(type_, RecordType):
        names = ", ".join(field.name for field in type_.fields[:8])
        return f"a record of {names}" if names else "an empty record"
    return _WORDS[type(type_)]


def _fit(value: Any, type_: Type, where: Path, faults: list[Mismatch]) -> Any:
    simple = _CLASSES.get(type(type_))
    if simple is not None and isinstance(value, simple):
        return value
    if isinstance(type_, OptionalType):
        return None if value is None else _fit(value, type_.item, where, faults)
    if isinstance(type_, UnionType):
        return _fit_union(value, type_, where, faults)
    if isinstance(type_, (ArrayType, StreamType)):
        return _fit_items(value, type_, where, faults)
    if isinstance(type_, RecordType) and _is_record(value):
        return _fit_record(value, type_, where, faults)
    if isinstance(type_, MapType) and _is_record(value):
        return {
            key: _fit(item, type_.values, (*where, Key(key)), faults) for key, item in value.items()
        }
    if isinstance(type_, IntType) and _is_int(value):
        limit = 2 ** (type_.bits - 1)
        if not -limit <= value < limit:
            wanted = f"a whole number of {type_.bits} bits"
            faults.append(Mismatch(where, wanted, describe(value)))
        return value
    if isinstance(type_, FloatType) and _is_int(value):
        try:
            return float(value)
        except OverflowError:
            faults.append(Mismatch(where, words(type_), f"{describe(value)}, too large"))
            return value
    if not _fits_otherwise(value, type_):
        faults.append(Mismatch(where, words(type_), describe(value), _hint(value, type_)))
    return value


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_record(value: Any) -> bool:
    return isinstance(value, Mapping)


_CLASSES: dict[type[Any], type[Any] | tuple[type[Any], ...]] = {
    NoneType: type(None),
    BoolType: bool,
    FloatType: float,
    StringType: str,
    BytesType: bytes,
    FileType: File,
    DirectoryType: Directory,
    KeyedType: KeyedValue,
}


EXACT: dict[type[Any], type[Any]] = {
    BoolType: bool,
    IntType: int,
    FloatType: float,
    StringType: str,
}
"""Of types whose values are scalars, the class of those that fit as they are, but for the size of
whole numbers."""
_SMALL = 2**31


def fits_exactly(value: Any, type_: Type) -> bool:
    """Tell quickly whether a value is a scalar that fits as it is; False where that is not sure."""
    if EXACT.get(type(type_)) is not type(value):
        return False
    return type(value) is not int or -_SMALL <= value < _SMALL


_TRUTHS = {
    **dict.fromkeys(("true", "false"), "write it without quotes, in small letters"),
    **dict.fromkeys(("yes", "on", "y"), "write true: other words are texts in YAML 1.2"),
    **dict.fromkeys(("no", "off", "n"), "write false: other words are texts in YAML 1.2"),
}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def _fits_otherwise(value: Any, type_: Type) -> bool:
    if isinstance(type_, AnyType):
        return value is not None
    return isinstance(type_, EnumType) and isinstance(value, str) and value in type_.symbols


def _hint(value: Any, type_: Type) -> str | None:
    if isinstance(type_, EnumType) and isinstance(value, str):
        return did_you_mean(value, type_.symbols)
    if isinstance(type_, FileType) and isinstance(value, str):
        return "a file is written {class: File, path: ...}"
    if isinstance(type_, DirectoryType) and isinstance(value, str):
        return "a folder is written {class: Directory, path: ...}"
    if isinstance(type_, IntType) and isinstance(value, float) and value.is_integer():
        return "write it without a decimal point"
    if isinstance(type_, BoolType) and isinstance(value, str):
        return _TRUTHS.get(value.lower())
    if isinstance(type_, (IntType, FloatType)) and isinstance(value, str):
        return "write it without quotes" if _NUMBER.fullmatch(value) else None
    if isinstance(type_, StringType) and isinstance(value, (int, float, bool)):
        return "put it in quotes"
    return None


def _fit_items(
    value: Any, type_: ArrayType | StreamType, where: Path, faults: list[Mismatch]
) -> Any:
    if isinstance(type_, StreamType) and isinstance(value, StreamValue):
        return value
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        hint = "put it in a list" if fits(value, type_.items) else None
        faults.append(Mismatch(where, words(type_), describe(value), hint))
        return value
    if isinstance(type_, ArrayType) and type_.nonempty and not value:
        faults.append(Mismatch(where, words(type_), "an empty array"))
    kind = EXACT.get(type(type_.items))
    if kind is not None and all(type(item) is kind for item in value):
        small = kind is not int or not value or (min(value) >= -_SMALL and max(value) < _SMALL)
        if small:
            return list(value)
    return [_fit(item, type_.items, (*where, index), faults) for index, item in enumerate(value)]


def strangers(value: Any, type_: Type, where: Path = ()) -> Iterator[tuple[Path, Sequence[str]]]:
    """Yield the members of records that their types do not know, by path, with those they know."""
    inner = type_.item if isinstance(type_, OptionalType) else type_
    if isinstance(inner, RecordType) and isinstance(value, Mapping):
        known = {field.name: field.type for field in inner.fields}
        for name, item in value.items():
            if name in known:
                yield from strangers(item, known[name], (*where, name))
            else:
                yield (*where, name), list(known)
    elif isinstance(inner, ArrayType) and isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from strangers(item, inner.items, (*where, index))


def _fit_record(value: Any, type_: RecordType, where: Path, faults: list[Mismatch]) -> Any:
    result = dict(value)
    known = [field.name for field in type_.fields]
    for field in type_.fields:
        inside = (*where, field.name)
        if field.name in value:
            result[field.name] = _fit(value[field.name], field.type, inside, faults)
        elif accepts_none(field.type):
            result[field.name] = None
        else:
            extra = [name for name in value if name not in known]
            close = did_you_mean(field.name, extra)
            hint = f"there is {extra[0]!r}" if close and len(extra) == 1 else close
            faults.append(Mismatch(inside, words(field.type), "nothing", hint))
    return result


def _fit_union(value: Any, type_: UnionType, where: Path, faults: list[Mismatch]) -> Any:
    changed: list[Any] = []
    closest: list[Mismatch] = []
    distance: tuple[int, int] | None = None
    for member in type_.members:
        inner: list[Mismatch] = []
        result = _fit(value, member, where, inner)
        if not inner:
            if type(result) is type(value) and not isinstance(value, (list, Mapping)):
                return result
            changed.append(result)
        elif _same_shape(value, member):
            far = _lacking(value, member), len(inner)
            if distance is None or far < distance:
                closest, distance = inner, far
    if changed:
        return changed[0]
    faults += closest or [Mismatch(where, words(type_), describe(value))]
    return value


def _lacking(value: Any, type_: Type) -> int:
    """Return how many members a record would need to be of a type."""
    if isinstance(type_, OptionalType):
        return _lacking(value, type_.item)
    if not isinstance(type_, RecordType):
        return 0
    return sum(field.name not in value and not accepts_none(field.type) for field in type_.fields)


def _same_shape(value: Any, type_: Type) -> bool:
    """Tell whether a member of a union is what the value was meant to be, faults aside."""
    if isinstance(type_, OptionalType):
        return _same_shape(value, type_.item)
    if isinstance(type_, (RecordType, MapType)):
        return _is_record(value)
    return isinstance(type_, ArrayType) and isinstance(value, (list, tuple))
