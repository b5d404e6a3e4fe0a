"""What a run's instance does not say of the programs that ran."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fairwf.ir.expressions import Array, Directory, Expr, File, NoneLit, Record
from fairwf.ir.origins import Origins
from fairwf.ir.workflow import Command, Script
from fairwf.report import Report
from fairwf.trace.commands import line_of, local_names
from fairwf.trace.instance import counted, files_of
from fairwf.trace.processes import process_of
from fairwf.trace.run import Run, Task

_KEEP = "the run itself has it: `fairwf package` keeps all of a run"


def tell_losses(run: Run, origins: Origins, report: Report) -> None:
    """Tell what :func:`fairwf.trace.instance_of` leaves out, once for each place of the workflow.

    ``origins`` are those of the workflow that ran.
    """
    told: set[tuple[int, str]] = set()
    for task in run.tasks:
        if not counted(task):
            continue
        process = process_of(run, task)
        for node, text in _of_task(run, task, process):
            if (id(node), text) in told:
                continue
            told.add((id(node), text))
            span = origins.get(node) if node is not None else None
            if span is None and process is not None:
                span = origins.get(process)
            report.add("FWF3004", text, span=span, path=f"/tasks/{task.id}", hint=_KEEP)


def _of_task(
    run: Run, task: Task, process: Command | Script | None
) -> Iterator[tuple[msgspec.Struct | None, str]]:
    inputs = files_of(task.inputs)
    taken = {file.location for file in inputs}
    outputs = [file for file in files_of(task.outputs) if file.location not in taken]
    line = line_of(task, process, local_names(task, inputs, outputs), run.folder)
    if process is None:
        return
    if not line.words:
        yield process, "the command line was not recorded"
    for stream in line.unknown:
        yield getattr(process, stream), f"{stream} goes to a file whose name was not recorded"
    if line.foreign:
        text = "the command names a file of the run directory that is neither input nor output"
        yield process, text
    environment = process.environment
    for name, value in environment.variables.items():
        yield value, f"the variable {name!r:.80} that the task had set is not in its command"
    if environment.container is not None and task.container is not None:
        yield environment.container, "the container that the task ran in is no part of an instance"
    for item in process.staging:
        yield item, "what was laid into the task's folder before it began is no part of an instance"
    for name, output in task.outputs.items():
        port = next((port for port in process.outputs if port.id == name), None)
        for kind in sorted(set(_no_files(output))):
            yield port, f"the output {name!r:.80} is {kind}: an instance has files only"


def _no_files(value: Expr) -> Iterator[str]:
    if isinstance(value, Directory):
        yield "a folder"
    elif isinstance(value, File):
        if value.location is None:
            yield "a text without a file"
    elif isinstance(value, Array):
        for item in value.items:
            yield from _no_files(item)
    elif isinstance(value, Record):
        for item in value.fields.values():
            yield from _no_files(item)
    elif not isinstance(value, NoneLit):
        yield "no file"
