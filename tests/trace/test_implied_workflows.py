"""Workflows that tasks and their files imply."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.check import check
from fairwf.document import Document
from fairwf.ir.expressions import Array, Call, Directory, Expr, File, Input, Output, StringLit
from fairwf.report import Report
from fairwf.trace import Task
from fairwf.trace.implied import Implied, identity, implied


def task(name: str, number: int, given: Sequence[str] = (), made: Sequence[str] = ()) -> Task:
    def side(files: Sequence[str], port: str) -> dict[str, Expr]:
        found = tuple(File(location=f"/run/{file}", basename=file) for file in files)
        return {port: Array(items=found)} if files else {}

    return Task(
        id=f"{name}/{number}",
        step=(name,),
        process=name,
        kind="command",
        status="completed",
        index=(str(number),),
        inputs=side(given, "input"),
        outputs=side(made, "output"),
    )


def assert_valid(found: Implied) -> None:
    report = Report()
    check(Document(workflow=found.workflow), report)
    assert report.ok, list(report)


def test_files_link_steps() -> None:
    found = implied(
        [
            task("count", 1, ["a"], ["a.n"]),
            task("count", 2, ["b"], ["b.n"]),
            task("join", 1, ["a.n", "b.n", "head"], ["whole"]),
        ],
        "w",
        docs={"join": "One after the other."},
    )
    assert_valid(found)
    count, join = found.workflow.steps
    assert (count.id, join.id, join.doc) == ("count", "join", "One after the other.")
    assert join.inputs == {
        "input": Call(
            function="merge_flattened",
            args=(Output(step="count", port="output"), Input(name="inputs")),
        )
    }
    assert [f.basename for f in found.inputs["inputs"].items] == ["a", "b", "head"]  # type: ignore[union-attr]
    assert [f.basename for f in found.outputs["outputs"].items] == ["whole"]  # type: ignore[union-attr]


def test_what_only_waits_is_ordered() -> None:
    found = implied([task("a", 1), task("b", 1)], "w", after={"b/1": ["a/1", "no such task"]})
    assert_valid(found)
    assert found.workflow.steps[1].after == ("a",)


def test_steps_that_wait_for_each_other_are_told_apart() -> None:
    tasks = [task("f", 1, [], ["1"]), task("g", 1, ["1"], ["2"]), task("f", 2, ["2"], ["3"])]
    found = implied(tasks, "w")
    assert_valid(found)
    assert [t.step for t in found.tasks] == [("f",), ("g",), ("f_2",)]
    assert found.workflow.steps[2].run.id == "f"


def test_folders_and_files_have_ports_of_their_own() -> None:
    folder = Directory(location="/run/d", basename="d")
    both = Task(
        id="t",
        step=("t",),
        process="t",
        kind="command",
        status="completed",
        inputs={"text": StringLit(value="x")},
        outputs={"output": File(location="/run/f"), "folder": folder},
    )
    found = implied([both], "w")
    assert_valid(found)
    assert [port.id for port in found.workflow.outputs] == ["outputs", "outputs_folders"]
    assert found.workflow.steps[0].inputs == {"text": StringLit(value="x")}


def test_a_file_that_a_task_changes_is_not_made_by_it() -> None:
    found = implied([task("t", 1, ["x"], ["x"]), task("u", 1, ["x"])], "w")
    assert_valid(found)
    link = Call(function="merge_flattened", args=(Input(name="inputs"),))
    assert [step.inputs["input"] for step in found.workflow.steps] == [link, link]


NAMES = st.sampled_from("abc")
FILES = st.lists(st.sampled_from("123456"), max_size=3, unique=True)


@given(st.lists(st.tuples(NAMES, FILES, FILES), max_size=12))
def test_whatever_the_tasks_did_the_workflow_is_valid(
    rows: list[tuple[str, list[str], list[str]]],
) -> None:
    tasks = [task(name, n, given, made) for n, (name, given, made) in enumerate(rows)]
    found = implied(tasks, "w")
    assert len(found.tasks) == len(tasks)
    assert identity(found.tasks) == identity(tasks)
    if not _circular(tasks):  # as the runs of engines are
        assert_valid(found)


def _circular(tasks: Sequence[Task]) -> bool:
    """Tell whether tasks wait for themselves, which no run can."""
    from fairwf.trace.circles import in_order
    from fairwf.trace.implied import _makers, _parents

    parents = _parents(tasks, _makers(tasks), {})
    return len(list(in_order(parents))) < len(tasks)


@pytest.mark.parametrize("count", [3000])
def test_a_long_chain_of_one_name_takes_no_deep_stack(count: int) -> None:
    found = implied([task("s", n, [str(n)], [str(n + 1)]) for n in range(count)], "w")
    assert len(found.workflow.steps) == count


def test_a_long_chain_of_steps_is_read_once() -> None:
    """20,000 links took minutes while each round of taking ends away looked at all of them."""
    chain = [task(f"s{n}", 1, [f"f{n}"], [f"f{n + 1}"]) for n in range(20_000)]
    rounds = [task("loop", n, [f"g{n}"], [f"g{n + 1}"]) for n in range(3)]
    found = implied([*chain, *rounds], "w")
    assert [step.id for step in found.workflow.steps[20_000:]] == ["loop", "loop_2", "loop_3"]
