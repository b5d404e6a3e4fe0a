"""How large an expression is when it is written out, and how it is given a name of its own.

A channel that is used in several places stands in each of them, so that a few lines may ask for
more nodes than there are atoms. One that is large becomes a step that computes it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from fairwf.ir.expressions import Expr, Input, Output, StepInput

LIMIT = 60
"""Nodes of a channel that stands where it is used."""
MAX_NODES = 2_000_000
"""Nodes of a whole document."""


def inside(node: msgspec.Struct) -> Iterator[msgspec.Struct]:
    """Yield the nodes that stand directly in a node."""
    for name in type(node).__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, msgspec.Struct):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from (one for one in value if isinstance(one, msgspec.Struct))
        elif isinstance(value, Mapping):
            yield from (one for one in value.values() if isinstance(one, msgspec.Struct))


class Weights:
    """The sizes of nodes, each looked at once; shared parts count for each use."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[msgspec.Struct, int]] = {}

    def of(self, root: msgspec.Struct) -> int:
        """Return the number of nodes of a tree."""
        stack = [root]
        while stack:
            node = stack[-1]
            parts = list(inside(node))
            unknown = [part for part in parts if id(part) not in self._known]
            if unknown:
                stack.extend(unknown)
                continue
            weight = 1 + sum(self._known[id(part)][1] for part in parts)
            self._known[id(node)] = (node, weight)  # held, so that no other gets its identity
            stack.pop()
        return self._known[id(root)][1]


def references(root: Expr) -> list[Input | Output]:
    """Return the inputs and outputs that an expression names, each once."""
    found: dict[tuple[str, ...], Input | Output] = {}
    seen: set[int] = set()
    stack: list[msgspec.Struct] = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Input):
            found.setdefault(("", node.name), node)
        elif isinstance(node, Output):
            found.setdefault((node.step, node.port), node)
        stack.extend(inside(node))
    return list(found.values())


def replaced(root: Expr, change: Callable[[msgspec.Struct], msgspec.Struct | None]) -> Expr:
    """Return an expression with other nodes in place of those that ``change`` gives one for."""
    memo: dict[int, tuple[msgspec.Struct, Any]] = {}

    def one(node: msgspec.Struct) -> Any:
        if id(node) in memo:
            return memo[id(node)][1]
        made: Any = change(node)
        if made is None:
            values: dict[str, Any] = {}
            for name in type(node).__struct_fields__:
                value = getattr(node, name)
                new: Any = value
                if isinstance(value, msgspec.Struct):
                    new = one(value)
                elif isinstance(value, tuple):
                    new = tuple(one(x) if isinstance(x, msgspec.Struct) else x for x in value)
                elif isinstance(value, Mapping):
                    new = {
                        k: one(x) if isinstance(x, msgspec.Struct) else x for k, x in value.items()
                    }
                if new is not value:
                    values[name] = new
            made = msgspec.structs.replace(node, **values) if values else node
        memo[id(node)] = (node, made)
        return made

    result: Expr = one(root)
    return result


def outside(root: Expr) -> Expr:
    """Return what a process says of its inputs as a step sees it."""
    return replaced(
        root, lambda node: StepInput(name=node.name) if isinstance(node, Input) else None
    )
