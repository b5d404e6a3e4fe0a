"""An instance becomes a workflow: each task a step with its command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.command import Argument, StagedItem
from fairwf.ir.expressions import Expr, File, Input, IntLit, Output, StringLit
from fairwf.ir.instance import Instance, Tasks
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import FileType
from fairwf.ir.workflow import Command, Operation, Process, Step, Workflow
from fairwf.lower.context import Context
from fairwf.report import Fate

_MEASURED = (
    "keys", "started", "runtime_s", "exit_code", "average_cpu", "memory_bytes", "read_bytes",
    "written_bytes", "energy_kwh", "average_power_w", "priority", "extensions",
)  # fmt: skip
_MEASURE_HINT = "keep the instance beside it: it holds what was measured"


@dataclass(frozen=True)
class TasksToSteps:
    """Each task becomes a step with a Command, or an Operation where no command line is known.

    Files that no task makes become inputs of the workflow, those that no task takes its outputs.
    Parents that no file stands for become order.
    """

    name: str = "tasks_to_steps"
    removes: Feature = Feature.INSTANCE
    adds: frozenset[Feature] = frozenset(
        {
            Feature.WORKFLOW,
            Feature.COMMAND,
            Feature.OPERATION,
            Feature.STAGING,
            Feature.ORDER,
            Feature.DEFAULT,
            Feature.RESOURCES,
        }
    )
    fate: Fate = "approximated"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow."""
        if not isinstance(workflow, Instance):
            return workflow
        tasks = workflow.tasks
        makers = {
            file: (task, place)
            for task in range(len(tasks.outputs))
            for place, file in enumerate(tasks.outputs.row(task))
        }
        taken = sorted(set(tasks.inputs.values))
        given = [file for file in taken if file not in makers]
        ids = workflow.files.id
        final = sorted(set(makers) - set(taken))
        names = _names({file: ids[file] for file in (*given, *final)}, tasks.id)
        inputs = tuple(
            InputPort(id=names[file], type=FileType(), default=_file(workflow, file))
            for file in given
        )
        steps = tuple(
            context.made(_placed(_step(workflow, task, makers, names), task, tasks, context), tasks)
            for task in range(len(tasks.id))
        )
        outputs = tuple(
            OutputPort(
                id=names[file],
                type=FileType(),
                value=Output(step=tasks.id[makers[file][0]], port=f"out_{makers[file][1]}"),
            )
            for file in final
        )
        for port in (*inputs, *outputs):
            context.made(port, workflow.files)
        _told(workflow, context)
        whole = Workflow(
            id=workflow.id,
            label=workflow.label,
            doc=workflow.doc,
            inputs=inputs,
            outputs=outputs,
            steps=steps,
            metadata=workflow.metadata,
            extensions=workflow.extensions,
        )
        return context.made(whole, workflow)


def _file(instance: Instance, index: int) -> File:
    files = instance.files
    location = files.location[index] if files.location else None
    sha256 = files.sha256[index] if files.sha256 else None
    return File(
        location=location or files.id[index],
        size=files.size[index] if files.size else None,
        checksum=f"sha256${sha256}" if sha256 else None,
    )


def _placed(step: Step, task: int, tasks: Tasks, context: Context) -> Step:
    """Have a step, and what is in it, stand where its task does."""
    context.origins.refine(step, lambda field: context.origins.get(tasks, f"id/{task}"))
    return step


def _names(ids: dict[int, str], taken: Iterable[str]) -> dict[int, str]:
    """Return a name of a port for each file: its id, or its last part where that is a path.

    No two are equal, and none is the name of a step.
    """
    names, used = dict[int, str](), set(taken)
    for file, name in ids.items():
        plain = PurePosixPath(name).name or "file" if "/" in name else name
        chosen, number = plain, 1
        while chosen in used:
            number += 1
            chosen = f"{plain}_{number}"
        used.add(chosen)
        names[file] = chosen
    return names


def _step(
    instance: Instance, task: int, makers: dict[int, tuple[int, int]], names: dict[int, str]
) -> Step:
    tasks = instance.tasks
    inputs: dict[str, Expr] = {}
    ports: list[InputPort] = []
    staging: list[StagedItem] = []
    waited: set[int] = set()
    for place, file in enumerate(_row(tasks, "inputs", task)):
        port = f"in_{place}"
        ports.append(InputPort(id=port, type=FileType()))
        staged = StringLit(value=_inside(instance.files.id[file]))
        staging.append(StagedItem(value=Input(name=port), name=staged))
        if file in makers and makers[file][0] != task:
            maker, number = makers[file]
            waited.add(maker)
            inputs[port] = Output(step=tasks.id[maker], port=f"out_{number}")
        else:
            inputs[port] = Input(name=names[file])
    outputs = tuple(
        OutputPort(
            id=f"out_{place}",
            type=FileType(),
            collect=Glob(patterns=(StringLit(value=_inside(instance.files.id[file])),)),
        )
        for place, file in enumerate(_row(tasks, "outputs", task))
    )
    after = tuple(tasks.id[p] for p in _row(tasks, "parents", task) if p not in waited)
    run = _process(tasks, task, tuple(ports), outputs, tuple(staging))
    return Step(id=tasks.id[task], run=run, inputs=inputs, after=after)


def _process(
    tasks: Tasks,
    task: int,
    inputs: tuple[InputPort, ...],
    outputs: tuple[OutputPort, ...],
    staging: tuple[StagedItem, ...],
) -> Process:
    name = tasks.process[task] if tasks.process else tasks.id[task]
    program = tasks.program[task] if tasks.program else None
    if program is None:
        shapes = tuple(OutputPort(id=port.id, type=port.type) for port in outputs)
        return Operation(id=name, inputs=inputs, outputs=shapes)
    words = [program, *(tasks.words[word] for word in _row(tasks, "arguments", task))]
    cores = tasks.cores[task] if tasks.cores else None
    resources = Resources()
    if cores is not None:
        resources = Resources(cores=Amount(min=IntLit(value=max(1, round(cores)))))
    return Command(
        id=name,
        inputs=inputs,
        outputs=outputs,
        arguments=tuple(Argument(value=StringLit(value=word)) for word in words),
        staging=staging,
        resources=resources,
    )


def _row(tasks: Tasks, name: str, task: int) -> list[int]:
    column = getattr(tasks, name)
    row: list[int] = column.row(task) if len(column) else []
    return row


def _inside(name: str) -> str:
    """Return the name of a file as a path that stays inside a task's folder."""
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", "..", ".")]
    return "/".join(parts) or "file"


def _told(instance: Instance, context: Context) -> None:
    for name in _MEASURED:
        if getattr(instance.tasks, name):
            text = f"what was measured of tasks ({name}) is no part of a workflow"
            if name == "extensions":
                text = "what only their own format says of tasks is no part of a workflow"
            context.told("lost", instance.tasks, text, _MEASURE_HINT, part=name)
    for machine in instance.machines:
        text = f"machine {machine.name!r} is no part of a workflow"
        context.told("lost", machine, text, _MEASURE_HINT)
    for name in ("makespan_s", "executed", "created", "runtime_system"):
        if getattr(instance, name) is not None:
            text = f"{name} is no part of a workflow"
            context.told("lost", instance, text, _MEASURE_HINT, part=name)
