"""Steps over demanded keys: memoised instances, and rules found by the path that is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from fairwf.engine.evaluate import FunctionError, KeyedValue, NotReady, RuntimeValue
from fairwf.engine.expansion.frames import DEMAND_DEPTH, Frame, StepScope, attempt
from fairwf.engine.expansion.invoke import Invocation
from fairwf.engine.expansion.produced import Place, fits_key, keys_of_path
from fairwf.engine.expansion.scheduler import Cell, Waits, wait
from fairwf.engine.expansion.steps import StepRun
from fairwf.engine.expansion.world import quote
from fairwf.engine.failures import Failed, Failure
from fairwf.ir.canonical import to_plain
from fairwf.ir.expressions import Expr, Key, StringLit, Template
from fairwf.ir.types import FloatType, IntType, StringType
from fairwf.ir.values import Value, to_literal
from fairwf.ir.workflow import Demand, DemandKey, Step
from fairwf.source import did_you_mean


@dataclass(frozen=True, eq=False)
class Keyed(KeyedValue):
    """An output of a step over demanded keys."""

    step: DemandedStep
    port: str
    depth: int

    def get(self, key: Mapping[str, Value]) -> Value:
        """Return the value at a key, which is asked for now if nobody did before."""
        return self.step.ask(key, self.port, self.depth)


class DemandedStep(StepRun):
    """A step with one instance for each key that somebody asks for."""

    def __init__(self, frame: Frame, step: Step) -> None:
        super().__init__(frame, step)
        assert isinstance(step.scatter, Demand)
        self.demand: Demand = step.scatter
        self.instances: dict[str, Cell] = {}

    def start(self) -> None:
        """Nothing runs before a key is asked for."""
        self.frame.world.scheduler.settle(self.settled, {})

    def output(self, port: str, scope: StepScope) -> RuntimeValue:
        """Return the keyed collection of an output."""
        self.check_port(port)
        return Keyed(self, port, scope.depth)

    def finish(self) -> Waits[list[Failure]]:
        """Wait until no instance runs; return their failures."""
        while running := [cell for cell in self.instances.values() if not cell.settled]:
            yield from wait(*running)
        cells = self.instances.values()
        return [cell.value for cell in cells if isinstance(cell.value, Failure)]

    def ask(self, key: Mapping[str, Value], port: str, depth: int) -> Value:
        """Return an output of the instance at a key.

        Raises:
            NotReady: it was asked for and has not ended.
            Failed: it failed.
            FunctionError: the key does not fit.
        """
        values = self._check(key)
        name = json.dumps(
            [to_plain(to_literal(value)) for value in values.values()], sort_keys=True
        )
        cell = self.instances.get(name)
        if cell is None:
            cell = self.instances[name] = self._begin(values, depth)
        if not cell.settled:
            raise NotReady([cell])
        if isinstance(cell.value, Failure):
            raise Failed(cell.value)
        value: Value = cell.value.get(port)
        return value

    def _check(self, key: Mapping[str, Value]) -> dict[str, Value]:
        wanted = {each.name: each for each in self.demand.keys}
        for name in key:
            if name not in wanted:
                raise FunctionError(
                    f"step {self.step.id!r} has no key {name!r}", did_you_mean(name, wanted)
                )
        values: dict[str, Value] = {}
        for name, each in wanted.items():
            if name not in key:
                raise FunctionError(f"step {self.step.id!r} is asked for without its key {name!r}")
            values[name] = self._typed(each, key[name])
        return values

    def _typed(self, key: DemandKey, value: Value) -> Value:
        kind: type | None = None
        if isinstance(key.type, StringType):
            kind = str
        elif isinstance(key.type, IntType):
            kind = int
        elif isinstance(key.type, FloatType):
            kind = float
            value = float(value) if isinstance(value, int) else value
        if kind is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise FunctionError(
                f"the key {key.name!r} of step {self.step.id!r} is a {kind.__name__}, "
                f"not {value!r:.60}"
            )
        if key.where is not None and not fits_key(key.where, _text(value)):
            raise FunctionError(
                f"the key {key.name!r} of step {self.step.id!r} must match {key.where!r}, "
                f"and {_text(value)!r:.60} does not"
            )
        return value

    def _begin(self, values: dict[str, Value], depth: int) -> Cell:
        shown = ",".join(f"{quote(name)}={quote(_text(v))}" for name, v in values.items())
        place = self.place.at(f"{{{shown}}}", shown)
        if depth >= DEMAND_DEPTH:
            raise FunctionError(
                f"a chain of more than {DEMAND_DEPTH} demands ends in {place.key}",
                "the rules may ask for each other without an end",
            )
        scope = StepScope(frame=self.frame, depth=depth + 1).with_names(keys=values)
        run = self._instance(
            Invocation(self.what, place, scope, True, values, self.demand.priority)
        )
        return self.frame.world.scheduler.spawn(attempt(self.frame, run, place.key), place.key)

    def _instance(self, invocation: Invocation) -> Waits[dict[str, Value]]:
        yield from self.ordered()
        return (yield from invocation.run())


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(to_plain(to_literal(value)).get("value"))


def demand_path(frame: Frame, path: str, depth: int) -> Value:
    """Return the file at a path: made by a rule of the frame, else a source file.

    Raises:
        NotReady: a rule makes it, and has not ended.
        FunctionError: no rule's pattern matches and no such file exists, or two rules of equal
            priority match.
    """
    found: list[tuple[int, DemandedStep, str, dict[str, Value]]] = []
    for step in frame.steps.values():
        if isinstance(step, DemandedStep):
            for port, pattern in step.step.produces.items():
                key = _match(step.demand, pattern, path)
                if key is not None:
                    found.append((step.demand.priority, step, port, key))
    if not found:
        source = frame.world.source_file(path)
        if source is not None:
            return source
        raise FunctionError(f"no rule makes {path!r:.200}, and there is no such file")
    best = max(priority for priority, *_ in found)
    chosen = [entry for entry in found if entry[0] == best]
    if len(chosen) > 1:
        names = ", ".join(repr(step.step.id) for _, step, _, _ in chosen)
        raise FunctionError(
            f"several rules make {path!r:.200}: {names}", "give one of them a higher priority"
        )
    _, step, port, key = chosen[0]
    return step.ask(key, port, depth)


def _match(demand: Demand, pattern: Expr, path: str) -> dict[str, Value] | None:
    parts = pattern.parts if isinstance(pattern, Template) else (pattern,)
    places: list[Place] = []
    for part in parts:
        if isinstance(part, StringLit):
            places.append(Place(part.value))
        elif isinstance(part, Key):
            places.append(Place(part.name, is_key=True))
        else:
            raise FunctionError("'produces' is a template of texts and keys")
    texts = keys_of_path(places, {key.name: key.where for key in demand.keys}, path)
    if texts is None:
        return None
    key: dict[str, Value] = {}
    for each in demand.keys:
        text = texts.get(each.name)
        if text is None:
            return None
        try:
            key[each.name] = (
                int(text)
                if isinstance(each.type, IntType)
                else float(text)
                if isinstance(each.type, FloatType)
                else text
            )
        except ValueError:
            return None
    return key
