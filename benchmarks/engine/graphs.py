"""Workflows of many tasks that do nothing."""

from fairwf.document import Document
from fairwf.ir.command import Argument
from fairwf.ir.expressions import Input, Local, StringLit
from fairwf.ir.instance import Instance, Ragged, Tasks
from fairwf.ir.ports import InputPort
from fairwf.ir.types import ArrayType, IntType
from fairwf.ir.workflow import Command, Over, Scatter, Step, Workflow

LAYERS = 100


def bag(tasks: int) -> tuple[Document, dict[str, object]]:
    """One step over so many numbers; each task gets one of them as an argument."""
    program = Command(
        id="true",
        inputs=(InputPort(id="n", type=IntType()),),
        arguments=(Argument(value=StringLit(value="true")), Argument(value=Input(name="n"))),
    )
    step = Step(
        id="bag",
        run=program,
        inputs={"n": Local(name="n")},
        scatter=Scatter(over=(Over(name="n", value=Input(name="numbers")),)),
    )
    whole = Workflow(
        inputs=(InputPort(id="numbers", type=ArrayType(items=IntType())),), steps=(step,)
    )
    return Document(workflow=whole), {"numbers": list(range(tasks))}


def layers(tasks: int) -> tuple[Document, dict[str, object]]:
    """So many tasks in a hundred layers; each needs two tasks of the layer before it."""
    width = tasks // LAYERS
    parents: list[list[int]] = []
    for task in range(width * LAYERS):
        layer, place = divmod(task, width)
        before = (layer - 1) * width
        parents.append([before + place, before + (place * 7 + 1) % width] if layer else [])
    return Document(
        workflow=Instance(
            tasks=Tasks(
                id=[f"task_{task}" for task in range(len(parents))],
                program=["true"] * len(parents),
                parents=Ragged.of(parents),
            )
        )
    ), {}
