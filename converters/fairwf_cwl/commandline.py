"""The command line (CWL v1.2, "Input binding"): arguments and bindings in the order they stand.

The order is by position, then ``arguments`` by index before inputs by name. What CWL writes into
types becomes one nested :class:`Rendering`.
"""

from __future__ import annotations

import msgspec

from fairwf.ir.command import Argument, CaseRendering, FieldRendering, Rendering
from fairwf.ir.expressions import Attr, Call, Expr, Input, IntLit, NoneLit, StringLit
from fairwf.ir.origins import Span
from fairwf.source import SourceMap
from fairwf_cwl.bindings import Bound, Names, self_of
from fairwf_cwl.context import Context, strings
from fairwf_cwl.idmaps import as_list
from fairwf_cwl.ports import Port, PortReader
from fairwf_cwl.types import (
    ArrayOf,
    CwlType,
    EnumOf,
    Member,
    Primitive,
    RecordOf,
    UnionOf,
    is_null,
    present,
)

_FIRST = -(2**31)
"""The position of ``baseCommand`` where positions are computed."""


class Placed(msgspec.Struct, frozen=True):
    """An argument with its sorting key; a computed position is an expression."""

    position: int | Expr
    tie: tuple[int, int, str, str]
    argument: Argument
    span: Span


class CommandLineReader:
    """Reads the command line of one tool."""

    def __init__(self, context: Context, ports: PortReader, names: Names) -> None:
        self.context = context
        self.ports = ports
        self.names = names

    def read(self, tool: SourceMap, inputs: list[Port]) -> tuple[Argument, ...]:
        """Return the arguments of a CommandLineTool in order."""
        base = [
            Placed(_FIRST, (0, index, "", ""), self._plain(text, span), span)
            for index, (text, span) in enumerate(strings(tool, "baseCommand"))
        ]
        rest: list[Placed] = []
        for index, (item, span) in enumerate(as_list(tool, "arguments")):
            rest.append(self._argument(index, item, span))
        for port in inputs:
            rest.extend(self._input(port))
        if all(isinstance(placed.position, int) for placed in rest):
            rest.sort(key=lambda p: (p.position if isinstance(p.position, int) else 0, p.tie))
            ordered = [placed.argument for placed in (*base, *rest)]
        else:
            rest.sort(key=lambda p: p.tie)
            ordered = [self._with_position(placed) for placed in (*base, *rest)]
        return tuple(ordered)

    def _with_position(self, placed: Placed) -> Argument:
        position = placed.position
        if position == 0:
            return placed.argument
        computed: Expr = IntLit(value=position) if isinstance(position, int) else position
        self.context.expressions.place(computed, placed.span)
        old = placed.argument
        node = Argument(value=old.value, rendering=old.rendering, position=computed)
        self.context.origins.inherit(node, old)
        return node

    def _place(self, argument: Argument, span: Span) -> Argument:
        self.context.origins.set(argument, span)
        self.context.expressions.place(argument.value, span)
        return argument

    def _plain(self, text: str, span: Span) -> Argument:
        return self._place(Argument(value=StringLit(value=text), rendering=Rendering()), span)

    def _argument(self, index: int, item: object, span: Span) -> Placed:
        tie = (0, index, "", "")
        if not isinstance(item, SourceMap):
            value = self.context.expressions.read(str(item), span, self.names)
            return Placed(
                0, tie, self._place(Argument(value=value, rendering=Rendering()), span), span
            )
        text = item.get("valueFrom")
        value = (
            self.context.expressions.read(text, item.value_span("valueFrom"), self.names)
            if isinstance(text, str)
            else NoneLit()
        )
        argument = Argument(value=value, rendering=self._own(item, Rendering(), None))
        return Placed(self._position(item, None), tie, self._place(argument, span), span)

    def _position(self, binding: SourceMap | None, bound: Bound | None) -> int | Expr:
        said = binding.get("position") if binding is not None else None
        if isinstance(said, str) and binding is not None:
            names = self.names.with_self(bound)
            found = self.context.expressions.read(said, binding.value_span("position"), names)
            if isinstance(found, NoneLit):
                return 0
            return int(found.number) if isinstance(found, IntLit) else found
        return said if isinstance(said, int) else 0

    # --- inputs -------------------------------------------------------------------------------

    def _input(self, port: Port) -> list[Placed]:
        binding = port.node.get("inputBinding")
        binding = binding if isinstance(binding, SourceMap) else None
        span = port.entry.span
        if binding is None:
            split = self._members(port)
            if split is not None:
                return split
        rendering = self.rendering(port.type, binding)
        if rendering is None:
            return []
        argument = self._place(Argument(value=Input(name=port.id), rendering=rendering), span)
        bound = Bound(lambda: Input(name=port.id), port.ir_type)
        position = self._position(binding or _type_binding(port.type), bound)
        return [Placed(position, (1, 0, port.id, ""), argument, span)]

    def _members(self, port: Port) -> list[Placed] | None:
        """Return the arguments of a record without a binding of its own.

        Its members stand among all other arguments, each at its own position. None: the type is
        no record, or one name is bound in several records of a union.
        """
        bare = present(port.type)
        parts = bare.members if isinstance(bare, UnionOf) else (bare,)
        records = [part for part in parts if isinstance(part, RecordOf)]
        others = [part for part in parts if not isinstance(part, RecordOf)]
        if not records or any(self.rendering(part, None) is not None for part in others):
            return None
        if any(isinstance(record.node.get("inputBinding"), SourceMap) for record in records):
            return None
        bound = [member for record in records for member in record.members if _is_bound(member)]
        if len({member.name for member in bound}) < len(bound):
            return None
        certain = bare is port.type and len(parts) == 1
        return [placed for member in bound for placed in self._member(port, member, certain)]

    def _member(self, port: Port, member: Member, certain: bool) -> list[Placed]:
        binding = member.node.get("inputBinding")
        binding = binding if isinstance(binding, SourceMap) else None
        rendering = self.rendering(member.type, binding)
        if rendering is None:
            return []

        def value() -> Expr:
            of = Input(name=port.id)
            if certain:
                return Attr(of=of, name=member.name)
            return Call(function="get", args=(of, StringLit(value=member.name)))

        argument = self._place(Argument(value=value(), rendering=rendering), member.span)
        position = self._position(binding or _type_binding(member.type), Bound(value))
        return [Placed(position, (1, 0, member.name, port.id), argument, member.span)]

    # --- renderings ---------------------------------------------------------------------------

    def rendering(self, type_: CwlType, binding: SourceMap | None) -> Rendering | None:
        """Return how values of a type become words, or None where nothing is bound."""
        node = self._rendering(type_, binding)
        if node is not None:
            span = binding.span if binding is not None else type_.span
            self.context.origins.set(node, span)
        return node

    def _rendering(self, type_: CwlType, binding: SourceMap | None) -> Rendering | None:
        if isinstance(type_, UnionOf):
            return self._union(type_, binding)
        if isinstance(type_, Primitive):
            return None if binding is None else self._own(binding, Rendering(), type_)
        inner = _type_binding(type_)
        if isinstance(type_, EnumOf):
            chosen = binding if binding is not None else inner
            return None if chosen is None else self._own(chosen, Rendering(), type_)
        if isinstance(type_, ArrayOf):
            items = self.rendering(type_.items, inner)
            if binding is None:
                return None if items is None else Rendering(items=items)
            if "valueFrom" in binding:
                items = None
            return self._own(binding, Rendering(items=items), type_)
        chosen = binding if binding is not None else inner
        fields = () if chosen is not None and "valueFrom" in chosen else self._fields(type_)
        if chosen is None:
            return Rendering(fields=fields) if fields else None
        return self._own(chosen, Rendering(fields=fields), type_)

    def _fields(self, type_: RecordOf) -> tuple[FieldRendering, ...]:
        rows: list[tuple[int, str, FieldRendering]] = []
        for member in type_.members:
            said = member.node.get("inputBinding")
            binding = said if isinstance(said, SourceMap) else None
            rendering = self.rendering(member.type, binding)
            if rendering is None:
                continue
            position = self._position(binding or _type_binding(member.type), None)
            if not isinstance(position, int):
                self.context.report.add(
                    "FWF3003",
                    "a computed position inside a record counts as 0",
                    span=member.span,
                    path=None,
                )
                position = 0
            field = FieldRendering(name=member.name, rendering=rendering)
            self.context.origins.set(field, member.span)
            rows.append((position, member.name, field))
        return tuple(row[2] for row in sorted(rows, key=lambda row: row[:2]))

    def _union(self, type_: UnionOf, binding: SourceMap | None) -> Rendering | None:
        members = [member for member in type_.members if not is_null(member)]
        if len(members) == 1:
            return self.rendering(members[0], binding)
        if all(isinstance(m, Primitive) for m in members) or (binding and "valueFrom" in binding):
            return None if binding is None else self._own(binding, Rendering(), type_)
        cases = []
        for member in members:
            rendering = self.rendering(member, binding)
            if rendering is None:
                continue
            case = CaseRendering(type=self.ports.types.to_ir(member), rendering=rendering)
            self.context.origins.set(case, member.span)
            cases.append(case)
        return Rendering(cases=tuple(cases)) if cases else None

    def _own(self, binding: SourceMap, inner: Rendering, type_: CwlType | None) -> Rendering:
        text = binding.get("valueFrom") if type_ is not None else None
        value = None
        if isinstance(text, str) and type_ is not None:
            bound = self_of(self.ports.types.to_ir(present(type_)))
            place = binding.value_span("valueFrom")
            value = self.context.expressions.read(text, place, self.names.with_self(bound))
        node = Rendering(
            prefix=binding.get("prefix"),
            separate=binding.get("separate") is not False,
            item_separator=binding.get("itemSeparator"),
            quote=binding.get("shellQuote") is not False,
            value=value,
            items=inner.items,
            fields=inner.fields,
        )
        self.context.origins.set(node, binding.span)
        return node


def _type_binding(type_: CwlType) -> SourceMap | None:
    if isinstance(type_, UnionOf):
        found = (_type_binding(member) for member in type_.members)
        return next((binding for binding in found if binding is not None), None)
    if isinstance(type_, Primitive):
        return None
    said = type_.node.get("inputBinding")
    return said if isinstance(said, SourceMap) else None


def _is_bound(member: Member) -> bool:
    if isinstance(member.node.get("inputBinding"), SourceMap):
        return True
    stack = [member.type]
    while stack:
        type_ = stack.pop()
        if _type_binding(type_) is not None:
            return True
        if isinstance(type_, ArrayOf):
            stack.append(type_.items)
        elif isinstance(type_, UnionOf):
            stack.extend(type_.members)
        elif isinstance(type_, RecordOf) and any(_is_bound(inner) for inner in type_.members):
            return True
    return False
