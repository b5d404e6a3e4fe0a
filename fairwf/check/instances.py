"""Instances: columns of equal length, indexes in range, no cycle among the tasks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from fairwf.check.findings import Findings
from fairwf.ir.instance import Instance, Ragged

_MOST_TOLD = 20


def check_instance(instance: Instance, findings: Findings) -> None:
    """Tell of columns that contradict each other, and of a cycle; linear in tasks and edges."""
    tasks, files = instance.tasks, instance.files
    count = len(tasks.id)
    sound = _columns(tasks, "tasks", count, findings, but=("id", "words"))
    sound &= _columns(files, "files", len(files.id), findings, but=("id",))
    for name, limit, what in (
        ("parents", count, "task"),
        ("inputs", len(files.id), "file"),
        ("outputs", len(files.id), "file"),
        ("arguments", len(tasks.words), "word"),
        ("machines", len(instance.machines), "machine"),
    ):
        sound &= _ragged(getattr(tasks, name), name, count, limit, what, instance, findings)
    _unique(tasks.id, "task", tasks, findings)
    _unique(files.id, "file", files, findings)
    if sound and len(tasks.parents):
        _acyclic(instance, findings)


def _columns(
    node: msgspec.Struct, what: str, count: int, findings: Findings, but: tuple[str, ...]
) -> bool:
    sound = True
    for name in node.__struct_fields__:
        column = getattr(node, name)
        if name in but or not isinstance(column, list) or len(column) in (0, count):
            continue
        text = f"column {name!r} of {what} has {len(column)} entries, but there are {count} {what}"
        findings.tell("FWF2015", node, text, field=name)
        sound = False
    return sound


def _ragged(
    column: Ragged,
    name: str,
    count: int,
    limit: int,
    what: str,
    instance: Instance,
    findings: Findings,
) -> bool:
    offsets, values = column.offsets, column.values
    text = None
    rising = all(a <= b for a, b in itertools.pairwise(offsets))
    if not offsets or offsets[0] != 0 or offsets[-1] != len(values) or not rising:
        text = f"the offsets of {name!r} do not go from 0 up to its {len(values)} values"
    elif len(column) not in (0, count):
        text = f"column {name!r} has {len(column)} rows, but there are {count} tasks"
    if text is None and values and not (min(values) >= 0 and max(values) < limit):
        worst = max(values) if max(values) >= limit else min(values)
        text = f"column {name!r} names {what} {worst}, but there are {limit}"
    if text is not None:
        findings.tell("FWF2015", instance.tasks, text, field=name)
    return text is None


def _unique(ids: Sequence[str], what: str, node: msgspec.Struct, findings: Findings) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    told = 0
    for name in ids:
        if name in seen and told < _MOST_TOLD:
            told += 1
            findings.tell("FWF2002", node, f"two {what}s are called {name!r}", field="id")
        seen.add(name)


def _acyclic(instance: Instance, findings: Findings) -> None:
    """Kahn's algorithm; what remains contains a cycle."""
    tasks = instance.tasks
    offsets, values = tasks.parents.offsets, tasks.parents.values
    count = len(tasks.id)
    waiting = [offsets[i + 1] - offsets[i] for i in range(count)]
    heads = [0] * (count + 1)
    for parent in values:
        heads[parent + 1] += 1
    for index in range(count):
        heads[index + 1] += heads[index]
    following, place = [0] * len(values), list(heads)
    for child in range(count):
        for parent in values[offsets[child] : offsets[child + 1]]:
            following[place[parent]] = child
            place[parent] += 1
    ready = [index for index in range(count) if not waiting[index]]
    done = 0
    while ready:
        node = ready.pop()
        done += 1
        for child in following[heads[node] : heads[node + 1]]:
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    if done == count:
        return
    cycle = _cycle(next(i for i in range(count) if waiting[i]), waiting, tasks.parents)
    names = " -> ".join(tasks.id[index] for index in [*cycle, cycle[0]])
    text = f"tasks wait for each other: {names} (each waits for the next)"
    findings.tell("FWF2004", tasks, text, field="parents")


def _cycle(start: int, waiting: Sequence[int], parents: Ragged) -> list[int]:
    """Follow parents that still wait until one comes again."""
    seen: dict[int, int] = {}
    path: list[int] = []
    node = start
    while node not in seen:
        seen[node] = len(path)
        path.append(node)
        node = next(parent for parent in parents.row(node) if waiting[parent])
    return path[seen[node] :]
