"""Types of CWL (v1.2, "Data types", "CommandInputParameter"): shorthands, schemas, named types.

A type is read in two steps: to :data:`CwlType`, which keeps what CWL writes into a type
(bindings, secondary files), and from there to the IR.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Union

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.origins import Origins, Span
from fairwf.ir.types_text import describe
from fairwf.report import Report
from fairwf.source import SourceList, SourceMap, did_you_mean
from fairwf_cwl.idmaps import entries
from fairwf_cwl.names import short

PRIMITIVES: Mapping[str, Callable[[], ir.Type]] = {
    "null": ir.NoneType,
    "boolean": ir.BoolType,
    "int": lambda: ir.IntType(bits=32),
    "long": lambda: ir.IntType(bits=64),
    "float": lambda: ir.FloatType(bits=32),
    "double": lambda: ir.FloatType(bits=64),
    "string": ir.StringType,
    "File": ir.FileType,
    "Directory": ir.DirectoryType,
    "Any": ir.AnyType,
}
TYPE_NAMES: Mapping[str, str] = {describe(make()): name for name, make in PRIMITIVES.items()}
"""What CWL calls the IR's types, by their names in messages."""
STREAMS = ("stdin", "stdout", "stderr")
MAX_DEPTH = 64


class Primitive(msgspec.Struct, frozen=True):
    """A type by its name; ``stdin``, ``stdout`` and ``stderr`` are files (``stream``)."""

    name: str
    span: Span
    stream: str | None = None


class ArrayOf(msgspec.Struct, frozen=True):
    """An array; ``node`` is its schema, empty for the shorthand ``T[]``."""

    items: CwlType
    node: SourceMap
    span: Span


class Member(msgspec.Struct, frozen=True):
    """A field of a record with its schema."""

    name: str
    type: CwlType
    node: SourceMap
    span: Span


class RecordOf(msgspec.Struct, frozen=True):
    """A record."""

    members: tuple[Member, ...]
    name: str | None
    node: SourceMap
    span: Span


class EnumOf(msgspec.Struct, frozen=True):
    """An enumeration of texts."""

    symbols: tuple[str, ...]
    name: str | None
    node: SourceMap
    span: Span


class UnionOf(msgspec.Struct, frozen=True):
    """One of several types, never a union itself."""

    members: tuple[CwlType, ...]
    span: Span


CwlType = Union[Primitive, ArrayOf, RecordOf, EnumOf, UnionOf]  # noqa: UP007 -- names a class below


_NESTED = {
    "array": "an object says it: type: {type: array, items: ...}",
    "enum": "an object says it: type: {type: enum, symbols: [...]}",
    "record": "an object says it: type: {type: record, fields: ...}",
}
"""What to do where the fields of a type stand beside it and not inside."""

Finder = Callable[[str, Span], SourceMap | None]
"""Finds a type by its name, as ``SchemaDefRequirement`` or another file defines it."""


def _long_form(text: str) -> str:
    if text.endswith("?"):
        return f"['null', {_long_form(text.rstrip('?'))}]"
    if text.endswith("[]"):
        return f"{{type: array, items: {_long_form(text[:-2])}}}"
    return text


def _nested(text: str) -> int:
    """Return how many types a short form stands for beyond its own."""
    return len(text) - len(text.rstrip("?[]"))


class TypeReader:
    """Reads types; ``find`` knows the named ones. Faults go to the report.

    ``deep`` says whether short forms nest, and stand for items: from v1.3 on
    (Schema Salad, "type DSL").
    """

    def __init__(self, report: Report, origins: Origins, find: Finder, deep: bool) -> None:
        self.report = report
        self.origins = origins
        self.find = find
        self.deep = deep

    def parse(
        self, value: Any, span: Span, open_names: tuple[str, ...] = (), items: bool = False
    ) -> CwlType:
        """Return the type that a value of a ``type`` field, or one of ``items``, says."""
        if len(open_names) > MAX_DEPTH:
            return self._wrong("types nest too deeply", span)
        if isinstance(value, str):
            if len(open_names) + _nested(value) > MAX_DEPTH:
                return self._wrong("types nest too deeply", span)
            if not self.deep:
                self._check_short_form(value, span, items)
            return self._named(value, span, open_names)
        if isinstance(value, SourceList):
            return self._union(value, span, open_names, items)
        if isinstance(value, SourceMap):
            return self._schema(value, open_names)
        return self._wrong("expected a type", span)

    def _wrong(self, message: str, span: Span, hint: str | None = None) -> Primitive:
        self.report.add("FWF1101", message, span=span, hint=hint)
        return Primitive("Any", span)

    def _check_short_form(self, text: str, span: Span, items: bool) -> None:
        rest = text if items else text.removesuffix("?").removesuffix("[]")
        if rest.endswith(("?", "[]")):
            where = " as items" if items else ""
            message = f"CWL before v1.3 has no short form {text!r:.60}{where}"
            self.report.add("FWF1101", message, span=span, hint=f"say {_long_form(text):.200}")

    def _named(self, text: str, span: Span, open_names: tuple[str, ...]) -> CwlType:
        if text.endswith("?"):
            inner = self._named(text[:-1], span, (*open_names, "?"))
            return _flat((Primitive("null", span), inner), span)
        if text.endswith("[]"):
            inner = (
                self._wrong("types nest too deeply", span)
                if len(open_names) > MAX_DEPTH
                else self._named(text[:-2], span, (*open_names, "[]"))
            )
            return ArrayOf(inner, SourceMap(span), span)
        if text in PRIMITIVES:
            return Primitive(text, span)
        if text in STREAMS:
            return Primitive("File", span, text)
        name = short(text)
        if text in open_names:
            return self._wrong(f"the type {name!r} contains itself", span)
        node = self.find(text, span)
        if node is None:
            hint = _NESTED.get(text) or did_you_mean(text, (*PRIMITIVES, *STREAMS))
            self.report.add("FWF1106", f"there is no type {text!r:.80}", span=span, hint=hint)
            return Primitive("Any", span)
        return self._schema(node, (*open_names, text))

    def _union(
        self, value: SourceList, span: Span, open_names: tuple[str, ...], items: bool
    ) -> CwlType:
        members = tuple(
            self.parse(item, value.item_span(index), (*open_names, "|"), items)
            for index, item in enumerate(value)
        )
        if not members:
            return self._wrong("a union needs at least one type", span)
        return _flat(members, span)

    def _schema(self, node: SourceMap, open_names: tuple[str, ...]) -> CwlType:
        kind = node.get("type")
        inner = (*open_names, "{}")
        name = short(node["name"]) if isinstance(node.get("name"), str) else None
        if kind == "array":
            if "items" not in node:
                return self._wrong("an array type needs 'items'", node.span)
            items = self.parse(node.get("items"), node.value_span("items"), inner, items=True)
            return ArrayOf(items, node, node.span)
        if kind == "enum":
            said = [s for s in node.get("symbols") or () if isinstance(s, str)]
            symbols = tuple(short(s) if "#" in s else s for s in said)
            self._once("symbol", symbols, node.value_span("symbols"))
            return EnumOf(symbols, name, node, node.span)
        if kind == "record":
            members = []
            for entry in entries(node.get("fields"), "name", "type"):
                field = self.parse(entry.node.get("type"), entry.node.value_span("type"), inner)
                members.append(Member(short(entry.key), field, entry.node, entry.span))
            self._once("field", [member.name for member in members], node.value_span("fields"))
            return RecordOf(tuple(members), name, node, node.span)
        if kind is None:
            return self._wrong("a type needs 'type'", node.span)
        return self.parse(kind, node.value_span("type"), inner)

    def _once(self, what: str, names: Sequence[str], span: Span) -> None:
        twice = [name for index, name in enumerate(names) if name in names[:index]]
        if twice:
            self.report.add("FWF2002", f"the {what} {twice[0]!r:.60} stands twice", span=span)

    def to_ir(self, type_: CwlType) -> ir.Type:
        """Return the type in the IR, with its origin."""
        node = self._to_ir(type_)
        self.origins.set(node, type_.span)
        return node

    def _to_ir(self, type_: CwlType) -> ir.Type:
        if isinstance(type_, Primitive):
            return PRIMITIVES[type_.name]()
        if isinstance(type_, ArrayOf):
            return ir.ArrayType(items=self.to_ir(type_.items))
        if isinstance(type_, EnumOf):
            return ir.EnumType(symbols=type_.symbols, name=type_.name)
        if isinstance(type_, RecordOf):
            return ir.RecordType(
                fields=tuple(self._field(member) for member in type_.members), name=type_.name
            )
        some = [m for m in type_.members if not is_null(m)]
        if not some:
            return ir.NoneType()
        inner = (
            self.to_ir(some[0])
            if len(some) == 1
            else ir.UnionType(members=tuple(self.to_ir(m) for m in some))
        )
        if len(some) == len(type_.members):
            return inner
        self.origins.set(inner, type_.span)
        return ir.OptionalType(item=inner)

    def _field(self, member: Member) -> ir.RecordField:
        field = ir.RecordField(
            name=member.name,
            type=self.to_ir(member.type),
            label=member.node.get("label"),
            doc=text_of(member.node.get("doc")),
        )
        self.origins.set(field, member.span)
        return field


def _flat(members: tuple[CwlType, ...], span: Span) -> CwlType:
    flat: list[CwlType] = []
    for member in members:
        for part in member.members if isinstance(member, UnionOf) else (member,):
            known = isinstance(part, Primitive) and any(
                isinstance(other, Primitive) and other.name == part.name for other in flat
            )
            if not known:
                flat.append(part)
    return flat[0] if len(flat) == 1 else UnionOf(tuple(flat), span)


def parts_of(type_: CwlType) -> Iterator[CwlType]:
    """Yield a type and the types inside it."""
    stack = [type_]
    while stack:
        part = stack.pop()
        yield part
        if isinstance(part, ArrayOf):
            stack.append(part.items)
        elif isinstance(part, UnionOf):
            stack.extend(part.members)
        elif isinstance(part, RecordOf):
            stack.extend(member.type for member in part.members)


def is_null(type_: CwlType) -> bool:
    """Tell whether a type is ``null``."""
    return isinstance(type_, Primitive) and type_.name == "null"


def present(type_: CwlType) -> CwlType:
    """Return the type without ``null``; of ``null`` alone itself."""
    if not isinstance(type_, UnionOf):
        return type_
    some = tuple(m for m in type_.members if not is_null(m))
    return some[0] if len(some) == 1 else UnionOf(some, type_.span) if some else type_


def text_of(value: Any) -> str | None:
    """Return a ``doc`` as one text; a list's texts are joined by line ends."""
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return value if isinstance(value, str) else None
