"""Inputs of a document as parameters: the block ``params``, the schema, and values of a job."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fairwf.ir.expressions import Directory, Expr, File
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
    OptionalType,
    RecordType,
    StringType,
    Type,
)
from fairwf.ir.values import NotLiteralError, Value, from_literal
from fairwf.report import UnsupportedError
from fairwf_nextflow.write.failures import CannotSayError
from fairwf_nextflow.write.strings import Hole, literal, quoted

SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def params_block(ports: Sequence[InputPort], names: Mapping[str, str]) -> str:
    """Return the declarations of the parameters."""
    if not ports:
        return ""
    lines = []
    for port in ports:
        line = names[port.id]
        type_ = type_text(port.type)
        if type_ is not None:
            line += f": {type_}"
        if port.default is not None:
            line += f" = {_default(port)}"
        lines.append(f"    {line}\n")
    return f"params {{\n{''.join(lines)}}}\n\n"


def type_text(type_: Type) -> str | None:
    """Return a type of parameters, None where there is none for it."""
    match type_:
        case OptionalType(item=item):
            inner = type_text(item)
            return f"{inner}?" if inner is not None else None
        case ArrayType(items=items):
            inner = type_text(items)
            return f"List<{inner}>" if inner is not None else "List"
        case RecordType() | MapType():
            return "Map"
        case StringType() | EnumType():
            return "String"
        case IntType():
            return "Integer"
        case FloatType():
            return "Float"
        case BoolType():
            return "Boolean"
        case FileType() | DirectoryType():
            return "Path"
    return None


def _default(port: InputPort) -> str:
    assert port.default is not None
    try:
        return _value(from_literal(port.default), port.default)
    except NotLiteralError:
        raise CannotSayError("Nextflow cannot compute the default of a parameter", port) from None


def _value(value: Value, at: Expr) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return literal(value)
        case File() | Directory():
            return located(value)
        case Mapping():
            inner = (f"{literal(str(key))}: {_value(one, at)}" for key, one in value.items())
            return f"[{', '.join(inner)}]" if value else "[:]"
        case bytes():
            raise CannotSayError("Nextflow has no octets", at)
    return f"[{', '.join(_value(one, at) for one in value)}]"


def located(file: File | Directory) -> str:
    """Return the place of a file that a document names: relative ones are of the project."""
    location = file.location
    if location is None:
        raise CannotSayError("Nextflow cannot say a file that has no place", file)
    if "://" in location:
        return literal(location)
    if location.startswith("/"):
        return literal(f"file://{location}")
    return quoted([Hole("projectDir"), f"/{posixpath.normpath(location)}"])


def schema_of(ports: Sequence[InputPort], names: Mapping[str, str], title: str) -> dict[str, Any]:
    """Return the schema of the parameters (nf-schema)."""
    inputs = {
        "title": "Inputs",
        "type": "object",
        "properties": {names[port.id]: _property(port) for port in ports},
        "required": [names[p.id] for p in ports if _needed(p)],
    }
    return {
        "$schema": SCHEMA,
        "title": title,
        "type": "object",
        "$defs": {"inputs": inputs},
        "allOf": [{"$ref": "#/$defs/inputs"}],
    }


def _needed(port: InputPort) -> bool:
    return port.default is None and not isinstance(port.type, OptionalType)


def _property(port: InputPort) -> dict[str, Any]:
    said = property_type(port.type)
    if port.label:
        said["title"] = port.label
    if port.doc:
        said["description"] = port.doc
    return said


def property_type(type_: Type) -> dict[str, Any]:
    """Return a type as a schema says it."""
    match type_:
        case OptionalType(item=item):
            return property_type(item)
        case ArrayType(items=items):
            return {"type": "array", "items": property_type(items)}
        case FileType():
            return {"type": "string", "format": "file-path"}
        case DirectoryType():
            return {"type": "string", "format": "directory-path"}
        case EnumType(symbols=symbols):
            return {"type": "string", "enum": list(symbols)}
        case RecordType() | MapType():
            return {"type": "object"}
        case StringType():
            return {"type": "string"}
        case IntType():
            return {"type": "integer"}
        case FloatType():
            return {"type": "number"}
        case BoolType():
            return {"type": "boolean"}
    return {}


def json_text(value: Any) -> str:
    """Return a value as a file of JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write_inputs(ports: Sequence[InputPort], values: Mapping[str, Value]) -> bytes:
    """Return values as a file for ``-params-file``: files by their paths."""
    from fairwf_nextflow.write.names import KEYWORDS, Names, claimed

    names = claimed((port.id for port in ports), Names(reserved=KEYWORDS), "input")
    made = {names.get(key, key): _plain(value) for key, value in values.items()}
    return json_text(made).encode()


def _plain(value: Value) -> Any:
    if isinstance(value, (File, Directory)):
        place = value.location or value.path
        if place is None:
            what = "file" if isinstance(value, File) else "folder"
            message = f"parameters of Nextflow name files by their places: this {what} has none"
            hint = f"put the {what} on the disk, and name it in the inputs"
            raise UnsupportedError.of("FWF3001", message, hint=hint)
        return place
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [_plain(one) for one in value]
    return value
