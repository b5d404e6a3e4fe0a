"""Every node of a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from fairwf_nextflow.grammar.tree import Node


def walk(root: Any) -> Iterator[Node]:
    """Yield a node and all that stand in it, outer ones first."""
    stack: list[Any] = [root]
    while stack:
        one = stack.pop()
        if isinstance(one, tuple):
            stack.extend(reversed(one))
        elif is_dataclass(one) and not isinstance(one, type):
            if isinstance(one, Node):
                yield one
            stack.extend(getattr(one, field.name) for field in reversed(fields(one)))
