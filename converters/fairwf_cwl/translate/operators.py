"""Arithmetic, and texts one after the other (ECMA-262 "The Addition Operator")."""

from __future__ import annotations

from dataclasses import replace

from fairwf.ir.expressions import Call, FloatLit, If, IntLit
from fairwf.ir.joining import joined as one_text
from fairwf_cwl.translate.kinds import NUMBERS, SCALARS, TEXT, Known, in_words, whole
from fairwf_cwl.translate.scope import Untranslated, Value


def operate(operator: str, left: Value, right: Value) -> Value:
    """Return what an arithmetic operator makes of two values."""
    if operator == "+" and (left.known.only("text") or right.known.only("text")):
        return joined_text([left, right])
    left, right = as_number(left), as_number(right)
    a, b = left.known, right.known
    total = a.total and b.total
    if not (a.only(*NUMBERS) and b.only(*NUMBERS)):
        raise Untranslated(f"{in_words(a)} {operator} {in_words(b)}")
    both = (left.expr, right.expr)
    kinds = a.kinds | b.kinds
    if a.only("float") or b.only("float"):
        kinds = frozenset({"float"})
    if operator in ("+", "-"):
        name = "add" if operator == "+" else "subtract"
        least = a.least + b.least if operator == "+" else a.least - b.most
        made = Known(kinds, most=a.most + b.most, least=least, total=total)
    elif operator == "*":
        name = "multiply"
        least = a.least * b.least if min(a.least, b.least) >= 0 else -a.most * b.most
        made = Known(kinds, most=a.most * b.most, least=least, total=total)
    elif operator == "/" and (smallest := _smallest(right)):
        name = "divide"
        most = a.most / smallest
        made = Known(frozenset({"float"}), most=most, least=-most, total=total)
    elif operator == "%" and _smallest(right) and kinds == {"int"} and a.exact:
        name = "modulo"
        least = 0 if a.least >= 0 else -b.most
        made = whole(b.most, least, total)
    else:
        raise Untranslated(f"it has the operator {operator} with what may be 0, or another one")
    if not (a.exact and b.exact and made.exact):
        raise Untranslated("its numbers may be greater than JavaScript's exact ones")
    return Value(Call(function=name, args=both), made)


def as_number(value: Value) -> Value:
    """Return a number that may be null with 0 in its place (ECMA-262 "ToNumber")."""
    what = value.known
    if not what.may("none") or not what.only("none", *NUMBERS) or what.only("none"):
        return value
    test = Call(function="defined", args=(value.expr,))
    zero = whole(0, 0)
    made = replace(
        what,
        kinds=(what.kinds - {"none"}) | zero.kinds,
        most=max(what.most, 0),
        least=min(what.least, 0),
    )
    return Value(If(test=test, then=value.expr, otherwise=IntLit(value=0)), made)


def _smallest(value: Value) -> float:
    """Return what a number is in magnitude at least, 0 where it may be 0."""
    if isinstance(value.expr, (IntLit, FloatLit)):
        return abs(value.expr.number)
    return max(value.known.least, 0)


def joined_text(values: list[Value]) -> Value:
    """Return the texts of values one after the other."""
    for value in values:
        if not value.known.only(*SCALARS) or not value.known.exact:
            raise Untranslated(f"{in_words(value.known)} as a text")
        if value.known.may("float") and not isinstance(value.expr, Call):
            # The reference runner writes $(inputs.x) of 1.0 as 1.0, and "" + inputs.x as 1.
            raise Untranslated("a float as a text")
    total = all(value.known.total for value in values)
    return Value(one_text(*(value.expr for value in values)), replace(TEXT, total=total))
