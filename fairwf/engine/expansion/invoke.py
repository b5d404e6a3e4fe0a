"""One invocation of a step: inputs, condition, loop, handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from fairwf.engine.evaluate import RuntimeValue
from fairwf.engine.expansion.cancelling import unless_cancelled
from fairwf.engine.expansion.coupling import Flow
from fairwf.engine.expansion.execute import (
    Overrides,
    overlay,
    run_once,
    run_process,
    whole_number,
)
from fairwf.engine.expansion.frames import Asking, Deferred, Frame, StepScope, no_truth_value
from fairwf.engine.expansion.scheduler import Cell, Waits, wait
from fairwf.engine.expansion.world import Place, TaskCall
from fairwf.engine.failures import Failed, Failure
from fairwf.ir.expressions import Expr, StepInput
from fairwf.ir.resources import Retry
from fairwf.ir.types import StreamType
from fairwf.ir.values import Value
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import (
    Command,
    Handler,
    Loop,
    Operation,
    Pure,
    Script,
    Step,
    WaitDuration,
    WaitUntil,
)


class Invocable:
    """A step of a frame, and what is the same for all its items.

    ``streams`` are the inputs that go on while they are read; ``when_first`` says that the
    condition comes before the inputs: where one that does not see them is false, what the step is
    given may have no value. ``looks`` tells whether an expression may ask for what the step is
    given.
    """

    def __init__(self, frame: Frame, step: Step) -> None:
        """Raises FunctionError: the step refers to a process that nothing defines."""
        self.frame = frame
        self.step = step
        self.process, self.definitions = frame.definitions.find(step.run)
        self.streams = (
            set()
            if isinstance(self.process, (Pure, Operation))
            else {port.id for port in self.process.inputs if isinstance(port.type, StreamType)}
        )
        self.when_first = step.when is not None and not any(nodes(step.when, StepInput))
        asking = (step.when, step.retry, step.loop, step.approval, step.wait)
        self.looks = bool(step.handlers) or any(each is not None for each in asking)
        self._plain = Overrides(retry=step.retry)
        self._call: TaskCall | None = None
        if isinstance(self.process, (Command, Script)):
            resources = overlay(self.process.resources, step.resources)
            environment = overlay(self.process.environment, step.environment)
            self._plain = Overrides(resources=resources, environment=environment, retry=step.retry)
            ports = {port.id for port in self.process.inputs}
            more = self.looks or self.streams or step.cancel is not None
            if not more and self.process.retry is None and ports.issuperset(step.inputs):
                self._call = TaskCall(
                    place=frame.place,
                    process=self.process,
                    inputs={},
                    resources=resources,
                    environment=environment,
                )

    def item(self, place: Place, scope: StepScope) -> Waits[dict[str, Value]]:
        """Return the work of an item of the step, which gives its outputs."""
        if self._call is None:
            return Invocation(self, place, scope).run()
        return self._ran(self._call, place, scope)

    def _ran(self, call: TaskCall, place: Place, scope: StepScope) -> Waits[dict[str, Value]]:
        """Run an item of a step that says nothing but what its program is given."""
        frame, given = self.frame, self.step.inputs
        values: dict[str, Value] = {}
        waits = frame.look(given, scope, frame.libraries, values)
        if waits:
            values = yield from frame.awaited(given, scope, frame.libraries, values, waits)
        return (yield from run_once(frame.world, call, values, place))

    def overrides(
        self,
        attempts: int | None,
        keys: Mapping[str, Value] | None,
        priority: int,
        flow: Flow | None,
    ) -> Overrides:
        """Return what an invocation says over the process."""
        if attempts is None and keys is None and flow is None and not priority:
            return self._plain
        return msgspec.structs.replace(
            self._plain, attempts=attempts, keys=keys, priority=priority, flow=flow
        )


class Invocation:
    """One item (or the only one) of a step; a ``gated`` one waits for approvals and times."""

    __slots__ = (
        "_flow",
        "_frame",
        "_gated",
        "_keys",
        "_place",
        "_priority",
        "_process",
        "_scope",
        "_step",
        "_what",
    )

    def __init__(
        self,
        what: Invocable,
        place: Place,
        scope: StepScope,
        gated: bool = False,
        keys: Mapping[str, Value] | None = None,
        priority: int = 0,
    ) -> None:
        self._frame = what.frame
        self._step = what.step
        self._process = what.process
        self._what = what
        self._place = place
        self._scope = scope
        self._gated = gated
        self._keys = keys
        self._priority = priority
        self._flow: Flow | None = None

    def run(self, flow: Flow | None = None) -> Waits[dict[str, Value]]:
        """Run the item and return the step's outputs; skipped: none for each.

        ``flow`` takes the items of streams while the program that gives them runs.

        Raises:
            Failed: it failed and no handler took over.
        """
        step, scope = self._step, self._scope
        self._flow = flow
        if step.loop is not None:
            state = yield from self._frame.evaluated(step.loop.state, scope)
            scope = scope.with_names(state=state)
        if self._what.when_first and not (yield from self._holds(scope)):
            return self._nothing()
        inputs = yield from self._inputs(scope)
        inner = scope.with_names(step_inputs=_visible(inputs)) if self._what.looks else scope
        if (
            not self._what.when_first
            and step.when is not None
            and not (yield from self._holds(inner))
        ):
            return self._nothing()
        if self._gated:
            yield from gate(self._frame, step, self._place, inner)
        if step.loop is not None:
            work = self._rounds(step.loop, scope)
        else:
            work = self._once(inputs, self._place, inner)
        try:
            if step.cancel is None:
                return (yield from work)
            outputs = yield from unless_cancelled(
                self._frame, self._process, work, step.cancel, self._place, inner
            )
            return self._nothing() if outputs is None else outputs
        except Failed as error:
            return (yield from self._handled(error.failure, inner))

    def _holds(self, scope: StepScope) -> Waits[bool]:
        """Tell whether the step runs, and note it if not."""
        when = self._step.when
        if when is None:
            return True
        test = (yield from self._frame.evaluated({"when": when}, scope))["when"]
        if not isinstance(test, bool):
            raise Failed(
                no_truth_value(
                    self._frame, self._place, f"the condition of {self._step.id!r}", test, when
                )
            )
        if not test:
            self._frame.world.skipped(self._place, self._process)
        return test

    def _nothing(self) -> dict[str, Value]:
        return {port.id: None for port in self._process.outputs}

    def _inputs(self, scope: StepScope) -> Waits[Mapping[str, RuntimeValue | Deferred]]:
        given, streams = self._step.inputs, self._what.streams
        return self._frame.evaluated(given, scope) if not streams else self._mixed(given, scope)

    def _mixed(
        self, given: Mapping[str, Expr], scope: StepScope
    ) -> Waits[Mapping[str, RuntimeValue | Deferred]]:
        """Return inputs some of which are streams."""
        plain = {name: item for name, item in given.items() if name not in self._what.streams}
        values: dict[str, RuntimeValue | Deferred] = {}
        values.update((yield from self._frame.evaluated(plain, scope)))
        for name in self._what.streams & given.keys():
            values[name] = Deferred(self._later(given[name], scope))
        return {name: values[name] for name in given}

    def _later(self, expression: Expr, scope: StepScope) -> Callable[[Asking], RuntimeValue]:
        def evaluate(asking: Asking) -> RuntimeValue:
            world = self._frame.world
            own = msgspec.structs.replace(scope, flowing=asking.flowing, watched=asking.watched)
            return world.evaluate(expression, own, self._frame.libraries)

        return evaluate

    def _once(
        self, inputs: Mapping[str, RuntimeValue | Deferred], place: Place, scope: StepScope
    ) -> Waits[dict[str, Value]]:
        retry = self._step.retry
        return (
            self._ran(inputs, place) if retry is None else self._tried(retry, inputs, place, scope)
        )

    def _ran(
        self,
        inputs: Mapping[str, RuntimeValue | Deferred],
        place: Place,
        attempts: int | None = None,
    ) -> Waits[dict[str, Value]]:
        overrides = self._what.overrides(attempts, self._keys, self._priority, self._flow)
        return run_process(
            self._frame.world, self._process, inputs, place, self._what.definitions, overrides
        )

    def _tried(
        self,
        retry: Retry,
        inputs: Mapping[str, RuntimeValue | Deferred],
        place: Place,
        scope: StepScope,
    ) -> Waits[dict[str, Value]]:
        number = (yield from self._frame.evaluated({"retry": retry.attempts}, scope))["retry"]
        return (yield from self._ran(inputs, place, whole_number(number, "retry", place.key)))

    def _rounds(self, loop: Loop, scope: StepScope) -> Waits[dict[str, Value]]:
        frame = self._frame
        state = dict(scope.names.state)
        body: dict[str, Value] = self._nothing()
        rounds: list[dict[str, Value]] = []
        most: int | None = None
        if loop.max is not None:
            limit = (yield from frame.evaluated({"max": loop.max}, scope))["max"]
            most = whole_number(limit, "max", self._place.key)
        while True:
            scope = scope.with_names(state=state, body=body)
            if (loop.test == "before" or rounds) and (yield from self._ends(loop, scope)):
                break
            if most is not None and len(rounds) >= most:
                if loop.on_max == "stop":
                    break
                raise Failed(
                    Failure.of(
                        "FWF4010",
                        f"the loop {self._step.id!r} did not end within {most} rounds",
                        self._place.key,
                        span=frame.world.origins.get(loop) or frame.world.origins.get(self._step),
                        hint="raise `max`, or let it stop there with on_max: stop",
                    )
                )
            number = str(len(rounds) + 1)
            place = self._place.at(f"#{number}", f"round {number}")
            inputs = yield from self._inputs(scope)
            inner = scope.with_names(step_inputs=_visible(inputs))
            body = yield from self._once(inputs, place, inner)
            rounds.append(body)
            after = scope.with_names(body=body)
            state = {**state, **(yield from frame.evaluated(loop.next, after))}
        if loop.outputs == "last":
            return body
        return {port.id: [r.get(port.id) for r in rounds] for port in self._process.outputs}

    def _ends(self, loop: Loop, scope: StepScope) -> Waits[bool]:
        value = (yield from self._frame.evaluated({"until": loop.until}, scope))["until"]
        if not isinstance(value, bool):
            raise Failed(
                no_truth_value(
                    self._frame, self._place, f"'until' of {self._step.id!r}", value, loop.until
                )
            )
        return value

    def _handled(self, failure: Failure, scope: StepScope) -> Waits[dict[str, Value]]:
        for number, handler in enumerate(() if failure.cancelled else self._step.handlers):
            if not _fits(handler, failure):
                continue
            outputs: dict[str, Value] = {}
            if handler.run is not None:
                process, definitions = self._frame.definitions.find(handler.run)
                error: dict[str, Value] = {
                    "message": str(failure),
                    "exit_code": failure.exit_code,
                    "timed_out": failure.timed_out,
                }
                names = scope.names.binding(error=error)
                inner = StepScope(frame=self._frame, names=names, depth=scope.depth)
                inputs = yield from self._frame.evaluated(handler.inputs, inner)
                place = self._place.at(f"!{number}", f"handler {number}")
                outputs = yield from run_process(
                    self._frame.world, process, inputs, place, definitions, Overrides()
                )
            if handler.then == "continue":
                return {**self._nothing(), **outputs}
            break
        raise Failed(failure)


def gate(frame: Frame, step: Step, place: Place, scope: StepScope) -> Waits[None]:
    """Wait for the approval, time or event that a step wants."""
    world = frame.world
    if step.approval is not None:
        prompt = (yield from frame.evaluated({"prompt": step.approval.prompt}, scope))["prompt"]
        yield from wait(world.approval(place, str(prompt), step.approval.who))
    if step.wait is None:
        return
    cell: Cell
    if isinstance(step.wait, WaitDuration):
        seconds = (yield from frame.evaluated({"seconds": step.wait.seconds}, scope))["seconds"]
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise Failed(Failure.of("FWF4002", "a duration is a number of seconds", place.key))
        cell = world.sleep(place, float(seconds))
    elif isinstance(step.wait, WaitUntil):
        time = (yield from frame.evaluated({"time": step.wait.time}, scope))["time"]
        cell = world.sleep_until(place, str(time))
    else:
        name = (yield from frame.evaluated({"name": step.wait.name}, scope))["name"]
        cell = world.event(place, str(name))
    yield from wait(cell)


def _visible(inputs: Mapping[str, RuntimeValue | Deferred]) -> dict[str, RuntimeValue]:
    return {name: item for name, item in inputs.items() if not isinstance(item, Deferred)}


def _fits(handler: Handler, failure: Failure) -> bool:
    return handler.event == "any" or (handler.event == "timeout") == failure.timed_out
