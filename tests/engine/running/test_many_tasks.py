"""Runs of very many tasks: the program of each ends at once, all else is as ever."""

import gc
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.engine import graphs
from benchmarks.engine.nothing import NothingBackend, nothing_runs
from fairwf.engine import RunOptions, load_run, resume, run, status
from fairwf.engine.events import AnyEvent, TaskFinished
from fairwf.engine.expansion.precedence import Precedence
from fairwf.engine.expansion.scheduler import Cell, Strand
from fairwf.engine.journal import record as records
from fairwf.engine.journal.facts import Done
from fairwf.engine.journal.log import read_log
from fairwf.engine.journal.recorded import RecordedTasks
from fairwf.engine.journal.replay import Finished
from fairwf.engine.programs.attempt import Attempt
from fairwf.trace.run import last_attempts

MANY = 20_000
KINDS = {"bag": graphs.bag, "layers": graphs.layers}


@pytest.fixture
def backends() -> Iterator[list[NothingBackend]]:
    with nothing_runs() as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_does_not_grow_with_the_tasks_that_have_ended(
    kind: str, tmp_path: Path, backends: list[NothingBackend]
) -> None:
    document, inputs = KINDS[kind](MANY)
    most: Counter[type] = Counter()
    ended = 0

    def look(event: AnyEvent) -> None:
        nonlocal ended
        if isinstance(event, TaskFinished):
            ended += 1
            if ended % (MANY // 4) == 0:
                alive = Counter(map(type, gc.get_objects()))
                for one in (Done, Attempt, Cell, Strand):
                    most[one] = max(most[one], alive[one])

    options = RunOptions(run_dir=tmp_path / "run", base=tmp_path)
    record = run(document, inputs, options, look)
    assert (record.status, ended, backends[0].ended) == ("completed", MANY, MANY)
    assert 0 < most[Attempt] < 500 and most[Done] < 500, most
    assert most[Cell] < 2000 and most[Strand] < 2000, most
    assert isinstance(record.tasks, RecordedTasks) and len(record.tasks) == MANY
    told = status(tmp_path / "run")
    assert (told.status, told.counts) == ("completed", {"completed": MANY})
    assert resume(tmp_path / "run") == record and len(backends) == 1


def test_layers_run_in_order(tmp_path: Path, backends: list[NothingBackend]) -> None:
    document, inputs = graphs.layers(1000)
    record = run(document, inputs, RunOptions(run_dir=tmp_path / "run", base=tmp_path))
    place = {task.id: number for number, task in enumerate(record.tasks)}
    parents = document.workflow.tasks.parents  # type: ignore[union-attr]
    for task in range(1000):
        for parent in parents.row(task):
            assert place[f"task_{parent}"] < place[f"task_{task}"]


def test_a_run_that_stopped_in_the_middle_repeats_nothing_that_had_ended(
    tmp_path: Path, backends: list[NothingBackend]
) -> None:
    document, inputs = graphs.bag(3000)
    folder = tmp_path / "run"
    run(document, inputs, RunOptions(run_dir=folder, base=tmp_path))
    log = (folder / "journal.log").read_bytes()
    lines = log.splitlines(keepends=True)
    (folder / "journal.log").write_bytes(b"".join(lines[: len(lines) // 2]))
    before = sum(isinstance(fact, Done) for _, fact in read_log(folder / "journal.log"))
    assert 1000 < before < 2000
    again = resume(folder)
    assert again.status == "completed" and len(last_attempts(again.tasks)) == 3000
    assert backends[1].ended == 3000 - before


def test_a_large_record_is_read_as_a_small_one(
    tmp_path: Path, backends: list[NothingBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, inputs = graphs.bag(50)
    held = run(document, inputs, RunOptions(run_dir=tmp_path / "run", base=tmp_path))
    monkeypatch.setattr(records, "MOST_HELD", 10)
    read = load_run(tmp_path / "run")
    assert isinstance(held.tasks, tuple) and isinstance(read.tasks, RecordedTasks)
    assert read == held and held == read
    assert read.tasks[-1] == held.tasks[-1] and read.tasks[3:7] == held.tasks[3:7]
    assert list(reversed(read.tasks)) == list(reversed(held.tasks))
    with pytest.raises(IndexError):
        read.tasks[50]


def test_ends_are_found_by_keys_and_taken_back() -> None:
    ends = Finished([("a", 0), ("b", 10), ("a", -21), ("c", 30)])
    assert ends.places("b") == [10] and ends.places("a") == [-21, 0]
    assert not ends.places("d") and ends and not Finished()


def test_tasks_that_wait_for_each_other_are_found() -> None:
    order = Precedence(5, [{1}, {0}, set(), {2}, {3, 0}].__getitem__)
    assert list(order.first()) == [2]
    assert order.stuck() == [0, 1, 4]
    assert order.done(2) == [3]


@pytest.mark.long
def test_a_million_tasks_in_bounded_memory(tmp_path: Path) -> None:
    """The goals of memory and of resuming; those of speed are benchmarks/engine/million.py's."""
    program = Path(__file__).parents[3] / "benchmarks/engine/million.py"
    for kind in KINDS:
        figures: dict[str, Any] = {}
        for what in ("run", "resume"):
            words = ["--one", what, kind, "1000000", str(tmp_path / kind)]
            done = subprocess.run(
                [sys.executable, str(program), *words], stdout=subprocess.PIPE, check=True
            )
            figures[what] = json.loads(done.stdout)
        assert figures["run"]["mib"] < 1024 and figures["resume"]["mib"] < 1024, figures
