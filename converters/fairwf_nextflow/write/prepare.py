"""A workflow as tasks alone: what only computes becomes expressions, workflows in it are opened.

A step of a workflow that is scattered runs for each row of all items around it. ``rows`` gives
their values; what it makes is one flat array, from which each row takes its own part again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Local,
    NoneLit,
    Output,
    StringLit,
)
from fairwf.ir.ordering import in_order
from fairwf.ir.overriding import overridden
from fairwf.ir.workflow import (
    Command,
    Operation,
    Process,
    ProcessRef,
    Pure,
    Scatter,
    Script,
    Step,
    Workflow,
)
from fairwf_nextflow.meaning.substitution import substituted
from fairwf_nextflow.meaning.weight import Weights
from fairwf_nextflow.write.failures import CannotSayError
from fairwf_nextflow.write.substitution import asked_of, call, item, member, placed

MAX_STEPS = 2_000
MAX_NODES = 1_500
"""Nodes of a value that steps without a program compute."""
_LARGE = "what this step computes becomes too large when it is put into channels"
_LITERALS = (BoolLit, IntLit, FloatLit, StringLit, NoneLit)


@dataclass(frozen=True)
class Task:
    """A call of a process: ``rows`` is over what it runs, each bound to ``row``."""

    id: str
    process: Command | Script
    inputs: Mapping[str, Expr]
    rows: Expr | None
    row: str
    step: Step | None


@dataclass
class Flat:
    """What a workflow became."""

    tasks: list[Task] = field(default_factory=list)
    outputs: list[tuple[str, Expr]] = field(default_factory=list)


@dataclass(frozen=True)
class _Level:
    """A scatter around a step: ``index`` counts to ``count``, which sees the outer indexes."""

    index: str
    count: Expr


class Opening:
    """Opens one document."""

    def __init__(self) -> None:
        self.flat = Flat()
        self._ids: set[str] = set()
        self._locals = 0
        self._weights = Weights()

    def fresh(self, wanted: str) -> str:
        """Return a local name that nothing else has."""
        self._locals += 1
        return f"{wanted}{self._locals}"

    def open(self, root: Process) -> Flat:
        """Open a document.

        Raises:
            CannotSayError: a step is of a kind that Nextflow has not.
        """
        given: dict[str, Expr] = {port.id: Input(name=port.id) for port in root.inputs}
        for name, value in self._process(root, root.id or "main", given, [], {}, None).items():
            self.flat.outputs.append((name, value))
        return self.flat

    # --- processes, each with the values of its inputs

    def _process(
        self,
        process: Process,
        id_: str,
        given: Mapping[str, Expr],
        levels: list[_Level],
        shared: Mapping[str, Process],
        step: Step | None,
    ) -> dict[str, Expr]:
        match process:
            case Pure():
                given = self._defaulted(process, given)
                result = placed(process.result, given, {})
                return {port.id: member(result, port.id) for port in process.outputs}
            case Workflow():
                given = self._defaulted(process, given) if step is not None else given
                return self._workflow(process, given, levels, shared)
            case Command() | Script():
                given = self._defaulted(process, given) if step is not None else given
                return self._task(process, id_, given, levels, step)
        raise CannotSayError("Nextflow has no process that cannot run yet", step or process)

    def _defaulted(self, process: Process, given: Mapping[str, Expr]) -> dict[str, Expr]:
        found: dict[str, Expr] = {}
        for port in process.inputs:
            value = given.get(port.id, NoneLit())
            if port.default is not None and not isinstance(value, _LITERALS[:-1]):
                default = placed(port.default, found, {})
                plain = isinstance(value, NoneLit)
                value = default if plain else Call(function="default", args=(value, default))
            found[port.id] = value
        return found

    def _task(
        self,
        task: Command | Script,
        id_: str,
        given: Mapping[str, Expr],
        levels: list[_Level],
        step: Step | None,
    ) -> dict[str, Expr]:
        name, number = id_, 1
        while name in self._ids:
            number += 1
            name = f"{id_}_{number}"
        self._ids.add(name)
        if len(self._ids) > MAX_STEPS:
            raise CannotSayError("the document unfolds into too many steps", step or task)
        rows, row, bound = self._rows(levels)
        inputs = {k: substituted(v, bound) for k, v in given.items()}
        self.flat.tasks.append(Task(name, task, inputs, rows, row, step))
        found: dict[str, Expr] = {}
        for port in task.outputs:
            value: Expr = Output(step=name, port=port.id)
            found[port.id] = item(value, self._offset(levels)) if levels else value
        return found

    def _rows(self, levels: list[_Level]) -> tuple[Expr | None, str, dict[str, Expr]]:
        if not levels:
            return None, "", {}
        if len(levels) == 1:
            return call("range", levels[0].count), levels[0].index, {}
        indexes = tuple(Local(name=one.index) for one in levels)
        rows: Expr = Array(items=indexes)
        for number, one in enumerate(reversed(levels)):
            rows = Each(name=one.index, over=call("range", one.count), body=rows)
            if number:
                rows = call("flatten", rows)
        row = self.fresh("row")
        bound: dict[str, Expr] = {
            one.index: Index(of=Local(name=row), by=IntLit(value=k)) for k, one in enumerate(levels)
        }
        return rows, row, bound

    def _offset(self, levels: list[_Level]) -> Expr:
        """Return the number of the row that the indexes stand for."""
        last = levels[-1]
        if len(levels) == 1:
            return Local(name=last.index)
        before = self._before(levels[:-1], last.count)
        return Call(function="add", args=(before, Local(name=last.index)))

    def _before(self, levels: list[_Level], size: Expr) -> Expr:
        """Return how many rows come before those of the indexes, each having ``size``."""
        counts: Expr = Call(function="range", args=(self._offset(levels),))
        name = self.fresh("k")
        if len(levels) == 1:
            inner = substituted(size, {levels[0].index: Local(name=name)})
            return call("sum", Each(name=name, over=counts, body=inner))
        rows, row, bound = self._rows(levels)
        assert rows is not None
        sizes = Each(name=row, over=rows, body=substituted(size, bound))
        return call("sum", call("slice", sizes, IntLit(value=0), self._offset(levels)))

    # --- steps

    def _workflow(
        self,
        workflow: Workflow,
        given: Mapping[str, Expr],
        levels: list[_Level],
        shared: Mapping[str, Process],
    ) -> dict[str, Expr]:
        shared = {**shared, **workflow.processes}
        made: dict[tuple[str, str], Expr] = {}
        for step in in_order(workflow.steps):
            for port, value in self._step(step, given, made, levels, shared).items():
                if self._weights.of(value) > MAX_NODES:
                    raise CannotSayError(_LARGE, step, "let a program compute a part of it")
                made[step.id, port] = value
        found: dict[str, Expr] = {}
        for out in workflow.outputs:
            if out.value is None:
                raise CannotSayError("this output has no value", out)
            found[out.id] = placed(out.value, given, made)
        return found

    def _step(
        self,
        step: Step,
        given: Mapping[str, Expr],
        made: Mapping[tuple[str, str], Expr],
        levels: list[_Level],
        shared: Mapping[str, Process],
    ) -> dict[str, Expr]:
        process = _resolved(step, shared)
        if step.loop is not None or step.handlers or step.approval or step.wait or step.after:
            raise CannotSayError("Nextflow has no such step", step)
        if isinstance(process, Operation):
            raise CannotSayError("Nextflow has no step that cannot run yet", step)
        if step.scatter is None:
            return self._guarded(step, process, given, made, levels, shared, {})
        if not isinstance(step.scatter, Scatter):
            raise CannotSayError("Nextflow has no step that runs on demand", step)
        over = {one.name: placed(one.value, given, made) for one in step.scatter.over}
        if step.scatter.mode != "dot" and len(over) > 1:
            flat = step.scatter.mode == "flat_crossproduct"
            return self._crossed(step, process, given, made, levels, shared, over, flat)
        first = next(iter(over.values()))
        level = _Level(self.fresh("i"), call("length", first))
        bound = {name: item(value, Local(name=level.index)) for name, value in over.items()}
        outs = self._guarded(step, process, given, made, [*levels, level], shared, bound)
        return {port: self._gathered(value, level, levels) for port, value in outs.items()}

    def _crossed(
        self,
        step: Step,
        process: Process,
        given: Mapping[str, Expr],
        made: Mapping[tuple[str, str], Expr],
        levels: list[_Level],
        shared: Mapping[str, Process],
        over: Mapping[str, Expr],
        flat: bool,
    ) -> dict[str, Expr]:
        inner = [_Level(self.fresh("i"), call("length", value)) for value in over.values()]
        bound = {
            name: item(value, Local(name=level.index))
            for (name, value), level in zip(over.items(), inner, strict=True)
        }
        outs = self._guarded(step, process, given, made, [*levels, *inner], shared, bound)
        found = {}
        for port, value in outs.items():
            whole = value
            for number in reversed(range(len(inner))):
                whole = self._gathered(whole, inner[number], [*levels, *inner[:number]])
                if flat and number < len(inner) - 1:
                    whole = _flattened(whole, alone=not levels and len(inner) == 2)
            found[port] = whole
        return found

    def _gathered(self, value: Expr, level: _Level, levels: list[_Level]) -> Expr:
        """Return the array of what each item gave."""
        index = Local(name=level.index)
        if isinstance(value, Index) and isinstance(value.of, Output) and value.by == index:
            return value.of
        whole = isinstance(value, Index) and isinstance(value.of, Output) and levels
        if whole and isinstance(value, Index) and isinstance(value.by, Call):
            before = value.by.args[0]
            end = Call(function="add", args=(before, level.count))
            if value.by == Call(function="add", args=(before, index)):
                return Call(function="slice", args=(value.of, before, end))
        return Each(name=level.index, over=call("range", level.count), body=value)

    def _guarded(
        self,
        step: Step,
        process: Process,
        given: Mapping[str, Expr],
        made: Mapping[tuple[str, str], Expr],
        levels: list[_Level],
        shared: Mapping[str, Process],
        bound: Mapping[str, Expr],
    ) -> dict[str, Expr]:
        """Run a step, where it has a condition for one item or none."""
        changed = overridden(step, process)
        if changed is None:
            raise CannotSayError("only tasks take resources and environments from a step", step)
        handed = {
            name: substituted(placed(value, given, made), bound)
            for name, value in step.inputs.items()
        }
        if step.when is None:
            return self._process(changed, step.id, handed, levels, shared, step)
        test = substituted(placed(asked_of(step.when, step), given, made), bound)
        if isinstance(changed, Pure):
            outs = self._process(changed, step.id, handed, levels, shared, step)
            return {k: If(test=test, then=v, otherwise=NoneLit()) for k, v in outs.items()}
        count = If(test=test, then=IntLit(value=1), otherwise=IntLit(value=0))
        level = _Level(self.fresh("i"), count)
        outs = self._process(changed, step.id, handed, [*levels, level], shared, step)
        found: dict[str, Expr] = {}
        for port, value in outs.items():
            once = self._gathered(value, level, levels)
            found[port] = Call(function="get", args=(once, IntLit(value=0)))
        return found


def _flattened(value: Expr, alone: bool) -> Expr:
    body = value.body if isinstance(value, Each) else None
    if alone and isinstance(body, Call) and body.function == "slice":
        return body.args[0]  # all parts of one array, in their order
    return call("flatten", value)


def _resolved(step: Step, shared: Mapping[str, Process]) -> Process:
    run, seen = step.run, 0
    while isinstance(run, ProcessRef):
        seen += 1
        if run.name not in shared or seen > len(shared):
            raise CannotSayError(f"there is no process {run.name!r:.60}", run)
        run = shared[run.name]
    return run
