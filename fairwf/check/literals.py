"""The type of an expression when its literals are looked at: the text ``a`` is the enum ``a``."""

from __future__ import annotations

from fairwf.check.assignability import without_none
from fairwf.check.infer import infer
from fairwf.check.scope import Scope
from fairwf.check.signatures import join
from fairwf.ir.expressions import Array, Call, Expr, If, Record, StringLit
from fairwf.ir.types import (
    ArrayType,
    EnumType,
    MapType,
    OptionalType,
    RecordField,
    RecordType,
    StreamType,
    Type,
    UnionType,
)


def exact(node: Expr, scope: Scope) -> Type:
    """Return the type of an expression in which each literal text is an enum of that text."""
    match node:
        case StringLit(value=text):
            return EnumType(symbols=(text,))
        case Array(items=items) if items:
            return ArrayType(items=join([exact(item, scope) for item in items]))
        case If():
            return join([exact(node.then, scope), exact(node.otherwise, scope)])
        case Call(function="default", args=(value, otherwise)):
            return join([without_none(exact(value, scope)), exact(otherwise, scope)])
        case Record(fields=fields):
            members = [RecordField(name=k, type=exact(v, scope)) for k, v in fields.items()]
            return RecordType(fields=tuple(members))
        case _:
            return infer(node, scope)


def has_enum(type_: Type) -> bool:
    """Tell whether an enum is part of a type."""
    match type_:
        case EnumType():
            return True
        case ArrayType(items=inner) | StreamType(items=inner) | OptionalType(item=inner):
            return has_enum(inner)
        case MapType(keys=keys, values=values):
            return has_enum(keys) or has_enum(values)
        case UnionType(members=members):
            return any(has_enum(member) for member in members)
        case RecordType(fields=fields):
            return any(has_enum(field.type) for field in fields)
        case _:
            return False


def symbols(type_: Type) -> tuple[str, ...]:
    """Return the texts that enums inside a type, but not inside records, take."""
    match type_:
        case EnumType(symbols=found):
            return found
        case ArrayType(items=inner) | StreamType(items=inner) | OptionalType(item=inner):
            return symbols(inner)
        case UnionType(members=members):
            return tuple(text for member in members for text in symbols(member))
        case _:
            return ()
