"""Expressions of the IR as the JavaScript that people write, which the reader translates back.

No helper function is needed; whether a text means what it should, reading it again tells
(:class:`fairwf_cwl.write.texts.Texts`).
"""

from __future__ import annotations

import math

from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    If,
    Index,
    IntLit,
    Local,
    NoneLit,
    Record,
    StringLit,
    Template,
)
from fairwf_cwl.write.javascript_text import NAMEABLE, Naming, member, quote

_OPERATORS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "modulo": "%",
    "equal": "===",
    "not_equal": "!==",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "and": "&&",
    "or": "||",
}
_METHODS = {
    "split": "split",
    "join": "join",
    "starts_with": "startsWith",
    "ends_with": "endsWith",
    "contains_text": "includes",
    "contains": "includes",
    "slice": "slice",
    "append": "concat",
    "concat_arrays": "concat",
    "last": "pop",
    "flatten": "flat",
}
_MATH = {"floor": "floor", "ceil": "ceil", "max": "max", "min": "min", "absolute": "abs"}
_PATTERN = str.maketrans({character: "\\" + character for character in ".-/"})


class _NoIdiomError(Exception):
    """The expression has no such form."""


def idiom(expression: Expr, naming: Naming) -> str | None:
    """Return the expression as plain JavaScript, None where it has no such form."""
    try:
        return _Idiom(naming).text(expression)
    except _NoIdiomError:
        return None


class _Idiom:
    def __init__(self, naming: Naming) -> None:
        self.naming = naming
        self.locals: frozenset[str] = frozenset()

    def text(self, node: Expr) -> str:
        if isinstance(node, Local) and node.name in self.locals:
            return node.name
        named = self.naming(node)
        if named is not None:
            return named
        literal = _literal(node)
        if literal is not None:
            return literal
        if isinstance(node, Attr):
            return member(self.text(node.of), node.name)
        if isinstance(node, Index):
            return f"{self.text(node.of)}[{self.text(node.by)}]"
        if isinstance(node, If):
            parts = map(self.text, (node.test, node.then, node.otherwise))
            return "({} ? {} : {})".format(*parts)
        if isinstance(node, Array):
            return f"[{', '.join(map(self.text, node.items))}]"
        if isinstance(node, Record):
            fields = (f"{quote(name)}: {self.text(item)}" for name, item in node.fields.items())
            return f"({{{', '.join(fields)}}})"
        if isinstance(node, Template):
            texts = [self.text(part) for part in node.parts]
            if not isinstance(node.parts[0], StringLit):
                texts.insert(0, '""')
            return f"({' + '.join(texts)})"
        if isinstance(node, Each):
            return self._each(node)
        if isinstance(node, Call):
            return self._call(node)
        raise _NoIdiomError

    def _each(self, node: Each) -> str:
        if not NAMEABLE.match(node.name):
            raise _NoIdiomError
        over, outer = self.text(node.over), self.locals
        self.locals = outer | {node.name}
        kept = isinstance(node.body, Local) and node.body.name == node.name
        if (node.where is not None) is not kept:
            raise _NoIdiomError
        name, inside = ("filter", node.where) if node.where is not None else ("map", node.body)
        body = self.text(inside)
        self.locals = outer
        return f"{over}.{name}(function ({node.name}) {{ return {body}; }})"

    def _call(self, node: Call) -> str:
        name, count = node.function, len(node.args)
        if name == "defined" and count == 1:
            return f"({self.text(node.args[0])} != null)"
        if name == "not" and count == 1:
            inner = node.args[0]
            if isinstance(inner, Call) and inner.function == "defined" and len(inner.args) == 1:
                return f"({self.text(inner.args[0])} == null)"
            return f"!{self.text(inner)}"
        if name == "slice" and count == 3 and isinstance(node.args[2], Call):
            return self._before_last(node)
        args = [self.text(argument) for argument in node.args]
        if name in _OPERATORS and count == 2:
            return f"({args[0]} {_OPERATORS[name]} {args[1]})"
        if name in _MATH and count:
            return f"Math.{_MATH[name]}({', '.join(args)})"
        if name == "length" and count == 1:
            return f"{args[0]}.length"
        if name == "get" and count == 2:
            return f"{args[0]}[{args[1]}]"
        if name == "replace" and count == 3 and isinstance(node.args[1], StringLit):
            return f"{args[0]}.replace(/{node.args[1].value.translate(_PATTERN)}/g, {args[2]})"
        if name in _METHODS and count:
            return f"{args[0]}.{_METHODS[name]}({', '.join(args[1:])})"
        raise _NoIdiomError

    def _before_last(self, node: Call) -> str:
        """Write a part that ends before the last item."""
        of, start, end = node.args
        wanted = Call(
            function="subtract", args=(Call(function="length", args=(of,)), IntLit(value=1))
        )
        if not same(end, wanted):
            raise _NoIdiomError
        return f"{self.text(of)}.slice({self.text(start)}, -1)"


def _literal(node: Expr) -> str | None:
    if isinstance(node, NoneLit):
        return "null"
    if isinstance(node, BoolLit):
        return "true" if node.value else "false"
    if isinstance(node, StringLit):
        return quote(node.value)
    if isinstance(node, IntLit):
        return str(node.number) if node.number >= 0 else f"({node.number})"
    if isinstance(node, FloatLit):
        if not math.isfinite(node.number) or node.number < 0:
            raise _NoIdiomError
        return repr(node.number)
    return None
