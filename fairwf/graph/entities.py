"""What the metadata of a crate say of a workflow, as a graph.

Provenance Run Crate 0.5 names steps, tools, parameters and their connections; a Workflow RO-Crate
parameters and parts; a Process Run Crate only what ran, and which files it took and gave. Nothing
is drawn that the metadata do not say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fairwf.entities.reading import Entity, ids, types, values
from fairwf.graph.model import Edge, Graph, Node, Status

_DEEPEST = 20
_MOST_FILES = 40
_PROGRAMS = {"SoftwareApplication", "SoftwareSourceCode", "ComputationalWorkflow"}


def crate_graph(entities: Mapping[str, Entity], root: Entity, title: str) -> Graph | None:
    """Return the graph of a crate's main workflow, else of what ran; None where neither is told.

    Args:
        entities: the entities of the crate by id.
        root: the root data entity.
        title: the heading of the drawing.
    """
    crate = _Crate(entities)
    main = next(iter(crate.linked(root, "mainEntity")), None)
    note = "drawn from the metadata of the crate"
    planned = crate.workflow(main, _name(main), 0) if main is not None else None
    happened = crate.actions(main, title)
    graph = planned
    if planned is None or not any(node.kind == "step" for node in planned.nodes):
        whole = crate.box(main, title) if main is not None and planned and planned.nodes else None
        graph = happened or whole or crate.actions(None, title)
        graph = graph or (crate.box(main, title) if main is not None else None)
    elif not planned.edges and happened is not None and happened.edges:
        graph = replace(happened, title=planned.title)  # no connections, but files
    return replace(graph, note=note) if graph else None


class _Crate:
    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self._entities = entities
        self._runs: dict[str, list[Entity]] = defaultdict(list)
        for entity in entities.values():
            if "CreateAction" in types(entity):
                for identifier in ids(entity.get("instrument")):
                    self._runs[identifier].append(entity)
        self._of_step: dict[str, list[Entity]] = defaultdict(list)
        for entity in entities.values():
            if "ControlAction" in types(entity):
                for identifier in ids(entity.get("instrument")):
                    self._of_step[identifier] += self.linked(entity, "object")

    def linked(self, entity: Entity, *terms: str) -> list[Entity]:
        """Return the entities that properties of another one refer to."""
        found = (self._entities.get(name) for term in terms for name in ids(entity.get(term)))
        return [entity for entity in found if entity is not None]

    # --- a workflow: steps, or parts ------------------------------------------------------------

    def workflow(self, main: Entity, title: str, depth: int) -> Graph:
        """Return the graph of a workflow by its steps, else by its parts."""
        steps = sorted(self.linked(main, "step"), key=_position)
        nodes = [*self._ports(main, "input"), *self._ports(main, "output")]
        owners: dict[str, list[str]] = defaultdict(list)
        targets: dict[str, str] = {}
        for port in self.linked(main, "input"):
            owners[port["@id"]].append(f"in:{port['@id']}")
        for step in steps:
            tools = self.linked(step, "workExample")
            nodes.append(self._step(step, next(iter(tools), None), depth))
            for tool in tools:
                for port in self.linked(tool, "output"):
                    owners[port["@id"]].append(f"step:{step['@id']}")
        if not steps:
            parts = [
                part for part in self.linked(main, "hasPart") if _PROGRAMS.intersection(types(part))
            ]
            nodes += [self._step(part, part, depth) for part in parts]
        for port in self.linked(main, "output"):
            targets[port["@id"]] = f"out:{port['@id']}"
        edges: dict[tuple[str, str], Edge] = {}
        for step in steps:
            self._connect(step, f"step:{step['@id']}", owners, edges)
        for connection in self.linked(main, "connection"):
            for identifier in ids(connection.get("targetParameter")):
                if identifier in targets:
                    self._join(connection, targets[identifier], owners, edges)
        return Graph(title, tuple(nodes), tuple(edges.values()))

    def _connect(
        self,
        step: Entity,
        target: str,
        owners: Mapping[str, list[str]],
        edges: dict[tuple[str, str], Edge],
    ) -> None:
        for connection in self.linked(step, "connection"):
            self._join(connection, target, owners, edges)

    def _join(
        self,
        connection: Entity,
        target: str,
        owners: Mapping[str, list[str]],
        edges: dict[tuple[str, str], Edge],
    ) -> None:
        for port in self.linked(connection, "sourceParameter"):
            for source in owners.get(port["@id"], ()):
                if source != target:
                    label = "" if source.startswith("in:") else _name(port)
                    edges.setdefault((source, target), Edge(source, target, label=label))

    def _ports(self, main: Entity, term: str) -> Iterator[Node]:
        kind = "in" if term == "input" else "out"
        for port in self.linked(main, term):
            yield Node(
                f"{kind}:{port['@id']}",
                "input" if term == "input" else "output",
                _name(port),
                _text(port.get("additionalType")),
                details=_details(port),
            )

    def _step(self, step: Entity, tool: Entity | None, depth: int) -> Node:
        nested = None
        if tool is not None and tool.get("step") and depth < _DEEPEST:
            nested = self.workflow(tool, _name(step), depth + 1)
        runs = self._of_step.get(step["@id"]) or (
            self._runs.get(tool["@id"], []) if tool is not None else []
        )
        shown = _name(tool) if tool is not None and _name(tool) != _name(step) else ""
        return Node(
            f"step:{step['@id']}",
            "step",
            _name(step),
            shown,
            badges=(f"{len(runs)} runs",) if len(runs) > 1 else (),
            details=_details(step),
            nested=nested,
            status=_status(runs),
        )

    def box(self, main: Entity, title: str) -> Graph:
        """Return a workflow as one box between its inputs and outputs."""
        graph = self.workflow(main, _name(main) or title, 0)
        tool = self._step(main, main, _DEEPEST)
        edges = [Edge(n.id, tool.id) for n in graph.nodes if n.kind == "input"]
        edges += [Edge(tool.id, n.id) for n in graph.nodes if n.kind == "output"]
        return replace(graph, nodes=(*graph.nodes, tool), edges=tuple(edges))

    # --- what ran -------------------------------------------------------------------------------

    def actions(self, main: Entity | None, title: str) -> Graph | None:
        """Return the programs that ran as boxes, with the files between them."""
        whole = main["@id"] if main is not None else ""
        programs = {name: runs for name, runs in self._runs.items() if name != whole}
        if not programs:
            return None
        makers: dict[str, set[str]] = defaultdict(set)
        users: dict[str, set[str]] = defaultdict(set)
        for program, runs in programs.items():
            for run in runs:
                for file in ids(run.get("result")):
                    makers[file].add(f"step:{program}")
                for file in ids(run.get("object")):
                    users[file].add(f"step:{program}")
        nodes = []
        for program, runs in programs.items():
            entity = self._entities.get(program) or {"@id": program}
            nodes.append(replace(self._step(entity, None, _DEEPEST), **_run_facts(runs)))
        edges: dict[tuple[str, str], Edge] = {}
        for file, sources in makers.items():
            for source in sorted(sources):
                for target in sorted(users.get(file, set()) - {source}):
                    label = _name(self._entities.get(file, {"@id": file}))
                    edges.setdefault((source, target), Edge(source, target, label=label))
        nodes += self._ends("in", users, makers, edges)
        nodes += self._ends("out", makers, users, edges)
        return Graph(title, tuple(nodes), tuple(edges.values()))

    def _ends(
        self,
        kind: str,
        ours: Mapping[str, set[str]],
        others: Mapping[str, set[str]],
        edges: dict[tuple[str, str], Edge],
    ) -> Iterator[Node]:
        """Yield the files that are only taken, or only given: single, or together where many."""
        alone = [file for file in ours if file not in others]
        groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for file in alone:
            key = tuple(sorted(ours[file]))
            groups[key if len(alone) > _MOST_FILES else (*key, file)].append(file)
        for key, files in groups.items():
            first = self._entities.get(files[0], {"@id": files[0]})
            name = _name(first) if len(files) == 1 else f"{len(files)} files"
            node = Node(f"{kind}:{files[0]}", "input" if kind == "in" else "output", name)
            for program in key:
                if program.startswith("step:"):
                    pair = (node.id, program) if kind == "in" else (program, node.id)
                    edges.setdefault(pair, Edge(*pair))
            yield node


def _run_facts(runs: list[Entity]) -> dict[str, Any]:
    badges = (f"{len(runs)} runs",) if len(runs) > 1 else ()
    return {"badges": badges, "status": _status(runs)}


def _status(runs: Iterable[Entity]) -> Status | None:
    found = Counter(_text(run.get("actionStatus")).rpartition("/")[2] for run in runs)
    if found["FailedActionStatus"]:
        return "failed"
    return "completed" if found["CompletedActionStatus"] else None


def _details(entity: Entity) -> tuple[tuple[str, str], ...]:
    about = _text(entity.get("description"))
    identifier = str(entity["@id"])
    return (("id", identifier), *([("about", about)] if about else []))


def _position(step: Entity) -> tuple[float, str]:
    text = _text(step.get("position"))
    return (float(text) if text.isdigit() else float("inf"), str(step["@id"]))


def _name(entity: Entity) -> str:
    return _text(entity.get("name")) or str(entity["@id"]).rstrip("/").rpartition("/")[2]


def _text(value: Any) -> str:
    for item in values(value):
        if isinstance(item, Mapping):
            item = item.get("@id")
        if isinstance(item, (str, int, float)):
            return str(item)
    return ""
