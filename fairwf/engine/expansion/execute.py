"""Running a process on values: what it computes, the steps in it, or the tries of its program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from fairwf.engine.evaluate import Bindings, RuntimeValue, StreamValue
from fairwf.engine.expansion.coupling import Flow, Source, begun, fed, feed
from fairwf.engine.expansion.frames import Deferred, Definitions, Frame
from fairwf.engine.expansion.generated import run_generated
from fairwf.engine.expansion.scheduler import Cell, Waits, wait
from fairwf.engine.expansion.world import Place, TaskCall, World
from fairwf.engine.failures import Failed, Failure
from fairwf.ir.environment import Environment
from fairwf.ir.resources import Resources, Retry
from fairwf.ir.types import StreamType
from fairwf.ir.values import Value
from fairwf.ir.workflow import (
    Command,
    Operation,
    Process,
    Pure,
    Script,
    Workflow,
)

P = TypeVar("P", bound=msgspec.Struct)


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """What a step says over its process.

    ``resources`` and ``environment`` are those of the process with what the step says over them;
    None: those of the process.
    """

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
    if isinstance(process, (Command, Script)):
        return _tries(world, process, values, place, overrides)
    return _derived(world, process, values, place, definitions)


def _derived(
    world: World,
    process: Pure | Workflow | Operation,
    values: Mapping[str, RuntimeValue | Deferred],
    place: Place,
    definitions: Definitions,
) -> Waits[dict[str, Value]]:
    """Run what is no program itself."""
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
    if process.generator is None:
        raise Failed(
            Failure.of(
                "FWF4006",
                f"{process.label or process.id or 'the process'} is abstract: it has no program",
                place.key,
                span=world.origins.get(process),
                hint="give it a command, or convert the workflow instead of running it",
            )
        )

    def run(
        made: Process, values: Mapping[str, Value], place: Place, definitions: Definitions
    ) -> Waits[dict[str, Value]]:
        return run_process(world, made, values, place, definitions, Overrides())

    outputs = yield from run_generated(
        world, process, process.generator, inputs, place, definitions, run
    )
    return {**outputs, **world.conclude(process, outputs, place)}


def _checkable(process: Process, values: Mapping[str, RuntimeValue | Deferred]) -> dict[str, Any]:
    """The values that the process has ports for; a stream to come stands as an open one."""
    return {
        port.id: StreamValue((), closed=False) if isinstance(value, Deferred) else value
        for port in process.inputs
        if (value := values.get(port.id, _ABSENT)) is not _ABSENT
    }


_ABSENT: Any = object()


def _tries(
    world: World,
    process: Command | Script,
    values: Mapping[str, RuntimeValue | Deferred],
    place: Place,
    overrides: Overrides,
) -> Waits[dict[str, Value]]:
    inputs = world.complete(process, _checkable(process, values), place)
    retry, more = overrides.retry or process.retry, overrides.attempts
    if more is None:
        more = 0
        if retry is not None:
            scope = Bindings(inputs=inputs)
            number = world.evaluate(retry.attempts, scope, process.libraries)
            more = whole_number(number, "retry", place.key)
    sources: dict[str, Source] = {}
    live = {p.id: values.get(p.id) for p in process.inputs if type(p.type) is StreamType}
    if live:
        sources = yield from begun(world, process, live, place)
        inputs = {**inputs, **{n: fed(source, place) for n, source in sources.items()}}
    call = TaskCall(
        place=place,
        process=process,
        inputs=inputs,
        resources=overrides.resources or process.resources,
        environment=overrides.environment or process.environment,
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
        failure = yield from _ended(cell)
        if not isinstance(failure, Failure):
            return failure
        codes = retry.exit_codes if retry is not None else ()
        if failure.cancelled or number > more or (codes and failure.exit_code not in codes):
            raise Failed(failure)
        if delay > 0:
            yield from wait(world.sleep(place.at(f"!retry{number}", str(number)), delay))
        delay *= retry.backoff if retry is not None else 1.0
    raise AssertionError("the last try returns or raises")


def run_once(
    world: World, call: TaskCall, values: Mapping[str, Value], place: Place
) -> Waits[dict[str, Value]]:
    """Run a program that is tried once and reads no stream, on values that it has ports for.

    ``call`` says all but where in the run it is, and what it is given.

    Raises:
        Failed: it failed.
    """
    inputs = world.complete(call.process, values, place)
    cell = world.start(msgspec.structs.replace(call, place=place, inputs=inputs))
    result = yield from _ended(cell)
    if isinstance(result, Failure):
        raise Failed(result)
    return result


def _ended(cell: Cell) -> Waits[dict[str, Value] | Failure]:
    """Wait until a program has ended; return its outputs, or why there are none."""
    if not cell.settled:
        yield frozenset((cell,))
    return cell.value  # type: ignore[no-any-return]


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


def whole_number(number: object, what: str, key: str) -> int:
    """Return a number that an expression gave.

    Raises:
        Failed: FWF4002, it is no whole number from 0.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise Failed(
            Failure.of("FWF4002", f"{what!r} must be a whole number from 0, not {number!r}", key)
        )
    return number
