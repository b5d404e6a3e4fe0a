"""The types that a value may have, and which of them takes a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairwf.ir.expressions import Directory, File
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    MapType,
    NoneType,
    OptionalType,
    RecordType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.values import Value


def alternatives(type_: Type | None) -> Iterator[Type]:
    """Yield the types that a value which is not none may have."""
    if isinstance(type_, OptionalType):
        yield from alternatives(type_.item)
    elif isinstance(type_, UnionType):
        for one in type_.members:
            yield from alternatives(one)
    elif type_ is not None and not isinstance(type_, NoneType):
        yield type_


def takes(type_: Type, value: Value) -> bool:
    """Tell whether a value is one of a type; a whole number is a float, too."""
    if value is None:
        return isinstance(type_, (OptionalType, NoneType)) or (
            isinstance(type_, UnionType) and any(takes(one, None) for one in type_.members)
        )
    return any(_takes(one, value) for one in alternatives(type_))


def _takes(type_: Type, value: Value) -> bool:
    match type_:
        case AnyType():
            return True
        case BoolType():
            return isinstance(value, bool)
        case IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case FloatType():
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case StringType():
            return isinstance(value, str)
        case EnumType():
            return value in type_.symbols
        case FileType():
            return isinstance(value, File)
        case DirectoryType():
            return isinstance(value, Directory)
        case ArrayType():
            return isinstance(value, (list, tuple)) and all(takes(type_.items, v) for v in value)
        case MapType():
            return isinstance(value, Mapping) and all(
                takes(type_.values, one) for one in value.values()
            )
        case RecordType():
            known = {field.name: field.type for field in type_.fields}
            return (
                isinstance(value, Mapping)
                and value.keys() <= known.keys()
                and all(takes(kind, value.get(name)) for name, kind in known.items())
            )
    return False
