"""Runs as instances: the names of their files."""

from fairwf.ir.expressions import Array, File
from fairwf.trace import Run, SoftwareAgent, Task, instance_of
from fairwf.trace.implied import implied


def test_files_of_one_name_are_numbered_in_turn() -> None:
    """20,000 of them took minutes when each began to count anew."""
    files = tuple(File(location=f"/in/{n}/x.txt", basename="x.txt") for n in range(20_000))
    task = Task(
        id="t", step=("t",), process="t", kind="command", status="completed", elapsed_s=1.0,
        inputs={"input": Array(items=files)},
    )  # fmt: skip
    found = implied([task], "w")
    run = Run(id="r", workflow=found.workflow, status="completed",
              engine=SoftwareAgent(name="e"), tasks=found.tasks)  # fmt: skip
    assert instance_of(run).files.id[:3] == ["x.txt", "x_2.txt", "x_3.txt"]
    assert len(set(instance_of(run).files.id)) == 20_000
