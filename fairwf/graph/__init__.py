"""Workflows, instances and runs as drawings: SVG, PNG, HTML, Mermaid and DOT."""

from __future__ import annotations

from collections.abc import Callable

from fairwf.graph.build import document_graph, run_graph
from fairwf.graph.entities import crate_graph
from fairwf.graph.model import Edge, Graph, Node

__all__ = [
    "WRITERS",
    "Edge",
    "Graph",
    "Node",
    "crate_graph",
    "document_graph",
    "drawing",
    "run_graph",
]


def _svg(graph: Graph) -> str:
    from fairwf.graph.svg import svg

    return svg(graph)


def _html(graph: Graph) -> str:
    from fairwf.graph.page import page

    return page(graph)


def _png(graph: Graph) -> bytes:
    from fairwf.graph.png import png

    return png(graph)


def _mermaid(graph: Graph) -> str:
    from fairwf.graph.text import mermaid

    return mermaid(graph)


def _dot(graph: Graph) -> str:
    from fairwf.graph.text import dot

    return dot(graph)


WRITERS: dict[str, Callable[[Graph], str]] = {
    ".svg": _svg,
    ".html": _html,
    ".mmd": _mermaid,
    ".dot": _dot,
}
"""What draws a graph as text, by the suffix of the file."""


def drawing(graph: Graph, suffix: str) -> bytes:
    """Return the drawing for a file with this suffix, ``.png`` or one of :data:`WRITERS`.

    Raises:
        EnvironmentFault: what draws PNG is not installed.
    """
    return _png(graph) if suffix == ".png" else WRITERS[suffix](graph).encode("utf-8")
