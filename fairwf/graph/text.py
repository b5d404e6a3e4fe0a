"""Graphs as text for other programs: Mermaid flowcharts and Graphviz DOT."""

from __future__ import annotations

from fairwf.graph.model import Graph, Node
from fairwf.graph.svg import clean

_STATUS_COLOURS = {
    "completed": "#2e9e5b",
    "failed": "#cf3b35",
    "running": "#2f74d0",
    "skipped": "#98a2ae",
    "cancelled": "#98a2ae",
    "interrupted": "#98a2ae",
    "waiting": "#98a2ae",
}


def _names(graph: Graph) -> dict[str, str]:
    return {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}


def _lines(node: Node) -> list[str]:
    texts = [node.label, node.subtitle if node.kind == "step" else "", " · ".join(node.badges)]
    lines = [clean(text).strip() for text in (*texts, node.timing)]
    return [line for index, line in enumerate(lines) if line and line not in lines[:index]]


def mermaid(graph: Graph) -> str:
    """Return a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""
    names = _names(graph)
    rows = ["flowchart TD"]
    shapes = {"input": ("([", "])"), "output": ("([", "])"), "step": ("[", "]")}
    for node in graph.nodes:
        before, after = ("[[", "]]") if node.nested else shapes[node.kind]
        text = "<br/>".join(_mermaid_text(line) for line in _lines(node))
        rows.append(f'  {names[node.id]}{before}"{text}"{after}:::{node.status or node.kind}')
    for edge in graph.edges:
        if edge.source in names and edge.target in names:
            arrow = "-.->" if edge.order else "-->"
            rows.append(f"  {names[edge.source]} {arrow} {names[edge.target]}")
    rows += [
        "  classDef input stroke:#4f9a74",
        "  classDef output stroke:#c98a3d",
        "  classDef step stroke:#7b8ea6",
    ]
    used = {node.status for node in graph.nodes if node.status}
    for status in sorted(used):
        rows.append(f"  classDef {status} stroke:{_STATUS_COLOURS[status]},stroke-width:2px")
    return "\n".join(rows) + "\n"


def _mermaid_text(text: str) -> str:
    """Return a text for a quoted label: what could end it or be markup is an entity code."""
    return "".join(c if c.isalnum() or c in " _-.,:/+=?·…" else f"#{ord(c)};" for c in text)


def dot(graph: Graph) -> str:
    """Return a digraph in the DOT language (https://graphviz.org/doc/info/lang.html)."""
    names = _names(graph)
    rows = [
        "digraph {",
        f"  label={_dot_text(clean(graph.title))}; labelloc=t; rankdir=TB;",
        '  node [fontname="Helvetica", fontsize=11]; edge [color="#98a2ae"];',
    ]
    for node in graph.nodes:
        shape = "ellipse" if node.kind != "step" else "box"
        attributes = [f"label={_dot_text(*_lines(node))}", f"shape={shape}"]
        if node.kind == "step":
            attributes.append('style="rounded"')
            attributes += ["peripheries=2"] if node.nested else []
        if node.status:
            attributes.append(f'color="{_STATUS_COLOURS[node.status]}"')
        rows.append(f"  {names[node.id]} [{', '.join(attributes)}];")
    for edge in graph.edges:
        if edge.source in names and edge.target in names:
            style = " [style=dashed]" if edge.order else ""
            rows.append(f"  {names[edge.source]} -> {names[edge.target]}{style};")
    return "\n".join([*rows, "}"]) + "\n"


def _dot_text(*lines: str) -> str:
    """Return a quoted string of several lines; a backslash would begin an escape."""
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(quoted) + '"'
