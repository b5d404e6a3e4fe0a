"""Methods of values that take closures: over lists, each item by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fairwf.ir.expressions import Attr, Each, Expr, Input, Local
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning import operators
from fairwf_nextflow.meaning.build import call, javascript, known, literal, over_each
from fairwf_nextflow.meaning.members import listed
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import (
    Function,
    Items,
    Kind,
    Symbol,
    UntranslatedError,
    Value,
    value_of,
)

if TYPE_CHECKING:
    from fairwf_nextflow.meaning.evaluate import Evaluator

JS_PAIRS = "Array.isArray(v) ? v : Object.entries(v)"
_TAKES = ("collect", "findAll", "find", "any", "every", "collectMany", "sum", "count")


def item_kind(kind: Kind) -> Kind:
    """Return the kind of the items of a list."""
    if kind in ("path", "paths"):
        return "path"
    if isinstance(kind, tuple):
        return operators.same_kind(*kind) if kind else "any"
    return "any"


def collect(
    evaluator: Evaluator, scope: Scope, of: Value, function: Function, node: tree.Node
) -> Value:
    """Return what a closure gives for each item."""
    name = evaluator.names.fresh()
    over, item = listed(of), Value(Local(name=name), item_kind(of.kind))
    shown = _shown(scope, of)
    if shown is not None:
        over = call("zip", over, shown)
        one, text_ = (call("get", Local(name=name), literal(k)) for k in (0, 1))
        item = Value(one, "path", text_)
    body = value_of(evaluator.apply(function, (item,), node, scope), node)
    kind: Kind = "paths" if body.kind == "path" else "list"
    return Value(over_each(name, over, body.expr), kind)


def _shown(scope: Scope, of: Value) -> Expr | None:
    """Return the names of a task's files where they are not those that the files have."""
    staged = getattr(scope.place, "staged", None)
    if staged is None or not isinstance(of.expr, Input):
        return None
    shown: Expr | None = staged.shown.get(of.expr.name)
    plain = isinstance(shown, Each) and isinstance(shown.body, Attr)
    return None if plain else shown


def kept(
    evaluator: Evaluator, scope: Scope, of: Expr, kind: Kind, function: Function, node: tree.Node
) -> Expr:
    """Return the items for which a closure gives what Groovy takes for true."""
    from fairwf.ir.expressions import Each

    name = evaluator.names.fresh()
    item = Value(Local(name=name), kind)
    test = operators.truth(value_of(evaluator.apply(function, (item,), node, scope), node))
    return Each(name=name, over=of, body=Local(name=name), where=test)


def method(
    evaluator: Evaluator, scope: Scope, of: Value, name: str, node: tree.Call
) -> Symbol | None:
    """Return what a method with a closure gives; None where it is no such method.

    Raises:
        UntranslatedError: it cannot be said.
    """
    if name not in _TAKES or not node.args or not isinstance(node.args[-1], tree.Closure):
        return None
    function = evaluator.symbol(node.args[-1], scope)
    assert isinstance(function, Function)
    if of.kind == "map" or (
        function.parameters is not None and len(function.parameters) == 2 and of.kind == "any"
    ):
        return _of_map(evaluator, scope, of, name, function, node)
    if name == "collect":
        return collect(evaluator, scope, of, function, node)
    if name == "collectMany":
        return Value(call("flatten", collect(evaluator, scope, of, function, node).expr), "list")
    if name == "sum":
        return Value(call("sum", collect(evaluator, scope, of, function, node).expr), "int")
    found = kept(evaluator, scope, listed(of), item_kind(of.kind), function, node)
    match name:
        case "findAll":
            return Value(found, "paths" if of.kind == "paths" else "list")
        case "find":
            return Value(call("get", found, literal(0)), item_kind(of.kind))
        case "count":
            return Value(call("length", found), "int")
        case "any":
            return Value(call("greater", call("length", found), literal(0)), "bool")
    return Value(call("equal", call("length", found), call("length", listed(of))), "bool")


def _of_map(
    evaluator: Evaluator, scope: Scope, of: Value, name: str, function: Function, node: tree.Call
) -> Value:
    from fairwf.ir.expressions import Each

    entry = evaluator.names.fresh()
    pair = Items(
        (
            Value(call("get", Local(name=entry), literal(0)), "string"),
            Value(call("get", Local(name=entry), literal(1))),
        )
    )
    if function.parameters is None or len(function.parameters) != 2:
        raise UntranslatedError(node, "an entry of a map is handed on whole")
    # of what is not known, a list of pairs is taken apart as a map is
    over = call("entries", of.expr) if of.kind == "map" else javascript(JS_PAIRS, v=of.expr)
    body = value_of(evaluator.apply(function, pair.items, node, scope), node)
    if name == "collect":
        return Value(Each(name=entry, over=over, body=body.expr), "list")
    if name == "findAll":
        test = operators.truth(body)
        found = Each(name=entry, over=over, body=Local(name=entry), where=test)
        return Value(call("as_map", found), "map")
    raise UntranslatedError(node, f"{name!r} of a map")


def cut(
    evaluator: Evaluator, scope: Scope, of: Value, by: Sequence[tree.Expression], node: tree.Node
) -> Value:
    """Return the items of a range."""
    if len(by) != 1 or not isinstance(by[0], tree.Range):
        raise UntranslatedError(node, "several indexes at once")
    first, last = evaluator.value(by[0].first, scope), evaluator.value(by[0].last, scope)
    if last.kind == "float":
        last = Value(call("truncate", last.expr), "int")
    if first.kind == "float":
        first = Value(call("truncate", first.expr), "int")
    plain, end = known(last.expr)
    start_plain, start = known(first.expr)
    if start_plain and isinstance(start, int) and start < 0:
        raise UntranslatedError(node, "a range that counts from the end")
    after: Expr
    whole = of.expr if of.kind == "string" else listed(of)
    if plain and isinstance(end, int):
        shift = end + (0 if by[0].exclusive else 1)
        if end >= 0:
            after = literal(shift)
        else:
            after = (
                literal(None) if shift == 0 else call("add", call("length", whole), literal(shift))
            )
    else:
        after = last.expr if by[0].exclusive else call("add", last.expr, literal(1))
    if of.kind == "string":
        return Value(call("substring", whole, first.expr, after), "string")
    return Value(call("slice", whole, first.expr, after), "list")
