"""What an execution without an end was given, as far as the journal says it.

A start is recorded without inputs, which only the end has. Where a step takes them as they are from
inputs of the run, from results of other steps, or from the items of these, they are known; what has
to be evaluated is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairwf.engine.expansion.world import Place
from fairwf.engine.journal.facts import Done, Started
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Array, Expr, Input, IntLit, Local, NoneLit, Output
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort
from fairwf.ir.types import FloatType
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Process, ProcessRef, Scatter, Step, Workflow

MOST_ITEMS = 10_000
"""How many results are gathered for one input."""

Known = Mapping[str, Expr]
Outputs = dict[tuple[str, str, str], Expr | None]
"""What was gathered of outputs, by the workflow's place, step and port: many may be given it."""


class GivenInputs:
    """Finds inputs. ``run`` are those of the whole run; ``done`` finds a completed execution."""

    def __init__(self, root: Root, run: Known, done: Callable[[str], Done | None]) -> None:
        self._root = root
        self._run = run
        self._done = done
        self._outputs: Outputs = {}

    def of(self, begun: Started) -> dict[str, Expr]:
        """Return the inputs of an execution that are known, by name."""
        if isinstance(self._root, Instance):
            return {}
        frame = _Frame(self._root, dict(self._run), Place(), {}, self._done, self._outputs)
        index = list(begun.index)
        for name in begun.step:
            inner = frame.enter(name, index)
            if inner is None:
                return {}
            frame = inner
        return frame.inputs if not index else {}


class _Frame:
    """One execution of a process, and what it was given."""

    def __init__(
        self,
        process: Process,
        inputs: dict[str, Expr],
        place: Place,
        scope: Mapping[str, Process],
        done: Callable[[str], Done | None],
        outputs: Outputs,
    ) -> None:
        self.inputs = inputs
        self._process = process
        self._place = place
        self._done = done
        self._outputs = outputs
        self._scope = {**scope, **process.processes} if isinstance(process, Workflow) else scope

    def enter(self, name: str, index: list[str]) -> _Frame | None:
        """Return the execution of a step; the item of a scatter is taken off the index."""
        step = self._step(name)
        run = step.run if step is not None else None
        process = self._scope.get(run.name) if isinstance(run, ProcessRef) else run
        if step is None or process is None or step.loop is not None:
            return None
        place = self._place.enter(name)
        items: dict[str, Expr] = {}
        if step.scatter is not None:
            if not _simple(step) or not index:
                return None
            place = place.at(f"[{index[0]}]", index[0])
            items = self._items(step, index.pop(0))
        known: dict[str, Expr] = {}
        for port in process.inputs:
            value = step.inputs.get(port.id)
            found = self._value(value, items) if value is not None else None
            if found is not None and _as_it_is(found, port):
                known[port.id] = found
        return _Frame(process, known, place, self._scope, self._done, self._outputs)

    def _step(self, name: str) -> Step | None:
        steps = self._process.steps if isinstance(self._process, Workflow) else ()
        return next((step for step in steps if step.id == name), None)

    def _items(self, step: Step, index: str) -> dict[str, Expr]:
        found = {}
        for over in step.scatter.over if isinstance(step.scatter, Scatter) else ():
            value = self._value(over.value, {})
            if isinstance(value, Array) and index.isdecimal() and int(index) < len(value.items):
                found[over.name] = value.items[int(index)]
        return found

    def _value(self, expression: Expr, items: Known) -> Expr | None:
        match expression:
            case Input(name=name):
                return self.inputs.get(name)
            case Local(name=name):
                return items.get(name)
            case Output(step=name, port=port):
                return self._output(name, port)
        try:
            from_literal(expression)
        except NotLiteralError:
            return None
        return expression

    def _output(self, name: str, port: str) -> Expr | None:
        key = (self._place.key, name, port)
        if key not in self._outputs:
            self._outputs[key] = self._gathered(name, port)
        return self._outputs[key]

    def _gathered(self, name: str, port: str) -> Expr | None:
        step, place = self._step(name), self._place.enter(name)
        if step is None or step.loop is not None:
            return None
        if step.scatter is None:
            return self._result(place.key, port)
        over = step.scatter.over if isinstance(step.scatter, Scatter) and _simple(step) else ()
        whole = self._value(over[0].value, {}) if over else None
        if not isinstance(whole, Array) or len(whole.items) > MOST_ITEMS:
            return None
        results = [self._result(f"{place.key}[{n}]", port) for n in range(len(whole.items))]
        return None if None in results else Array(items=tuple(r for r in results if r is not None))

    def _result(self, key: str, port: str) -> Expr | None:
        done = self._done(key)
        return done.outputs.get(port) if done is not None else None


def _as_it_is(value: Expr, port: InputPort) -> bool:
    """Tell whether a port gives its process a value as it is: no default, no other number."""
    if isinstance(value, NoneLit):
        return port.default is None
    return not (any(nodes(port.type, FloatType)) and any(nodes(value, IntLit)))


def _simple(step: Step) -> bool:
    """Tell whether a step runs for each item of arrays, side by side."""
    scatter = step.scatter
    if not isinstance(scatter, Scatter):
        return False
    return scatter.mode == "dot" or (len(scatter.over) == 1 and scatter.mode != "stream")
