"""Steps with the names that calls and declarations give them, and what they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from fairwf.ir.expressions import Attr, Expr, If, NoneLit, Output, Record
from fairwf.ir.overriding import overridden
from fairwf.ir.walk import walk
from fairwf.ir.workflow import (
    Command,
    Process,
    ProcessRef,
    Scatter,
    Script,
    Step,
    Workflow,
)
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import let
from fairwf_wdl.write.scopes import Helpers


@dataclass(frozen=True)
class Callee:
    """What a call names, with the names of its ports."""

    target: str
    process: Command | Script | Workflow
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


class Callees(Helpers, Protocol):
    """The tasks and workflows that calls may name."""

    def callee(self, process: Command | Script | Workflow, wanted: str) -> Callee:
        """Return a task or workflow, which is written once."""
        ...


@dataclass
class Planned:
    """A step with the names of what it gives."""

    step: Step
    process: Process
    name: str = ""
    callee: Callee | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    inner: list[Planned] = field(default_factory=list)

    def calls(self) -> list[str]:
        """Return the names of all calls."""
        if self.callee is not None:
            return [self.name]
        return [name for one in self.inner for name in one.calls()]


def loads_of(process: Process) -> dict[str, tuple[bool, str | None]]:
    """Return what each input loads of its files and folders."""
    return {port.id: (port.load_contents, port.load_listing) for port in process.inputs}


def has_outputs(value: Expr) -> bool:
    """Tell whether a value is made of what steps give."""
    return any(isinstance(node, Output) for _, node in walk(value))


def member_of(result: Expr, name: str) -> Expr:
    """A member of what a computation gives."""
    result = let(result)
    if isinstance(result, Record):
        return result.fields.get(name, NoneLit())
    if isinstance(result, If):
        return msgspec.structs.replace(
            result, then=member_of(result.then, name), otherwise=member_of(result.otherwise, name)
        )
    return Attr(of=result, name=name)


def is_section(step: Step) -> bool:
    """Tell whether the workflow that a step runs is said by a scatter or condition."""
    run = step.run
    if not isinstance(run, Workflow) or run.id:
        return False
    plain = run.metadata is None and run.label is None and run.doc is None and not run.extensions
    return plain and (isinstance(step.scatter, Scatter) or step.when is not None)


def opened_inputs(workflow: Workflow) -> set[str]:
    """The inputs of a workflow that stand for those that its calls leave open."""
    found: set[str] = set()
    ids = {port.id for port in workflow.inputs if "." in port.id}
    if not ids:
        return found

    def visit(steps: tuple[Step, ...]) -> None:
        for step in steps:
            found.update(ids & {f"{step.id}.{name}" for name in step.inputs})
            if is_section(step):
                assert isinstance(step.run, Workflow)
                for inner in step.run.steps:
                    found.update(id_ for id_ in ids if id_.startswith(f"{inner.id}."))
                visit(step.run.steps)

    visit(workflow.steps)
    return found


def resolved(run: Process | ProcessRef, shared: Mapping[str, Process]) -> Process:
    """Return the process that a step runs."""
    seen = 0
    while isinstance(run, ProcessRef):
        seen += 1
        if run.name not in shared or seen > len(shared):
            raise CannotSayError(f"there is no process {run.name!r:.60}", run)
        run = shared[run.name]
    return run


def overridden_by(step: Step, process: Process) -> Process:
    """Return what a step runs with what the step itself says of it."""
    process_of_step = overridden(step, process)
    if process_of_step is None:
        raise CannotSayError("only tasks take resources and environments from a step", step)
    return process_of_step
