"""Statements of closures and functions: local variables, choices, what is returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning import operators
from fairwf_nextflow.meaning.build import call, known
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import (
    NOTHING,
    Items,
    Members,
    Namespace,
    Symbol,
    UntranslatedError,
    Value,
    value_of,
)

if TYPE_CHECKING:
    from fairwf_nextflow.meaning.evaluate import Evaluator

_SAID = frozenset({"println", "print", "printf", "error", "exit"})


def run(evaluator: Evaluator, statements: Sequence[tree.Statement], scope: Scope) -> Symbol | None:
    """Return what statements give, None where they end without a value.

    Raises:
        UntranslatedError: one of them cannot be said.
    """
    result: Symbol | None = None
    for number, statement in enumerate(statements):
        result = None
        match statement:
            case tree.Leave(word="return", value=value):
                return NOTHING if value is None else evaluator.symbol(value, scope)
            case tree.Leave(word="assert"):
                scope.place.left_out(statement, "what is asserted is not checked here")
            case tree.Evaluate(value=value):
                if is_effect(value, scope):
                    tell_of_ends(value, scope)
                else:
                    result = evaluator.symbol(value, scope)
            case tree.Assign():
                result = assign(evaluator, statement, scope)
            case tree.Conditional():
                return _conditional(evaluator, statement, statements[number + 1 :], scope)
            case tree.Block(body=body):
                return run(evaluator, (*body, *statements[number + 1 :]), scope)
            case tree.Label() | tree.Function():
                continue
            case _:
                raise UntranslatedError(statement, "loops and other statements with effects")
    return result


def tell_of_ends(value: tree.Expression, scope: Scope) -> None:
    """Tell of an effect that would have ended the workflow."""
    if isinstance(value, tree.Call) and isinstance(value.function, tree.Name):
        name = value.function.name
        if name in ("error", "exit"):
            scope.place.left_out(value, f"{name} would end the workflow here, and does not")


def is_effect(value: tree.Expression, scope: Scope) -> bool:
    """Tell whether an expression only tells somebody something."""
    if not isinstance(value, tree.Call):
        return False
    function = value.function
    if isinstance(function, tree.Name):
        return function.name in _SAID and scope.find(function.name) is None
    if isinstance(function, tree.Property) and isinstance(function.of, tree.Name):
        found = scope.find(function.of.name)
        return function.of.name == "log" and (found is None or isinstance(found, Namespace))
    return False


def _conditional(
    evaluator: Evaluator,
    statement: tree.Conditional,
    after: Sequence[tree.Statement],
    scope: Scope,
) -> Symbol | None:
    test = operators.truth(evaluator.value(statement.test, scope))
    plain, raw = known(test)
    ways = (statement.then, statement.otherwise)
    if plain:
        return evaluator.run((*ways[0 if raw else 1], *after), scope, statement)
    then = evaluator.run((*ways[0], *after), scope.inner({}), statement)
    otherwise = evaluator.run((*ways[1], *after), scope.inner({}), statement)
    return evaluator.chosen(statement, test, then or NOTHING, otherwise or NOTHING)


def assign(evaluator: Evaluator, statement: tree.Assign, scope: Scope) -> Symbol:
    """Give a local variable, or a member of one, a value.

    Raises:
        UntranslatedError: the target is something else.
    """
    node = statement.value
    symbol: Symbol = NOTHING if node is None else evaluator.symbol(node, scope)
    target = statement.target
    if statement.operator != "=":
        operator = statement.operator[:-1]
        old = evaluator.value(target, scope)
        pair = tree.Binary(statement.start, statement.end, operator, target, target)
        symbol = operators.binary(pair, old, value_of(symbol, statement))
    match target:
        case tree.Name(name=name):
            scope.names[name] = symbol
        case tree.TupleOf(items=items):
            from fairwf_nextflow.meaning.evaluate import parts_of

            parts = parts_of(symbol, len(items), statement)
            for item, part in zip(items, parts, strict=False):
                if isinstance(item, tree.Name):
                    scope.names[item.name] = part
        case tree.Property(of=tree.Name(name=name), name=key) if name in scope.names:
            scope.names[name] = _changed(scope.names[name], key, symbol, statement)
        case tree.Subscript(of=tree.Name(name=name), by=(by,)) if name in scope.names:
            plain, key_ = known(evaluator.value(by, scope).expr)
            if not plain or not isinstance(key_, str):
                raise UntranslatedError(statement, "a computed member is assigned")
            scope.names[name] = _changed(scope.names[name], key_, symbol, statement)
        case _:
            raise UntranslatedError(statement, "what is assigned is no local variable")
    return symbol


def _changed(whole: Symbol, key: str, symbol: Symbol, node: tree.Node) -> Symbol:
    if isinstance(whole, Members):
        return Members({**whole.members, key: symbol})
    if isinstance(whole, Items):
        raise UntranslatedError(node, "a member of a list is assigned")
    own = value_of(Members({key: symbol}), node)
    return Value(call("merge", value_of(whole, node).expr, own.expr), "map")
