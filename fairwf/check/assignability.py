"""Whether a value of one type may stand where another is wanted.

Sources: CWL v1.2 "Workflow steps" and the type conversions of ``cwltool``; WDL 1.2 "Type
coercion" (those that are not explicit functions).
"""

from __future__ import annotations

from enum import IntEnum

from fairwf.ir.types import (
    AnyType,
    ArrayType,
    EnumType,
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


class Fit(IntEnum):
    """How a type fits another: with no value, with some, or with every value."""

    NEVER = 0
    SOMETIMES = 1
    ALWAYS = 2


def assignable(source: Type, target: Type) -> bool:
    """Tell whether some value of ``source`` may stand where ``target`` is wanted."""
    return fit(source, target) is not Fit.NEVER


def fit(source: Type, target: Type) -> Fit:
    """Return how values of ``source`` fit where ``target`` is wanted.

    ``any`` goes both ways. For an optional source the values decide, not ``none``: ``string?``
    never fits ``int?``.
    """
    if isinstance(source, OptionalType):
        inner = fit(source.item, target)
        if inner is Fit.ALWAYS and not takes_none(target):
            return Fit.SOMETIMES
        return inner
    if isinstance(source, UnionType):
        return _union_source(source, target)
    if isinstance(target, OptionalType):
        return Fit.ALWAYS if isinstance(source, NoneType) else fit(source, target.item)
    if isinstance(target, UnionType):
        return max((fit(source, member) for member in target.members), default=Fit.NEVER)
    if isinstance(source, AnyType):
        return Fit.ALWAYS
    if isinstance(target, AnyType):
        return Fit.NEVER if isinstance(source, (NoneType, KeyedType)) else Fit.ALWAYS
    return _plain(source, target)


def takes_none(type_: Type) -> bool:
    """Tell whether ``none`` is a value of the type."""
    if isinstance(type_, UnionType):
        return any(takes_none(member) for member in type_.members)
    return isinstance(type_, (OptionalType, NoneType))


def without_none(type_: Type) -> Type:
    """Return the type of the values that are not ``none``."""
    if isinstance(type_, NoneType):
        return UnionType(members=())
    if isinstance(type_, OptionalType):
        return without_none(type_.item)
    if isinstance(type_, UnionType):
        members = tuple(without_none(m) for m in type_.members if not isinstance(m, NoneType))
        return members[0] if len(members) == 1 else UnionType(members=members)
    return type_


def _union_source(source: UnionType, target: Type) -> Fit:
    if not source.members:
        return Fit.ALWAYS  # of the items of an empty array
    values = [member for member in source.members if not isinstance(member, NoneType)]
    fits = [fit(member, target) for member in values]
    if not values:
        return Fit.ALWAYS if takes_none(target) else Fit.NEVER
    if max(fits) is Fit.NEVER:
        return Fit.NEVER
    whole = min(fits) is Fit.ALWAYS
    if len(values) < len(source.members) and not takes_none(target):
        whole = False
    return Fit.ALWAYS if whole else Fit.SOMETIMES


def _plain(source: Type, target: Type) -> Fit:
    match source, target:
        case IntType(), IntType():
            return Fit.SOMETIMES if source.bits > target.bits else Fit.ALWAYS
        case ((IntType() | FloatType()), FloatType()):
            return Fit.ALWAYS
        case EnumType(), EnumType():
            return _enums(source, target)
        case EnumType(), StringType():
            return Fit.ALWAYS
        case StringType(), EnumType():
            return Fit.SOMETIMES
        case ArrayType(), ArrayType():
            items = fit(source.items, target.items)
            if target.nonempty and not source.nonempty:
                return min(items, Fit.SOMETIMES)
            return items
        case StreamType(), StreamType():
            return fit(source.items, target.items)
        case MapType(), MapType():
            return min(fit(source.keys, target.keys), fit(source.values, target.values))
        case RecordType(), MapType():
            fits = [fit(field.type, target.values) for field in source.fields]
            return min([fit(StringType(), target.keys), *fits])
        case MapType(), RecordType():
            fits = [fit(source.values, field.type) for field in target.fields]
            return min([Fit.SOMETIMES, *fits])
        case RecordType(), RecordType():
            return _records(source, target)
        case KeyedType(), KeyedType():
            names = [key.name for key in source.keys] == [key.name for key in target.keys]
            return fit(source.value, target.value) if names else Fit.NEVER
        case _:
            same = type(source) is type(target)
            return Fit.ALWAYS if same else Fit.NEVER


def _enums(source: EnumType, target: EnumType) -> Fit:
    symbols, wanted = set(source.symbols), set(target.symbols)
    if symbols <= wanted:
        return Fit.ALWAYS
    return Fit.SOMETIMES if symbols & wanted else Fit.NEVER


def _records(source: RecordType, target: RecordType) -> Fit:
    given = {field.name: field.type for field in source.fields}
    fits = [Fit.ALWAYS]
    for field in target.fields:
        if field.name in given:
            fits.append(fit(given[field.name], field.type))
        elif not takes_none(field.type):
            fits.append(Fit.NEVER)
    return min(fits)
