"""Cycles: steps that wait for each other, and processes that contain themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fairwf.check.findings import Findings
from fairwf.check.sites import placed
from fairwf.ir.ordering import waits
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Demand, Process, ProcessRef, Workflow


def check_cycles(root: Process, findings: Findings) -> None:
    """Tell of each cycle, naming its steps in order.

    Steps over demanded keys are left out: ``f[n]`` may ask for ``f[n - 1]``, and cycles are found
    on the graph of their instances when they run.
    """
    for place in placed(root):
        if isinstance(place.process, Workflow):
            _steps(place.process, findings)
            _definitions(place.process, findings)


def _steps(workflow: Workflow, findings: Findings) -> None:
    by_id = {s.id: s for s in workflow.steps if not isinstance(s.scatter, Demand)}
    edges = {
        name: {other: node for other, node in waits(step).items() if other in by_id}
        for name, step in by_id.items()
    }
    for cycle in find_cycles({name: list(inside) for name, inside in edges.items()}):
        node = edges[cycle[0]][cycle[1 % len(cycle)]]
        names = " -> ".join([*cycle, cycle[0]])
        text = (
            f"step {cycle[0]!r} waits for itself"
            if len(cycle) == 1
            else f"steps wait for each other: {names} (each waits for the next)"
        )
        findings.tell("FWF2004", node, text, "remove one of these links, or make it a loop")


def _definitions(workflow: Workflow, findings: Findings) -> None:
    edges = {
        name: [ref.name for ref in nodes(process, ProcessRef) if ref.name in workflow.processes]
        for name, process in workflow.processes.items()
    }
    for cycle in find_cycles(edges):
        names = " -> ".join([*cycle, cycle[0]])
        text = f"processes contain themselves: {names}"
        findings.tell("FWF2004", workflow.processes[cycle[0]], text, "use a loop instead")


def find_cycles(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return one cycle for each group of nodes that reach each other, in linear time.

    Each cycle starts at its node that comes first in ``edges``.
    """
    cycles = []
    order = {name: index for index, name in enumerate(edges)}
    for group in _components(edges):
        if len(group) > 1 or group[0] in edges[group[0]]:
            start = min(group, key=order.__getitem__)
            cycles.append(_shortest(start, set(group), edges))
    return sorted(cycles, key=lambda cycle: order[cycle[0]])


def _shortest(start: str, group: set[str], edges: Mapping[str, Iterable[str]]) -> list[str]:
    before: dict[str, str] = {}
    queue = [start]
    for node in queue:
        for other in edges[node]:
            if other == start:
                cycle = [node]
                while cycle[-1] != start:
                    cycle.append(before[cycle[-1]])
                return cycle[::-1]
            if other in group and other not in before:
                before[other] = node
                queue.append(other)
    raise AssertionError("every node of a component lies on a cycle")


def _components(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Tarjan's strongly connected components, without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(edges[other])))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group: list[str] = []
                    while not group or group[-1] != node:
                        group.append(stack.pop())
                        on_stack.discard(group[-1])
                    found.append(group)
    return found
