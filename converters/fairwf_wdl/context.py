"""What reading one document needs everywhere: the report, places, fresh names, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from WDL.Error import SourceNode, SourcePosition

from fairwf.ir.origins import Origins, Span
from fairwf.ir.walk import children
from fairwf.report import Report, UnsupportedError

N = TypeVar("N", bound=msgspec.Struct)

MAX_NODES = 500_000
"""How many nodes a document may become."""


@dataclass
class Context:
    """The report and origins of a document; ``names`` are those of its files, by path."""

    report: Report
    names: Mapping[str, str]
    origins: Origins = field(default_factory=Origins)
    _fresh: int = 0
    _nodes: int = 0
    _weights: dict[int, tuple[msgspec.Struct, int]] = field(default_factory=dict)

    def place(self, node: N, at: SourceNode | SourcePosition | None) -> N:
        """Return the node, its place recorded unless it has one."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            message = "the expressions of the document become too large"
            raise UnsupportedError.of(
                "FWF1009", message, span=None if at is None else self.span(at)
            )
        if at is not None and node not in self.origins:
            self.origins.set(node, self.span(at))
        return node

    def bounded(self, node: N, at: SourceNode) -> N:
        """Return a node that, with all that stands in it, is not too large.

        What a declaration stands for is put where it is used, so that a few lines may ask for more
        nodes than there are atoms; shared parts are counted once for each use.

        Raises:
            UnsupportedError: FWF1009, it is.
        """
        if self._weight(node) > MAX_NODES:
            message = "what the declarations stand for becomes too large when it is put in place"
            raise UnsupportedError.of("FWF1009", message, span=self.span(at))
        return node

    def _weight(self, root: msgspec.Struct) -> int:
        stack = [root]
        while stack:
            node = stack[-1]
            inside = [child for _, child in children(node)]
            unknown = [child for child in inside if id(child) not in self._weights]
            if unknown:
                stack.extend(unknown)
                continue
            weight = 1 + sum(self._weights[id(child)][1] for child in inside)
            self._weights[id(node)] = (node, weight)  # held, so that no other gets its identity
            stack.pop()
        return self._weights[id(root)][1]

    def span(self, at: SourceNode | SourcePosition) -> Span:
        """Return a place of miniwdl's."""
        return span_of(at, self.names)

    def fresh(self) -> str:
        """Return a local name that no WDL document can hold."""
        self._fresh += 1
        return f"_{self._fresh}"

    def unsupported(
        self, message: str, at: SourceNode, hint: str | None = None
    ) -> UnsupportedError:
        """Return the refusal of something that WDL has and this reader does not."""
        return UnsupportedError.of("FWF1403", message, span=self.span(at), hint=hint)


def span_of(at: SourceNode | SourcePosition, names: Mapping[str, str]) -> Span:
    """Return a place of miniwdl's, whose ends are exclusive as well."""
    pos = at.pos if isinstance(at, SourceNode) else at
    end_line, end_column = pos.end_line, pos.end_column
    if (end_line, end_column) <= (pos.line, pos.column):
        end_line, end_column = pos.line, pos.column + 1
    return Span(names.get(pos.abspath, pos.uri), pos.line, pos.column, end_line, end_column)
