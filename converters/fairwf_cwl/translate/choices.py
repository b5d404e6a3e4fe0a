"""Choices that say what no condition of the IR can: whether a value is an array."""

from __future__ import annotations

from dataclasses import replace

from fairwf.ir.canonical import same
from fairwf.ir.expressions import Array, Call
from fairwf_cwl.translate.kinds import ABSENT, IS_ARRAY, Known, joined
from fairwf_cwl.translate.scope import Test, Value


def flattened(test: Test, then: Value, other: Value) -> Value | None:
    """Return an array of what may be an array or one item, where a choice says that."""
    expr = test.expr
    if isinstance(expr, Call) and expr.function == "not":
        expr, then, other = expr.args[0], other, then
    if not isinstance(expr, Call) or expr.function != IS_ARRAY or not test.total:
        return None
    [of] = expr.args
    single = isinstance(other.expr, Array) and len(other.expr.items) == 1
    if not single or not same(then.expr, of) or not same(other.expr, Array(items=(of,))):
        return None
    whole = then.known
    if whole.may(*ABSENT) or whole.item is None or not whole.total:
        return None
    rest = replace(whole, kinds=whole.kinds - {"array"})
    item = joined([whole.item, rest]) if rest.kinds else whole.item
    made = Known(frozenset({"array"}), item=item)
    return Value(Call(function="merge_flattened", args=(of,)), made)
