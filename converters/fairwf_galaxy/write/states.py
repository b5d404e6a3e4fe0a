"""Input steps: the state that says the type and default of an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir.canonical import same
from fairwf.ir.ports import InputPort
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    RecordType,
    StringType,
    Type,
)
from fairwf.ir.types_text import describe
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf_galaxy.defaults import fitting
from fairwf_galaxy.names import WIDENED
from fairwf_galaxy.types import PAIR, bare, input_type
from fairwf_galaxy.write.failures import CannotSayError, Tell

_SCALARS: dict[type[Type], str] = {
    StringType: "text",
    EnumType: "text",
    IntType: "integer",
    FloatType: "float",
    BoolType: "boolean",
}


def input_state(port: InputPort, kept: Mapping[str, Any], tell: Tell) -> tuple[str, dict[str, Any]]:
    """Return the ``type`` and state of the step of an input; ``kept`` is what it was read with.

    Raises:
        CannotSayError: Galaxy has no input of this type.
    """
    before = kept.get("tool_state")
    kind = kept.get("type")
    if isinstance(before, Mapping) and isinstance(kind, str):
        known = input_type(kind, before)
        if kept.get(WIDENED) or known is None or same(known, port.type):
            state = dict(before)
            _default(port, state, tell)
            return kind, state
    elif isinstance(kind, str) and "tool_state" not in kept and same_type(kind, port.type):
        return kind, {}
    kind, state = _typed(port, port.type)
    if isinstance(before, Mapping):
        state = {**{k: v for k, v in before.items() if k not in _TYPES}, **state}
    _default(port, state, tell)
    return kind, state


_TYPES = frozenset(
    {"collection_type", "fields", "parameter_type", "multiple", "optional", "restrictions"}
)


def same_type(kind: str, type_: Type) -> bool:
    """Tell whether an input without a state is of a type."""
    known = input_type(kind, {})
    return known is not None and same(known, type_)


def _typed(port: InputPort, type_: Type) -> tuple[str, dict[str, Any]]:
    inner = bare(type_)
    state: dict[str, Any] = {"optional": isinstance(type_, OptionalType)}
    if isinstance(inner, FileType):
        return "data_input", state
    shape = collection_state(inner)
    if shape is not None:
        return "data_collection_input", {**state, **shape}
    if isinstance(inner, ArrayType) and isinstance(bare(inner.items), (StringType, EnumType)):
        state["multiple"] = True
        inner = bare(inner.items)
    word = _SCALARS.get(type(inner))
    if word is None:
        raise CannotSayError(
            f"Galaxy has no workflow input of the type {describe(type_)}",
            port,
            "inputs are datasets, collections of them, texts, numbers and truth values",
        )
    state["parameter_type"] = word
    if isinstance(inner, EnumType):
        state["restrictions"] = list(inner.symbols)
    return "parameter_input", state


def collection_state(type_: Type) -> dict[str, Any] | None:
    """Return what the state of a collection says of its type; None for a type that is none."""
    match type_:
        case ArrayType():
            if isinstance(type_.items, FileType):
                return {"collection_type": "list"}
            inner = collection_state(type_.items)
            if inner is None or "fields" in inner:
                return None
            return {"collection_type": f"list:{inner['collection_type']}"}
        case RecordType():
            names = tuple(field.name for field in type_.fields)
            if not all(isinstance(bare(field.type), FileType) for field in type_.fields):
                return None
            optional = [isinstance(field.type, OptionalType) for field in type_.fields]
            if names == PAIR and not any(optional):
                return {"collection_type": "paired"}
            if names == (*PAIR, "unpaired") and all(optional):
                return {"collection_type": "paired_or_unpaired"}
            fields = [
                {"name": name, "type": "File?" if maybe else "File"}
                for name, maybe in zip(names, optional, strict=True)
            ]
            return {"collection_type": "record", "fields": fields} if fields else None
        case _:
            return None


def _default(port: InputPort, state: dict[str, Any], tell: Tell) -> None:
    if port.default is None:
        value = state.get("default")
        if value is not None and fitting(value, port.type)[0]:
            del state["default"]
        return
    try:
        value = from_literal(port.default)
    except NotLiteralError:
        raise CannotSayError("Galaxy has no computed defaults", port.default) from None
    fits, fixed = fitting(value, port.type)
    if not fits:
        tell("FWF3004", "Galaxy has no default for such an input", port.default)
        state.pop("default", None)
    elif "default" not in state or fitting(state["default"], port.type) != (True, fixed):
        state["default"] = fixed
