"""Subworkflows become steps of the workflow around them."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fairwf.check.cycles import find_cycles
from fairwf.check.sites import Definitions, resolve
from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Call, Expr, Input, NoneLit, Output
from fairwf.ir.names import fresh
from fairwf.ir.walk import escape, nodes
from fairwf.ir.workflow import Demand, Process, ProcessRef, Step, Workflow
from fairwf.lower.context import Context, keys_of
from fairwf.lower.substitution import over_workflows, substitute
from fairwf.report import Fate


@dataclass(frozen=True)
class InlineSubworkflow:
    """A step that runs a workflow once becomes that workflow's steps, named ``step.inner``.

    Steps that scatter, loop, are skipped, or handle failures stay: inlining would change them.
    """

    name: str = "inline_subworkflow"
    removes: Feature = Feature.SUBWORKFLOW
    adds: frozenset[Feature] = frozenset(
        {
            Feature.SCATTER_EXPRESSION,
            Feature.LINK_EXPRESSION,
            Feature.LINK_DEFAULT,
            Feature.OUTPUT_EXPRESSION,
        }
    )
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with fewer subworkflows."""

        def visit(at: Workflow, definitions: Definitions) -> Workflow:
            if find_cycles(
                {
                    k: [r.name for r in nodes(p, ProcessRef) if r.name in definitions]
                    for k, p in definitions.items()
                }
            ):
                return at
            for step in at.steps:
                inner = resolve(step.run, definitions)
                if isinstance(inner, Workflow) and _plain(step):
                    at = _inline(at, step, inner, context)
            return _without_unused(at, context)

        return over_workflows(workflow, visit, context)


def _plain(step: Step) -> bool:
    special = (step.scatter, step.when, step.cancel, step.loop, step.approval, step.wait,
               step.retry, step.resources, step.environment)  # fmt: skip
    return all(part is None for part in special) and not step.handlers and not step.after


def _inline(at: Workflow, step: Step, inner: Workflow, context: Context) -> Workflow:
    copied = context.copy(inner)
    taken = keys_of(at.steps)
    names = {}
    for one in copied.steps:
        names[one.id] = fresh(f"{step.id}.{one.id}", taken)
        taken.add(names[one.id])
    values: dict[str, Expr] = {}
    for port in copied.inputs:
        given = step.inputs.get(port.id)
        if given is not None and port.default is not None:
            given = Call(function="default", args=(given, port.default))
        values[port.id] = given or port.default or NoneLit()
    processes, renamed = dict(at.processes), {}
    for name, process in copied.processes.items():
        renamed[name] = fresh(name, processes)
        processes[renamed[name]] = process

    def moved(node: msgspec.Struct) -> msgspec.Struct | None:
        if isinstance(node, Input):
            value = values.get(node.name)
            return None if value is None else context.copy(value)
        if isinstance(node, Output):
            return context.replace(node, step=names.get(node.step, node.step))
        return None

    steps = []
    for one in copied.steps:
        new = substitute(one, moved, context)
        run = new.run
        if isinstance(run, ProcessRef) and run.name in renamed:
            run = context.replace(run, name=renamed[run.name])
        after = tuple(names.get(name, name) for name in new.after)
        steps.append(context.replace(new, id=names[one.id], run=run, after=after))
    outputs = {
        port.id: substitute(port.value, moved, context)
        for port in copied.outputs
        if port.value is not None
    }

    def result(node: msgspec.Struct) -> msgspec.Struct | None:
        if isinstance(node, Output) and node.step == step.id:
            value = outputs.get(node.port)
            if value is None:
                return None
            context.told("rewritten", node, f"what {step.id!r} gave is named where it is made")
            return context.copy(value)
        return None

    def waiting(one: Step) -> Step:
        if step.id not in one.after:
            return one
        # What runs on demand is never complete: who needs it has asked for it.
        ending = [new.id for new in steps if not isinstance(new.scatter, Demand)]
        after = [n for name in one.after for n in (ending if name == step.id else [name])]
        context.told("rewritten", one, "it waits for each", part=f"after/{escape(step.id)}")
        return context.replace(one, after=tuple(dict.fromkeys(after)))

    context.told("rewritten", step, f"the steps of subworkflow {step.id!r} are steps of their own")
    rest: list[Step] = []
    for one in at.steps:
        rest.extend(steps if one is step else [waiting(substitute(one, result, context))])
    ports = tuple(substitute(port, result, context) for port in at.outputs)
    return context.replace(at, steps=tuple(rest), outputs=ports, processes=processes)


def _without_unused(at: Workflow, context: Context) -> Workflow:
    """Leave out definitions of workflows that nothing runs any more."""
    used = {ref.name for ref in nodes(at, ProcessRef)}
    gone = [k for k, p in at.processes.items() if isinstance(p, Workflow) and k not in used]
    if not gone:
        return at
    kept: dict[str, Process] = {k: p for k, p in at.processes.items() if k not in gone}
    return context.replace(at, processes=kept)
