"""Tasks of a few milliseconds are prepared ahead: in order, within the resources, nothing lost."""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine import resume
from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.events import TaskFailed, TaskFinished, TaskQueued, TaskStarted
from fairwf.engine.journal.facts import Done, Started
from fairwf.engine.journal.log import read_log
from fairwf.engine.programs.ahead import AHEAD_S, MOST, SHORT_S, Lane
from fairwf.engine.programs.resources import Pool, Wanted
from fairwf.ir.codec import encode
from fairwf.ir.command import Argument
from fairwf.ir.expressions import Binding, If, Opaque, Runtime
from fairwf.ir.ports import OutputPort, Stdout
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import FileType
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Command, Workflow
from tests.engine.running.test_kill_and_resume import finished, size, start
from tests.engine.running.workflows import (
    call,
    expr,
    over,
    ports,
    ref,
    script,
    step,
    text,
    workflow,
)

Execute = Callable[..., Any]
ONE, TWO = Wanted(1, 100), Wanted(2, 100)


@pytest.fixture
def sent_ahead(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the tasks that are sent ahead."""
    sent: list[str] = []
    submit = LocalBackend.submit

    def spied(self: LocalBackend, *tasks: Any, **how: Any) -> None:
        if how.get("ahead"):
            sent.extend(task.task_id for task in tasks)
        submit(self, *tasks, **how)

    monkeypatch.setattr(LocalBackend, "submit", spied)
    return sent


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch, sent_ahead: list[str]) -> list[str]:
    """The same, where every task counts as a short one, however busy the machine is."""
    monkeypatch.setattr("fairwf.engine.programs.ahead.SHORT_S", 3600.0)
    monkeypatch.setattr("fairwf.engine.programs.ahead.AHEAD_S", 3600.0 * MOST)
    return sent_ahead


def many(count: int, body: str = "echo {x}", **more: Any) -> Workflow:
    items = over(x=call("range", count))
    made = step("a", script(body, {"x": "int"}, **more), {"x": "$x"}, scatter=items)
    return workflow([made], {"o": ("string[]", "a.out")})


# --- how many ------------------------------------------------------------------------------------


def test_nothing_comes_ahead_before_it_is_known_how_long_tasks_last() -> None:
    lane: Lane[str] = Lane(ONE)
    lane.begin()
    assert lane.room() == 0
    lane.end(0.001)
    lane.begin()
    assert lane.room() == MOST


@pytest.mark.parametrize(
    ("lasting", "room"),
    [(0.0, MOST), (AHEAD_S / 10, 10), (SHORT_S, 5), (SHORT_S * 1.01, 0), (60.0, 0)],
)
def test_the_shorter_tasks_are_the_more_come_ahead(lasting: float, room: int) -> None:
    lane: Lane[str] = Lane(ONE)
    lane.begin()
    lane.begin()
    lane.end(lasting)
    assert lane.room() == room


def test_nothing_comes_ahead_where_no_task_holds_a_place() -> None:
    lane: Lane[str] = Lane(ONE)
    lane.begin()
    assert lane.end(0.001) is None
    assert lane.room() == 0


def test_places_are_passed_on_in_order_and_given_back_at_the_end() -> None:
    lane: Lane[str] = Lane(ONE)
    lane.begin()
    lane.begin()
    lane.put("a")
    lane.put("b")
    assert [lane.end(0.001) for _ in range(4)] == ["a", "b", None, None]
    assert lane.room() == 0


def test_some_that_a_busy_machine_holds_up_change_nothing_and_many_long_ones_do() -> None:
    lane: Lane[str] = Lane(ONE)
    for _ in range(30):
        lane.begin()
    for lasting in (0.001, 0.002, 1.0, 0.001, 1.0, 0.001, 0.001):
        lane.end(lasting)
    assert lane.room() == MOST
    for _ in range(6):
        lane.end(1.0)
    assert lane.room() == 0
    for _ in range(4):
        lane.end(0.001)
    assert lane.room() == MOST


def test_the_next_of_the_pool_is_only_given_where_it_is_of_that_size() -> None:
    pool: Pool[str] = Pool(2, 1000)
    for want, priority, task in ((ONE, 0, "a"), (TWO, 0, "big"), (ONE, 0, "b"), (ONE, 5, "first")):
        pool.put(want, priority, task)
    assert pool.take_next(TWO) is None
    assert [pool.take_next(ONE), pool.take_next(ONE)] == ["first", "a"]
    assert pool.take_next(ONE) is None  # the large one comes first
    assert pool.take() == "big"
    assert pool.take_next(ONE) == "b"
    assert pool.take_next(ONE) is None
    assert len(pool) == 0


# --- in a run ------------------------------------------------------------------------------------


def test_short_tasks_are_sent_ahead_and_all_is_as_ever(execute: Execute, ahead: list[str]) -> None:
    done = execute(many(80), cores=2)
    assert done.outputs == {"o": [str(n) for n in range(80)]}
    assert ahead
    keys = [f"a[{n}]" for n in range(80)]
    assert done.heard(TaskQueued) == keys
    assert done.heard(TaskStarted) == keys
    assert sorted(done.heard(TaskFinished)) == sorted(keys)
    running = 0
    for event in done.events:
        running += isinstance(event, TaskStarted)
        running -= isinstance(event, TaskFinished)
        assert running <= 2
    assert all(task.attempt == 1 for task in done.record.tasks)
    facts = [fact for _, fact in read_log(done.folder / "journal.log")]
    begun: set[str] = set()
    for fact in facts:
        if isinstance(fact, Started):
            begun.add(fact.key)
        assert not isinstance(fact, Done) or fact.kind != "script" or fact.key in begun


def test_longer_tasks_are_not(execute: Execute, sent_ahead: list[str]) -> None:
    done = execute(many(8, "sleep 0.03; echo {x}"), cores=2)
    assert done.outputs == {"o": [str(n) for n in range(8)]}
    assert not sent_ahead


def test_tasks_of_different_wants_never_use_more_than_there_is(
    execute: Execute, ahead: list[str]
) -> None:
    def wanting(cores: int) -> Resources:
        return Resources(cores=Amount(min=expr(cores)))

    steps = [
        step(
            name,
            script("echo {x}", {"x": "int"}, resources=wanting(cores)),
            {"x": "$x"},
            scatter=over(x=call("range", 30)),
        )
        for name, cores in (("one", 1), ("two", 2), ("more", 1))
    ]
    outputs = {s.id: ("string[]", f"{s.id}.out") for s in steps}
    done = execute(workflow(steps, outputs), cores=2)
    assert done.status == "completed"
    assert done.outputs == {s.id: [str(n) for n in range(30)] for s in steps}
    moments = sorted(
        moment
        for task in done.record.tasks
        for moment in ((task.started, 1, task.cores), (task.ended, 0, -task.cores))
    )
    used = 0
    for _, _, change in moments:
        used += change
        assert used <= 2


def test_what_fails_among_short_tasks_fails_alone(execute: Execute, ahead: list[str]) -> None:
    done = execute(many(60, 'if [ {x} = 33 ]; then exit 3; fi; echo "{x}"'), cores=2)
    assert done.status == "failed"
    assert done.heard(TaskFailed) == ["a[33]"]
    assert len(done.heard(TaskFinished)) == 59
    assert ahead


def echo(inputs: dict[str, str], word: Any, **more: Any) -> Command:
    return Command(
        inputs=ports(inputs),
        outputs=(OutputPort(id="out", type=FileType(), collect=Stdout()),),
        arguments=(Argument(value=text("echo")), Argument(value=word)),
        **more,
    )


def test_what_cannot_be_prepared_ahead_fails_alone(execute: Execute, ahead: list[str]) -> None:
    outside = If(test=call("equal", "x", 40), then=text("../out"), otherwise=text("out"))
    tool = echo({"x": "int"}, ref("x"), stdout=outside)
    made = step("a", tool, {"x": "$x"}, scatter=over(x=call("range", 60)))
    done = execute(workflow([made], {"o": ("File[]", "a.out")}), cores=2)
    assert done.codes == ["FWF4014"]
    assert done.heard(TaskFailed) == ["a[40]"]
    assert len(done.heard(TaskFinished)) == 59
    assert "a[40]" in done.heard(TaskQueued) and "a[40]" not in ahead and len(ahead) > 10


def test_javascript_of_short_tasks_gives_each_its_own(execute: Execute, ahead: list[str]) -> None:
    code = "return inputs.x.split('').reverse().join('') + ' ' + runtime.outdir"
    bindings = (
        Binding(path=("inputs", "x"), value=ref("x")),
        Binding(path=("runtime", "outdir"), value=Runtime(name="outdir")),
    )
    reverse = Opaque(language="javascript", form="body", text=code, bindings=bindings)
    words = [f"word-{n}" for n in range(60)]
    items = over(x=expr([text(word) for word in words]))
    made = step("a", echo({"x": "string"}, reverse), {"x": "$x"}, scatter=items)
    done = execute(workflow([made], {"o": ("File[]", "a.out")}), cores=2)
    folders = {task.id: task.folder for task in done.record.tasks}
    assert done.outputs == {"o": [f"{w[::-1]} {folders[f'a[{n}]']}\n" for n, w in enumerate(words)]}
    assert ahead


# --- killed --------------------------------------------------------------------------------------


def killed_and_resumed(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    log, folder, document = tmp_path / "log", tmp_path / "killed", tmp_path / "many.json"
    root = many(150, f"echo {{x}} >> {log}; echo {{x}}")
    document.write_bytes(encode(root))
    verb, kills = "run", 0
    for _ in range(3):
        engine = start(verb, folder, document)
        wanted = size(folder) + chance.randrange(1, 40_000)
        while engine.poll() is None and size(folder) < wanted:
            time.sleep(0.001)
        engine.send_signal(signal.SIGKILL)
        kills += engine.wait() == -signal.SIGKILL
        verb = "resume"
    record = resume(folder)
    assert record.status == "completed"
    ran = [int(line) for line in log.read_text().split()]
    assert sorted(set(ran)) == list(range(150))
    # those that ran, and those whose ends were still held back to be told together
    assert len(ran) <= 150 + kills * (MOST + 2)
    assert len(finished(folder)) == len(set(finished(folder))) == 150
    assert [from_literal(item) for item in record.outputs["o"].items] == [
        str(n) for n in range(150)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_of_short_tasks_is_resumed(tmp_path: Path, seed: int) -> None:
    killed_and_resumed(tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 130))
def test_a_run_of_short_tasks_killed_at_many_instants_is_resumed(tmp_path: Path, seed: int) -> None:
    killed_and_resumed(tmp_path, seed)
