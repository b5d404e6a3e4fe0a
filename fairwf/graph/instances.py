"""Instances as graphs: task by task where that can be read, else folded by kind and rank."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from fairwf.graph.layout import layout
from fairwf.graph.model import Edge, Graph, Node, duration
from fairwf.graph.svg import MARGIN, longest_label, node_size
from fairwf.ir.instance import Instance, Tasks
from fairwf.trace.kinds import kind_of_task

MOST_TASKS = 250
"""Instances with more tasks are not drawn task by task."""

WIDEST = 2000
"""How wide a drawing may be, in pixels, before more is folded."""

MOST_BOXES = 60
"""How many boxes of kinds and ranks are drawn at most."""

_LIMITS = (10, 8, 6, 5, 4, 3, 2, 1)
_MOST_NODES = 400
"""More are not laid out to see how wide they are."""


def instance_graph(instance: Instance) -> Graph:
    """Return the graph of an instance's tasks.

    It is the first that fits: every task; the kinds of task of each rank (the longest way from a
    beginning); the kinds of task; those of each rank, of which only the most frequent have a box
    of their own.
    """
    graph = None
    for graph in _graphs(instance):
        if _fits(graph):
            return graph
    assert graph is not None
    return graph


def _graphs(instance: Instance) -> Iterator[Graph]:
    tasks = instance.tasks
    title = instance.label or instance.id or "instance"
    count, files = len(tasks.id), len(instance.files.id)
    if count <= MOST_TASKS:
        nodes = tuple(_task_node(instance, index) for index in range(count))
        edges = tuple(
            Edge(f"step:{tasks.id[parent]}", f"step:{tasks.id[index]}")
            for index in range(len(tasks.parents))
            for parent in tasks.parents.row(index)
        )
        yield Graph(title, nodes, edges, f"{count} tasks, {files} files")
    kinds = [kind_of_task(tasks, index) for index in range(count)]
    ranks = _ranks(tasks)
    by_kind = f"{count} tasks, drawn by kind; {files} files"
    by_rank = f"{count} tasks, drawn by rank and kind; {files} files"
    keys, names = _by_rank(kinds, ranks, count)
    if len(names) <= MOST_BOXES:
        yield _folded(instance, title, by_rank, keys, names)
    yield _folded(instance, title, by_kind, kinds, dict(zip(kinds, kinds, strict=True)))
    for limit in _LIMITS:
        keys, names = _by_rank(kinds, ranks, limit)
        if len(names) <= MOST_BOXES:
            yield _folded(instance, title, by_rank, keys, names)
    keys, names = _by_rank(kinds, [0] * count, max(_LIMITS))
    yield _folded(instance, title, by_kind, keys, names)


def _fits(graph: Graph) -> bool:
    """Tell whether a drawing is narrow enough to be read."""
    if len(graph.nodes) > _MOST_NODES:
        return False
    longest = longest_label(graph)
    sizes = {node.id: node_size(node, longest) for node in graph.nodes}
    plan = layout(sizes, [(edge.source, edge.target) for edge in graph.edges])
    return plan.size.width + 2 * MARGIN <= WIDEST


def _by_rank(
    kinds: Sequence[str], ranks: Sequence[int], limit: int
) -> tuple[list[str], dict[str, str]]:
    """Return the box that each task is in, and the name of each box; ``limit`` boxes a rank."""
    of: dict[int, Counter[str]] = defaultdict(Counter)
    for kind, rank in zip(kinds, ranks, strict=True):
        of[rank][kind] += 1
    rest: dict[int, set[str]] = {}
    for rank, counted in of.items():
        if len(counted) > limit:
            rest[rank] = {kind for kind, _ in counted.most_common()[limit - 1 :]}
    names: dict[str, str] = {}
    keys: list[str] = []
    at = Counter(kind for counted in of.values() for kind in counted)
    for kind, rank in zip(kinds, ranks, strict=True):
        others = rest.get(rank, ())
        key = f"{rank}/" if kind in others else kind if at[kind] == 1 else f"{rank}/{kind}"
        names[key] = f"{len(others)} kinds of task" if kind in others else kind
        keys.append(key)
    return keys, names


def _folded(
    instance: Instance, title: str, note: str, keys: Sequence[str], names: dict[str, str]
) -> Graph:
    """Return the graph of boxes; ``keys`` are those of the tasks, ``names`` what they are."""
    tasks = instance.tasks
    sizes, inside = Counter(keys), defaultdict[str, Counter[str]](Counter)
    for index, key in enumerate(keys):
        inside[key][kind_of_task(tasks, index)] += 1
    joined: Counter[tuple[str, str]] = Counter()
    for index in range(len(tasks.parents)):
        for parent in tasks.parents.row(index):
            joined[keys[parent], keys[index]] += 1
    nodes = tuple(
        Node(
            f"step:{key}",
            "step",
            names[key],
            f"{number} task{'' if number == 1 else 's'}",
            details=_kinds_inside(inside[key]),
        )
        for key, number in sizes.items()
    )
    edges = tuple(
        Edge(f"step:{a}", f"step:{b}", label=f"{number} link{'' if number == 1 else 's'}")
        for (a, b), number in joined.items()
        if a != b
    )
    return Graph(title, nodes, edges, note)


def _kinds_inside(counted: Counter[str]) -> tuple[tuple[str, str], ...]:
    if len(counted) < 2:
        return ()
    shown = ", ".join(f"{kind} ({number})" for kind, number in counted.most_common())
    return (("kinds", shown[:1200]),)


def _ranks(tasks: Tasks) -> list[int]:
    """Return the longest way to each task from one without parents, in tasks; 0 in a circle."""
    count = len(tasks.id)
    children: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for index in range(len(tasks.parents)):
        for parent in set(tasks.parents.row(index)):
            children[parent].append(index)
            missing[index] += 1
    ranks = [0] * count
    ready = [index for index in range(count) if not missing[index]]
    while ready:
        index = ready.pop()
        for child in children[index]:
            ranks[child] = max(ranks[child], ranks[index] + 1)
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return ranks


def _task_node(instance: Instance, index: int) -> Node:
    tasks = instance.tasks
    rows: list[tuple[str, str]] = []
    seconds = tasks.runtime_s[index] if tasks.runtime_s else None
    if tasks.program and tasks.program[index]:
        words = [tasks.words[w] for w in tasks.arguments.row(index)] if len(tasks.arguments) else []
        rows.append(("program", " ".join([tasks.program[index] or "", *words])[:1200]))
    rows += [("runtime", duration(seconds))] if seconds is not None else []
    for name, column in (("inputs", tasks.inputs), ("outputs", tasks.outputs)):
        if len(column):
            files = [instance.files.id[file] for file in column.row(index)]
            rows += [(name, ", ".join(files)[:1200])] if files else []
    name = tasks.name[index] if tasks.name else tasks.id[index]
    return Node(
        f"step:{tasks.id[index]}",
        "step",
        name or tasks.id[index],
        tasks.process[index] if tasks.process else "",
        details=(("id", tasks.id[index]), *rows),
        timing=duration(seconds) if seconds is not None else "",
    )
