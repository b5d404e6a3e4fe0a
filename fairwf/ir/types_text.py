"""Types as people read them: ``File[]?``, ``map[string, int]``, ``record{name: string}``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from fairwf.ir.types import (
    ArrayType,
    EnumType,
    FloatType,
    IntType,
    KeyedType,
    MapType,
    OptionalType,
    RecordType,
    StreamType,
    Type,
    UnionType,
)

_SHOWN = 6
_NAMES: ContextVar[Mapping[str, str] | None] = ContextVar("names of types", default=None)


@contextmanager
def type_names(names: Mapping[str, str]) -> Iterator[None]:
    """Call types as another language does (``{"bool": "boolean"}``) while this is open."""
    before = _NAMES.set(names)
    try:
        yield
    finally:
        _NAMES.reset(before)


def describe(type_: Type) -> str:
    """Return the readable text of a type.

    ``T[]`` is an array, ``T?`` optional, ``(A | B)`` a union; 64 bits are the usual, so ``int32``
    and ``float32`` say theirs. Records and enums with a name are called by it.
    """
    match type_:
        case ArrayType():
            return f"{describe(type_.items)}[]"
        case OptionalType():
            return f"{describe(type_.item)}?"
        case UnionType():
            return f"({' | '.join(describe(member) for member in type_.members)})"
        case MapType():
            return f"map[{describe(type_.keys)}, {describe(type_.values)}]"
        case StreamType():
            return f"stream[{describe(type_.items)}]"
        case KeyedType():
            keys = ", ".join(f"{key.name}: {describe(key.type)}" for key in type_.keys)
            return f"keyed[{keys} -> {describe(type_.value)}]"
        case EnumType():
            return type_.name or f"enum{{{_some(list(type_.symbols))}}}"
        case RecordType():
            fields = [f"{field.name}: {describe(field.type)}" for field in type_.fields]
            return type_.name or f"record{{{_some(fields)}}}"
        case IntType() | FloatType() if type_.bits == 32:
            return _named(f"{type_.__struct_config__.tag}32")
        case _:
            return _named(str(type_.__struct_config__.tag))


def _named(name: str) -> str:
    return (_NAMES.get() or {}).get(name, name)


def _some(texts: list[str]) -> str:
    shown = ", ".join(texts[:_SHOWN])
    return f"{shown}, ..." if len(texts) > _SHOWN else shown
