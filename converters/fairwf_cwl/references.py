"""Parameter references (CWL v1.2, "Parameter references"): ``inputs.x["a b"][0].length``."""

from __future__ import annotations

import re

from fairwf.ir import types as ir
from fairwf.ir.expressions import Attr, Call, Expr, Index, IntLit

_SYMBOL = re.compile(r"\w+")
_SEGMENT = re.compile(
    r"""\.(?P<dot>\w+) | \['(?P<single>(?:[^'\\]|\\.)+)'\] | \["(?P<double>(?:[^"\\]|\\.)+)"\]
    | \[(?P<index>[0-9]{1,15})\]""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")

FILE_ATTRIBUTES = frozenset(
    [
        "location",
        "path",
        "basename",
        "dirname",
        "nameroot",
        "nameext",
        "size",
        "checksum",
        "format",
        "contents",
    ]
)


def split(text: str) -> tuple[str, list[str | int]] | None:
    """Return the first symbol and the segments of a parameter reference, None for other texts."""
    match = _SYMBOL.match(text)
    if match is None:
        return None
    segments: list[str | int] = []
    index = match.end()
    while index < len(text):
        segment = _SEGMENT.match(text, index)
        if segment is None:
            return None
        if segment["index"] is not None:
            segments.append(int(segment["index"]))
        else:
            name = segment["dot"] or segment["single"] or segment["double"]
            segments.append(name if segment["dot"] else _ESCAPE.sub(r"\1", name))
        index = segment.end()
    return match.group(), segments


def access(
    of: Expr, type_: ir.Type | None, segment: str | int, javascript: bool
) -> tuple[Expr, ir.Type | None] | None:
    """Return the member or item of an expression and its type.

    None: it is not certain that the standard functions mean what the document means. With
    ``javascript`` in force a reference is JavaScript, where a member that is not there is
    undefined (none); without, that is an error.
    """
    if isinstance(type_, ir.OptionalType):
        type_ = type_.item  # a member of none is an error in both
    if isinstance(segment, int):
        item = type_.items if isinstance(type_, ir.ArrayType) else None
        if not javascript:
            return Index(of=of, by=IntLit(value=segment)), item
        if item is None:
            return None
        return Call(function="get", args=(of, IntLit(value=segment))), item
    if isinstance(type_, ir.FileType):
        return _file_attribute(of, segment)
    if isinstance(type_, ir.DirectoryType):
        if segment == "listing":
            return Attr(of=of, name="listing"), ir.ArrayType(items=ir.AnyType())
        if segment in ("location", "path", "basename", "class"):
            return Attr(of=of, name=segment), ir.StringType()
        return None
    if isinstance(type_, ir.RecordType):
        field = next((f for f in type_.fields if f.name == segment), None)
        if field is not None:
            return Attr(of=of, name=segment), field.type
        return None
    if isinstance(type_, ir.ArrayType):
        if segment == "length":
            return Call(function="length", args=(of,)), ir.IntType()
        return None
    if javascript or (type_ is not None and not isinstance(type_, (ir.AnyType, ir.UnionType))):
        return None
    if segment == "length":
        return Call(function="length", args=(of,)), ir.IntType()
    return Attr(of=of, name=segment), None


def _file_attribute(of: Expr, segment: str) -> tuple[Expr, ir.Type | None] | None:
    if segment == "secondaryFiles":
        return Attr(of=of, name="secondary"), ir.ArrayType(items=ir.FileType())
    if segment == "size":
        return Attr(of=of, name=segment), ir.OptionalType(item=ir.IntType())
    if segment in FILE_ATTRIBUTES:
        return Attr(of=of, name=segment), ir.OptionalType(item=ir.StringType())
    if segment == "class":
        return Attr(of=of, name=segment), ir.StringType()
    return None
