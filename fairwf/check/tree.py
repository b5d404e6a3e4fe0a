"""A tree of nodes seen from above: the path, parent and source position of each."""

from __future__ import annotations

import msgspec

from fairwf.ir.origins import Origins, Span
from fairwf.ir.walk import children


class Tree:
    """The nodes of a document by identity; made in one walk."""

    def __init__(self, root: msgspec.Struct, origins: Origins | None = None) -> None:
        self.root = root
        self.origins = origins or Origins()
        self._paths: dict[int, str] = {id(root): ""}
        self._parents: dict[int, msgspec.Struct] = {}
        stack = [("", root)]
        while stack:
            path, node = stack.pop()
            for segment, child in children(node):
                self._paths[id(child)] = f"{path}/{segment}"
                self._parents[id(child)] = node
                stack.append((f"{path}/{segment}", child))

    def path(self, node: msgspec.Struct) -> str | None:
        """Return the path of a node, or None for one that is not in the tree."""
        return self._paths.get(id(node))

    def parent(self, node: msgspec.Struct) -> msgspec.Struct | None:
        """Return the node around a node; None for the root."""
        return self._parents.get(id(node))

    def span(self, node: msgspec.Struct, field: str | None = None) -> Span | None:
        """Return where a node (or its field) stands, or the nearest place around it."""
        span = self.origins.get(node, field)
        at: msgspec.Struct | None = node
        while span is None and at is not None:
            at = self.parent(at)
            span = self.origins.get(at) if at is not None else None
        return span
