"""Tasks of runs: which of them are attempts at one thing."""

from fairwf.trace import Task
from fairwf.trace.run import counts, told_apart


def task(id: str, index: tuple[str, ...] = (), attempt: int = 1) -> Task:
    return Task(
        id=id,
        step=("count",),
        process="count",
        kind="command",
        status="completed",
        index=index,
        attempt=attempt,
    )


def test_tasks_of_which_no_item_is_known_are_told_apart_by_their_ids() -> None:
    found = told_apart([task("count/a"), task("count/b"), task("c", ("1",)), task("d", ("1",))])
    assert [each.index for each in found] == [("a",), ("b",), ("1", "c"), ("1", "d")]
    assert counts(found) == {"completed": 4}


def test_attempts_and_known_items_stay_as_they_are() -> None:
    tasks = (task("a"), task("b", attempt=2), task("c", ("1",)))
    assert told_apart(tasks) == tasks
