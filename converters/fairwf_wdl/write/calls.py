"""Calls of tasks and workflows (specification 1.2, "Call Statement")."""

from __future__ import annotations

from fairwf.features import is_literal
from fairwf.ir.expressions import Expr, Input, NoneLit
from fairwf.ir.ports import InputPort
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.planning import Callee, Planned
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.scopes import OPEN, Scope
from fairwf_wdl.write.types import is_optional


def call(one: Planned, callee: Callee, scope: Scope, after: list[str]) -> None:
    """Write a call into a block, with the values that the step hands it."""
    given = []
    for port in callee.process.inputs:
        value = one.step.inputs.get(port.id)
        none = isinstance(value, NoneLit)
        if value is None or (none and (not is_optional(port.type) or port.default is None)):
            continue
        said = _argument(port, value, scope)
        if said.text == f"{OPEN}{one.name}.{port.id}":
            continue
        if said.text.startswith(OPEN):
            raise CannotSayError("WDL gives the open input of a call no other name", value)
        given.append(f"{callee.inputs[port.id]} = {said.text}")
    head = f"call {callee.target}"
    if callee.target.rsplit(".", 1)[-1] != one.name:
        head += f" as {one.name}"
    head += "".join(f" after {name}" for name in dict.fromkeys(after))
    if not given:
        scope.lines.append(head)
        return
    scope.lines.append(f"{head} {{")
    scope.lines.append("  input:")
    scope.lines.extend(f"    {line}," for line in given[:-1])
    scope.lines.append(f"    {given[-1]}")
    scope.lines.append("}")


def _argument(port: InputPort, value: Expr, scope: Scope) -> Said:
    if isinstance(value, Input):
        said = scope.lookup(value)
        if said.text.startswith(OPEN):
            return said
    if port.default is None or is_optional(port.type):
        return scope.sayer.say(value, port.type)
    try:
        said = scope.sayer.say(value)
    except CannotSayError:
        return scope.sayer.say(value, port.type)
    if not is_optional(said.type):
        return scope.sayer.say(value, port.type)
    if not is_literal(port.default):
        raise CannotSayError("WDL cannot hand on that a computed default counts", value)
    default = scope.sayer.say(port.default, port.type).text
    return Said(f"select_first([{said.text}, {default}])", port.type)
