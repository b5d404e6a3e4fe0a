"""What CWL v1.0 and v1.1 can put into a task's folder (v1.1, "Dirent").

Before v1.2 an entry gives a text, or a file or folder; in v1.0 not even several of them. Other
values are written as JSON by v1.2, so their text stands in older documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.command import StagedItem
from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    Input,
    IntLit,
    Local,
    Record,
    Template,
)
from fairwf.ir.functions import FUNCTIONS
from fairwf.ir.workflow import Command, Script

Tell = Callable[[str, str, object], None]
"""Reports a code and a message about a node."""

_SCALARS = (ir.IntType, ir.FloatType, ir.BoolType)
_OBJECTS = (ir.ArrayType, ir.RecordType)
_NUMBERS = frozenset({"number", "int", "float", "bool"})
_OF_FILES = frozenset({"class", "entry"})


def with_older_staging(task: Command | Script, tell: Tell, *, arrays: bool) -> Command | Script:
    """Return the task with entries that older readers know; ``arrays``: several files are one."""
    types = {port.id: port.type for port in task.inputs}
    staging = tuple(_older(item, types, tell, arrays=arrays) for item in task.staging)
    if all(new is old for new, old in zip(staging, task.staging, strict=True)):
        return task
    return msgspec.structs.replace(task, staging=staging)


def _older(
    item: StagedItem, types: Mapping[str, ir.Type], tell: Tell, *, arrays: bool
) -> StagedItem:
    value = item.value
    type_ = _type(value, types)
    if not arrays and item.writable and item.name is None and _holds_files(type_):
        tell("FWF3002", "CWL v1.0 stages writable files one by one", item)
        row = Record(fields={"entry": Local(name="item"), "writable": BoolLit(value=True)})
        return StagedItem(value=Each(name="item", over=value, body=row))
    if item.name is not None and _is_json(value, types):
        tell("FWF3002", "before CWL v1.2 an entry gives a text: the JSON of the value", item)
        scalar = not isinstance(value, (Array, Record)) and not isinstance(type_, _OBJECTS)
        text: Expr = Call(function="to_string", args=(value,))
        if scalar:
            text = Template(parts=(value,))
        return msgspec.structs.replace(item, value=text)
    return item


def _type(value: Expr, types: Mapping[str, ir.Type]) -> ir.Type:
    if isinstance(value, Input):
        return types.get(value.name, ir.AnyType())
    if isinstance(value, Attr) and isinstance(value.of, Input):
        of = types.get(value.of.name)
        if isinstance(of, ir.RecordType):
            return next((f.type for f in of.fields if f.name == value.name), ir.AnyType())
        if isinstance(of, ir.FileType) and value.name == "size":
            return ir.IntType()
    return ir.AnyType()


def _holds_files(type_: ir.Type) -> bool:
    return isinstance(type_, ir.ArrayType) and isinstance(
        type_.items, (ir.FileType, ir.DirectoryType)
    )


def _is_json(value: Expr, types: Mapping[str, ir.Type]) -> bool:
    """Tell whether a value is surely none that any version takes as it is."""
    if isinstance(value, (IntLit, FloatLit, BoolLit)):
        return True
    if isinstance(value, Record):
        return not _OF_FILES & value.fields.keys()
    if isinstance(value, Array):
        return bool(value.items) and all(_is_json(part, types) for part in value.items)
    if isinstance(value, Call):
        return FUNCTIONS[value.function].result in _NUMBERS
    type_ = _type(value, types)
    if isinstance(type_, ir.ArrayType):
        return isinstance(type_.items, (*_SCALARS, ir.StringType, ir.RecordType))
    return isinstance(type_, (*_SCALARS, ir.RecordType))
