"""Cross-checks: what the schema cannot say about a document in the shape of 1.5.

An error names something that is not there, or is there twice, or can never run; a warning tells of
parts that contradict each other, where the meaning is still clear.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from fairwf.source import did_you_mean
from fairwf_wfformat.faults import Path
from fairwf_wfformat.upgrade import Places

Object = dict[str, Any]

_HINTED = 2000
"""Up to how many names a similar one is looked for."""


class Finding(NamedTuple):
    """A contradiction and where it stands."""

    severity: Literal["error", "warning"]
    kind: str
    message: str
    path: Path
    hint: str | None = None


def findings(plain: Object, places: Places) -> Iterator[Finding]:
    """Yield every contradiction; linear in tasks, files and edges."""
    specification = plain["workflow"]["specification"]
    execution = plain["workflow"].get("execution", {})
    tasks = specification["tasks"]
    yield from _twice(tasks, "id", "task", places.tasks)
    yield from _twice(specification.get("files", []), "id", "file", places.files)
    yield from _twice(execution.get("machines", []), "nodeName", "machine", places.machines)
    parents = {task["id"]: set(task["parents"]) for task in tasks}
    children = {task["id"]: set(task["children"]) for task in tasks}
    yield from _links(tasks, parents, children, places)
    yield from _cycle(tasks, places)
    yield from _files(specification, places)
    yield from _executed(execution, parents, places)
    yield from _machines(execution, places)


def _twice(items: list[Object], key: str, what: str, place: Path) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        name = item[key]
        if name in seen:
            text = f"the {what} {name!r:.80} stands twice"
            yield Finding(
                "error", "twice", text, (*place, index, key), "give each its own identifier"
            )
        seen.add(name)


def _near(name: str, known: Iterable[str]) -> str | None:
    names = list(known)
    return did_you_mean(name, names) if len(names) <= _HINTED else None


def _links(
    tasks: list[Object],
    parents: dict[str, set[str]],
    children: dict[str, set[str]],
    places: Places,
) -> Iterator[Finding]:
    for index, task in enumerate(tasks):
        name = task["id"]
        for key, back, what in (("parents", children, "parent"), ("children", parents, "child")):
            for place, other in enumerate(task[key]):
                path = (*places.tasks, index, key, place)
                if other not in back:
                    text = f"the {what} {other!r:.80} of {name!r:.80} is no task"
                    yield Finding("error", "link", text, path, _near(other, parents))
                elif name not in back[other]:
                    other_key = "children" if key == "parents" else "parents"
                    text = (
                        f"{name!r:.80} names {other!r:.80} as its {what}, "
                        f"which does not name it among its {other_key}"
                    )
                    hint = "the parents count" if key == "children" else None
                    yield Finding("warning", "one-sided", text, path, hint)


def _cycle(tasks: list[Object], places: Places) -> Iterator[Finding]:
    """Kahn's algorithm; where tasks remain, one that is on a cycle is named."""
    index_of = {task["id"]: index for index, task in enumerate(tasks)}
    above = [[index_of[p] for p in task["parents"] if p in index_of] for task in tasks]
    below: list[list[int]] = [[] for _ in tasks]
    for index, row in enumerate(above):
        for parent in row:
            below[parent].append(index)
    waiting = [len(row) for row in above]
    ready = [index for index, count in enumerate(waiting) if not count]
    done = 0
    while ready:
        done += 1
        for child in below[ready.pop()]:
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    if done == len(tasks):
        return
    node = next(index for index, count in enumerate(waiting) if count)
    seen: dict[int, int] = {}
    walk: list[int] = []
    while node not in seen:
        seen[node] = len(walk)
        walk.append(node)
        node = next(parent for parent in above[node] if waiting[parent])
    cycle = [*walk[seen[node] :], node]
    names = " -> ".join(tasks[index]["id"] for index in cycle[:10])
    more = " -> ..." if len(cycle) > 10 else ""
    text = f"tasks wait for each other: {names}{more} (each waits for the next)"
    yield Finding("error", "cycle", text, (*places.tasks, node, "parents"))


def _files(specification: Object, places: Places) -> Iterator[Finding]:
    declared = {file["id"] for file in specification.get("files", [])}
    makers: dict[str, str] = {}
    missing: set[str] = set()
    for index, task in enumerate(specification["tasks"]):
        for key in ("inputFiles", "outputFiles"):
            for place, name in enumerate(task.get(key, ())):
                path = (*places.tasks, index, key, place)
                if name not in declared and name not in missing:
                    missing.add(name)
                    if "files" in specification:
                        text = f"the file {name!r:.80} is not in the list of files"
                        yield Finding("warning", "file", text, path, _near(name, declared))
                if key == "outputFiles" and makers.setdefault(name, task["id"]) != task["id"]:
                    text = f"the file {name!r:.80} is an output of two tasks"
                    hint = f"the first is {makers[name]!r:.80}"
                    yield Finding("warning", "makers", text, path, hint)
    if missing and "files" not in specification:
        text = f"{len(missing)} files of tasks have no size: there is no list of files"
        yield Finding("warning", "files", text, places.files[:-1])


def _executed(execution: Object, known: dict[str, set[str]], places: Places) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, run in enumerate(execution.get("tasks", ())):
        name, path = run["id"], (*places.executed, index, "id")
        if name not in known:
            text = f"the executed task {name!r:.80} is not in the specification"
            yield Finding("error", "executed", text, path, _near(name, known))
        elif name in seen:
            yield Finding("error", "twice", f"the task {name!r:.80} is executed twice", path)
        seen.add(name)
    left = len(known) - len(seen & known.keys())
    if left and execution.get("tasks"):
        yield Finding("warning", "left", f"{left} tasks have no execution", places.executed)


def _machines(execution: Object, places: Places) -> Iterator[Finding]:
    declared = {machine["nodeName"] for machine in execution.get("machines", [])}
    told: set[str] = set()
    for index, run in enumerate(execution.get("tasks", ())):
        for place, name in enumerate(run.get("machines", ())):
            if name not in declared and name not in told:
                told.add(name)
                text = f"the machine {name!r:.80} is not in the list of machines"
                path = (*places.executed, index, "machines", place)
                yield Finding("warning", "machine", text, path, _near(name, declared))
