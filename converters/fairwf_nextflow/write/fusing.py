"""Expressions made short, so that what is written and read again is what it was."""

from __future__ import annotations

from itertools import count

import msgspec

from fairwf.ir.expressions import Array, Attr, Call, Each, Expr, If, Index, IntLit, Local, Record
from fairwf.ir.rewriting import map_children
from fairwf.ir.walk import walk
from fairwf_nextflow.meaning.substitution import substituted


def fused(expr: Expr) -> Expr:
    """Return an expression without steps that undo each other."""

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        return _short(map_children(node, visit))

    return visit(expr)  # type: ignore[return-value]


def _short(node: msgspec.Struct) -> msgspec.Struct:
    match node:
        case (
            Index(of=Array(items=items), by=IntLit(value=int(number)))
            | Call(function="get", args=(Array(items=items), IntLit(value=int(number))))
        ) if 0 <= number < len(items):
            return items[number]
        case Attr(of=Record(fields=fields), name=name) if name in fields:
            return fields[name]
        case Each(name=name, over=over, body=Local(name=same), where=None) if name == same:
            return over
        case Each(where=None, over=Each(where=None) as inner):
            taken = _names(node.body) | _names(inner.body)
            if inner.name in _names(node.body):
                fresh = next(n for k in count(1) if (n := f"{inner.name}.{k}") not in taken)
                of = substituted(inner.body, {inner.name: Local(name=fresh)})
                inner = Each(name=fresh, over=inner.over, body=of)
            body = substituted(node.body, {node.name: inner.body})
            return _short(Each(name=inner.name, over=inner.over, body=fused(body)))
        case Each(
            name=name,
            over=Call(
                function="range",
                args=(If(then=IntLit(value=1), otherwise=IntLit(value=0)) as once,),
            ),
            body=body,
            where=None,
        ):
            one = Array(items=(substituted(body, {name: IntLit(value=0)}),))
            return If(test=once.test, then=one, otherwise=Array(items=()))
        case Each(where=None, over=Call(function="range", args=(length,))):
            return _by_index(node, length)
    return node


def _names(expr: Expr) -> set[str]:
    """Return the local names that an expression uses or binds."""
    return {one.name for _, one in walk(expr) if isinstance(one, (Local, Each))}


def _by_index(node: Each, length: Expr) -> Each:
    """Return ``A[i]`` for each number of an item of A as that for each item of A."""
    match length:
        case Call(function="length", args=(of,)):
            name = node.name
            found = _replaced(node.body, name, of)
            if found is not None:
                return _short(Each(name=name, over=of, body=found))  # type: ignore[return-value]
    return node


def _replaced(body: Expr, name: str, of: Expr) -> Expr | None:
    """Return a body that names items where it named numbers; None where it needs the number."""
    item = Index(of=of, by=Local(name=name))

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        if node == item:
            return Local(name="\0item")
        return map_children(node, visit)

    made = visit(body)
    if any(isinstance(one, Local) and one.name == name for _, one in walk(made)):
        return None
    return substituted(made, {"\0item": Local(name=name)})  # type: ignore[arg-type]
