"""Frames: one execution of one workflow, and what the expressions in it see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from fairwf.engine.evaluate import (
    Bindings,
    EvaluationError,
    FunctionError,
    NotReady,
    RuntimeValue,
    StreamValue,
)
from fairwf.engine.expansion.scheduler import Cell, Waits, wait
from fairwf.engine.expansion.world import Libraries, Place, World
from fairwf.engine.failures import Failed, Failure, merge
from fairwf.ir.expressions import Expr, Input, Output, Reference
from fairwf.ir.values import Value
from fairwf.ir.workflow import Process, ProcessRef, Workflow
from fairwf.source import did_you_mean

if TYPE_CHECKING:
    from fairwf.engine.expansion.steps import StepRun

DEMAND_DEPTH = 5000
"""How long a chain of demands may be (``f[n]`` asks for ``f[n-1]`` ...)."""


class Definitions(msgspec.Struct, frozen=True):
    """The processes that a workflow and those around it define, innermost first."""

    processes: Mapping[str, Process]
    outer: Definitions | None = None

    def find(self, run: Process | ProcessRef) -> tuple[Process, Definitions]:
        """Return a process and the definitions that hold where it was written.

        Raises:
            FunctionError: no enclosing workflow defines the name.
        """
        if not isinstance(run, ProcessRef):
            return run, self
        known: list[str] = []
        level: Definitions | None = self
        while level is not None:
            if run.name in level.processes:
                return level.processes[run.name], level
            known.extend(level.processes)
            level = level.outer
        raise FunctionError(f"no process {run.name!r} is defined", did_you_mean(run.name, known))


class Asking(Protocol):
    """How a stream is looked at: as it is by now, or as what it holds in the end."""

    @property
    def flowing(self) -> bool:
        """Whether it is taken as it is by now."""
        ...

    @property
    def watched(self) -> set[Cell] | None:
        """Gets a cell that is settled when the stream has grown."""
        ...


class Deferred(msgspec.Struct, frozen=True):
    """An input of a subworkflow that is evaluated anew at each use, as that is: a stream."""

    evaluate: Callable[[Asking], RuntimeValue]


class StepScope(msgspec.Struct, frozen=True, kw_only=True):
    """What an expression of a workflow sees: its inputs, its steps' outputs, and names.

    ``depth`` is the length of the chain of demands that led here; ``flowing`` expressions take
    streams as they are by now. ``watched`` gets a cell for each stream that is looked at, which is
    settled when that has grown.
    """

    frame: Frame
    names: Bindings = msgspec.field(default_factory=Bindings)
    depth: int = 0
    flowing: bool = False
    watched: set[Cell] | None = None

    def resolve(self, reference: Reference) -> RuntimeValue:
        """Return what a reference names."""
        if type(reference) is Output:
            return self.frame.step(reference.step).output(reference.port, self)
        if type(reference) is Input:
            return self.frame.input(reference.name, self)
        return self.names.resolve(reference)

    @property
    def confined(self) -> bool:
        """Files that an expression makes are those that it was given."""
        return False

    def demand_path(self, path: str) -> RuntimeValue:
        """Return the file at a path, made by the rule whose pattern matches."""
        from fairwf.engine.expansion.demand import demand_path

        return demand_path(self.frame, path, self.depth)

    def readable(self, value: RuntimeValue) -> RuntimeValue:
        """Return the value: outside of a task, files are named by where they lie."""
        return value

    def with_names(self, **changes: Mapping[str, RuntimeValue]) -> StepScope:
        """Return the scope with tables of names replaced (``state=...``, ``step_inputs=...``)."""
        replace = msgspec.structs.replace
        return replace(self, names=replace(self.names, **changes))


class Frame:
    """One execution of a workflow."""

    def __init__(
        self,
        world: World,
        workflow: Workflow,
        inputs: Mapping[str, RuntimeValue | Deferred],
        place: Place,
        definitions: Definitions,
    ) -> None:
        from fairwf.engine.expansion.steps import step_run

        self.world = world
        self.workflow = workflow
        self.place = place
        self.definitions = definitions
        self.libraries: Libraries = workflow.libraries
        self._inputs = inputs
        self.steps: dict[str, StepRun] = {step.id: step_run(self, step) for step in workflow.steps}

    def step(self, name: str) -> StepRun:
        """Return a step's run.

        Raises:
            FunctionError: the workflow has no such step.
        """
        if name not in self.steps:
            raise FunctionError(f"there is no step {name!r}", did_you_mean(name, self.steps))
        return self.steps[name]

    def input(self, name: str, scope: StepScope) -> RuntimeValue:
        """Return the value of an input; a stream as ``scope`` takes it.

        Raises:
            FunctionError: the workflow has no such input.
        """
        if name not in self._inputs:
            raise FunctionError(f"there is no input {name!r}", did_you_mean(name, self._inputs))
        value = self._inputs[name]
        return value.evaluate(scope) if isinstance(value, Deferred) else value

    def run(self) -> Waits[dict[str, Value]]:
        """Run all steps and return the outputs.

        Raises:
            Failed: a step failed or an output has no value, when everything else has ended.
        """
        for step in self.steps.values():
            step.start()
        failures: list[Failure] = []
        outputs: dict[str, Value] = {}
        scope = StepScope(frame=self)
        asked = {port.id: port.value for port in self.workflow.outputs if port.value is not None}
        cells = {
            name: self.world.scheduler.spawn(
                attempt(self, self.evaluated({name: value}, scope), self.place.key),
                f"output {name}",
            )
            for name, value in asked.items()
        }
        yield from wait(*cells.values())
        for cell in cells.values():
            if isinstance(cell.value, Failure):
                failures.append(cell.value)
            else:
                outputs.update(cell.value)
        for step in self.steps.values():
            failures.extend((yield from step.finish()))
        if failures:
            raise Failed(merge(failures))
        return outputs

    def evaluated(
        self, expressions: Mapping[str, Expr], scope: StepScope, libraries: Libraries | None = None
    ) -> Waits[dict[str, Value]]:
        """Evaluate expressions, waiting for what they need, all of it at once.

        A stream that is still open is waited for and becomes an array.
        """
        if libraries is None:
            libraries = self.libraries
        done: dict[str, Value] = {}
        waits = self.look(expressions, scope, libraries, done)
        if waits:
            return (yield from self.awaited(expressions, scope, libraries, done, waits))
        return done

    def awaited(
        self,
        expressions: Mapping[str, Expr],
        scope: StepScope,
        libraries: Libraries,
        done: dict[str, Value],
        waits: list[Cell],
    ) -> Waits[dict[str, Value]]:
        """Go on after a first :meth:`look` at all of the expressions, of which some wait."""
        while waits:
            yield frozenset(waits)
            left = {name: each for name, each in expressions.items() if name not in done}
            waits = self.look(left, scope, libraries, done)
        return {name: done[name] for name in expressions}

    def look(
        self,
        expressions: Mapping[str, Expr],
        scope: StepScope,
        libraries: Libraries,
        done: dict[str, Value],
    ) -> list[Cell]:
        """Evaluate expressions into ``done``; return what those wait for that are not in it."""
        evaluate = self.world.evaluate
        waits: list[Cell] = []
        for name, expression in expressions.items():
            try:
                value = evaluate(expression, scope, libraries)
            except NotReady as missing:
                waits += missing.waits  # type: ignore[arg-type]
                continue
            if isinstance(value, StreamValue):
                if not value.closed:
                    waits += value.waits  # type: ignore[arg-type]
                    continue
                value = value.in_order()
            done[name] = value  # type: ignore[assignment]
        return waits

    def failure(self, error: Exception, key: str) -> Failure:
        """Return the failure that an error of an expression is."""
        if isinstance(error, Failed):
            return error.failure
        if isinstance(error, EvaluationError):
            span = self.world.origins.get(error.node)
            return Failure.of("FWF4002", error.message, key, hint=error.hint, span=span)
        if isinstance(error, FunctionError):
            return Failure.of("FWF4002", error.message, key, hint=error.hint)
        raise error


EXPECTED = (Failed, EvaluationError, FunctionError)
"""What a step may end with instead of outputs."""


def no_truth_value(frame: Frame, place: Place, what: str, value: object, node: Expr) -> Failure:
    """Return the failure that a value is where true or false is wanted."""
    return Failure.of(
        "FWF4002",
        f"{what} is no truth value: {value!r:.60}",
        place.key,
        span=frame.world.origins.get(node),
    )


def attempt(frame: Frame, body: Waits[dict[str, Value]], key: str) -> Waits[object]:
    """Run ``body``; return what it returns, or the :class:`Failure` that it ended with."""
    try:
        return (yield from body)
    except EXPECTED as error:
        return frame.failure(error, key)
