"""What is drawn: nodes, edges, and the graphs of subworkflows inside nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

NodeKind = Literal["input", "output", "step"]

Status = Literal["completed", "failed", "skipped", "cancelled", "running", "waiting", "interrupted"]


@dataclass(frozen=True)
class Node:
    """A box or an oval.

    Attributes:
        id: unique in its graph.
        label: its name; ``subtitle`` says what it is (a type, a program).
        badges: short words for what is special: scatter, when, loop.
        details: names and texts for who looks closer.
        nested: the graph of the subworkflow that the step runs.
        status: what became of it in a run, and ``timing`` in words.
    """

    id: str
    kind: NodeKind
    label: str
    subtitle: str = ""
    badges: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    nested: Graph | None = None
    status: Status | None = None
    timing: str = ""


@dataclass(frozen=True)
class Edge:
    """An arrow between two nodes by id; ``order`` without data is dashed."""

    source: str
    target: str
    order: bool = False
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """A drawing: its title, a note below it, nodes and edges."""

    title: str
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    note: str = ""
    statuses: tuple[tuple[str, int], ...] = field(default=())


def duration(seconds: float) -> str:
    """Return a duration in words: ``120 ms``, ``3.4 s``, ``5 min 12 s``, ``2 h 3 min``."""
    if seconds < 0.9995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
