"""Inputs and outputs (CWL v1.2, "CommandInputParameter", "CommandOutputParameter")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from fairwf.ir.expressions import BoolLit, Expr, Local, NoneLit
from fairwf.ir.ports import (
    Collect,
    CollectRecord,
    Evaluated,
    FieldFiles,
    Glob,
    InputPort,
    LoadListing,
    OutputPort,
    SecondaryFile,
    Stderr,
    Stdout,
)
from fairwf.ir.types import AnyType, ArrayType, DirectoryType, FileType, Type
from fairwf.ir.values import to_literal
from fairwf.ir.walk import nodes, walk
from fairwf.source import SourceMap, plain
from fairwf_cwl.bindings import Bound, Names, self_of
from fairwf_cwl.context import Context, Scope, strings
from fairwf_cwl.idmaps import Entry, as_list
from fairwf_cwl.interpolate import has_expression
from fairwf_cwl.names import expand, is_foreign, short
from fairwf_cwl.types import ArrayOf, CwlType, Primitive, RecordOf, UnionOf, is_null, text_of
from fairwf_cwl.values import ValueReader

_LISTINGS: dict[str, LoadListing] = {
    "no_listing": "none",
    "shallow_listing": "shallow",
    "deep_listing": "deep",
}


class Port(msgspec.Struct, frozen=True):
    """A port as the document says it: its entry and its type, in CWL and in the IR."""

    id: str
    node: SourceMap
    entry: Entry
    type: CwlType
    ir_type: Type


class PortReader:
    """Reads the ports of one process."""

    def __init__(self, context: Context, scope: Scope) -> None:
        self.context = context
        self.scope = scope
        self.types = context.types(scope)
        self.values = ValueReader(context.loader, scope.namespaces, absolute=False)

    def port(self, entry: Entry) -> Port:
        """Return the port of an entry of ``inputs`` or ``outputs``."""
        type_ = self.types.parse(entry.node.get("type"), entry.node.value_span("type"))
        return Port(short(entry.key), entry.node, entry, type_, self.types.to_ir(type_))

    def input(self, port: Port, names: Names) -> InputPort:
        """Return the IR of an input port."""
        node = port.node
        binding = node.get("inputBinding")
        old_contents = isinstance(binding, SourceMap) and binding.get("loadContents") is True
        result = InputPort(
            id=port.id,
            type=port.ir_type,
            default=self.default(node),
            label=node.get("label"),
            doc=text_of(node.get("doc")),
            secondary=self.secondary(node, names, port.ir_type),
            format=self.format(node, names),
            streamable=bool(node.get("streamable")),
            load_contents=bool(node.get("loadContents")) or old_contents,
            load_listing=self.listing(node, inherit=may_be_folder(port.ir_type)),
            fields=self._fields(port.type, names),
            extensions=self.foreign(port),
        )
        self._place(result, port.entry, node)
        return result

    def _place(self, result: InputPort | OutputPort, entry: Entry, node: SourceMap) -> None:
        self.context.origins.set(result, entry.span)
        self.context.origins.set(result, entry.key_span, "id")
        for field in ("type", "default", "label", "doc", "format"):
            if field in node and hasattr(result, field):
                self.context.origins.set(result, node.value_span(field), field)

    def default(self, node: SourceMap, field: str = "default") -> Expr | None:
        """Return a default value as a literal."""
        if node.get(field) is None:
            return None
        literal = to_literal(self.values.read(node[field]))
        return self.context.expressions.place(literal, node.value_span(field))

    def listing(self, node: SourceMap, inherit: bool = False) -> LoadListing | None:
        """Return ``loadListing``, else what LoadListingRequirement says."""
        said = node.get("loadListing")
        if said is None and inherit:
            found = self.scope.find("LoadListingRequirement")
            said = found.node.get("loadListing") if found else None
            if said is None and self.scope.version == "v1.0":
                said = "deep_listing"
        return _LISTINGS[said] if isinstance(said, str) and said in _LISTINGS else None

    def secondary(
        self, node: SourceMap, names: Names, type_: Type | None = None
    ) -> tuple[SecondaryFile, ...]:
        """Return ``secondaryFiles`` in any of its forms; ``type_`` is that of the whole port."""
        names = names.with_self(primary(type_))
        result = []
        for item, span in as_list(node, "secondaryFiles"):
            required: Expr | None = None
            if isinstance(item, SourceMap):
                pattern, place = item.get("pattern"), item.value_span("pattern")
                said = item.get("required")
                if isinstance(said, bool):
                    required = BoolLit(value=said)
                elif isinstance(said, str):
                    place_ = item.value_span("required")
                    required = self.context.expressions.read(said, place_, names)
            else:
                pattern, place = item, span
            if not isinstance(pattern, str):
                continue
            if pattern.endswith("?"):  # expressions, too (Schema Salad, "secondaryFiles DSL")
                pattern, required = pattern[:-1], required or BoolLit(value=False)
            part = SecondaryFile(
                pattern=self.context.expressions.read(pattern, place, names), required=required
            )
            if required is not None:
                self.context.expressions.place(required, place)
            self.context.origins.set(part, span)
            result.append(part)
        return tuple(result)

    def format(self, node: SourceMap, names: Names) -> tuple[Expr, ...]:
        """Return ``format`` as full IRIs or expressions."""
        names = names.with_self(self_of())
        return tuple(
            self.context.expressions.read(
                text if has_expression(text) else expand(text, self.scope.namespaces), span, names
            )
            for text, span in strings(node, "format")
        )

    def foreign(self, port: Port) -> dict[str, dict[str, Any]]:
        """Return the fields of other vocabularies; ``types`` holds what types say of themselves.

        That is their ``label`` and ``doc`` by their place in the port's type: ``items/fields/x``.
        """
        found = {key: plain(item) for key, item in port.node.items() if is_foreign(key)}
        described = dict(_described(port.type, ()))
        if described:
            found["types"] = described
        return {"cwl": found} if found else {}

    def _fields(self, type_: CwlType, names: Names) -> dict[str, FieldFiles]:
        """Return what members of records say of their files, through arrays and unions."""
        result: dict[str, FieldFiles] = {}
        if isinstance(type_, ArrayOf):
            return self._fields(type_.items, names)
        if isinstance(type_, UnionOf):
            for member in type_.members:
                result.update(self._fields(member, names))
        if isinstance(type_, RecordOf):
            for field in type_.members:
                node = field.node
                files = FieldFiles(
                    secondary=self.secondary(node, names),
                    format=self.format(node, names),
                    streamable=bool(node.get("streamable")),
                    load_contents=bool(node.get("loadContents")),
                    load_listing=self.listing(node),
                    fields=self._fields(field.type, names),
                )
                if files != FieldFiles():
                    self.context.origins.set(files, field.span)
                    result[field.name] = files
        return result

    # --- outputs ------------------------------------------------------------------------------

    def output(
        self, port: Port, names: Names, value: Callable[[Port], Expr] | None = None
    ) -> OutputPort:
        """Return the IR of an output port; ``value`` gives a workflow's links."""
        node = port.node
        result = OutputPort(
            id=port.id,
            type=port.ir_type,
            value=value(port) if value is not None else None,
            collect=self._collect(port.type, node, names) if value is None else None,
            label=node.get("label"),
            doc=text_of(node.get("doc")),
            secondary=self.secondary(node, names, port.ir_type),
            format=self.format(node, names),
            streamable=bool(node.get("streamable")),
            fields=self._fields(port.type, names),
            extensions=self.foreign(port),
        )
        self._place(result, port.entry, node)
        return result

    def _collect(self, type_: CwlType, node: SourceMap, names: Names) -> Collect | None:
        result: Collect | None = None
        stream = getattr(type_, "stream", None)
        binding = node.get("outputBinding")
        if stream in ("stdout", "stderr"):
            result = Stdout() if stream == "stdout" else Stderr()
        elif isinstance(binding, SourceMap):
            result = self._binding(binding, names, type_)
        else:
            members = [type_] if isinstance(type_, RecordOf) else getattr(type_, "members", ())
            record = next((m for m in members if isinstance(m, RecordOf)), None)
            found = {
                member.name: collect
                for member in (record.members if record else ())
                if (collect := self._collect(member.type, member.node, names)) is not None
            }
            result = CollectRecord(fields=found) if found else None
        if result is not None:
            self.context.origins.set(result, node.value_span("outputBinding"))
        return result

    def _binding(self, binding: SourceMap, names: Names, type_: CwlType) -> Collect:
        expressions = self.context.expressions
        patterns = tuple(expressions.read(t, s, names) for t, s in strings(binding, "glob"))
        evaluate: Expr | None = None
        text = binding.get("outputEval")
        if isinstance(text, str):
            matches = self_of(_matches(type_))
            evaluate = expressions.read(
                text, binding.value_span("outputEval"), _ended(names).with_self(matches)
            )
        if not patterns and evaluate is not None and not _uses_self(evaluate):
            return Evaluated(value=evaluate)
        if not patterns and evaluate is None:
            return Evaluated(value=expressions.place(NoneLit(), binding.span))
        return Glob(
            patterns=patterns,
            load_contents=bool(binding.get("loadContents")),
            load_listing=self.listing(binding),
            evaluate=evaluate,
        )


def primary(type_: Type | None) -> Bound:
    """Return ``self`` of the secondary files of a port; ``type_`` is None for a member of one."""
    return self_of(None if type_ is None or may_be_folder(type_) else FileType())


def may_be_folder(type_: Type) -> bool:
    """Tell whether values of a type can hold folders, which have listings to load."""
    return any(isinstance(node, (DirectoryType, AnyType)) for _, node in walk(type_))


def _described(type_: CwlType, path: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(type_, Primitive):
        return
    if isinstance(type_, UnionOf):
        some = [member for member in type_.members if not is_null(member)]
        for index, member in enumerate(some):
            yield from _described(member, path if len(some) == 1 else (*path, str(index)))
        return
    said = {key: plain(type_.node[key]) for key in ("label", "doc") if type_.node.get(key)}
    if said:
        yield "/".join(path), said
    if isinstance(type_, ArrayOf):
        yield from _described(type_.items, (*path, "items"))
    elif isinstance(type_, RecordOf):
        for field in type_.members:
            yield from _described(field.type, (*path, "fields", field.name))


def _matches(type_: CwlType) -> ArrayType:
    """Return the type of ``self`` in ``outputEval``: what the port's type says of the matches."""
    names: set[str] = set()
    stack = [type_]
    while stack:
        part = stack.pop()
        if isinstance(part, Primitive):
            names.add(part.name)
        elif isinstance(part, ArrayOf):
            stack.append(part.items)
        elif isinstance(part, UnionOf):
            stack.extend(part.members)
    if "Any" in names or "Directory" in names:
        return ArrayType(items=AnyType() if names - {"null", "Directory"} else DirectoryType())
    return ArrayType(items=FileType())


def _ended(names: Names) -> Names:
    """Return the names that are there once the task has ended."""
    return replace(names, runtime=(*names.runtime, "exitCode")) if names.runtime else names


def _uses_self(expression: Expr) -> bool:
    return any(local.name == "self" for local in nodes(expression, Local))
