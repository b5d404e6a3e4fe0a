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

WIDTH = 80
"""Longer texts become a function body of several lines."""
# How strongly operators bind (ECMA-262 "Expressions").
CHOICE, OR, AND, EQUALITY, ORDER, SUM, PRODUCT, UNARY, MEMBER = 3, 4, 5, 9, 10, 12, 13, 15, 18
_OPERATORS = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "modulo": ("%", PRODUCT),
    "equal": ("===", EQUALITY),
    "not_equal": ("!==", EQUALITY),
    "less": ("<", ORDER),
    "less_equal": ("<=", ORDER),
    "greater": (">", ORDER),
    "greater_equal": (">=", ORDER),
    "and": ("&&", AND),
    "or": ("||", OR),
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
        return _Idiom(naming, short=False).text(expression)
    except _NoIdiomError:
        return None


def script(expression: Expr, naming: Naming, short: bool = True) -> str | None:
    """Return the expression as ``$(...)`` or, where that is long, as ``${...}``; None for no form.

    ``short``: what counts as true is said by the value itself, as people write it.
    """
    try:
        work = _Idiom(naming, short)
        code = work.text(expression)
        if len(code) <= WIDTH or not isinstance(expression, (If, Record)):
            return f"$({code})"
        return "${\n" + work.returned(expression, "  ") + "}"
    except _NoIdiomError:
        return None


class _Idiom:
    def __init__(self, naming: Naming, short: bool) -> None:
        self.naming = naming
        self.short = short
        self.locals: frozenset[str] = frozenset()

    def returned(self, node: Expr, indent: str) -> str:
        """Return the lines of a function body that returns a value."""
        if isinstance(node, If):
            then, other = (
                self.returned(node.then, indent + "  "),
                self.returned(node.otherwise, indent),
            )
            return f"{indent}if ({self.condition(node.test)}) {{\n{then}{indent}}}\n{other}"
        code = self.text(node)
        if isinstance(node, Record) and len(code) > WIDTH:
            rows = [f"{indent}  {self._field(name, item)}" for name, item in node.fields.items()]
            return f"{indent}return {{\n" + ",\n".join(rows) + f"\n{indent}}};\n"
        return f"{indent}return {code};\n"

    def text(self, node: Expr, binds: int = 0) -> str:
        """Return a value's text, in brackets where it binds less than what is around it."""
        code, own = self._bound(node)
        return code if own >= binds else f"({code})"

    def condition(self, node: Expr, binds: int = 0) -> str:
        """Return the text of what only has to count as true or false."""
        if self.short and isinstance(node, Call):
            value = _present_and_true(node)
            if value is not None:
                return self.text(value, binds)
            if node.function in ("and", "or") and len(node.args) == 2:
                sign, own = _OPERATORS[node.function]
                left = self.condition(node.args[0], own)
                code = f"{left} {sign} {self.condition(node.args[1], own + 1)}"
                return code if own >= binds else f"({code})"
            if node.function == "not" and not _is_defined(node.args[0]):
                return f"!{self.condition(node.args[0], UNARY)}"
        return self.text(node, binds)

    def _bound(self, node: Expr) -> tuple[str, int]:
        """Return a text and how strongly it binds."""
        if isinstance(node, Local) and node.name in self.locals:
            return node.name, MEMBER
        named = self.naming(node)
        if named is not None:
            return named, MEMBER
        literal = _literal(node)
        if literal is not None:
            return literal, UNARY if literal.startswith("-") else MEMBER
        if isinstance(node, Attr):
            return member(self.text(node.of, MEMBER), node.name), MEMBER
        if isinstance(node, Index):
            return f"{self.text(node.of, MEMBER)}[{self.text(node.by)}]", MEMBER
        if isinstance(node, If):
            test = self.condition(node.test, OR)
            then, other = self.text(node.then, CHOICE), self.text(node.otherwise, CHOICE)
            return f"{test} ? {then} : {other}", CHOICE
        if isinstance(node, Array):
            return f"[{', '.join(map(self.text, node.items))}]", MEMBER
        if isinstance(node, Record):
            fields = ", ".join(self._field(name, item) for name, item in node.fields.items())
            return f"{{{fields}}}", MEMBER
        if isinstance(node, Template):
            return self._template(node), SUM
        if isinstance(node, Each):
            return self._each(node), MEMBER
        if isinstance(node, Call):
            return self._call(node)
        raise _NoIdiomError

    def _field(self, name: str, item: Expr) -> str:
        return f"{quote(name)}: {self.text(item)}"

    def _template(self, node: Template) -> str:
        """Write a sum that begins with a text, or it would be one of numbers."""
        texts = [
            self.text(part, PRODUCT if index else SUM) for index, part in enumerate(node.parts)
        ]
        if not any(isinstance(part, StringLit) for part in node.parts[:2]):
            texts.insert(0, '""')
            texts[1] = self.text(node.parts[0], PRODUCT)
        return " + ".join(texts)

    def _each(self, node: Each) -> str:
        if not NAMEABLE.match(node.name):
            raise _NoIdiomError
        over, outer = self.text(node.over, MEMBER), self.locals
        self.locals = outer | {node.name}
        kept = isinstance(node.body, Local) and node.body.name == node.name
        if (node.where is not None) is not kept:
            raise _NoIdiomError
        if node.where is not None:
            name, body = "filter", self.condition(node.where)
        else:
            name, body = "map", self.text(node.body)
        self.locals = outer
        return f"{over}.{name}(function ({node.name}) {{ return {body}; }})"

    def _call(self, node: Call) -> tuple[str, int]:
        name, count = node.function, len(node.args)
        if name == "defined" and count == 1:
            return f"{self.text(node.args[0], EQUALITY)} != null", EQUALITY
        if name == "not" and count == 1:
            inner = node.args[0]
            if isinstance(inner, Call) and _is_defined(inner):
                return f"{self.text(inner.args[0], EQUALITY)} == null", EQUALITY
            return f"!{self.condition(inner, UNARY)}", UNARY
        if name in _OPERATORS and count == 2:
            sign, own = _OPERATORS[name]
            return f"{self.text(node.args[0], own)} {sign} {self.text(node.args[1], own + 1)}", own
        return self._called(node, name, count), MEMBER

    def _called(self, node: Call, name: str, count: int) -> str:
        if name == "slice" and count == 3 and isinstance(node.args[2], Call):
            return self._before_last(node)
        if name in _MATH and count:
            return f"Math.{_MATH[name]}({', '.join(map(self.text, node.args))})"
        if not count:
            raise _NoIdiomError
        of, args = self.text(node.args[0], MEMBER), [self.text(one) for one in node.args[1:]]
        if name == "length" and count == 1:
            return f"{of}.length"
        if name == "merge_flattened" and count == 1:
            return f"[].concat({self.text(node.args[0])})"
        if name == "to_int" and count == 1:
            return f"parseInt({self.text(node.args[0])})"
        if name == "get" and count == 2:
            return f"{of}[{args[0]}]"
        if name == "replace" and count == 3 and isinstance(node.args[1], StringLit):
            return f"{of}.replace(/{node.args[1].value.translate(_PATTERN)}/g, {args[1]})"
        if name in _METHODS:
            return f"{of}.{_METHODS[name]}({', '.join(args)})"
        raise _NoIdiomError

    def _before_last(self, node: Call) -> str:
        """Write a part that ends before the last item."""
        of, start, end = node.args
        length = Call(function="length", args=(of,))
        if not same(end, Call(function="subtract", args=(length, IntLit(value=1)))):
            raise _NoIdiomError
        return f"{self.text(of, MEMBER)}.slice({self.text(start)}, -1)"


def _is_defined(node: Expr) -> bool:
    return isinstance(node, Call) and node.function == "defined" and len(node.args) == 1


def _present_and_true(node: Call) -> Expr | None:
    """Return the value of which a condition says that it is there, and true, a text or not 0."""
    if node.function != "and" or len(node.args) != 2:
        return None
    there, then = node.args
    if not isinstance(there, Call) or not _is_defined(there):
        return None
    value = there.args[0]
    if isinstance(then, Call) and then.function == "not_equal" and len(then.args) == 2:
        against = then.args[1]
        empty = isinstance(against, StringLit) and not against.value
        zero = isinstance(against, IntLit) and not against.number
        return value if (empty or zero) and same(then.args[0], value) else None
    return value if same(then, value) else None


def _literal(node: Expr) -> str | None:
    if isinstance(node, NoneLit):
        return "null"
    if isinstance(node, BoolLit):
        return "true" if node.value else "false"
    if isinstance(node, StringLit):
        return quote(node.value)
    if isinstance(node, IntLit):
        return str(node.number)
    if isinstance(node, FloatLit):
        if not math.isfinite(node.number) or node.number < 0:
            raise _NoIdiomError
        return repr(node.number)
    return None
