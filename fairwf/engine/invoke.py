"""One invocation of a step: inputs, condition, loop, tries, handlers, and the process itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from fairwf.engine.cancelling import unless_cancelled
from fairwf.engine.coupling import Flow, Source, begun, fed, feed, flowing_inputs
from fairwf.engine.evaluate import Bindings, RuntimeValue, StreamValue
from fairwf.engine.failures import Failed, Failure
from fairwf.engine.frames import Asking, Deferred, Definitions, Frame, StepScope, no_truth_value
from fairwf.engine.generated import run_generated
from fairwf.engine.scheduler import Cell, Waits, wait
from fairwf.engine.world import Place, TaskCall, World
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Expr, StepInput
from fairwf.ir.resources import Resources, Retry
from fairwf.ir.types import StreamType
from fairwf.ir.values import Value
from fairwf.ir.walk import walk
from fairwf.ir.workflow import (
    Command,
    Handler,
    Loop,
    Operation,
    Process,
    Pure,
    Script,
    Step,
    WaitDuration,
    WaitUntil,
    Workflow,
)

P = TypeVar("P", bound=msgspec.Struct)


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """What a step says over its process."""

    resources: Resources | None = None
    environment: Environment | None = None
    attempts: int | None = None
    retry: Retry | None = None
    keys: Mapping[str, Value] | None = None
    priority: int = 0
    flow: Flow | None = None


def run_process(
    world: World,
    process: Process,
    values: Mapping[str, RuntimeValue | Deferred],
    place: Place,
    definitions: Definitions,
    overrides: Overrides,
) -> Waits[dict[str, Value]]:
    """Run a process on values and return its outputs.

    Raises:
        Failed: it failed.
    """
    inputs = world.complete(process, _checkable(process, values), place)
    if isinstance(process, Pure):
        outputs = world.compute(process, inputs, place)
        world.left(place, process, inputs, outputs)
        return outputs
    if isinstance(process, Workflow):
        inner = Definitions(process.processes, definitions)
        live = {name: item for name, item in values.items() if isinstance(item, Deferred)}
        frame = Frame(world, process, {**inputs, **live}, place, inner)
        world.entered(place, process, inputs)
        try:
            outputs = world.conclude(process, (yield from frame.run()), place)
        except Failed as error:
            world.left(place, process, inputs, error.failure)
            raise
        world.left(place, process, inputs, outputs)
        return outputs
    if isinstance(process, Operation) and process.generator is not None:

        def run(
            made: Process, values: Mapping[str, Value], place: Place, definitions: Definitions
        ) -> Waits[dict[str, Value]]:
            return run_process(world, made, values, place, definitions, Overrides())

        outputs = yield from run_generated(
            world, process, process.generator, inputs, place, definitions, run
        )
        return {**outputs, **world.conclude(process, outputs, place)}
    if isinstance(process, Operation):
        raise Failed(
            Failure.of(
                "FWF4006",
                f"{process.label or process.id or 'the process'} is abstract: it has no program",
                place.key,
                span=world.origins.get(process),
                hint="give it a command, or convert the workflow instead of running it",
            )
        )
    streams = {name: values.get(name) for name in flowing_inputs(process)}
    return (yield from _tries(world, process, inputs, streams, place, overrides))


def _checkable(process: Process, values: Mapping[str, RuntimeValue | Deferred]) -> dict[str, Any]:
    """The values that the process has ports for; a stream to come stands as an open one."""
    ports = {port.id for port in process.inputs}
    return {
        name: StreamValue((), closed=False) if isinstance(value, Deferred) else value
        for name, value in values.items()
        if name in ports
    }


def _tries(
    world: World,
    process: Command | Script,
    inputs: dict[str, Value],
    live: Mapping[str, RuntimeValue | Deferred],
    place: Place,
    overrides: Overrides,
) -> Waits[dict[str, Value]]:
    retry, more = overrides.retry or process.retry, overrides.attempts
    if more is None:
        more = 0
        if retry is not None:
            scope = Bindings(inputs=inputs)
            number = world.evaluate(retry.attempts, scope, process.libraries)
            more = _whole(number, "retry", place.key)
    sources: dict[str, Source] = {}
    if live:
        sources = yield from begun(world, process, live, place)
        inputs = {**inputs, **{n: fed(source, place) for n, source in sources.items()}}
    call = TaskCall(
        place=place,
        process=process,
        inputs=inputs,
        resources=overlay(process.resources, overrides.resources),
        environment=overlay(process.environment, overrides.environment),
        keys=overrides.keys or {},
        priority=overrides.priority,
        flow=overrides.flow,
        feeds={n: source.feed for n, source in sources.items() if not source.feed.ended},
    )
    delay = retry.delay if retry is not None else 0.0
    for number in range(1, more + 2):
        if more:
            call = msgspec.structs.replace(call, attempt=number, last=number > more)
        cell = world.start(call)
        for name in call.feeds:
            world.scheduler.spawn(feed(world, sources[name], place, cell), f"{place.key}.{name}")
        yield from wait(cell)
        if not isinstance(cell.value, Failure):
            return cell.value  # type: ignore[no-any-return]
        failure = cell.value
        codes = retry.exit_codes if retry is not None else ()
        if failure.cancelled or number > more or (codes and failure.exit_code not in codes):
            raise Failed(failure)
        if delay > 0:
            yield from wait(world.sleep(place.at(f"!retry{number}", str(number)), delay))
        delay *= retry.backoff if retry is not None else 1.0
    raise AssertionError("the last try returns or raises")


def overlay(under: P, over: P | None) -> P:
    """Return ``under`` with every field that ``over`` sets."""
    if over is None:
        return under
    changes: dict[str, Any] = {}
    for field in msgspec.structs.fields(type(over)):
        value = getattr(over, field.name)
        default = field.default
        if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if value is default or (isinstance(value, (tuple, Mapping)) and not value):
            continue
        if isinstance(value, Mapping):
            value = {**getattr(under, field.name), **value}
        changes[field.name] = value
    return msgspec.structs.replace(under, **changes)


class Invocation:
    """One item (or the only one) of a step."""

    def __init__(
        self,
        frame: Frame,
        step: Step,
        process: Process,
        definitions: Definitions,
        place: Place,
        scope: StepScope,
        gate: Callable[[Place, StepScope], Waits[None]] | None = None,
        keys: Mapping[str, Value] | None = None,
        priority: int = 0,
    ) -> None:
        self._frame = frame
        self._step = step
        self._process = process
        self._definitions = definitions
        self._place = place
        self._scope = scope
        self._gate = gate
        self._keys = keys
        self._priority = priority
        self._streams = {
            port.id
            for port in process.inputs
            if isinstance(port.type, StreamType) and not isinstance(process, (Pure, Operation))
        }
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
        # Where a condition that does not see it is false, what the step is given may have no value.
        first = step.when is not None and not _sees_inputs(step.when)
        if first and not (yield from self._holds(scope)):
            return self._nothing()
        inputs = yield from self._inputs(scope)
        inner = scope.with_names(step_inputs=_visible(inputs))
        if not first and not (yield from self._holds(inner)):
            return self._nothing()
        if self._gate is not None:
            yield from self._gate(self._place, inner)
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

    def _inputs(self, scope: StepScope) -> Waits[dict[str, RuntimeValue | Deferred]]:
        given = self._step.inputs
        plain = {name: item for name, item in given.items() if name not in self._streams}
        values: dict[str, RuntimeValue | Deferred] = {}
        values.update((yield from self._frame.evaluated(plain, scope)))
        for name in self._streams & given.keys():
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
        step, more = self._step, None
        if step.retry is not None:
            wanted = {"retry": step.retry.attempts}
            number = (yield from self._frame.evaluated(wanted, scope))["retry"]
            more = _whole(number, "retry", place.key)
        overrides = Overrides(
            resources=step.resources,
            environment=step.environment,
            attempts=more,
            retry=step.retry,
            keys=self._keys,
            priority=self._priority,
            flow=self._flow,
        )
        return (
            yield from run_process(
                self._frame.world, self._process, inputs, place, self._definitions, overrides
            )
        )

    def _rounds(self, loop: Loop, scope: StepScope) -> Waits[dict[str, Value]]:
        frame = self._frame
        state = dict(scope.names.state)
        body: dict[str, Value] = self._nothing()
        rounds: list[dict[str, Value]] = []
        most: int | None = None
        if loop.max is not None:
            limit = (yield from frame.evaluated({"max": loop.max}, scope))["max"]
            most = _whole(limit, "max", self._place.key)
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


def _sees_inputs(when: Expr) -> bool:
    """Tell whether a condition asks for what its step is given."""
    return any(isinstance(node, StepInput) for _, node in walk(when))


def _visible(inputs: Mapping[str, RuntimeValue | Deferred]) -> dict[str, RuntimeValue]:
    return {name: item for name, item in inputs.items() if not isinstance(item, Deferred)}


def _fits(handler: Handler, failure: Failure) -> bool:
    return handler.event == "any" or (handler.event == "timeout") == failure.timed_out


def _whole(number: object, what: str, key: str) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise Failed(
            Failure.of("FWF4002", f"{what!r} must be a whole number from 0, not {number!r}", key)
        )
    return number
