"""Order without data: CWL waits for outputs, so a step that others wait for has to have one."""

from __future__ import annotations

import msgspec

from fairwf.ir.expressions import Array, Expr, NoneLit, Output, Record
from fairwf.ir.ports import OutputPort
from fairwf.ir.types import AnyType, ArrayType, OptionalType
from fairwf.ir.workflow import Process, ProcessRef, Pure, Step, Workflow

_DONE = "done"


def with_awaited_outputs(workflow: Workflow) -> tuple[Workflow, list[Step]]:
    """Return the workflow in which every step that another waits for has an output.

    Beside it: the steps that got one. What holds no task is nothing to wait for.
    """
    bare = {step.id for step in workflow.steps if not _outputs(step)}
    wanted = {name for step in workflow.steps for name in step.after if name in bare}
    if not wanted:
        return workflow, []
    changed: list[Step] = []
    nothing: set[str] = set()
    steps = []
    for step in workflow.steps:
        if step.id in wanted:
            process = None if isinstance(step.run, ProcessRef) else _with_output(step.run)
            if process is None:
                nothing.add(step.id)
            else:
                step = msgspec.structs.replace(step, run=process)
                changed.append(step)
        steps.append(step)
    waiting = tuple(
        msgspec.structs.replace(step, after=tuple(n for n in step.after if n not in nothing))
        for step in steps
    )
    return msgspec.structs.replace(workflow, steps=waiting), changed


def _outputs(step: Step) -> tuple[OutputPort, ...]:
    return () if isinstance(step.run, ProcessRef) else step.run.outputs


def _with_output(process: Process) -> Process | None:
    """Return a process without outputs with one that is there once all of it has run."""
    anything = OptionalType(item=AnyType())
    if isinstance(process, Pure):
        said = process.result.fields if isinstance(process.result, Record) else {}
        result = Record(fields={**said, _DONE: NoneLit()})
        port = OutputPort(id=_DONE, type=anything)
        return msgspec.structs.replace(process, outputs=(port,), result=result)
    if not isinstance(process, Workflow):
        port = OutputPort(id=_DONE, type=anything)
        return msgspec.structs.replace(process, outputs=(port,))
    steps: list[Step] = []
    ends: list[Expr] = []
    for step in process.steps:
        inner = None if isinstance(step.run, ProcessRef) else step.run
        if inner is not None and not inner.outputs:
            inner = _with_output(inner)
            step = step if inner is None else msgspec.structs.replace(step, run=inner)
        steps.append(step)
        if inner is not None:
            ends.append(Output(step=step.id, port=inner.outputs[0].id))
    if not ends:
        return None
    port = OutputPort(id=_DONE, type=ArrayType(items=anything), value=Array(items=tuple(ends)))
    return msgspec.structs.replace(process, steps=tuple(steps), outputs=(port,))
