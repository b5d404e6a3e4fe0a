"""Conditions: what counts as true, and comparisons (ECMA-262 "ToBoolean", "IsLooselyEqual")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairwf.ir.expressions import BoolLit, Call, Expr, IntLit, NoneLit, StringLit
from fairwf_cwl.translate.kinds import ABSENT, NUMBERS, OBJECTS, SCALARS, Known, in_words
from fairwf_cwl.translate.operators import as_number
from fairwf_cwl.translate.scope import Here, Test, Untranslated, Value
from fairwf_cwl.translate.syntax import field, only

if TYPE_CHECKING:
    from tree_sitter import Node

    from fairwf_cwl.translate.values import Translator

_ORDER = {"<": "less", ">": "greater", "<=": "less_equal", ">=": "greater_equal"}
COMPARISONS = frozenset({"==", "!=", "===", "!==", *_ORDER})


def condition(work: Translator, node: Node, here: Here) -> Test:
    """Return whether a value counts as true."""
    if node.type == "parenthesized_expression":
        return condition(work, only(node), here)
    if node.type == "unary_expression" and work.source(field(node, "operator")) == "!":
        inner = condition(work, field(node, "argument"), here)
        return Test(negated(inner.expr), inner.otherwise, inner.then, inner.total)
    if node.type == "binary_expression":
        operator = work.source(field(node, "operator"))
        if operator in ("&&", "||"):
            return _both(work, node, operator, here)
        if operator in COMPARISONS:
            left = work.value(field(node, "left"), here)
            right = work.value(field(node, "right"), here)
            return compare(operator, left, right)
    return truth(work.value(node, here))


def _both(work: Translator, node: Node, operator: str, here: Here) -> Test:
    left = condition(work, field(node, "left"), here)
    more = left.then if operator == "&&" else left.otherwise
    right = condition(work, field(node, "right"), here.knowing(more))
    total = left.total and right.total
    if operator == "&&":
        expr = Call(function="and", args=(left.expr, right.expr))
        return Test(expr, left.then | right.then, frozenset(), total)
    expr = Call(function="or", args=(left.expr, right.expr))
    return Test(expr, frozenset(), left.otherwise | right.otherwise, total)


def truth(value: Value) -> Test:
    """Return whether a value counts as true (ECMA-262 "ToBoolean")."""
    what, expr, total = value.known, value.expr, value.known.total
    there = what.kinds - ABSENT
    key = frozenset({repr(expr)})
    if not there:
        return _constant(False, total)
    parts: list[Expr] = []
    if what.kinds & ABSENT:
        parts.append(Call(function="defined", args=(expr,)))
    if there <= {"bool"}:
        parts.append(expr)
    elif there <= {"text"}:
        parts.append(Call(function="not_equal", args=(expr, StringLit(value=""))))
    elif there <= NUMBERS:
        parts.append(Call(function="not_equal", args=(expr, IntLit(value=0))))
    elif there <= OBJECTS | {"text"}:
        if "text" in there:
            parts.append(Call(function="not_equal", args=(expr, StringLit(value=""))))
    else:
        raise Untranslated(f"{in_words(what)} as a condition")
    if not parts:
        return _constant(True, total)
    whole = parts[0] if len(parts) == 1 else Call(function="and", args=tuple(parts))
    return Test(whole, key, total=total)


def _constant(value: bool, total: bool) -> Test:
    """Return an outcome that needs no look at the value; what may throw must be looked at."""
    if not total:
        raise Untranslated("a condition that only throws or does not")
    return Test(BoolLit(value=value))


def compare(operator: str, left: Value, right: Value) -> Test:
    """Return the outcome of a comparison."""
    if isinstance(left.expr, NoneLit) and not isinstance(right.expr, NoneLit):
        left, right = right, left
    a, b = left.known, right.known
    total = a.total and b.total
    if operator in ("<", ">", "<=", ">="):
        left, right = as_number(left), as_number(right)
        a, b = left.known, right.known
        if not (a.only(*NUMBERS) and b.only(*NUMBERS) and _told_apart(a, b)):
            raise Untranslated(f"{in_words(a)} {operator} {in_words(b)}")
        return Test(Call(function=_ORDER[operator], args=(left.expr, right.expr)), total=total)
    positive = operator in ("==", "===")
    if isinstance(right.expr, NoneLit):
        other = "undefined" if b.only("none") else "none"
        if operator in ("===", "!==") and a.may(other):
            raise Untranslated("it tells null from undefined")
        key = frozenset({repr(left.expr)})
        present = Call(function="defined", args=(left.expr,))
        if positive:
            return Test(negated(present), frozenset(), key, total)
        return Test(present, key, frozenset(), total)
    literal = isinstance(right.expr, (StringLit, IntLit, BoolLit))
    # An object is no text, number or truth value; == would make it one.
    others = OBJECTS if literal and operator in ("===", "!==") else frozenset[str]()
    if not (a.only(*SCALARS, *others, "undefined") and b.only(*SCALARS, "undefined")):
        raise Untranslated(f"{in_words(a)} {operator} {in_words(b)}")
    if not _told_apart(a, b) or (a.may(*ABSENT) and b.may(*ABSENT)):
        raise Untranslated("it compares two values that may both be absent, or great numbers")
    kinds = {"number" if kind in NUMBERS else kind for kind in (a.kinds | b.kinds) - ABSENT}
    if operator in ("==", "!=") and len(kinds) > 1:
        raise Untranslated(f"{in_words(a)} {operator} {in_words(b)}, of different kinds")
    same = Call(function="equal" if positive else "not_equal", args=(left.expr, right.expr))
    key = frozenset({repr(left.expr)}) if literal else frozenset[str]()
    return Test(same, key if positive else frozenset(), frozenset() if positive else key, total)


def _told_apart(a: Known, b: Known) -> bool:
    """Tell whether numbers compare in JavaScript as they do here.

    One whole number that JavaScript has is enough: rounding brings no greater one to or past it.
    """
    return (a.exact and b.exact) or any(one.exact and not one.may("float") for one in (a, b))


def negated(test: Expr) -> Expr:
    """Return the opposite of a condition, without two negations in a row."""
    if isinstance(test, Call) and test.function == "not":
        return test.args[0]
    if isinstance(test, BoolLit):
        return BoolLit(value=not test.value)
    opposite = {"equal": "not_equal", "not_equal": "equal"}
    if isinstance(test, Call) and test.function in opposite:
        return Call(function=opposite[test.function], args=test.args)
    return Call(function="not", args=(test,))
