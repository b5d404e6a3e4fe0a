"""The process that a task of a run executed, found again in the workflow that ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fairwf.ir.instance import Instance
from fairwf.ir.ports import Collect, CollectRecord, Stderr, Stdout
from fairwf.ir.workflow import Command, Process, ProcessRef, Script, Workflow
from fairwf.trace.run import Run, Task


def process_of(run: Run, task: Task) -> Command | Script | None:
    """Return the program that a task executed; None where the workflow does not say it."""
    if isinstance(run.workflow, Instance):
        return None
    process: Process | None = run.workflow
    known: Mapping[str, Process] = {}
    for name in task.step:
        if not isinstance(process, Workflow):
            return None
        known = {**known, **process.processes}
        step = next((step for step in process.steps if step.id == name), None)
        if step is None:
            return None
        process = known.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run
    return process if isinstance(process, (Command, Script)) else None


def declares(process: Command | Script, stream: str) -> bool:
    """Tell whether a program's ``stdin``, ``stdout`` or ``stderr`` goes to a file of the task."""
    if getattr(process, stream) is not None:
        return True
    kind = {"stdout": Stdout, "stderr": Stderr}.get(stream)
    return kind is not None and any(
        isinstance(collect, kind)
        for port in process.outputs
        if port.collect is not None
        for collect in _all([port.collect])
    )


def _all(collects: Sequence[Collect]) -> Iterator[Collect]:
    for collect in collects:
        yield collect
        if isinstance(collect, CollectRecord):
            yield from _all(list(collect.fields.values()))
