"""Types of Galaxy: collections, parameters of workflows, and the states that describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
)

PAIR = ("forward", "reverse")
"""The names of a pair's datasets."""
_UNPAIRED = (*PAIR, "unpaired")


def collection(text: str, fields: Any = None) -> Type | None:
    """Return the type of a ``collection_type`` such as ``list:paired``; None for an unknown one."""
    outer, _, inner = text.partition(":")
    if outer in ("list", "sample_sheet"):
        items = collection(inner, fields) if inner else FileType()
        return ArrayType(items=items) if items is not None else None
    if inner:
        return None
    if outer == "paired":
        return RecordType(fields=tuple(RecordField(name=n, type=FileType()) for n in PAIR))
    if outer == "paired_or_unpaired":
        maybe = [RecordField(name=n, type=OptionalType(item=FileType())) for n in _UNPAIRED]
        return RecordType(fields=tuple(maybe))
    if outer == "record":
        members = [f for f in fields or () if isinstance(f, Mapping) and _is_name(f.get("name"))]
        return RecordType(fields=tuple(_field(member) for member in members))
    return None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _field(member: Mapping[str, Any]) -> RecordField:
    kind = member.get("type", "File")
    optional = isinstance(kind, str) and kind.endswith("?")
    type_ = _MEMBERS.get(kind.rstrip("?") if isinstance(kind, str) else "", FileType)()
    return RecordField(name=member["name"], type=OptionalType(item=type_) if optional else type_)


_MEMBERS: dict[str, type[FileType | StringType | IntType | FloatType | BoolType]] = {
    "File": FileType,
    "string": StringType,
    "text": StringType,
    "integer": IntType,
    "int": IntType,
    "float": FloatType,
    "boolean": BoolType,
}

PARAMETERS: dict[str, type[StringType | IntType | FloatType | BoolType]] = {
    "text": StringType,
    "integer": IntType,
    "float": FloatType,
    "boolean": BoolType,
    "color": StringType,
    "directory_uri": StringType,
    "data_column": IntType,
    "genomebuild": StringType,
    "group_tag": StringType,
    "hidden": StringType,
    "select": StringType,
}
"""Types of workflow parameters; others are texts."""


def parameter(state: Mapping[str, Any]) -> Type:
    """Return the type of a parameter by its state, without whether it is optional."""
    kind = state.get("parameter_type", "text")
    type_: Type = PARAMETERS.get(kind if isinstance(kind, str) else "", StringType)()
    symbols = _symbols(state.get("restrictions"))
    if symbols and isinstance(type_, StringType):
        type_ = EnumType(symbols=symbols)
    return ArrayType(items=type_) if state.get("multiple") is True else type_


def _symbols(restrictions: Any) -> tuple[str, ...]:
    if not isinstance(restrictions, list):
        return ()
    values = [r.get("value") if isinstance(r, Mapping) else r for r in restrictions]
    texts = [value for value in values if isinstance(value, str)]
    return tuple(dict.fromkeys(texts)) if len(texts) == len(values) else ()


def input_type(kind: str, state: Mapping[str, Any]) -> Type | None:
    """Return the type of an input step: ``kind`` is its ``type``; None for one that is unknown."""
    type_: Type | None
    if kind == "data_input":
        type_ = FileType()
    elif kind == "data_collection_input":
        text = state.get("collection_type") or "list"
        type_ = collection(text, state.get("fields")) if isinstance(text, str) else None
    else:
        type_ = parameter(state)
    return (
        OptionalType(item=type_) if type_ is not None and state.get("optional") is True else type_
    )


def bare(type_: Type) -> Type:
    """Return a type without its being optional."""
    return bare(type_.item) if isinstance(type_, OptionalType) else type_


def depth(type_: Type) -> int:
    """Return how many lists stand around the items."""
    inner = bare(type_)
    return 1 + depth(inner.items) if isinstance(inner, ArrayType) else 0


def unknown(type_: Type) -> bool:
    """Tell whether a value of the type may be a list or not."""
    inner = bare(type_)
    return isinstance(inner, AnyType) or (isinstance(inner, ArrayType) and unknown(inner.items))


def maybe_any() -> OptionalType:
    """Return the type of what a tool takes or gives: only its own definition could say more."""
    return OptionalType(item=AnyType())


def fits(given: Type, wanted: Type) -> bool:
    """Tell whether Galaxy takes a value where another is wanted, as it is or mapped over once."""
    if unknown(given) or unknown(wanted):
        return True
    levels = depth(given) - depth(wanted)
    if levels == 1:
        inner = bare(given)
        return isinstance(inner, ArrayType) and _same(inner.items, wanted)
    return levels == 0 and _same(given, wanted)


_TEXTS = (StringType, EnumType)


def _same(given: Type, wanted: Type) -> bool:
    one, two = bare(given), bare(wanted)
    match one, two:
        case ArrayType(), ArrayType():
            return _same(one.items, two.items)
        case RecordType(), RecordType():
            return [f.name for f in one.fields] == [f.name for f in two.fields]
        case EnumType(), EnumType():
            return bool(set(one.symbols) & set(two.symbols))
    if isinstance(one, _TEXTS) and isinstance(two, _TEXTS):
        return True
    return type(one) is type(two) or (isinstance(one, IntType) and isinstance(two, FloatType))
