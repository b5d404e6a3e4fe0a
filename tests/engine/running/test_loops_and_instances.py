"""Loops with state, and documents that list every task."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.ir.instance import Files, Instance, Ragged, Tasks
from fairwf.ir.workflow import Loop, Workflow
from tests.engine.running.workflows import call, expr, script, step, workflow

Execute = Callable[..., Any]


def counting(until: int, **more: Any) -> Workflow:
    loop = Loop(
        state={"n": expr("start")},
        next={"n": expr("^out")},
        until=call("greater_equal", "@n", until),
        **more,
    )
    body = script("expr {n} + 1", {"n": "int"}, out="int")
    kind = "int[]" if more.get("outputs") == "all" else "int?"
    return workflow(
        [step("count", body, {"n": "@n"}, loop=loop)],
        {"n": (kind, "count.out")},
        {"start": "int"},
    )


@pytest.mark.parametrize(
    ("until", "more", "expected"),
    [
        (3, {}, 3),
        (3, {"outputs": "all"}, [1, 2, 3]),
        (0, {}, 1),
        (0, {"test": "before"}, None),
        (0, {"test": "before", "outputs": "all"}, []),
        (9, {"max": expr(2), "on_max": "stop"}, 2),
        (2, {"max": expr(2)}, 2),
        (2, {"test": "before", "max": expr(2)}, 2),
    ],
)
def test_a_loop_ends(execute: Execute, until: int, more: dict[str, Any], expected: Any) -> None:
    assert execute(counting(until, **more), {"start": 0}).outputs == {"n": expected}


def test_a_loop_that_does_not_end_in_time_fails(execute: Execute) -> None:
    done = execute(counting(9, max=expr(2)), {"start": 0})
    assert done.status == "failed" and done.codes == ["FWF4010"]


def test_rounds_have_places_of_their_own(execute: Execute) -> None:
    done = execute(counting(2), {"start": 0})
    assert [(t.id, t.index) for t in done.record.tasks] == [
        ("count#1", ("round 1",)),
        ("count#2", ("round 2",)),
    ]


def instance(words: list[str], arguments: list[list[int]], **more: Any) -> Instance:
    return Instance(
        id="i",
        tasks=Tasks(
            id=["make", "upper", "count"],
            process=["make", "upper", "count"],
            parents=Ragged.of([[], [0], [1]]),
            inputs=Ragged.of([[0], [1], [2]]),
            outputs=Ragged.of([[1], [2], [3]]),
            program=["cp", "upper.sh", "sh"],
            words=words,
            arguments=Ragged.of(arguments),
            **more,
        ),
        files=Files(id=["in.txt", "sub/raw [1].txt", "up.txt", "n.txt"]),
    )


def test_an_instance_runs_its_commands_in_order(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\nb\n")
    (tmp_path / "upper.sh").write_text('#!/bin/sh\ntr a-z A-Z < "$1" > "$2"\n')
    (tmp_path / "upper.sh").chmod(0o755)
    words = ["in.txt", "raw", "sub/raw [1].txt", "up.txt", "-c", "cat up.txt up.txt > n.txt"]
    made = instance(words, [[0, 1], [2, 3], [4, 5]])
    done = execute(made)
    # cp writes "raw", which is not the file that the document says it makes
    assert done.status == "failed" and "FWF4003" in done.codes

    make = instance(
        ["-c", "mkdir -p sub; cp in.txt 'sub/raw [1].txt'", *words[2:]], [[0, 1], [2, 3], [4, 5]]
    )
    make.tasks.program[0] = "sh"
    done = execute(make)
    assert done.outputs == {"n.txt": "A\nB\nA\nB\n"}
    assert [t.process for t in done.record.tasks] == ["make", "upper", "count"]


def test_an_instance_without_its_input_file_says_so(execute: Execute) -> None:
    made = instance(["in.txt", "x"], [[0, 1], [], []])
    done = execute(made)
    assert done.status == "failed" and done.codes == ["FWF4009"]
    assert "in.txt" in done.record.error


def test_an_instance_with_a_cycle_does_not_start(execute: Execute) -> None:
    made = Instance(
        tasks=Tasks(id=["a", "b"], program=["true", "true"], parents=Ragged.of([[1], [0]]))
    )
    done = execute(made)
    assert done.codes == ["FWF4004"] and "wait for each other: a, b" in done.record.error


def test_an_instance_without_commands_is_abstract(execute: Execute) -> None:
    done = execute(Instance(tasks=Tasks(id=["a"])))
    assert done.codes == ["FWF4006"]
