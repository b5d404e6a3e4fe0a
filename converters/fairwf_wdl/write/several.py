"""Values of several types, for which WDL has no type.

A union becomes a struct with an optional member for each of its types, of which one is given. A
value of any type becomes a text of JSON with the files that it names (:mod:`fairwf.ir.enclosing`).
"""

from __future__ import annotations

from typing import Any

from fairwf.ir.alternatives import alternatives
from fairwf.ir.enclosing import ENCLOSED
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
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
)
from fairwf_wdl.write.names import identifier

_NAMES: dict[type[Any], str] = {
    BoolType: "boolean",
    IntType: "integer",
    FloatType: "number",
    StringType: "text",
    FileType: "file",
    DirectoryType: "directory",
    MapType: "map",
}


def several(type_: Type | None) -> RecordType | None:
    """Return the record that stands for a value of several types, None for one of one type."""
    members = _members(type_)
    if any(isinstance(one, AnyType) for one in members):
        return ENCLOSED
    if len(members) < 2:
        return None
    fields: list[RecordField] = []
    for one in members:
        name = first = _name(one)
        number = 1
        while any(field.name == name for field in fields):
            number += 1
            name = f"{first}_{number}"
        fields.append(RecordField(name=name, type=OptionalType(item=one)))
    title = "Or".join(field.name.replace("_", "").capitalize() for field in fields)
    return RecordType(name=title[:60], fields=tuple(fields))


def _members(type_: Type | None) -> list[Type]:
    """Return the types that a value which is not none may have, those that WDL tells apart."""
    found: list[Type] = []
    for one in map(alike, alternatives(type_)):
        if one not in found:
            found.append(one)
    return found


def alike(type_: Type) -> Type:
    """Return a type without what WDL's types do not tell."""
    match type_:
        case IntType():
            return IntType()
        case FloatType():
            return FloatType()
        case EnumType():
            return StringType()
        case ArrayType():
            return ArrayType(items=alike(type_.items))
        case OptionalType():
            return OptionalType(item=alike(type_.item))
    return type_


def _name(type_: Type) -> str:
    if isinstance(type_, ArrayType):
        items = several(type_.items)
        return "array" if items is not None else f"{_name(_item(type_))}s"
    if isinstance(type_, RecordType):
        return identifier((type_.name or "record").lower(), "record")
    return _NAMES.get(type(type_), "value")


def _item(type_: ArrayType) -> Type:
    return _members(type_.items)[0]


def member_for(record: RecordType, type_: Type) -> RecordField | None:
    """Return the member of a union that takes values of a type."""
    kinds = _members(type_)
    if len(kinds) != 1:
        return None
    return next((one for one in record.fields if one.type == OptionalType(item=kinds[0])), None)


def holds_others(given: Type | None, wanted: Type | None) -> bool:
    """Tell whether items, on whatever level, are of several types in one of two types alone."""
    one, other = _members(given), _members(wanted)
    if len(one) != 1 or len(other) != 1:
        return False
    if not isinstance(one[0], ArrayType) or not isinstance(other[0], ArrayType):
        return False
    items = one[0].items, other[0].items
    return several(items[0]) != several(items[1]) or holds_others(*items)


def kind(type_: Type | None) -> Any:
    """Return what the programs tell values of a type by."""
    if isinstance(type_, OptionalType):
        return ["?", kind(type_.item)]
    if several(type_) is not None:
        return "a"
    match type_:
        case BoolType():
            return "b"
        case IntType():
            return "i"
        case FloatType():
            return "n"
        case StringType():
            return "s"
        case EnumType():
            return ["=", list(type_.symbols)]
        case FileType():
            return "f"
        case DirectoryType():
            return "d"
        case ArrayType():
            return [kind(type_.items)]
        case RecordType():
            return {field.name: kind(field.type) for field in type_.fields}
        case MapType():
            return {}
    return "a"
