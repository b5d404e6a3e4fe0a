"""Provenance as a drawing: executions, and the data between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from fairwf.graph.model import Edge, Graph, Node, NodeKind, Status

if TYPE_CHECKING:
    from fairwf.provenance.model import Node as Told
    from fairwf.provenance.model import Provenance

MOST_NODES = 150
"""With more executions and data, those of a step are drawn as one."""

_STATUSES: dict[str, Status] = {
    "completed": "completed",
    "CompletedActionStatus": "completed",
    "failed": "failed",
    "FailedActionStatus": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
    "running": "running",
}


def provenance_graph(told: Provenance) -> Graph:
    """Return the drawing of what used and gave what.

    The execution of a whole workflow is left out where its parts are known: it would be joined to
    everything.
    """
    activities = [n for n in told.nodes.values() if n.kind == "activity"]
    parts = [n for n in activities if "wfprov:WorkflowRun" not in n.types] or activities
    shown = {n.id for n in parts if "schema:AuthorizeAction" not in n.types}
    used = [(r.object, r.subject) for r in told.relations if r.kind == "used"]
    given = [(r.object, r.subject) for r in told.relations if r.kind == "wasGeneratedBy"]
    inward = [(data, act) for data, act in used if act in shown]
    outward = [(act, data) for act, data in given if act in shown]
    data = dict.fromkeys([d for d, _ in inward] + [d for _, d in outward])
    grouped = len(shown) + len(data) > MOST_NODES
    names = _groups(told, shown, inward, outward) if grouped else {i: i for i in (*shown, *data)}
    counts = Counter(names[identifier] for identifier in (*sorted(shown), *data))
    first: dict[str, Told] = {}
    for identifier in (*(n.id for n in parts if n.id in shown), *data):
        first.setdefault(names[identifier], told.nodes[identifier])
    made = {names[d] for _, d in outward}
    nodes = []
    for group, node in first.items():
        kind: NodeKind = "step"
        if node.kind == "entity":
            kind = "output" if group in made else "input"
        nodes.append(_node(group, node, kind, counts[group], told))
    edges = dict.fromkeys(
        [Edge(names[a], names[b]) for a, b in inward]
        + [Edge(names[a], names[b]) for a, b in outward]
    )
    note = f"{len(shown)} executions, {len(data)} files and values"
    if grouped:
        note += "; those of a step are drawn as one"
    return Graph("Provenance", tuple(nodes), tuple(edges), note)


def _node(group: str, node: Told, kind: NodeKind, count: int, told: Provenance) -> Node:
    label = node.path.rpartition("/")[2] if node.path else node.name
    if count > 1 and kind == "step":
        label = _step_name(node, told) or label
    details = [("id", node.id)]
    details += [("SHA-256", node.sha256)] if node.sha256 else []
    details += [(name, time) for name, time in (("from", node.started), ("to", node.ended)) if time]
    return Node(
        group,
        kind,
        label or node.id,
        "",
        (f"{count} times",) if count > 1 else (),
        tuple(details),
        status=_status(node) if kind == "step" and count == 1 else None,
    )


def _status(node: Told) -> Status | None:
    stated = node.attributes.get("schema:actionStatus") or [""]
    return _STATUSES.get(str(stated[0]).rpartition("/")[2])


def _step_name(node: Told, told: Provenance) -> str | None:
    for link in node.attributes.get("p-plan:correspondsToStep", ()):
        step = told.nodes.get(getattr(link, "id", ""))
        if step is not None:
            return step.name
    return None


def _groups(
    told: Provenance, shown: set[str], inward: list[tuple[str, str]], outward: list[tuple[str, str]]
) -> dict[str, str]:
    """Return the group of each execution (its step), and of data (the steps around it)."""
    names: dict[str, str] = {}
    for identifier in shown:
        links = told.nodes[identifier].attributes.get("p-plan:correspondsToStep", ())
        names[identifier] = next((link.id for link in links if hasattr(link, "id")), identifier)
    around: dict[str, set[str]] = defaultdict(set)
    for data, act in inward:
        around[data].add(f"to {names[act]}")
    for act, data in outward:
        around[data].add(f"from {names[act]}")
    names.update((data, "data " + " ".join(sorted(places))) for data, places in around.items())
    return names
