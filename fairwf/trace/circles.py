"""Steps that wait for each other in a circle, told apart by their rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from fairwf.trace.run import Task


def unrolled(tasks: Sequence[Task], parents: Sequence[set[int]]) -> tuple[Task, ...]:
    """Return the tasks in steps that do not wait for themselves.

    Steps that wait for each other in a circle are told apart by how many of their executions
    came before one another.
    """
    names = [task.step[-1] for task in tasks]
    links = {(names[p], names[n]) for n, found in enumerate(parents) for p in found}
    circular = _circular(links)
    if not circular:
        return tuple(tasks)
    depth = [0] * len(tasks)
    for number in in_order(parents):
        depth[number] = max((depth[p] + (names[p] in circular) for p in parents[number]), default=0)
    used = set(names)
    renamed: dict[tuple[str, int], str] = {}
    rounds: Counter[str] = Counter()
    placed = []
    for number, task in enumerate(tasks):
        name = names[number]
        if name in circular and (name, depth[number]) not in renamed:
            rounds[name] += 1
            again = rounds[name] > 1
            wanted = _free(f"{name}_{rounds[name]}", used) if again else name
            renamed[name, depth[number]] = wanted
        step = (renamed.get((name, depth[number]), name),)
        placed.append(msgspec.structs.replace(task, step=step))
    return tuple(placed)


def _free(wanted: str, used: set[str]) -> str:
    while wanted in used:
        wanted += "_"
    used.add(wanted)
    return wanted


def _circular(links: set[tuple[str, str]]) -> set[str]:
    """Return the names that are in a circle: what is left when both ends are taken away."""
    left = dict.fromkeys(name for link in sorted(links) for name in link)
    for ends in (links, {(b, a) for a, b in links}):
        names = list(left)
        numbers = {name: number for number, name in enumerate(names)}
        before: list[set[int]] = [set() for _ in names]
        for one, other in ends:
            if one in left and other in left:
                before[numbers[other]].add(numbers[one])
        for number in in_order(before):
            del left[names[number]]
    return set(left)


def in_order(parents: Sequence[set[int]]) -> Iterator[int]:
    """Yield tasks after those that they waited for; of a circle, which no run has, the rest."""
    children: dict[int, list[int]] = {}
    waits = [len(found) for found in parents]
    for number, found in enumerate(parents):
        for parent in found:
            children.setdefault(parent, []).append(number)
    ready = [number for number, count in enumerate(waits) if not count]
    seen = 0
    while seen < len(ready):
        number = ready[seen]
        seen += 1
        yield number
        for child in children.get(number, ()):
            waits[child] -= 1
            if not waits[child]:
                ready.append(child)
