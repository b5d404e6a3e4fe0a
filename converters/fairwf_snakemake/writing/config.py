"""The configuration of a workflow: its inputs, their defaults, and their types as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fairwf.ir.expressions import Array, Directory, Expr, File, Record
from fairwf.ir.ports import InputPort
from fairwf.ir.types import (
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
from fairwf.ir.types_text import describe
from fairwf.ir.values import NotLiteralError, Value, from_literal
from fairwf_snakemake.writing.comments import comments, printable
from fairwf_snakemake.writing.expressions import plain_file


def literal_default(port: InputPort) -> Expr | None:
    """Return a default that can stand in a configuration."""
    if port.default is None:
        return None
    try:
        from_literal(port.default)
    except NotLiteralError:
        return None
    return port.default


def plain(node: Expr) -> Any:
    """Return a literal as YAML has it; files that say no more than where they are, as paths."""
    if isinstance(node, (File, Directory)):
        said = plain_file(node)
        return said["path"] if set(said) == {"class", "path"} else said
    if isinstance(node, Array):
        return [plain(one) for one in node.items]
    if isinstance(node, Record):
        return {key: _inside(one) for key, one in node.fields.items()}
    return from_literal(node)


def _inside(node: Expr) -> Any:
    """In records and maps files say what they are: their places do not tell."""
    if isinstance(node, (File, Directory)):
        return plain_file(node)
    if isinstance(node, Array):
        return [_inside(one) for one in node.items]
    return plain(node)


def value_of(value: Value, inside: bool = False) -> Any:
    """Return a value of an input as a configuration has it."""
    if isinstance(value, (File, Directory)):
        return _inside(value) if inside else plain(value)
    if isinstance(value, Mapping):
        return {key: value_of(one, True) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [value_of(one, inside) for one in value]
    return value


def config_text(ports: tuple[InputPort, ...]) -> str:
    """Return ``config.yaml``: each input with its default, null where it has to be given."""
    lines = ["# Inputs of the workflow. Paths count from the folder that it runs in.", ""]
    for port in ports:
        lines += comments(port.label, port.doc)
        default = literal_default(port)
        needed = port.default is None and not isinstance(port.type, OptionalType)
        value = plain(default) if default is not None else None
        said = yaml.safe_dump({port.id: value}, sort_keys=False, allow_unicode=True).rstrip()
        if value is None and said.endswith(" null"):
            kind = printable(" ".join(describe(port.type).split()))
            said += f"  # {'to be given: ' if needed else ''}{kind}"
        lines += [said, ""]
    if not ports:
        lines.append("{}")
    return "\n".join(lines)


def schema_text(ports: tuple[InputPort, ...]) -> str:
    """Return ``config.schema.yaml``."""
    properties = {}
    for port in ports:
        said = _schema(port.type)
        if port.default is not None and not isinstance(port.type, OptionalType):
            said = {"anyOf": [said, {"type": "null"}]}
        text = " ".join(t for t in (port.label, port.doc) if t)
        properties[port.id] = {"description": text, **said} if text else said
    needed = [p.id for p in ports if p.default is None and not isinstance(p.type, OptionalType)]
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
    }
    if needed:
        schema["required"] = needed
    return yaml.safe_dump(schema, sort_keys=False, allow_unicode=True)


_SIMPLE: dict[type[Any], dict[str, Any]] = {
    NoneType: {"type": "null"},
    BoolType: {"type": "boolean"},
    IntType: {"type": "integer"},
    FloatType: {"type": "number"},
    StringType: {"type": "string"},
    FileType: {"type": ["string", "object"]},
    DirectoryType: {"type": ["string", "object"]},
}


def _schema(type_: Type) -> dict[str, Any]:
    match type_:
        case OptionalType():
            return {"anyOf": [_schema(type_.item), {"type": "null"}]}
        case ArrayType():
            said: dict[str, Any] = {"type": "array", "items": _schema(type_.items)}
            return {**said, "minItems": 1} if type_.nonempty else said
        case EnumType():
            return {"enum": list(type_.symbols)}
        case MapType():
            return {"type": "object", "additionalProperties": _schema(type_.values)}
        case RecordType():
            optional = {f.name for f in type_.fields if isinstance(f.type, OptionalType)}
            return {
                "type": "object",
                "properties": {f.name: _schema(f.type) for f in type_.fields},
                "required": [f.name for f in type_.fields if f.name not in optional],
            }
        case UnionType():
            return {"anyOf": [_schema(one) for one in type_.members]}
    return dict(_SIMPLE.get(type(type_), {}))
