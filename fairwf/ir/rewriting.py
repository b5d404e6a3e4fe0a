"""Rebuilding trees of nodes: what does not change stays the same object, and origins go along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from fairwf.ir.origins import Origins
from fairwf.ir.walk import field_names

S = TypeVar("S", bound=msgspec.Struct)


def map_children(
    node: S, function: Callable[[msgspec.Struct], msgspec.Struct], origins: Origins | None = None
) -> S:
    """Return ``node`` with ``function`` applied to each node directly inside it.

    The same object comes back when nothing changed; a rebuilt one inherits the origin.
    """
    changes: dict[str, Any] = {}
    for name, _ in field_names(type(node)):
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
