"""Expressions as the JavaScript of Galaxy: conditions of steps, values in user-defined tools."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Expr,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    NoneLit,
    Opaque,
    StringLit,
    Template,
)
from fairwf.ir.ports import InputPort
from fairwf.ir.types import RecordType
from fairwf_galaxy.write.failures import CannotSayError

FUNCTIONS: Mapping[str, str] = {
    "equal": "({0} === {1})",
    "not_equal": "({0} !== {1})",
    "less": "({0} < {1})",
    "less_equal": "({0} <= {1})",
    "greater": "({0} > {1})",
    "greater_equal": "({0} >= {1})",
    "not": "(!{0})",
    "and": "({&&})",
    "or": "({||})",
    "defined": "({0} !== null)",
    "basename": "{0}.basename",
    "nameroot": "{0}.nameroot",
    "nameext": "{0}.nameext",
    "file_path": "{0}.path",
}
"""Standard functions with an equal in JavaScript; ``{0}`` is the first argument."""

_ATTRIBUTES = frozenset({"path", "basename", "nameroot", "nameext", "size"})
_NAME = re.compile(r"[A-Za-z_]\w*\Z")

Named = Callable[[Expr], str | None]
"""Returns how a reference is named, or None."""


class _Text(NamedTuple):
    named: Named

    def of(self, node: Expr) -> str:
        name = self.named(node)
        if name is not None:
            return name
        match node:
            case NoneLit():
                return "null"
            case BoolLit():
                return "true" if node.value else "false"
            case StringLit():
                return json.dumps(node.value, ensure_ascii=False)
            case IntLit() if abs(node.number) < 2**53:
                return str(node.number)
            case FloatLit() if not isinstance(node.value, str):
                return json.dumps(node.number)
            case Attr() if node.name in _ATTRIBUTES:
                return f"{self.of(node.of)}.{node.name}"
            case Opaque():
                return self._opaque(node)
            case Index():
                return f"{self.of(node.of)}[{self.of(node.by)}]"
            case If():
                parts = (self.of(part) for part in (node.test, node.then, node.otherwise))
                return "({} ? {} : {})".format(*parts)
            case Array():
                return f"[{', '.join(map(self.of, node.items))}]"
            case Template():
                return f"[{', '.join(map(self.of, node.parts))}].join('')"
            case Call() if node.function in FUNCTIONS:
                return self._call(node)
            case _:
                raise CannotSayError(
                    "this expression has no form in Galaxy",
                    node,
                    "compute it in a tool of the workflow",
                )

    def _opaque(self, node: Opaque) -> str:
        """Return a text with what it calls ``inputs`` in it."""
        inside = all(len(each.path) == 2 and each.path[0] == "inputs" for each in node.bindings)
        if node.language != "javascript" or not inside:
            raise CannotSayError("this expression sees what Galaxy does not know", node)
        values = {each.path[1]: self.of(each.value) for each in node.bindings}
        same = all(value == member(name) for name, value in values.items())
        if node.form == "expression" and same:
            return f"({node.text})"
        body = node.text if node.form == "body" else f" return ({node.text}\n); "
        given = ", ".join(f"{json.dumps(name)}: {value}" for name, value in values.items())
        return f"(function (inputs) {{{body}}})({{{given}}})"

    def _call(self, node: Call) -> str:
        form, parts = FUNCTIONS[node.function], [self.of(part) for part in node.args]
        for operator in ("&&", "||"):
            if f"{{{operator}}}" in form:
                return f"({f' {operator} '.join(parts) or str(operator == '&&').lower()})"
        return form.format(*parts)


def javascript(expression: Expr, named: Named) -> str:
    """Return an expression in JavaScript.

    Raises:
        CannotSayError: it has no equal there.
    """
    return _Text(named).of(expression)


def input_names(names: Mapping[str, str], ports: Mapping[str, InputPort]) -> Named:
    """Return what names the inputs of a tool: ``inputs.x``, and ``elements`` of collections."""

    def named(node: Expr) -> str | None:
        if isinstance(node, Input) and node.name in names:
            return member(names[node.name])
        if isinstance(node, Attr) and isinstance(node.of, Input) and node.of.name in names:
            type_ = ports[node.of.name].type
            if isinstance(type_, RecordType) and _NAME.match(node.name):
                return f"{member(names[node.of.name])}.elements.{node.name}"
        return None

    return named


def member(name: str) -> str:
    """Return ``inputs.name``."""
    return f"inputs.{name}" if _NAME.match(name) else f"inputs[{json.dumps(name)}]"


def opaque_text(node: Opaque) -> str | None:
    """Return the text of an opaque expression in JavaScript that sees inputs alone."""
    plain = node.language == "javascript" and node.form == "expression"
    inside = all(
        len(binding.path) == 2 and binding.path[0] == "inputs" for binding in node.bindings
    )
    return node.text if plain and inside else None
