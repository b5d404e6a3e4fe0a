"""The columns of an instance agree, and its tasks wait in no circle."""

from fairwf.check import check
from fairwf.document import Document
from fairwf.ir.instance import Files, Instance, Ragged, Tasks
from fairwf.report import Report


def instance(parents: list[list[int]], **columns: object) -> Instance:
    count = len(parents)
    tasks = Tasks(id=[f"t{i}" for i in range(count)], parents=Ragged.of(parents), **columns)  # type: ignore[arg-type]
    return Instance(tasks=tasks, files=Files(id=["f0", "f1"]))


def told(node: Instance) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in check(Document(workflow=node), Report())]


def test_a_sound_instance() -> None:
    assert told(instance([[], [0], [0, 1]], inputs=Ragged.of([[0], [1], []]))) == []


def test_a_short_column() -> None:
    ((code, message),) = told(instance([[], [0]], runtime_s=[1.0]))
    assert (code, message) == (
        "FWF2015",
        "column 'runtime_s' of tasks has 1 entries, but there are 2 tasks",
    )


def test_an_index_that_names_nothing() -> None:
    assert told(instance([[], [7]])) == [
        ("FWF2015", "column 'parents' names task 7, but there are 2")
    ]
    assert told(instance([[]], outputs=Ragged.of([[-1]]))) == [
        ("FWF2015", "column 'outputs' names file -1, but there are 2")
    ]


def test_offsets_that_fall() -> None:
    ((code, message),) = told(instance([[], []], inputs=Ragged(offsets=[0, 2, 1], values=[0])))
    assert code == "FWF2015" and "offsets of 'inputs'" in message


def test_a_circle_is_named_in_order() -> None:
    ((code, message),) = told(instance([[2], [0], [1], [2]]))
    assert code == "FWF2004"
    assert "t0 -> t2 -> t1 -> t0" in message


def test_two_tasks_of_one_id() -> None:
    node = Instance(tasks=Tasks(id=["a", "a"]))
    assert told(node) == [("FWF2002", "two tasks are called 'a'")]


def test_many_tasks_are_checked_in_one_pass() -> None:
    count = 200_000
    parents = Ragged(
        offsets=[0, *range(count)],
        values=list(range(count - 1)),
    )
    node = Instance(tasks=Tasks(id=[str(i) for i in range(count)], parents=parents))
    assert told(node) == []
