"""Conditions become scatters over nothing or one item."""

from __future__ import annotations

from dataclasses import dataclass

from fairwf.check.infer import infer
from fairwf.check.scope import Scope
from fairwf.check.sites import Definitions, resolve, step_scope, workflow_scope
from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Call,
    Expr,
    If,
    Input,
    IntLit,
    NoneLit,
    Output,
    StepInput,
)
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import BoolType, NoneType, OptionalType, Type, UnionType
from fairwf.ir.workflow import Demand, Over, Process, Scatter, Step, Workflow
from fairwf.lower.context import Context, keys_of
from fairwf.lower.substitution import over_workflows, substitute, with_steps
from fairwf.report import Fate


@dataclass(frozen=True)
class ConditionToScatter:
    """A guarded step runs a subworkflow, where its process is scattered over one item or none.

    The subworkflow gives what the scatter made, or none; so the step's name and the types of its
    outputs stay what they were, also where it scatters and the condition is tested per item.
    """

    name: str = "condition_to_scatter"
    removes: Feature = Feature.CONDITION
    adds: frozenset[Feature] = frozenset(
        {
            Feature.SUBWORKFLOW,
            Feature.SCATTER,
            Feature.SCATTER_EXPRESSION,
            Feature.LINK_EXPRESSION,
            Feature.OUTPUT_EXPRESSION,
        }
    )
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow without conditions, but of steps that loop or have handlers."""

        def visit(at: Workflow, definitions: Definitions) -> Workflow:
            scope = workflow_scope(at, definitions)
            steps = tuple(_step(step, scope, definitions, context) for step in at.steps)
            return with_steps(at, steps, context)

        return over_workflows(workflow, visit, context)


def _step(step: Step, scope: Scope, definitions: Definitions, context: Context) -> Step:
    process = resolve(step.run, definitions)
    when = step.when
    if when is None or process is None or step.loop is not None or step.handlers:
        return step
    if isinstance(step.scatter, Demand):
        return step

    def handed(node: object) -> Expr | None:
        if not isinstance(node, StepInput):
            return None
        return step.inputs.get(node.name, NoneLit())

    go = fresh("go", {*step.inputs, *keys_of(process.inputs), *keys_of(process.outputs)})
    seen = step_scope(step, scope)
    # What the step is given where it does not run may be none, whatever its process wants.
    absent = {name for name, value in step.inputs.items() if _may_be_none(infer(value, seen))}
    body = context.made(_guarded(step, process, go, absent), step)
    inputs = {**step.inputs, go: substitute(when, handed, context)}
    context.told("rewritten", when, "the condition is a scatter over one item or none")
    return context.replace(
        step, run=body, inputs=inputs, when=None, resources=None, environment=None, retry=None
    )


def _guarded(step: Step, process: Process, go: str, absent: set[str]) -> Workflow:
    """Return the subworkflow that runs the step's process where its input ``go`` is true.

    ``absent`` are inputs that may be none.
    """
    types = {port.id: port for port in process.inputs}
    ports = [
        InputPort(id=name, type=_wanted(types[name], name in absent))
        for name in step.inputs
        if name in types
    ]
    once = If(
        test=Input(name=go),
        then=Array(items=(BoolLit(value=True),)),
        otherwise=Array(items=()),
    )
    name = fresh("once", types)
    run = fresh("run", {*types, *keys_of(process.outputs), go})
    inner = Step(
        id=run,
        run=step.run,
        inputs={port.id: Input(name=port.id) for port in ports},
        scatter=Scatter(over=(Over(name=name, value=once),), mode="dot"),
        resources=step.resources,
        environment=step.environment,
        retry=step.retry,
    )
    outputs = tuple(
        OutputPort(
            id=port.id,
            type=_optional(port.type),
            value=Call(function="get", args=(Output(step=run, port=port.id), IntLit(value=0))),
        )
        for port in process.outputs
    )
    return Workflow(
        inputs=(*ports, InputPort(id=go, type=BoolType())), outputs=outputs, steps=(inner,)
    )


def _wanted(port: InputPort, absent: bool) -> Type:
    return _optional(port.type) if absent or port.default is not None else port.type


def _may_be_none(type_: Type | None) -> bool:
    if isinstance(type_, UnionType):
        return any(map(_may_be_none, type_.members))
    return isinstance(type_, (OptionalType, NoneType))


def _optional(type_: Type) -> Type:
    return type_ if isinstance(type_, OptionalType) else OptionalType(item=type_)
