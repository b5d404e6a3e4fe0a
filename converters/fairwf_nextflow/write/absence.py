"""Values that may be none. No channel carries null: an empty list stands for it."""

from __future__ import annotations

from fairwf.ir.expressions import Array, Call, Expr, If, Input, NoneLit
from fairwf.ir.types import OptionalType, Type


def may_be_none(value: Expr, type_: Type | None) -> bool:
    """Tell whether a value of a type may be none."""
    match value:
        case Call(function="get" | "first_defined") | NoneLit():
            return True
        case If(test=test, then=then, otherwise=otherwise):
            known = _asked_for(test, then)
            return (not known and may_be_none(then, None)) or may_be_none(otherwise, None)
        case Input():
            return isinstance(type_, OptionalType) or type_ is None
    return False


def asked(value: Expr) -> Expr | None:
    """Return the value for whose none an empty list is put, None where this is not what is said."""
    match value:
        case If(
            test=Call(function="not_equal", args=(of, NoneLit())),
            then=then,
            otherwise=Array(items=()),
        ):
            return then if of == then else None
    return None


def _asked_for(test: Expr, value: Expr) -> bool:
    """Tell whether a test holds for no value that is none."""
    match test:
        case Call(function="not_equal", args=(of, NoneLit())):
            return bool(of == value)
        case Call(function="and", args=args):
            return any(_asked_for(one, value) for one in args)
    return False
