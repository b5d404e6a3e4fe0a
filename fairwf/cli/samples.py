"""Values that stand for inputs in templates and schemas: the default, or an example of the type."""

from __future__ import annotations

from typing import Any

from fairwf.document import Document
from fairwf.formats import converter
from fairwf.ir import types as ty
from fairwf.ir.ports import InputPort
from fairwf.ir.types import Type
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf.ir.workflow import Operation


def default_value(port: InputPort) -> Any:
    """Return a port's default as a JSON value, None for one that has to be computed."""
    render = converter("ir").render_outputs
    assert render is not None and port.default is not None
    try:
        value = from_literal(port.default)
    except NotLiteralError:
        return None
    return render(Document(workflow=Operation()), {port.id: value})[port.id]


def example(kind: Type) -> Any:
    """Return a JSON value of a type, to be replaced."""
    if isinstance(kind, (ty.FileType, ty.DirectoryType)):
        folder = isinstance(kind, ty.DirectoryType)
        name = "Directory" if folder else "File"
        return {"class": name, "path": "path/to/folder" if folder else "path/to/file"}
    if isinstance(kind, ty.OptionalType):
        return example(kind.item)
    if isinstance(kind, (ty.ArrayType, ty.StreamType)):
        return [example(kind.items)]
    if isinstance(kind, ty.RecordType):
        return {each.name: example(each.type) for each in kind.fields}
    if isinstance(kind, ty.MapType):
        return {"key": example(kind.values)}
    if isinstance(kind, ty.EnumType):
        return kind.symbols[0] if kind.symbols else ""
    if isinstance(kind, ty.UnionType):
        return example(kind.members[0]) if kind.members else None
    plain: dict[type, Any] = {ty.BoolType: False, ty.IntType: 0, ty.FloatType: 0.0}
    return plain.get(type(kind), "")
