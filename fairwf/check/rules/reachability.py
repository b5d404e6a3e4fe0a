"""Steps that never run, and steps that run for nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fairwf.check.findings import Findings
from fairwf.check.rules.tasks import PROCESSES
from fairwf.check.sites import placed, resolve
from fairwf.ir.expressions import BoolLit, Output
from fairwf.ir.walk import children
from fairwf.ir.workflow import Process, ProcessRef, Step, Workflow


def check_reachability(root: Process, findings: Findings) -> None:
    """Tell of steps whose condition is never true, and of steps that no output needs.

    A step without outputs, and any step of a workflow without outputs, runs for what it does
    elsewhere, so nothing is said of it; nor of one that an approval or event waits in.
    """
    for place in placed(root):
        workflow = place.process
        if not isinstance(workflow, Workflow):
            continue
        definitions = {**place.definitions, **workflow.processes}
        never = [step for step in workflow.steps if _never(step)]
        for step in never:
            findings.tell(
                "FWF2102",
                step.when if step.when is not None else step,
                f"step {step.id!r:.60} never runs: its condition is always false",
                "remove the step, or let the condition depend on an input",
            )
        if not workflow.outputs:
            continue
        needed = _needed(workflow)
        for step in workflow.steps:
            process = resolve(step.run, definitions)
            acts = step.approval is not None or step.wait is not None
            if step.id in needed or step in never or acts:
                continue
            if process is not None and process.outputs:
                findings.tell(
                    "FWF2103",
                    step,
                    f"no output of the workflow needs step {step.id!r:.60}",
                    "make one of its outputs an output of the workflow, or remove the step",
                    field="id",
                )


def _never(step: Step) -> bool:
    return isinstance(step.when, BoolLit) and not step.when.value


def _needed(workflow: Workflow) -> set[str]:
    """Return the steps that outputs of the workflow come from, directly or through others."""
    steps = {step.id: step for step in workflow.steps}
    needed: set[str] = set()
    waiting = [name for port in workflow.outputs for name in _steps_in(port)]
    if any(step.produces for step in workflow.steps):  # asked for by path, when it runs
        return set(steps)
    while waiting:
        name = waiting.pop()
        if name not in needed and name in steps:
            needed.add(name)
            waiting += [*_steps_in(steps[name]), *steps[name].after]
    return needed


def _steps_in(node: msgspec.Struct) -> Iterator[str]:
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, Output):
            yield at.step
        stack.extend(
            child for _, child in children(at) if not isinstance(child, (*PROCESSES, ProcessRef))
        )
