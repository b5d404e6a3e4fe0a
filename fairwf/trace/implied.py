"""The workflow that a trace implies, where the engine's own document cannot be read.

Executions of one name are a step. A file that one step gave and another took is a link between
them; what nobody made is an input of the workflow, what nobody took an output. What the steps run
is not known, so they are operations: nothing is claimed that the trace does not show.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fairwf.ir.expressions import (
    Array,
    Call,
    Directory,
    Expr,
    File,
    Input,
    Output,
)
from fairwf.ir.metadata import Metadata
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import ArrayType, OptionalType, Type
from fairwf.ir.workflow import Operation, Step, Workflow
from fairwf.trace.circles import unrolled
from fairwf.trace.run import Task
from fairwf.trace.sides import Side, any_of, kind_of

INPUTS, OUTPUTS = "inputs", "outputs"
FOLDERS = "_folders"
"""What the names of ports of folders end in: a port has files or folders, not both."""


@dataclass(frozen=True)
class Implied:
    """A workflow, the tasks with the steps that they belong to, and what went in and came out."""

    workflow: Workflow
    tasks: tuple[Task, ...]
    inputs: Mapping[str, Expr]
    outputs: Mapping[str, Expr]


def implied(
    tasks: Sequence[Task],
    name: str,
    *,
    docs: Mapping[str, str] | None = None,
    after: Mapping[str, Iterable[str]] | None = None,
    metadata: Metadata | None = None,
    label: str | None = None,
    doc: str | None = None,
) -> Implied:
    """Return the workflow that tasks imply.

    Args:
        tasks: each with a step of one name; their values are literals. Files are known by their
            locations.
        name: the id of the workflow.
        docs: what is known of each step.
        after: the ids of the tasks that each waited for, where the trace tells it and files do not.
        metadata: of the workflow.
        label: its title.
        doc: what it does.
    """
    makers = _makers(tasks)
    parents = _parents(tasks, makers, after or {})
    placed = unrolled(tasks, parents)
    steps = _Steps(placed, docs or {})
    order = _order(placed, parents)
    taken = {f for t in placed for f, _ in _located(t.inputs)}
    given = {f: node for t in placed for f, node in _located(t.inputs) if f not in makers}
    made = {f: node for t in placed for f, node in _located(t.outputs) if f not in taken}
    sources = _sources(placed, makers)
    workflow = Workflow(
        id=name,
        label=label,
        doc=doc,
        inputs=tuple(
            InputPort(id=port, type=_files(nodes)) for port, nodes in _by_kind(INPUTS, given)
        ),
        outputs=tuple(
            OutputPort(
                id=port,
                type=_files(nodes),
                value=_final(placed, nodes),
            )
            for port, nodes in _by_kind(OUTPUTS, made)
        ),
        steps=tuple(steps.step(step, sources, order) for step in steps.names()),
        metadata=metadata,
    )
    return Implied(
        workflow,
        placed,
        {port: Array(items=tuple(nodes)) for port, nodes in _by_kind(INPUTS, given)},
        {port: Array(items=tuple(nodes)) for port, nodes in _by_kind(OUTPUTS, made)},
    )


def _by_kind(
    name: str, nodes: Mapping[str, File | Directory]
) -> Iterator[tuple[str, list[File | Directory]]]:
    """Yield the name of a port of the workflow with its files, and one with its folders."""
    for kind, port in ((File, name), (Directory, name + FOLDERS)):
        found = [node for node in nodes.values() if isinstance(node, kind)]
        if found:
            yield port, found


def files_in(value: Expr) -> Iterator[File | Directory]:
    """Yield the files and folders of a literal value: itself, or the items of an array."""
    if isinstance(value, (File, Directory)):
        yield value
    elif isinstance(value, Array):
        for item in value.items:
            yield from files_in(item)


def _located(values: Mapping[str, Expr]) -> Iterator[tuple[str, File | Directory]]:
    for value in values.values():
        for node in files_in(value):
            if node.location is not None:
                yield node.location, node


def _makers(tasks: Sequence[Task]) -> dict[str, int]:
    """Return the task that made each file; one that took it, too, only changed it."""
    makers: dict[str, int] = {}
    for number, task in enumerate(tasks):
        took = {location for location, _ in _located(task.inputs)}
        for location, _ in _located(task.outputs):
            if location not in took:
                makers.setdefault(location, number)
    return makers


def _parents(
    tasks: Sequence[Task], makers: Mapping[str, int], after: Mapping[str, Iterable[str]]
) -> list[set[int]]:
    numbers = {task.id: number for number, task in enumerate(tasks)}
    return [
        {makers[f] for f, _ in _located(task.inputs) if f in makers}.union(
            numbers[other] for other in after.get(task.id, ()) if other in numbers
        )
        - {number}
        for number, task in enumerate(tasks)
    ]


Sources = Mapping[tuple[str, str], list[tuple[str | None, str]]]
"""For the input of a step: the steps (None: the workflow) and ports that gave its files."""


def _sources(tasks: Sequence[Task], makers: Mapping[str, int]) -> Sources:
    ports: dict[str, tuple[str | None, str]] = {}
    for number, task in enumerate(tasks):
        for name, value in task.outputs.items():
            for node in files_in(value):
                if node.location is not None and makers.get(node.location) == number:
                    ports.setdefault(node.location, (task.step[-1], name))
    found: dict[tuple[str, str], dict[tuple[str | None, str], None]] = {}
    for task in tasks:
        for name, value in task.inputs.items():
            for node in files_in(value):
                if node.location is not None:
                    whole = INPUTS if isinstance(node, File) else INPUTS + FOLDERS
                    source = ports.get(node.location, (None, whole))
                    found.setdefault((task.step[-1], name), {})[source] = None
    return {key: list(each) for key, each in found.items()}


def _final(tasks: Sequence[Task], nodes: Sequence[File | Directory]) -> Expr | None:
    made = {node.location for node in nodes}
    givers: dict[tuple[str, str], None] = {}
    for task in tasks:
        for name, value in task.outputs.items():
            if any(node.location in made for node in files_in(value)):
                givers[task.step[-1], name] = None
    return _merged([Output(step=step, port=port) for step, port in givers])


def _merged(parts: Sequence[Expr]) -> Expr | None:
    if not parts:
        return None
    return Call(function="merge_flattened", args=tuple(parts))


def _order(tasks: Sequence[Task], parents: Sequence[set[int]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for number, task in enumerate(tasks):
        for parent in parents[number]:
            found.setdefault(task.step[-1], set()).add(tasks[parent].step[-1])
    return {name: others - {name} for name, others in found.items()}


class _Steps:
    """The ports of each step, from what its executions got and gave."""

    def __init__(self, tasks: Sequence[Task], docs: Mapping[str, str]) -> None:
        self._docs = docs
        self._counts: Counter[str] = Counter()
        self._given: dict[str, dict[str, Side]] = {}
        self._made: dict[str, dict[str, Side]] = {}
        self._processes: dict[str, str] = {}
        for task in tasks:
            name = task.step[-1]
            self._counts[name] += 1
            self._processes.setdefault(name, task.process)
            for sides, values in (
                (self._given.setdefault(name, {}), task.inputs),
                (self._made.setdefault(name, {}), task.outputs),
            ):
                for port, value in values.items():
                    sides.setdefault(port, Side()).see(value)

    def names(self) -> Iterable[str]:
        """Return the names of the steps, in the order of their first executions."""
        return self._counts

    def step(self, name: str, sources: Sources, order: Mapping[str, set[str]]) -> Step:
        """Return a step."""
        given = {port: self._link(name, port, sources) for port in self._given[name]}
        linked = {step for port in given for step, _ in sources.get((name, port), ())}
        process = self._processes[name]
        return Step(
            id=name,
            doc=self._docs.get(name),
            run=Operation(
                id=process,
                inputs=tuple(
                    InputPort(id=port, type=self._input_type(name, port, given[port]))
                    for port in given
                ),
                outputs=tuple(
                    OutputPort(id=port, type=side.type(self._counts[name]))
                    for port, side in self._made[name].items()
                ),
            ),
            inputs={port: value for port, value in given.items() if value is not None},
            after=tuple(sorted(order.get(name, set()) - linked)),
        )

    def _input_type(self, name: str, port: str, link: Expr | None) -> Type:
        side = self._given[name][port]
        if link is None:
            whole = side.type(self._counts[name])
            return whole if isinstance(whole, OptionalType) else OptionalType(item=whole)
        if isinstance(link, Call):  # of whatever is merged, some is taken
            return ArrayType(items=any_of(side.kinds))
        return side.type(self._counts[name])

    def _link(self, name: str, port: str, sources: Sources) -> Expr | None:
        found = sources.get((name, port))
        if found is not None:
            return _merged(
                [
                    Input(name=port) if step is None else Output(step=step, port=port)
                    for step, port in found
                ]
            )
        values = self._given[name][port].values
        alike = self._counts[name] == len(values) == 1
        return values[0] if alike and not list(files_in(values[0])) else None


def _files(nodes: Iterable[Expr]) -> Type:
    return ArrayType(items=any_of(map(kind_of, nodes)))


def identity(tasks: Iterable[Task]) -> str:
    """Return 32 digits that stand for a run whose engine gave it no id: the same each time."""
    shown = [[task.id, task.started, task.ended] for task in tasks]
    return hashlib.sha256(json.dumps(shown).encode("ascii")).hexdigest()[:32]
