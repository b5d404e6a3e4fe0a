"""Where each node came from: a table beside the IR, never in it.

Nodes are known by identity, and the table holds them, so that no identity is used twice. A scalar
such as a step's id is known as (node, field).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from fairwf.ir.walk import children, walk


class Span(NamedTuple):
    """A range of a source text. Lines and columns count from 1; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def start(self) -> Span:
        """Return the empty span at the beginning."""
        return Span(self.file, self.line, self.column, self.line, self.column)


Finer = Callable[[str | None], Span | None]
"""Tells where a node, or a field of it, stands, when somebody asks; None: nowhere in particular."""


class Origins:
    """The spans of nodes and of their fields."""

    def __init__(self) -> None:
        self._nodes: dict[int, tuple[msgspec.Struct, Span]] = {}
        self._fields: dict[tuple[int, str], Span] = {}
        self._finer: dict[int, tuple[msgspec.Struct, Finer]] = {}

    def refine(self, node: msgspec.Struct, finer: Finer) -> None:
        """Have the place of a node, or of its fields, looked up when it is asked for.

        For what stands in columns, where a table of every place would cost more than reading.
        """
        self._finer[id(node)] = (node, finer)

    def set(self, node: msgspec.Struct, span: Span | None, field: str | None = None) -> None:
        """Record where ``node`` (or its ``field``) came from; a span of None records nothing."""
        if span is None:
            return
        if field is None:
            self._nodes[id(node)] = (node, span)
        else:
            self._fields[(id(node), field)] = span
            self._nodes.setdefault(id(node), (node, span))

    def get(self, node: msgspec.Struct, field: str | None = None) -> Span | None:
        """Return where the node (or, if known, its field) came from."""
        if field is not None and (id(node), field) in self._fields:
            return self._fields[(id(node), field)]
        finer = self._finer.get(id(node))
        if finer is not None and (span := finer[1](field)) is not None:
            return span
        entry = self._nodes.get(id(node))
        return entry[1] if entry is not None else None

    def path(self, node: msgspec.Struct) -> str | None:
        """Return the path that the node had in the document before lowering, if that is known."""
        return None

    def inherit(self, new: msgspec.Struct, old: msgspec.Struct) -> None:
        """Let ``new``, which stands in ``old``'s place, have its origin, unless it has its own."""
        if new is old:
            return
        entry = self._nodes.get(id(old))
        if id(new) not in self._nodes:
            finer = self._finer.get(id(old))
            if finer is not None:
                self._finer.setdefault(id(new), (new, finer[1]))
            if entry is not None:
                self._nodes[id(new)] = (new, entry[1])
        for name in type(new).__struct_fields__:
            field = self._fields.get((id(old), name))
            if field is not None and (id(new), name) not in self._fields:
                self._fields[(id(new), name)] = field

    def complete(self, root: msgspec.Struct) -> None:
        """Let each node below ``root`` that has no origin have that of the node around it."""
        stack = [root]
        while stack:
            node = stack.pop()
            span = self.get(node)
            for _, child in children(node):
                if child not in self:
                    self.set(child, span)
                stack.append(child)

    def renamed(self, name: Callable[[str], str]) -> Origins:
        """Return the same origins with other names of their files."""
        origins = Origins()
        origins._nodes = {
            key: (node, span._replace(file=name(span.file)))
            for key, (node, span) in self._nodes.items()
        }
        origins._finer = {
            key: (node, _renamed(finer, name)) for key, (node, finer) in self._finer.items()
        }
        origins._fields = {
            key: span._replace(file=name(span.file)) for key, span in self._fields.items()
        }
        return origins

    def __contains__(self, node: object) -> bool:
        return id(node) in self._nodes

    def __len__(self) -> int:
        return len(self._nodes)

    def spans(self) -> Iterator[Span]:
        """Yield every span of a node."""
        for _, span in self._nodes.values():
            yield span

    def to_paths(self, root: msgspec.Struct) -> dict[str, list[Any]]:
        """Return the table by path, for a file: ``{"/steps/align": [file, line, column, ...]}``."""
        table: dict[str, list[Any]] = {}
        for path, node in walk(root):
            if id(node) in self._nodes:
                table[path] = list(self._nodes[id(node)][1])
            for name in type(node).__struct_fields__:
                span = self._fields.get((id(node), name))
                if span is not None:
                    table[f"{path}#{name}"] = list(span)
        return table

    @classmethod
    def from_paths(cls, root: msgspec.Struct, table: dict[str, list[Any]]) -> Origins:
        """Return the origins of ``root``'s nodes from a table by path."""
        origins = cls()
        for path, node in walk(root):
            if path in table:
                origins.set(node, Span(*table[path]))
            for name in type(node).__struct_fields__:
                if f"{path}#{name}" in table:
                    origins.set(node, Span(*table[f"{path}#{name}"]), name)
        return origins


def _renamed(finer: Finer, name: Callable[[str], str]) -> Finer:
    def other(field: str | None) -> Span | None:
        span = finer(field)
        return span._replace(file=name(span.file)) if span is not None else None

    return other
