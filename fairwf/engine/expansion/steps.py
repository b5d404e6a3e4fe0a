"""Steps in a frame: once, over an array, over a stream, or over demanded keys."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairwf.engine.evaluate import (
    Bindings,
    FunctionError,
    NotReady,
    RuntimeValue,
    StreamValue,
)
from fairwf.engine.expansion.coupling import flowing_outputs
from fairwf.engine.expansion.frames import EXPECTED, Frame, StepScope, attempt
from fairwf.engine.expansion.invoke import Invocable, Invocation, gate
from fairwf.engine.expansion.pace import Pace
from fairwf.engine.expansion.scheduler import Cell, Waits, wait
from fairwf.engine.expansion.streams import Closing, Stream
from fairwf.engine.expansion.world import Place
from fairwf.engine.failures import Failed, Failure, merge
from fairwf.ir.expressions import Expr
from fairwf.ir.values import Value
from fairwf.ir.workflow import Demand, Scatter, Step
from fairwf.source import did_you_mean

WINDOW = 4096
"""How many items of a scatter are unfinished at once; the others are not expanded yet."""


class StepRun:
    """A step in a frame. ``settled`` gets its outputs (a dict) or a :class:`Failure`."""

    def __init__(self, frame: Frame, step: Step) -> None:
        self.frame = frame
        self.step = step
        self.what = Invocable(frame, step)
        self.place: Place = frame.place.enter(step.id)
        self.ports = [port.id for port in self.what.process.outputs]
        self.settled = Cell(self.place.key)

    def start(self) -> None:
        """Begin."""
        self.settled = self.frame.world.scheduler.spawn(
            attempt(self.frame, self.body(), self.place.key), self.place.key
        )

    def body(self) -> Waits[dict[str, Any]]:
        """Run the step and return its outputs."""
        yield from self.ordered()
        scope = StepScope(frame=self.frame)
        return (yield from Invocation(self.what, self.place, scope, gated=True).run())

    def output(self, port: str, scope: StepScope) -> RuntimeValue:
        """Return the value of an output.

        Raises:
            NotReady: the step has not ended.
            Failed: it failed.
            FunctionError: it has no such output.
        """
        self.check_port(port)
        if not self.settled.settled:
            raise NotReady([self.settled])
        if isinstance(self.settled.value, Failure):
            raise Failed(self.settled.value)
        value: RuntimeValue = self.settled.value.get(port)
        return value

    def check_port(self, port: str) -> None:
        """Refuse a port that the process does not have."""
        if port not in self.ports:
            raise FunctionError(
                f"step {self.step.id!r} has no output {port!r}", did_you_mean(port, self.ports)
            )

    def finish(self) -> Waits[list[Failure]]:
        """Wait until nothing of the step runs; return its failures."""
        yield from wait(self.settled)
        return [self.settled.value] if isinstance(self.settled.value, Failure) else []

    def ordered(self) -> Waits[None]:
        """Wait for the steps that this one comes ``after``.

        Raises:
            Failed: one of them failed.
        """
        before = [self.frame.step(name) for name in self.step.after]
        for step in before:
            if isinstance(step.step.scatter, Demand):
                raise FunctionError(
                    f"step {self.step.id!r} cannot come after {step.step.id!r}, "
                    "which is never complete: it runs for the keys that are asked for"
                )
        yield from wait(*(step.settled for step in before))
        failures = [s.settled.value for s in before if isinstance(s.settled.value, Failure)]
        if failures:
            raise Failed(merge(failures))

    def item(self, place: Place, scope: StepScope) -> Cell:
        """Start an item; its cell gets a dict or a failure."""
        run = self.what.item(place, scope)
        return self.frame.world.scheduler.spawn(attempt(self.frame, run, place.key), place.key)


class ScatteredStep(StepRun):
    """A step over arrays."""

    def body(self) -> Waits[dict[str, Any]]:
        """Run every item; the outputs are arrays in the order of the items."""
        yield from self.ordered()
        scatter = self.step.scatter
        assert isinstance(scatter, Scatter)
        scope = StepScope(frame=self.frame)
        over = {each.name: each.value for each in scatter.over}
        lists = yield from self.frame.evaluated(over, scope)
        arrays = {name: self._array(name, value) for name, value in lists.items()}
        yield from gate(self.frame, self.step, self.place, scope)
        shape = _shape(self.step.id, scatter.mode, arrays)
        items = _Items(self.frame, self.place.key, self.ports)
        columns = list(arrays.items())
        for index, chosen in _indexes(scatter.mode, shape):
            names = {name: array[at] for (name, array), at in zip(columns, chosen, strict=True)}
            place = _item(self.place, index)
            inner = StepScope(frame=self.frame, names=Bindings(locals=names))
            items.begin(self.what.item(place, inner), place.key)
            if items.many():
                yield from items.room()
        yield from wait(*items.running.values())
        if items.failures:
            raise Failed(merge(items.failures))
        if scatter.mode != "nested_crossproduct":
            return items.results
        return {port: _nest(flat, shape) for port, flat in items.results.items()}

    def _array(self, name: str, value: Value) -> Sequence[Value]:
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            return value
        raise FunctionError(
            f"step {self.step.id!r} scatters over {name!r}, which is no array: {value!r:.60}"
        )


class _Items:
    """The items of a scatter: a window of running ones, and the results in order, by port."""

    def __init__(self, frame: Frame, label: str, ports: Sequence[str]) -> None:
        self._frame = frame
        self._scheduler = frame.world.scheduler
        self._pace = Pace(frame.world)
        self._label = label
        self._room: Cell | None = None
        self._begun = 0
        self.running: dict[int, Cell] = {}
        self.results: dict[str, list[Value]] = {port: [] for port in ports}
        self.failures: list[Failure] = []

    def begin(self, body: Waits[dict[str, Value]], label: str) -> None:
        """Start the next item."""
        number = self._begun
        self._begun += 1
        for column in self.results.values():
            column.append(None)
        self.running[number] = self._scheduler.spawn(self._follow(number, body, label), label)

    def _follow(self, number: int, body: Waits[dict[str, Value]], key: str) -> Waits[None]:
        try:
            result = yield from body
        except EXPECTED as error:
            self.failures.append(self._frame.failure(error, key))
        else:
            for port, column in self.results.items():
                column[number] = result.get(port)
        del self.running[number]
        if self._room is not None and len(self.running) < WINDOW // 2:
            room, self._room = self._room, None
            self._scheduler.settle(room)

    def many(self) -> bool:
        """Tell whether to wait for room before the next one."""
        return self._pace.due() or len(self.running) >= WINDOW

    def room(self) -> Waits[None]:
        """Wait while too many items are running, or enough tasks wait for resources."""
        yield from self._pace.keep()
        if len(self.running) >= WINDOW:
            self._room = Cell(f"items of {self._label}")
            yield from wait(self._room)


def _shape(step: str, mode: str, arrays: Mapping[str, Sequence[Value]]) -> list[int]:
    lengths = [len(array) for array in arrays.values()]
    if mode == "dot" and len(set(lengths)) > 1:
        shown = ", ".join(f"{name}: {len(array)}" for name, array in arrays.items())
        raise FunctionError(
            f"step {step!r} scatters over arrays of different lengths ({shown})",
            "a dot product takes items of equal index; a cross product takes all combinations",
        )
    return lengths


def _indexes(mode: str, shape: list[int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield each item's index and the index into each array."""
    if mode == "dot":
        for i in range(shape[0] if shape else 0):
            yield (i,), (i,) * len(shape)
        return
    chosen = itertools.product(*(range(length) for length in shape))
    for number, indexes in enumerate(chosen):
        yield ((number,) if mode == "flat_crossproduct" else indexes), indexes


def _item(place: Place, index: tuple[int, ...]) -> Place:
    text = str(index[0]) if len(index) == 1 else ",".join(map(str, index))
    return place.at(f"[{text}]", text)


def _nest(flat: list[Value], shape: list[int]) -> list[Value]:
    if len(shape) <= 1:
        return flat
    size = 1
    for length in shape[1:]:
        size *= length
    return [_nest(flat[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


class StreamingStep(StepRun):
    """A step over streams: items start as they arrive and are passed on as they end.

    Over several streams, items of the same lineage meet.
    """

    def __init__(self, frame: Frame, step: Step) -> None:
        super().__init__(frame, step)
        scheduler = frame.world.scheduler
        self.streams = {port: Stream(scheduler, f"{self.place.key}.{port}") for port in self.ports}

    def output(self, port: str, scope: StepScope) -> RuntimeValue:
        """Return what the output stream holds by now."""
        self.check_port(port)
        if scope.watched is not None:
            scope.watched.add(self.streams[port].changed)
        return self.streams[port].snapshot(scope.flowing)

    def start(self) -> None:
        """Begin; a failure before the first item closes the streams too."""
        super().start()
        self.frame.world.scheduler.spawn(self._close_failed(), f"the end of {self.place.key}")

    def _close_failed(self) -> Waits[None]:
        yield from wait(self.settled)
        for stream in self.streams.values():
            if not stream.closed:
                if isinstance(self.settled.value, Failure):
                    stream.fail(self.settled.value)
                stream.close()

    def body(self) -> Waits[dict[str, Any]]:
        """Run items until the sources are closed and every item has ended."""
        yield from self.ordered()
        scatter = self.step.scatter
        assert isinstance(scatter, Scatter)
        scope = StepScope(frame=self.frame, flowing=True)
        yield from gate(self.frame, self.step, self.place, scope)
        sources = [_Source(self.frame, each.name, each.value, scope) for each in scatter.over]
        met: dict[tuple[int, ...], dict[str, Value]] = {}
        ends: list[Cell] = []
        while True:
            for source in sources:
                for lineage, value in source.take():
                    names = met.setdefault(lineage, {})
                    names[source.name] = value
                    if len(names) == len(sources):
                        ends.append(self._begin(lineage, met.pop(lineage)))
            if all(source.closed for source in sources):
                break
            cells = [cell for s in sources if not s.closed for cell in s.waits]
            yield from wait(self.frame.world.scheduler.any_of(cells, f"items of {self.place.key}"))
        failures = [failure for source in sources for failure in source.failures()]
        yield from wait(*ends)
        if met and not failures:
            shown = ", ".join(str(lineage) for lineage in list(met)[:3])
            raise FunctionError(
                f"step {self.step.id!r} joins streams by lineage; without a partner are: {shown}"
            )
        failures.extend(cell.value for cell in ends if isinstance(cell.value, Failure))
        for stream in self.streams.values():
            for failure in failures:
                stream.fail(failure)
            stream.close()
        if failures:
            raise Failed(merge(failures))
        return {}

    def _begin(self, lineage: tuple[int, ...], names: Mapping[str, Value]) -> Cell:
        place = _item(self.place, lineage)
        cell = self.item(place, StepScope(frame=self.frame, names=Bindings(locals=names)))
        return self.frame.world.scheduler.spawn(self._pass_on(cell, lineage), place.key)

    def _pass_on(self, cell: Cell, lineage: tuple[int, ...]) -> Waits[object]:
        yield from wait(cell)
        if not isinstance(cell.value, Failure):
            for port, stream in self.streams.items():
                stream.push(lineage, cell.value.get(port))
        return cell.value


class _Source:
    """A stream that a step reads; an array counts as a closed one."""

    def __init__(self, frame: Frame, name: str, expression: Expr, scope: StepScope) -> None:
        self._frame = frame
        self._expression = expression
        self._scope = scope
        self._seen: set[tuple[int, ...]] = set()
        self._streams: dict[Closing, Stream] = {}
        self.name = name
        self.closed = False
        self.waits: list[Cell] = []

    def take(self) -> list[tuple[tuple[int, ...], Value]]:
        """Return the items that are new, and set ``closed`` or ``waits``."""
        if self.closed:
            return []
        try:
            value = self._frame.world.evaluate(self._expression, self._scope, self._frame.libraries)
        except NotReady as missing:
            self.waits = [cell for cell in missing.waits if isinstance(cell, Cell)]
            return []
        if not isinstance(value, StreamValue):
            if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
                raise FunctionError(f"{self.name!r} is neither a stream nor an array")
            self.closed = True
            return [((index,), item) for index, item in enumerate(value)]
        self.closed = value.closed
        self.waits = []
        for cell in value.waits:
            if isinstance(cell, Closing):
                self._streams[cell] = cell.stream
                self.waits.append(cell.stream.changed)
        new = [item for item in value.items if item.lineage not in self._seen]
        self._seen.update(item.lineage for item in new)
        return [(item.lineage, item.value) for item in new]

    def failures(self) -> list[Failure]:
        """Return the failures of items of the streams that this one came from."""
        return [failure for stream in self._streams.values() for failure in stream.failures]


class FlowingStep(StepRun):
    """A step whose program gives streams: items are passed on as it writes them."""

    def __init__(self, frame: Frame, step: Step) -> None:
        super().__init__(frame, step)
        scheduler = frame.world.scheduler
        self.flows = {
            port: Stream(scheduler, f"{self.place.key}.{port}")
            for port in flowing_outputs(self.what.process)
        }
        self.torn: Failure | None = None

    def output(self, port: str, scope: StepScope) -> RuntimeValue:
        """Return what a stream holds by now, or the value of another output."""
        if port not in self.flows:
            return super().output(port, scope)
        if scope.watched is not None:
            scope.watched.add(self.flows[port].changed)
        return self.flows[port].snapshot(scope.flowing)

    def start(self) -> None:
        """Begin."""
        super().start()
        self.frame.world.scheduler.spawn(self._close(), f"the end of {self.place.key}")

    def body(self) -> Waits[dict[str, Any]]:
        """Run the step and return its outputs."""
        yield from self.ordered()
        scope = StepScope(frame=self.frame)
        invocation = Invocation(self.what, self.place, scope, gated=True)
        return (yield from invocation.run(self.pass_on))

    def pass_on(self, port: str, first: int, items: Sequence[Any]) -> None:
        """Take items from the program; those that an earlier attempt gave are there already."""
        stream = self.flows[port]
        for number, value in enumerate(items, first):
            if number >= len(stream.items):
                stream.push((number,), value)

    def _close(self) -> Waits[None]:
        yield from wait(self.settled)
        for port, stream in self.flows.items():
            if isinstance(self.settled.value, Failure):
                stream.fail(self.settled.value)
            elif (whole := self.settled.value.get(port)) is not None:
                if [item.value for item in stream.items] != list(whole[: len(stream.items)]):
                    text = f"wrote other lines to {port!r} than an attempt before, which were used"
                    self.torn = Failure.of("FWF4018", text, self.place.key)
                    stream.fail(self.torn)
                self.pass_on(port, 0, whole)
            stream.close()

    def finish(self) -> Waits[list[Failure]]:
        """Wait until nothing of the step runs; return its failures."""
        failures = yield from super().finish()
        return [*failures, self.torn] if self.torn is not None else failures


def step_run(frame: Frame, step: Step) -> StepRun:
    """Return the run of a step, by what it maps over.

    Raises:
        FunctionError: the step refers to a process that nothing defines.
    """
    if isinstance(step.scatter, Demand):
        from fairwf.engine.expansion.demand import DemandedStep

        return DemandedStep(frame, step)
    if isinstance(step.scatter, Scatter):
        if step.scatter.mode == "stream":
            return StreamingStep(frame, step)
        return ScatteredStep(frame, step)
    process, _ = frame.definitions.find(step.run)
    if step.loop is None and flowing_outputs(process):
        return FlowingStep(frame, step)
    return StepRun(frame, step)
