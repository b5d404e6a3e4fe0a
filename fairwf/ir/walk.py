"""Walking through trees of nodes.

Paths name nodes by id where they have one, never by index: ``/steps/align/in/reads``. In a path
segment ``~`` is written ``~0`` and ``/`` is ``~1`` (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeVar

import msgspec

MAX_DEPTH = 128
"""How deep a document may nest: nodes inside nodes."""

_SKIP = frozenset({"extensions"})

S = TypeVar("S", bound=msgspec.Struct)


@cache
def field_names(cls: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a node that may hold nodes: their names here, and in files."""
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
    for name, key in field_names(type(node)):
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
