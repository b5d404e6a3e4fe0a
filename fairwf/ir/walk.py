"""Walking and rewriting trees of nodes.

Paths name nodes by id where they have one, never by index: ``/steps/align/in/reads``. In a path
segment ``~`` is written ``~0`` and ``/`` is ``~1`` (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from fairwf.ir.origins import Origins

MAX_DEPTH = 128
"""How deep a document may nest: nodes inside nodes."""

_SKIP = frozenset({"extensions"})

S = TypeVar("S", bound=msgspec.Struct)


@cache
def _names(cls: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    pairs = zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True)
    return tuple(pair for pair in pairs if pair[0] not in _SKIP)


def escape(segment: str) -> str:
    """Return a path segment as it is written in a path."""
    return segment.replace("~", "~0").replace("/", "~1")


def _segment(item: msgspec.Struct, index: int) -> str:
    for name in ("id", "name"):
        value = getattr(item, name, None)
        if isinstance(value, str) and value:
            return escape(value)
    return str(index)


def children(node: msgspec.Struct) -> Iterator[tuple[str, msgspec.Struct]]:
    """Yield the nodes directly inside ``node``, each with its relative path."""
    for name, key in _names(type(node)):
        value = getattr(node, name)
        if isinstance(value, msgspec.Struct):
            yield key, value
        elif isinstance(value, tuple):
            seen: set[str] = set()
            for index, item in enumerate(value):
                if isinstance(item, msgspec.Struct):
                    segment = _segment(item, index)
                    if segment in seen:
                        segment = str(index)
                    seen.add(segment)
                    yield f"{key}/{segment}", item
        elif isinstance(value, Mapping):
            for item_key, item in value.items():
                if isinstance(item, msgspec.Struct):
                    yield f"{key}/{escape(item_key)}", item


def walk(root: msgspec.Struct) -> Iterator[tuple[str, msgspec.Struct]]:
    """Yield every node of the tree with its path, parents first; the root's path is empty."""
    stack: list[tuple[str, msgspec.Struct]] = [("", root)]
    while stack:
        path, node = stack.pop()
        yield path, node
        inside = [(f"{path}/{segment}", child) for segment, child in children(node)]
        stack.extend(reversed(inside))


def nodes(root: msgspec.Struct, kind: type[S]) -> Iterator[S]:
    """Yield every node of a class (or a subclass) in the tree, parents first."""
    for _, node in walk(root):
        if isinstance(node, kind):
            yield node


def depth(root: msgspec.Struct) -> int:
    """Return how deep the tree nests; 1 for a node without children."""
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for node in level for _, child in children(node)]
    return deepest


def map_children(
    node: S, function: Callable[[msgspec.Struct], msgspec.Struct], origins: Origins | None = None
) -> S:
    """Return ``node`` with ``function`` applied to each node directly inside it.

    The same object comes back when nothing changed; a rebuilt one inherits the origin.
    """
    changes: dict[str, Any] = {}
    for name, _ in _names(type(node)):
        value = getattr(node, name)
        if isinstance(value, msgspec.Struct):
            new = function(value)
            if new is not value:
                changes[name] = new
        elif isinstance(value, tuple):
            items = tuple(function(v) if isinstance(v, msgspec.Struct) else v for v in value)
            if any(a is not b for a, b in zip(items, value, strict=True)):
                changes[name] = items
        elif isinstance(value, Mapping):
            entries = {
                k: function(v) if isinstance(v, msgspec.Struct) else v for k, v in value.items()
            }
            if any(entries[k] is not value[k] for k in value):
                changes[name] = entries
    if not changes:
        return node
    new_node = msgspec.structs.replace(node, **changes)
    if origins is not None:
        origins.inherit(new_node, node)
    return new_node


def rewrite(
    root: S, function: Callable[[msgspec.Struct], msgspec.Struct], origins: Origins | None = None
) -> S:
    """Return the tree with ``function`` applied to every node, children first.

    What replaces a node inherits its origin; what moves keeps its own.

    Raises:
        TypeError: the function gave the root's place to a node of another class.
    """

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        rebuilt = map_children(node, visit, origins)
        new = function(rebuilt)
        if new is not rebuilt and origins is not None:
            origins.inherit(new, rebuilt)
        return new

    result = visit(root)
    if not isinstance(result, type(root)):
        raise TypeError(f"the root became {type(result).__name__}, not {type(root).__name__}")
    return result
