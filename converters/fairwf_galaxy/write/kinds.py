"""Types of the expressions that stand in a command."""

from __future__ import annotations

from collections.abc import Mapping

from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Expr,
    File,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    NoneLit,
    Opaque,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import InputPort
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    RecordType,
    StringType,
    Type,
)

_BOOLEAN = frozenset(
    {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "not", "and", "or",
     "defined"}
)  # fmt: skip
_TEXT = frozenset({"basename", "nameroot", "nameext", "file_path", "to_string"})
_ATTRIBUTES: dict[str, type[StringType | IntType]] = {
    "path": StringType,
    "basename": StringType,
    "nameroot": StringType,
    "nameext": StringType,
    "size": IntType,
}


def kind_of(value: Expr, ports: Mapping[str, InputPort]) -> Type | None:
    """Return the type of a value, None where it is not known."""
    match value:
        case Input() if value.name in ports:
            port = ports[value.name]
            given = port.type
            return given.item if isinstance(given, OptionalType) and port.default else given
        case StringLit() | Template():
            return StringType()
        case IntLit():
            return IntType()
        case FloatLit():
            return FloatType()
        case BoolLit():
            return BoolType()
        case NoneLit():
            return OptionalType(item=StringType())
        case File():
            return FileType()
        case Runtime():
            return StringType() if value.name in ("outdir", "tmpdir") else IntType()
        case Attr():
            return _attribute(kind_of(value.of, ports), value.name)
        case Index():
            of = kind_of(value.of, ports)
            return of.items if isinstance(of, ArrayType) else None
        case Array() if value.items:
            items = kind_of(value.items[0], ports)
            return ArrayType(items=items) if items is not None else None
        case If():
            return kind_of(value.then, ports)
        case Call() if value.function in _BOOLEAN:
            return BoolType()
        case Call() if value.function in _TEXT:
            return StringType()
        case Opaque():
            return value.gives
        case _:
            return None


def _attribute(of: Type | None, name: str) -> Type | None:
    if isinstance(of, RecordType):
        return next((field.type for field in of.fields if field.name == name), None)
    known = _ATTRIBUTES.get(name) if isinstance(of, FileType) else None
    return known() if known is not None else None
