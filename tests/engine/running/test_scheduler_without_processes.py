"""The scheduler is a pure state machine: these tests start no process and touch no file."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from fairwf.engine.evaluate import Evaluator, RuntimeValue, Scope
from fairwf.engine.expansion.execute import Overrides, run_process
from fairwf.engine.expansion.frames import Definitions
from fairwf.engine.expansion.scheduler import Cell, Scheduler, Waits, wait
from fairwf.engine.expansion.world import Libraries, Place, TaskCall
from fairwf.engine.failures import Failure
from fairwf.ir.expressions import Each, Expr, FloatLit, Key
from fairwf.ir.origins import Origins
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import IntType
from fairwf.ir.walk import children
from fairwf.ir.workflow import Demand, DemandKey, Workflow
from tests.engine.running.workflows import at, call, expr, over, script, step, workflow

# --- cells and strands


def test_a_strand_goes_on_when_all_that_it_waits_for_is_settled() -> None:
    scheduler, seen = Scheduler(), list[str]()
    a, b = Cell("a"), Cell("b")

    def body() -> Waits[int]:
        yield from wait(a, b)
        seen.append("both")
        return a.value + b.value

    result = scheduler.spawn(body(), "sum")
    scheduler.run()
    scheduler.settle(b, 2)
    scheduler.run()
    assert not seen and scheduler.waits() == [("sum", ["a"])]
    scheduler.settle(a, 1)
    scheduler.run()
    assert seen == ["both"] and result.settled and result.value == 3


def test_any_of_is_settled_by_the_first() -> None:
    scheduler = Scheduler()
    cells = [Cell("a"), Cell("b")]
    either = scheduler.any_of(cells, "either")
    scheduler.settle(cells[1])
    assert either.settled
    scheduler.settle(cells[0])
    assert scheduler.any_of(cells, "again").settled


def test_a_cell_is_settled_once() -> None:
    scheduler, cell = Scheduler(), Cell("a")
    scheduler.settle(cell)
    with pytest.raises(RuntimeError):
        scheduler.settle(cell)


def test_a_cycle_of_strands_is_found_among_others() -> None:
    scheduler = Scheduler()
    cells: dict[str, Cell] = {}

    def body(other: str) -> Waits[None]:
        yield from wait(cells[other])

    waits = {"a": "b", "b": "c", "c": "d", "d": "b", "e": "a"}
    for name, other in waits.items():
        cells[name] = scheduler.spawn(body(other), name)
    scheduler.run()
    cycle = scheduler.cycle()
    turn = cycle.index("b")
    assert cycle[turn:] + cycle[:turn] == ["b", "c", "d"]


def test_without_a_cycle_none_is_found() -> None:
    scheduler, outside = Scheduler(), Cell("outside")

    def body() -> Waits[None]:
        yield from wait(outside)

    scheduler.spawn(body(), "a")
    scheduler.run()
    assert scheduler.cycle() == []


# --- workflows in a world without processes


class Played:
    """A world in which the test says when a program ends."""

    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.origins = Origins()
        self.calls: dict[str, tuple[TaskCall, Cell]] = {}
        self.started: list[str] = []
        self.evaluations = 0
        self._evaluator = Evaluator()

    def evaluate(self, expression: Expr, scope: Scope, libraries: Libraries) -> RuntimeValue:
        self.evaluations += 1
        return self._evaluator.evaluate(expression, scope, libraries)

    def complete(self, process: Any, values: Mapping[str, Any], place: Place) -> dict[str, Any]:
        return dict(values)

    def conclude(self, process: Any, outputs: Mapping[str, Any], place: Place) -> dict[str, Any]:
        return dict(outputs)

    def start(self, call: TaskCall) -> Cell:
        cell = Cell(f"task {call.place.key}")
        self.calls[call.place.key] = (call, cell)
        self.started.append(call.place.key)
        return cell

    def crowded(self) -> Cell | None:
        return None

    def entered(self, *_: Any) -> None:
        pass

    left = skipped = entered

    def run(self, process: Workflow, inputs: Mapping[str, Any]) -> Cell:
        def body() -> Waits[Any]:
            return (
                yield from run_process(
                    self,  # type: ignore[arg-type]
                    process,
                    inputs,
                    Place(),
                    Definitions({}),
                    Overrides(),
                )
            )

        result = self.scheduler.spawn(body(), "the run")
        self.scheduler.run()
        return result

    def end(self, key: str, value: Any) -> None:
        _, cell = self.calls.pop(key)
        self.scheduler.settle(cell, value if isinstance(value, Failure) else {"out": value})
        self.scheduler.run()

    def end_all(self) -> None:
        while self.calls:
            key, (made, _) = next(iter(self.calls.items()))
            self.end(key, made.inputs.get("x", 0))


NUMBER = script("echo {x}", {"x": "int"}, out="int")


@pytest.fixture
def world() -> Iterator[Played]:
    yield Played()


def test_ready_steps_start_together_and_others_when_their_inputs_are_there(world: Played) -> None:
    flow = workflow(
        [
            step("c", NUMBER, {"x": call("add", "a.out", "b.out")}),
            step("a", NUMBER, {"x": 1}),
            step("b", NUMBER, {"x": 2}),
        ],
        {"o": ("int", "c.out")},
    )
    result = world.run(flow, {})
    assert world.started == ["a", "b"]
    world.end("b", 2)
    assert world.started == ["a", "b"]
    world.end("a", 1)
    assert world.started == ["a", "b", "c"]
    world.end("c", 3)
    assert result.value == {"o": 3}


def test_a_scatter_keeps_a_window_of_items(world: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairwf.engine.expansion.steps.WINDOW", 8)
    many = step("s", NUMBER, {"x": "$x"}, scatter=over(x=call("range", 100)))
    result = world.run(workflow([many], {"o": ("int[]", "s.out")}), {})
    assert len(world.started) == 8
    world.end_all()
    assert result.value == {"o": list(range(100))}


def test_the_work_grows_with_the_number_of_waits(world: Played) -> None:
    """800 keys that each ask for the one before: evaluations in proportion, not their square."""
    before = at("f.out", n=call("subtract", Key(name="n"), 1))
    from fairwf.ir.expressions import If

    value = If(test=call("equal", Key(name="n"), 0), then=expr(0), otherwise=before)
    chain = step(
        "f",
        NUMBER,
        {"x": value},
        scatter=Demand(keys=(DemandKey(name="n", type=IntType()),)),
    )
    asked = Each(name="i", over=call("range", 800), body=at("f.out", n="$i"))
    result = world.run(workflow([chain], {"o": ("int[]", asked)}), {})
    world.end_all()
    assert result.value == {"o": [0] * 800}
    assert len(world.started) == 800
    assert world.evaluations < 4 * 800
    assert world.scheduler.steps_taken < 8 * 800


def test_a_condition_is_looked_through_once_for_all_items(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(node: Any) -> Iterator[tuple[str, Any]]:
        nonlocal looked
        looked += 1
        yield from children(node)

    monkeypatch.setattr("fairwf.ir.walk.children", counted)
    seen = set()
    for many in (2, 200):
        before, world = looked, Played()
        some = step(
            "s",
            NUMBER,
            {"x": "$x"},
            scatter=over(x=call("range", many)),
            when=call("not_equal", "?x", 1),
        )
        world.run(workflow([some], {"o": ("int?[]", "s.out")}), {})
        assert len(world.started) == many - 1
        seen.add(looked - before)
    assert seen != {0} and len(seen) == 1


def test_a_fan_in_is_evaluated_once_for_all_its_inputs(world: Played) -> None:
    names = [f"s{i}" for i in range(50)]
    steps = [step(name, NUMBER, {"x": 1}) for name in names]
    total = step("sum", NUMBER, {"x": call("sum", expr([f"{name}.out" for name in names]))})
    world.run(workflow([*steps, total], {"o": ("int", "sum.out")}), {})
    before = world.evaluations
    for name in names:
        world.end(name, 1)
    assert world.started[-1] == "sum"
    assert world.evaluations == before + 1


def test_a_failure_is_a_value_that_reaches_those_who_need_it(world: Played) -> None:
    flow = workflow(
        [
            step("a", NUMBER, {"x": 1}),
            step("b", NUMBER, {"x": "a.out"}),
            step("c", NUMBER, {"x": 3}),
        ],
        {"o": ("int", "b.out")},
    )
    from fairwf.engine.failures import Failed

    failure = Failure.of("FWF4001", "no", "a")

    def body() -> Waits[Any]:
        try:
            yield from run_process(
                world,  # type: ignore[arg-type]
                flow,
                {},
                Place(),
                Definitions({}),
                Overrides(),
            )
        except Failed as error:
            return error.failure

    result = world.scheduler.spawn(body(), "the run")
    world.scheduler.run()
    world.end("a", failure)
    assert not result.settled, "c is still running"
    world.end("c", 3)
    assert result.value.causes == failure.causes
    assert world.started == ["a", "c"]


def test_items_share_what_their_step_says_over_its_process(world: Played) -> None:
    more = Resources(memory=Amount(min=FloatLit(value=64.0)))
    named = replace(NUMBER, resources=Resources(cores=Amount(min=FloatLit(value=2.0))))
    made = workflow(
        [step("each", named, {"x": "$i"}, scatter=over(i="items"), resources=more)],
        {"out": ("int[]", "each.out")},
        {"items": "int[]"},
    )
    world.run(made, {"items": [1, 2, 3]})
    calls = [made for made, _ in world.calls.values()]
    assert len(calls) == 3 and len({id(each.resources) for each in calls}) == 1
    assert calls[0].resources == Resources(cores=named.resources.cores, memory=more.memory)
    assert all(each.environment is named.environment for each in calls)
