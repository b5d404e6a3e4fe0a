"""A JSON Schema (2020-12) of the job files that a workflow takes."""

from __future__ import annotations

from typing import Any

from fairwf.cli.job import required
from fairwf.cli.samples import default_value
from fairwf.document import Document
from fairwf.ir import types as ty
from fairwf.ir.ports import InputPort
from fairwf.ir.types import Type
from fairwf.jobfile import ports_of

_FILE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "class": {"const": "File"},
        "location": {"type": "string", "format": "uri-reference"},
        "path": {"type": "string"},
        "basename": {"type": "string"},
        "contents": {"type": "string"},
        "format": {"type": "string"},
        "secondaryFiles": {
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/$defs/File"}, {"$ref": "#/$defs/Directory"}]},
        },
    },
    "required": ["class"],
    "anyOf": [{"required": ["location"]}, {"required": ["path"]}, {"required": ["contents"]}],
}
_DIRECTORY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "class": {"const": "Directory"},
        "location": {"type": "string", "format": "uri-reference"},
        "path": {"type": "string"},
        "basename": {"type": "string"},
        "listing": {
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/$defs/File"}, {"$ref": "#/$defs/Directory"}]},
        },
    },
    "required": ["class"],
    "anyOf": [{"required": ["location"]}, {"required": ["path"]}, {"required": ["listing"]}],
}


def input_schema(document: Document) -> dict[str, Any]:
    """Return the schema of the job files of a document."""
    ports = ports_of(document)
    process = document.workflow
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": process.label or process.id or "inputs",
        "type": "object",
        "properties": {port.id: _port(port) for port in ports},
        "required": [port.id for port in ports if required(port)],
        "additionalProperties": False,
        "$defs": {"File": _FILE, "Directory": _DIRECTORY},
    }


def _port(port: InputPort) -> dict[str, Any]:
    schema = type_schema(port.type)
    if port.default is not None and not isinstance(port.type, ty.OptionalType):
        schema = {"anyOf": [schema, {"type": "null"}]}
    schema = dict(schema)
    if port.label:
        schema["title"] = port.label
    if port.doc:
        schema["description"] = port.doc
    if port.default is not None:
        schema["default"] = default_value(port)
    return schema


def type_schema(kind: Type) -> dict[str, Any]:
    """Return the schema of a type's values as they stand in a job file."""
    if isinstance(kind, ty.OptionalType):
        return {"anyOf": [type_schema(kind.item), {"type": "null"}]}
    if isinstance(kind, ty.UnionType):
        return {"anyOf": [type_schema(member) for member in kind.members]}
    if isinstance(kind, (ty.ArrayType, ty.StreamType)):
        least = {"minItems": 1} if isinstance(kind, ty.ArrayType) and kind.nonempty else {}
        return {"type": "array", "items": type_schema(kind.items), **least}
    if isinstance(kind, ty.MapType):
        return {"type": "object", "additionalProperties": type_schema(kind.values)}
    if isinstance(kind, ty.RecordType):
        optional = (ty.OptionalType, ty.NoneType)
        return {
            "type": "object",
            "properties": {each.name: type_schema(each.type) for each in kind.fields},
            "required": [each.name for each in kind.fields if not isinstance(each.type, optional)],
            "additionalProperties": False,
        }
    if isinstance(kind, ty.EnumType):
        return {"enum": list(kind.symbols)}
    if isinstance(kind, ty.IntType):
        edge = 2 ** (kind.bits - 1)
        return {"type": "integer", "minimum": -edge, "maximum": edge - 1}
    if isinstance(kind, (ty.FileType, ty.DirectoryType)):
        name = "File" if isinstance(kind, ty.FileType) else "Directory"
        return {"$ref": f"#/$defs/{name}"}
    plain: dict[type, dict[str, Any]] = {
        ty.NoneType: {"type": "null"},
        ty.BoolType: {"type": "boolean"},
        ty.FloatType: {"type": "number"},
        ty.StringType: {"type": "string"},
        ty.BytesType: {"type": "string", "contentEncoding": "base64"},
        ty.AnyType: {"not": {"type": "null"}},
    }
    return plain.get(type(kind), {})
