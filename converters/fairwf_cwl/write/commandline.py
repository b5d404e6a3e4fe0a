"""The command line: which argument is baseCommand, which an input's binding, which stands alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.canonical import same
from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import (
    Attr,
    Call,
    Expr,
    If,
    Input,
    IntLit,
    Local,
    NoneLit,
    StringLit,
    Template,
)
from fairwf.ir.ports import InputPort
from fairwf.ir.rewriting import map_children
from fairwf_cwl.commandline import _FIRST
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.types import Inside, TypeWriter

Position = int | Expr | None


@dataclass
class Placed:
    """An input's binding: its position and rendering."""

    argument: Argument
    position: Position


@dataclass
class Line:
    """A command line as CWL has it."""

    base: list[Argument] = field(default_factory=list)
    plain: list[tuple[Argument, Position]] = field(default_factory=list)
    ports: dict[str, Placed] = field(default_factory=dict)
    members: dict[str, dict[str, Placed]] = field(default_factory=dict)


def is_plain(rendering: Rendering) -> bool:
    """Tell whether ``arguments`` can hold the rendering."""
    return (
        rendering.value is None
        and rendering.items is None
        and not rendering.fields
        and not rendering.cases
    )


class LineWriter:
    """Distributes the arguments of a tool."""

    def __init__(self, inputs: tuple[InputPort, ...]) -> None:
        self.inputs = {port.id: port for port in inputs}
        self._shape = TypeWriter(_nothing, _nothing, _nothing)

    def standing_computed(self, arguments: tuple[Argument, ...]) -> list[Argument]:
        """Return those bound to no input whose rendering computes a value, which CWL lacks."""
        line = self._line(arguments)
        return [a for a, _ in line.plain if a.rendering.value is not None]

    def line(self, arguments: tuple[Argument, ...]) -> Line:
        """Return where each argument stands.

        Raises:
            CannotSayError: CWL cannot write the rendering of an argument, or its order.
        """
        line = self._line(arguments)
        for argument, _ in line.plain:
            if not is_plain(argument.rendering):
                raise CannotSayError("CWL renders only inputs so", argument)
        if any(argument.position is not None for argument in arguments):
            _in_reading_order(line, list(arguments[len(line.base) :]))
        return line

    def _line(self, arguments: tuple[Argument, ...]) -> Line:
        computed = any(argument.position is not None for argument in arguments)
        line = Line()
        rest = list(arguments)
        while rest and _is_base(rest[0], computed):
            line.base.append(rest.pop(0))
        whole = {a.value.name for a in rest if isinstance(a.value, Input)}
        members = self._member_ports(rest, whole)
        position = 0
        after_input = False
        for argument in rest:
            kind = self._kind(argument, line, members)
            if kind == "plain":
                position += after_input
                after_input = False
                here: Position = _said(argument) if computed else position
                line.plain.append((argument, here))
                continue
            position += 1
            after_input = True
            placed = Placed(argument, _said(argument) if computed else position)
            port, member = _bound_name(argument.value)
            if member is None:
                line.ports[port] = placed
            else:
                line.members.setdefault(port, {})[member] = placed
        return line

    def _kind(self, argument: Argument, line: Line, members: set[str]) -> str:
        value = argument.value
        if isinstance(value, Input) and value.name in self.inputs and value.name not in line.ports:
            return "port" if self._fits(self.inputs[value.name].type, argument) else "plain"
        port, member = _bound_name(value)
        return "member" if member is not None and port in members else "plain"

    def _fits(self, type_: ir.Type, argument: Argument) -> bool:
        try:
            self._shape.write(type_, Inside(argument.rendering))
        except CannotSayError:
            if is_plain(argument.rendering):
                return False
            raise
        return True

    def _member_ports(self, rest: list[Argument], whole: set[str]) -> set[str]:
        """Return the record inputs whose members are bound one by one."""
        uses: dict[str, list[tuple[str, Argument]]] = {}
        for argument in rest:
            port, member = _bound_name(argument.value)
            if member is not None and port in self.inputs:
                uses.setdefault(port, []).append((member, argument))
        found = set()
        for port, rows in uses.items():
            known = record_members(self.inputs[port].type)
            names = [name for name, _ in rows]
            certain = isinstance(self.inputs[port].type, ir.RecordType)
            if (
                port not in whole
                and len(set(names)) == len(names)
                and all(known.count(name) == 1 for name in names)
                and all(isinstance(a.value, Attr) == certain for _, a in rows)
            ):
                found.add(port)
        return found


def _nothing(part: Any, type_: ir.Type) -> dict[str, Any]:
    return {}


def record_members(type_: ir.Type) -> list[str]:
    """Return the names of the members of the records that a port takes, repeated as they are."""
    bare = type_.item if isinstance(type_, ir.OptionalType) else type_
    parts = bare.members if isinstance(bare, ir.UnionType) else (bare,)
    return [m.name for part in parts if isinstance(part, ir.RecordType) for m in part.fields]


def _bound_name(value: Expr) -> tuple[str, str | None]:
    if isinstance(value, Input):
        return value.name, None
    if isinstance(value, Attr) and isinstance(value.of, Input):
        return value.of.name, value.name
    if isinstance(value, Call) and value.function == "get" and len(value.args) == 2:
        of, by = value.args
        if isinstance(of, Input) and isinstance(by, StringLit):
            return of.name, by.value
    return "", None


def _is_base(argument: Argument, computed: bool) -> bool:
    if not isinstance(argument.value, StringLit) or not same(argument.rendering, Rendering()):
        return False
    if not computed:
        return True
    return isinstance(argument.position, IntLit) and argument.position.number == _FIRST


def _said(argument: Argument) -> Position:
    if isinstance(argument.position, IntLit):
        return argument.position.number
    return argument.position


def _in_reading_order(line: Line, rest: list[Argument]) -> None:
    """Demand that ties are broken in the order of the reader: arguments, then inputs by name."""
    bound = [((name, ""), b.argument) for name, b in line.ports.items()]
    bound += [
        ((member, port), b.argument)
        for port, row in line.members.items()
        for member, b in row.items()
    ]
    order = [argument for argument, _ in line.plain]
    order += [argument for _, argument in sorted(bound, key=lambda row: row[0])]
    if any(a is not b for a, b in zip(order, rest, strict=True)):
        raise CannotSayError("CWL breaks ties of computed positions by name", rest[0])


def binding(rendering: Rendering, position: Any, value: str | None) -> dict[str, Any]:
    """Return a binding without what nests in types."""
    tree: dict[str, Any] = {}
    if position is not None:
        tree["position"] = position
    if rendering.prefix is not None:
        tree["prefix"] = rendering.prefix
    if not rendering.separate:
        tree["separate"] = False
    if rendering.item_separator is not None:
        tree["itemSeparator"] = rendering.item_separator
    if not rendering.quote:
        tree["shellQuote"] = False
    if value is not None:
        tree["valueFrom"] = value
    return tree


def member_type(type_: ir.Type, name: str) -> ir.Type:
    """Return the type of a member of the records that a port takes."""
    bare = type_.item if isinstance(type_, ir.OptionalType) else type_
    for part in bare.members if isinstance(bare, ir.UnionType) else (bare,):
        if isinstance(part, ir.RecordType):
            for member in part.fields:
                if member.name == name:
                    return member.type
    raise CannotSayError(f"the record has no member {name!r:.60}", type_)


def from_self(argument: Argument) -> Argument:
    """Return the argument with the value that its rendering computes, and nothing for none."""
    how = argument.rendering
    assert how.value is not None

    def put(expression: Any) -> Any:
        if isinstance(expression, Local) and expression.name == "self":
            return argument.value
        return map_children(expression, put)

    value: Expr = put(how.value)
    if isinstance(argument.value, NoneLit):
        value = NoneLit()
    elif not isinstance(argument.value, (StringLit, IntLit, Template)):
        test = Call(function="defined", args=(argument.value,))
        value = If(test=test, then=value, otherwise=NoneLit())
    rendering = msgspec.structs.replace(how, value=None)
    return msgspec.structs.replace(argument, value=value, rendering=rendering)
