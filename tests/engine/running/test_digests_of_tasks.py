"""The digests that journals hold stay what they were: a run of an earlier version is resumed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.engine.journal.facts import Done
from fairwf.engine.journal.history import facts_of
from fairwf.engine.places.rundir import RunDir
from fairwf.ir.codec import Root
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import FloatLit
from fairwf.ir.instance import Instance, Ragged, Tasks
from fairwf.ir.resources import Amount, Resources
from tests.engine.running.workflows import over, script, step, text, workflow

OF_A_WORKFLOW = {
    "write[0]": "0a4936fd0fb4a379",
    "write[1]": "300e998d658c127a",
    "write[2]": "c588d1d3a186cbd9",
    "read[0]": "93a735c06b8582bc",
    "read[1]": "10f3348e7ca775f3",
    "read[2]": "5fe65d1e34e6a210",
}
OF_AN_INSTANCE = {"first": "cc81fddfee055326", "second": "48af224278776da8"}


def digests(folder: Path) -> dict[str, str]:
    """The first octets of the digest of each task in a run directory."""
    facts = facts_of(RunDir.open(folder))
    return {fact.key: fact.digest[:16] for fact in facts if isinstance(fact, Done)}


def test_digests_of_tasks_of_a_workflow(execute: Callable[..., Any]) -> None:
    write = script("echo {n} {word}", {"n": "int", "word": "string"}, id="write", out="File")
    read = script("cat {file}", {"file": "File"}, id="read", out="string")
    whole: Root = workflow(
        [
            step(
                "write",
                write,
                {"n": "$n", "word": "word"},
                scatter=over(n="numbers"),
                resources=Resources(cores=Amount(min=FloatLit(value=0.5))),
                environment=Environment(variables={"LETTER": text("ä")}),
            ),
            step("read", read, {"file": "$one"}, scatter=over(one="write.out")),
        ],
        {"texts": ("string[]", "read.out")},
        {"numbers": "int[]", "word": "string"},
    )
    done = execute(whole, {"numbers": [7, -1, 2**20], "word": 'a "b" \\ ü'})
    assert done.status == "completed", done.report
    assert digests(done.folder) == OF_A_WORKFLOW


def test_digests_of_tasks_of_an_instance(execute: Callable[..., Any]) -> None:
    tasks = Tasks(
        id=["first", "second"],
        program=["true", "true"],
        arguments=Ragged.of([[], [0]]),
        words=["--last"],
        cores=[1.0, None],
        parents=Ragged.of([[], [0]]),
    )
    done = execute(Instance(tasks=tasks))
    assert done.status == "completed", done.report
    assert digests(done.folder) == OF_AN_INSTANCE
