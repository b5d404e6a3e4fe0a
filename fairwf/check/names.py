"""Names: every reference resolves and has a meaning where it stands; ids are unique."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from fairwf.check.findings import Findings
from fairwf.check.scope import Scope
from fairwf.check.sites import Definitions, placed, resolve, sites_of
from fairwf.ir.expressions import (
    BodyOutput,
    Call,
    Each,
    Expr,
    Input,
    Key,
    Local,
    Output,
    Runtime,
    State,
    StepInput,
)
from fairwf.ir.types import AnyType
from fairwf.ir.walk import children
from fairwf.ir.workflow import Demand, Process, ProcessRef, Scatter, Step, Workflow
from fairwf.source import did_you_mean

_MEANING = {
    Output: "outputs of steps can be used only in the links of their workflow",
    StepInput: "what a step hands to its process is known only in its condition and its loop",
    Key: "keys exist only in a step over demanded keys",
    State: "the state of a loop exists only in the step that loops",
    BodyOutput: "outputs of a loop's body exist only in its next state and its test",
    Runtime: "the runtime exists only inside a task",
    Call: "only what cancels a running step may depend on when things arrive: use collect",
}


def check_names(root: Process, findings: Findings) -> None:
    """Tell of references that resolve to nothing, misplaced ones, and ids used twice."""
    for place in placed(root):
        _unique(place.process, findings)
        for site in sites_of(place):
            _references(site.expression, site.scope, findings)
        if isinstance(place.process, Workflow):
            _steps(place.process, {**place.definitions, **place.process.processes}, findings)


def _unique(process: Process, findings: Findings) -> None:
    _once("input", process.inputs, findings)
    _once("output", process.outputs, findings)
    if isinstance(process, Workflow):
        _once("step", process.steps, findings)
        for step in process.steps:
            if isinstance(step.scatter, Scatter):
                _once("scatter variable", step.scatter.over, findings)
            elif isinstance(step.scatter, Demand):
                _once("key", step.scatter.keys, findings)


def _once(what: str, items: Iterable[msgspec.Struct], findings: Findings) -> None:
    seen: set[str] = set()
    for item in items:
        field = "id" if hasattr(item, "id") else "name"
        name = getattr(item, field)
        if name in seen:
            hint = "give one of them another name"
            findings.tell("FWF2002", item, f"two {what}s are called {name!r}", hint, field=field)
        seen.add(name)


def _references(expression: Expr, scope: Scope, findings: Findings) -> None:
    stack: list[tuple[msgspec.Struct, Scope]] = [(expression, scope)]
    while stack:
        node, at = stack.pop()
        _reference(node, at, findings)
        if isinstance(node, Each):
            inner = at.with_locals({node.name: AnyType()})
            stack.append((node.over, at))
            stack.append((node.body, inner))
            if node.where is not None:
                stack.append((node.where, inner))
        else:
            stack.extend((child, at) for _, child in children(node))


def _reference(node: msgspec.Struct, scope: Scope, findings: Findings) -> None:
    match node:
        case Input(name=name):
            _known(node, name, "input", scope.inputs, scope, findings)
        case Output():
            _output(node, scope, findings)
        case StepInput(name=name):
            _known(node, name, "input of the step", scope.step_inputs, scope, findings)
        case Local(name=name):
            _known(node, name, "local name", scope.locals, scope, findings)
        case Key(name=name):
            _known(node, name, "key", scope.keys, scope, findings)
        case State(name=name):
            _known(node, name, "state variable", scope.state, scope, findings)
        case BodyOutput(port=port):
            _known(node, port, "output of the loop's body", scope.body, scope, findings)
        case Call(function="so_far") if not scope.growing:
            _misplaced(node, "what has arrived so far", scope, findings)
        case Runtime(name=name) if not scope.runtime:
            _misplaced(node, f"runtime.{name}", scope, findings)


def _known(
    node: msgspec.Struct,
    name: str,
    what: str,
    names: Mapping[str, object] | None,
    scope: Scope,
    findings: Findings,
) -> None:
    if names is None:
        _misplaced(node, f"{what} {name!r}", scope, findings)
    elif name not in names:
        hint = did_you_mean(name, names) or _known_names(names)
        findings.tell("FWF2001", node, f"no {what} is called {name!r}", hint)


def _known_names(names: Mapping[str, object]) -> str | None:
    return f"known: {', '.join(list(names)[:8])}" if names else None


def _misplaced(node: msgspec.Struct, what: str, scope: Scope, findings: Findings) -> None:
    hint = _MEANING.get(type(node))
    findings.tell("FWF2011", node, f"{what} has no meaning in {scope.place}", hint)


def _output(node: Output, scope: Scope, findings: Findings) -> None:
    if scope.outputs is None:
        _misplaced(node, f"output {node.port!r} of step {node.step!r}", scope, findings)
    elif node.step not in scope.outputs:
        hint = did_you_mean(node.step, scope.outputs) or _known_names(scope.outputs)
        findings.tell("FWF2001", node, f"no step is called {node.step!r}", hint, field="step")
    elif node.port not in scope.outputs[node.step]:
        ports = scope.outputs[node.step]
        hint = did_you_mean(node.port, ports) or _known_names(ports)
        text = f"step {node.step!r} has no output {node.port!r}"
        findings.tell("FWF2001", node, text, hint, field="port")


def _steps(workflow: Workflow, definitions: Definitions, findings: Findings) -> None:
    ids = {step.id: step for step in workflow.steps}
    for step in workflow.steps:
        runs = [step.run, *(handler.run for handler in step.handlers if handler.run is not None)]
        for run in runs:
            if isinstance(run, ProcessRef) and resolve(run, definitions) is None:
                hint = did_you_mean(run.name, definitions) or _known_names(definitions)
                findings.tell("FWF2001", run, f"no process is called {run.name!r}", hint)
        for name in step.after:
            if name not in ids:
                hint = did_you_mean(name, ids)
                text = f"no step is called {name!r}"
                findings.tell("FWF2001", step, text, hint, field="after")
            elif isinstance(ids[name].scatter, Demand):
                text = f"step {name!r} runs on demand and is never complete: nothing can follow it"
                findings.tell("FWF2013", step, text, field="after")
        _step_names(step, resolve(step.run, definitions), findings)


def _step_names(step: Step, process: Process | None, findings: Findings) -> None:
    if process is None:
        return
    outputs = {port.id: port for port in process.outputs}
    for name in step.produces:
        if name not in outputs:
            hint = did_you_mean(name, outputs)
            text = f"the process of step {step.id!r} has no output {name!r}"
            findings.tell("FWF2001", step, text, hint, field="produces")
    if step.loop is not None:
        for name in step.loop.next:
            if name not in step.loop.state:
                hint = did_you_mean(name, step.loop.state)
                text = f"the loop of step {step.id!r} has no state variable {name!r}"
                findings.tell("FWF2001", step.loop, text, hint, field="next")
