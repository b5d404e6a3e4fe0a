"""A workflow becomes an instance: every step and scatter item a task of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from fairwf.check.sites import Definitions, resolve
from fairwf.features import Feature, link_form
from fairwf.ir.canonical import content_hash
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.instance import Files, Instance, Ragged, Tasks
from fairwf.ir.ordering import in_order
from fairwf.ir.resources import Resources
from fairwf.ir.types import ArrayType, DirectoryType, FileType, OptionalType, StreamType, Type
from fairwf.ir.workflow import (
    Command,
    Demand,
    Operation,
    Process,
    Pure,
    Scatter,
    Script,
    Step,
    Workflow,
)
from fairwf.lower.context import Context
from fairwf.lower.demands import DemandToScatter
from fairwf.lower.drop import DROPS, Drop, DropForeignKeys
from fairwf.lower.traced import (
    Surroundings,
    Traced,
    array_of,
    gathered,
    of_value,
    trace,
)
from fairwf.report import Fate

T = TypeVar("T")

_KEPT = frozenset({Feature.ORDER, Feature.RESOURCES, Feature.FOREIGN_KEYS})


@dataclass(frozen=True)
class Expand:
    """The tasks, files and what waits for what stay; the rest is told node by node.

    Scatters over arrays whose length is known (literals, defaults, values that the context has)
    expand exactly; of others, and of loops, there is one task. Steps that compute have no task:
    what needs them waits for what they need.
    """

    removes: Feature
    adds: frozenset[Feature] = frozenset({Feature.INSTANCE})
    fate: Fate = "approximated"

    @property
    def name(self) -> str:
        """``expand_`` and the feature."""
        return f"expand_{self.removes.value}"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the instance."""
        if isinstance(workflow, Instance):
            return workflow
        hashed = content_hash(workflow)
        known = DemandToScatter()(workflow, context)
        assert not isinstance(known, Instance)
        expansion = _Expansion(context)
        expansion.root(known)
        _told_losses(known, context)
        instance = Instance(
            id=workflow.id,
            label=workflow.label,
            doc=workflow.doc,
            of=hashed,
            tasks=expansion.tasks(),
            files=expansion.files(),
            metadata=workflow.metadata,
            extensions=workflow.extensions,
        )
        return context.made(instance, workflow)


EXPANSIONS = tuple(
    Expand(feature)
    for feature in (
        Feature.COMMAND,
        Feature.SCRIPT,
        Feature.PURE,
        Feature.OPERATION,
        Feature.WORKFLOW,
    )
)


class _Expansion:
    """The tasks and files found so far."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.file_ids: dict[str, int] = {}
        self.rows: list[_Row] = []
        self.names: set[str] = set()
        self.told: set[tuple[int, str]] = set()

    def once(self, fate: Fate, node: object, text: str, hint: str | None = None) -> None:
        """Tell of a node, once however many tasks it makes."""
        if (id(node), text) not in self.told:
            self.told.add((id(node), text))
            self.context.told(fate, node, text, hint)  # type: ignore[arg-type]

    def file(self, value: File | Directory) -> int:
        """Return the index of a file that the workflow is given."""
        name = value.location or value.path or value.basename or "literal"
        return self.file_ids.setdefault(name, len(self.file_ids))

    def root(self, process: Process) -> None:
        inputs: dict[str, Traced] = {}
        for port in process.inputs:
            if port.id in self.context.inputs:
                inputs[port.id] = of_value(self.context.inputs[port.id], self.file)
            elif port.default is not None:
                inputs[port.id] = trace(port.default, Surroundings({}), self.file)
            elif _is_file(port.type):
                index = self.file_ids.setdefault(port.id, len(self.file_ids))
                inputs[port.id] = Traced(files=frozenset({index}))
            else:
                inputs[port.id] = Traced()
            if not _is_file(port.type):
                self.once("lost", port, "an input that is no file is no part of an instance")
        for out in process.outputs:
            if isinstance(process, Workflow):
                self.once("lost", out, "an instance names no outputs of the whole")
        name = "" if isinstance(process, Workflow) else process.id or "main"
        self.process(process, name, "", inputs, frozenset(), {})

    def process(
        self,
        process: Process,
        name: str,
        item: str,
        inputs: Mapping[str, Traced],
        after: frozenset[int],
        definitions: Definitions,
    ) -> dict[str, Traced]:
        """Expand one use of a process and return its outputs."""
        full = {
            port.id: trace(port.default, Surroundings(inputs), self.file)
            if port.default is not None and port.id not in inputs
            else inputs.get(port.id, Traced(None))
            for port in process.inputs
        }
        if isinstance(process, Workflow):
            return self.workflow(process, name, item, full, after, definitions)
        if isinstance(process, Pure):
            text = "a computed step is no task of an instance; what it waits for is kept"
            self.once("lost", process, text)
            result = trace(process.result, Surroundings(full), self.file)
            late = Traced(tasks=after)
            return {
                port.id: _later((result.fields or {}).get(port.id, result), late)
                for port in process.outputs
            }
        return self.task(process, name, item, full, after)

    def workflow(
        self,
        workflow: Workflow,
        name: str,
        item: str,
        inputs: Mapping[str, Traced],
        after: frozenset[int],
        known: Definitions,
    ) -> dict[str, Traced]:
        definitions = {**known, **workflow.processes}
        outputs: dict[tuple[str, str], Traced] = {}
        done: dict[str, frozenset[int]] = {}
        prefix = f"{name}{item}/" if name else ""
        for step in in_order(workflow.steps):
            around = Surroundings(inputs, outputs)
            late = after.union(*(done.get(other, frozenset()) for other in step.after))
            first = len(self.rows)
            found = self.step(step, f"{prefix}{step.id}", around, late, definitions)
            done[step.id] = frozenset(range(first, len(self.rows))) or late
            outputs.update({(step.id, port): value for port, value in found.items()})
        around = Surroundings(inputs, outputs)
        return {
            port.id: trace(port.value, around, self.file)
            for port in workflow.outputs
            if port.value is not None
        }

    def step(
        self,
        step: Step,
        name: str,
        around: Surroundings,
        after: frozenset[int],
        definitions: Definitions,
    ) -> dict[str, Traced]:
        process = resolve(step.run, definitions)
        if process is None:
            return {}
        for value in step.inputs.values():
            if link_form(value) is not None:
                self.once("lost", value, "a computed link: what it needs is kept, not how")
        if step.loop is not None:
            self.once("approximated", step.loop, "the rounds of a loop are one task")
        if isinstance(step.scatter, Demand):
            self.once("approximated", step.scatter, "keys that are asked for later are one task")
        if isinstance(step.scatter, Scatter):
            return self.scatter(step, step.scatter, process, name, around, after, definitions)
        return self.use(step, process, name, "", around, after, definitions)

    def use(
        self,
        step: Step,
        process: Process,
        name: str,
        item: str,
        around: Surroundings,
        after: frozenset[int],
        definitions: Definitions,
    ) -> dict[str, Traced]:
        given = {k: trace(v, around, self.file) for k, v in step.inputs.items()}
        if step.when is not None:
            test = trace(step.when, replace(around, step_inputs=given), self.file)
            if test.value is False:
                self.once("lost", step.when, "the condition is false here: there is no task")
                return {port.id: Traced(None) for port in process.outputs}
            text = "the task is there whether or not the condition holds"
            self.once("approximated", step.when, text)
            after = after | test.tasks
        return self.process(process, name, item, given, after, definitions)

    def scatter(
        self,
        step: Step,
        scatter: Scatter,
        process: Process,
        name: str,
        around: Surroundings,
        after: frozenset[int],
        definitions: Definitions,
    ) -> dict[str, Traced]:
        overs = [trace(over.value, around, self.file) for over in scatter.over]
        names = [over.name for over in scatter.over]
        lists = [over.items for over in overs if over.items is not None]
        if len(lists) < len(overs):
            text = "how many items there are is known only when it runs: they are one task"
            self.once("approximated", scatter, text, "give the values of the inputs")
            whole = [Traced(tasks=over.tasks, files=over.files) for over in overs]
            bound = around.bound(dict(zip(names, whole, strict=True)))
            return self.use(step, process, name, "", bound, after, definitions)
        if scatter.mode in ("dot", "stream"):
            rows: Iterable[tuple[Traced, ...]] = zip(*lists, strict=False)
        else:
            rows = itertools.product(*lists)
        found: list[dict[str, Traced]] = []
        for index, row in enumerate(rows):
            bound = around.bound(dict(zip(names, row, strict=True)))
            item = f"_{index}"
            found.append(self.use(step, process, name, item, bound, after, definitions))
        shape = [len(items) for items in lists[1:]] if scatter.mode.startswith("nested") else []
        self.once("rewritten", scatter, "each item is a task of its own")
        return {
            port.id: _shaped([one.get(port.id, Traced()) for one in found], shape)
            for port in process.outputs
        }

    def task(
        self,
        process: Command | Script | Operation,
        name: str,
        item: str,
        inputs: Mapping[str, Traced],
        after: frozenset[int],
    ) -> dict[str, Traced]:
        index = len(self.rows)
        task_id, number = f"{name}{item}", 2
        while task_id in self.names:
            task_id, number = f"{name}{item}_{number}", number + 1
        self.names.add(task_id)
        outputs: dict[str, Traced] = {}
        made: list[int] = []
        for port in process.outputs:
            if not _is_file(port.type):
                self.once("lost", port, "an output that is no file is no part of an instance")
                outputs[port.id] = Traced(tasks=frozenset({index}))
                continue
            if isinstance(_bare(port.type), ArrayType):
                self.once("approximated", port, "an array of files is one file of the instance")
            file = self.file_ids.setdefault(f"{task_id}/{port.id}", len(self.file_ids))
            made.append(file)
            outputs[port.id] = Traced(tasks=frozenset({index}), files=frozenset({file}))
        whole = gathered(inputs.values())
        program, arguments = self.command_line(process, inputs)
        self.rows.append(
            _Row(
                id=task_id,
                name=process.id or name.rsplit("/", 1)[-1],
                key=item[1:] or None,
                parents=sorted(whole.tasks | after),
                inputs=sorted(whole.files),
                outputs=made,
                program=program,
                arguments=arguments,
                cores=_cores(process, inputs, self),
            )
        )
        return outputs

    def command_line(
        self, process: Command | Script | Operation, inputs: Mapping[str, Traced]
    ) -> tuple[str | None, list[str]]:
        words: list[str] = []
        if isinstance(process, Script):
            for part in process.body:
                self.once("lost", part, "the text of a script is no part of an instance")
            words = list(process.interpreter)
        elif isinstance(process, Command):
            for argument in process.arguments:
                value = trace(argument.value, Surroundings(inputs), self.file).value
                plain = argument.rendering
                special = plain.value is not None or plain.cases or plain.fields or plain.items
                text = _word(value)
                if text is None or special or argument.position is not None:
                    self.once("lost", argument, "an argument is known only when it runs")
                    continue
                if plain.prefix is not None and plain.separate:
                    words.extend([plain.prefix, text])
                else:
                    words.append((plain.prefix or "") + text)
        return (words[0], words[1:]) if words else (None, [])

    def tasks(self) -> Tasks:
        """Return the columns of the tasks."""
        vocabulary: dict[str, int] = {}
        arguments = [
            [vocabulary.setdefault(word, len(vocabulary)) for word in row.arguments]
            for row in self.rows
        ]
        return Tasks(
            id=[row.id for row in self.rows],
            process=[row.name for row in self.rows],
            parents=Ragged.of([row.parents for row in self.rows]),
            inputs=Ragged.of([row.inputs for row in self.rows]),
            outputs=Ragged.of([row.outputs for row in self.rows]),
            program=_column([row.program for row in self.rows]),
            words=list(vocabulary),
            arguments=Ragged.of(arguments),
            keys=_column([row.key for row in self.rows]),
            cores=_column([row.cores for row in self.rows]),
        )

    def files(self) -> Files:
        """Return the columns of the files."""
        return Files(id=list(self.file_ids))


@dataclass(frozen=True)
class _Row:
    id: str
    name: str
    key: str | None
    parents: list[int]
    inputs: list[int]
    outputs: list[int]
    program: str | None
    arguments: list[str]
    cores: float | None


def _column(values: list[T | None]) -> list[T | None]:
    return values if any(value is not None for value in values) else []


def _word(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (File, Directory)):
        return value.basename or value.location or value.path
    return str(value) if isinstance(value, (str, int, float)) else None


def _later(value: Traced, late: Traced) -> Traced:
    return replace(value, tasks=value.tasks | late.tasks)


def _shaped(found: list[Traced], shape: list[int]) -> Traced:
    if not shape:
        return array_of(found)
    size = 1
    for length in shape:
        size *= length
    rows = [found[i : i + size] for i in range(0, len(found), size)] if size else []
    return array_of(_shaped(row, shape[1:]) for row in rows)


def _bare(type_: Type) -> Type:
    return type_.item if isinstance(type_, OptionalType) else type_


def _is_file(type_: Type) -> bool:
    bare = _bare(type_)
    if isinstance(bare, (ArrayType, StreamType)):
        return _is_file(bare.items)
    return isinstance(bare, (FileType, DirectoryType))


def _cores(
    process: Command | Script | Operation, inputs: Mapping[str, Traced], expansion: _Expansion
) -> float | None:
    if isinstance(process, Operation) or process.resources.cores is None:
        return None
    least: Expr | None = process.resources.cores.min
    value = trace(least, Surroundings(inputs), expansion.file).value if least is not None else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if process.resources.cores.max is not None:
            expansion.once("lost", process.resources.cores.max, "the most cores cannot be said")
        return float(value)
    expansion.once("lost", process.resources.cores, "how many cores is known only when it runs")
    return None


def _told_losses(workflow: Process, context: Context) -> None:
    """Tell of each thing that an instance has no place for, without changing anything."""
    bare: Root = context.replace(workflow, label=None, doc=None, metadata=None, extensions={})
    for drop in DROPS:
        if drop.removes not in _KEPT:
            drop(bare, context)
    DropForeignKeys(every=True)(bare, context)
    fields = ("memory", "tmp_space", "out_space")
    hint = "convert a run: it tells what its tasks used"
    Drop(Feature.RESOURCES, (Resources,), fields, "a need of memory or space", hint)(bare, context)
