"""Scatters in terms of simpler ones: cross products, and loops for each item."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fairwf.check.infer import infer
from fairwf.check.sites import (
    Definitions,
    resolve,
    step_scope,
    workflow_scope,
)
from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Call, Each, Expr, Input, Local, Output
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import ArrayType, OptionalType, Type
from fairwf.ir.workflow import Over, Process, Scatter, Step, Workflow
from fairwf.lower.computed_links import declared
from fairwf.lower.context import Context
from fairwf.lower.substitution import over_steps, references, substitute
from fairwf.report import Fate


@dataclass(frozen=True)
class NestedToSubworkflow:
    """A nested cross product becomes a scatter over a subworkflow that scatters the rest."""

    name: str = "nested_to_subworkflow"
    removes: Feature = Feature.SCATTER_NESTED
    adds: frozenset[Feature] = frozenset({Feature.SUBWORKFLOW, Feature.SCATTER})
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with one scatter variable a level."""

        def change(at: Workflow, step: Step, definitions: Definitions) -> Step:
            return self._step(at, step, definitions, context)

        return over_steps(workflow, change, context)

    def _step(self, at: Workflow, step: Step, definitions: Definitions, context: Context) -> Step:
        scatter = step.scatter
        process = resolve(step.run, definitions)
        if not isinstance(scatter, Scatter) or scatter.mode != "nested_crossproduct":
            return step
        if len(scatter.over) < 2 or process is None or step.loop is not None or step.handlers:
            return step
        first, rest = scatter.over[0], scatter.over[1:]
        inner = Scatter(over=rest, mode="nested_crossproduct" if len(rest) > 1 else "dot")
        body, links = inside(at, step, process, inner, definitions, context)
        context.told("rewritten", scatter, "the nested scatter is one of a subworkflow")
        new = context.replace(
            step,
            **bare(context.made(body, step), links),
            scatter=context.replace(scatter, over=(first,), mode="dot"),
        )
        inner_body = new.run
        assert isinstance(inner_body, Workflow)
        deeper = self._step(inner_body, inner_body.steps[0], definitions, context)
        if deeper is inner_body.steps[0]:
            return new
        return context.replace(new, run=context.replace(inner_body, steps=(deeper,)))


def bare(body: Workflow, links: dict[str, Expr]) -> dict[str, object]:
    """Return the changes of a step whose work is done by a step inside what it runs now."""
    gone = dict.fromkeys(("when", "loop", "resources", "environment", "retry"))
    return {"run": body, "inputs": links, **gone}


def inside(
    at: Workflow,
    step: Step,
    process: Process,
    scatter: Scatter | None,
    definitions: Definitions,
    context: Context,
) -> tuple[Workflow, dict[str, Expr]]:
    """Return a workflow with the step alone, scattered so, and the links that its inputs need."""
    own = {over.name for over in scatter.over} if scatter is not None else set()
    scope = step_scope(step, workflow_scope(at, definitions))
    ports: dict[str, InputPort] = {}
    links: dict[str, Expr] = {}
    names: dict[str, str] = {}

    def handed(node: object) -> Expr | None:
        if isinstance(node, Local) and node.name in own:
            return None
        if not isinstance(node, (Input, Output, Local)):
            return None
        fields = [str(getattr(node, name)) for name in type(node).__struct_fields__]
        key = "\0".join([type(node).__name__, *fields])
        if key not in names:
            names[key] = fresh("_".join(fields), ports)
            type_ = declared(infer(node, scope))
            ports[names[key]] = InputPort(id=names[key], type=type_)
            links[names[key]] = node
        return Input(name=names[key])

    def over(one: Over) -> Over:
        return context.replace(one, value=substitute(one.value, handed, context))

    inputs = {k: substitute(v, handed, context) for k, v in step.inputs.items()}
    if scatter is not None:
        scatter = msgspec.structs.replace(scatter, over=tuple(map(over, scatter.over)))
    inner = Step(
        id=step.id,
        run=step.run,
        inputs=inputs,
        scatter=scatter,
        when=substitute(step.when, handed, context) if step.when is not None else None,
        loop=substitute(step.loop, handed, context) if step.loop is not None else None,
        resources=step.resources,
        environment=step.environment,
        retry=step.retry,
    )
    outputs = []
    for port in process.outputs:
        type_: Type = port.type
        if step.loop is not None and step.loop.outputs == "all":
            type_ = ArrayType(items=type_)
        elif step.loop is not None and not isinstance(type_, OptionalType):
            type_ = OptionalType(item=type_)
        if step.when is not None and not isinstance(type_, OptionalType):
            type_ = OptionalType(item=type_)
        for _ in own:
            type_ = ArrayType(items=type_)
        outputs.append(OutputPort(id=port.id, type=type_, value=Output(step=step.id, port=port.id)))
    return Workflow(inputs=tuple(ports.values()), outputs=tuple(outputs), steps=(inner,)), links


@dataclass(frozen=True)
class LoopToSubworkflow:
    """A step that loops for each item becomes a scatter over a subworkflow that loops."""

    name: str = "scattered_loop_to_subworkflow"
    removes: Feature = Feature.SCATTERED_LOOP
    adds: frozenset[Feature] = frozenset({Feature.SUBWORKFLOW})
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with steps that either scatter or loop."""

        def change(at: Workflow, step: Step, definitions: Definitions) -> Step:
            return self._step(at, step, definitions, context)

        return over_steps(workflow, change, context)

    def _step(self, at: Workflow, step: Step, definitions: Definitions, context: Context) -> Step:
        process = resolve(step.run, definitions)
        if step.loop is None or not isinstance(step.scatter, Scatter) or process is None:
            return step
        if step.handlers:
            return step
        body, links = inside(at, step, process, None, definitions, context)
        context.told("rewritten", step.loop, "the loop is one of a subworkflow for each item")
        return context.replace(step, **bare(context.made(body, step), links))


@dataclass(frozen=True)
class FlatToDot:
    """A flat cross product becomes a dot scatter over arrays that repeat their items."""

    name: str = "flat_to_dot"
    removes: Feature = Feature.SCATTER_FLAT
    adds: frozenset[Feature] = frozenset(
        {Feature.SCATTER_DOT, Feature.SCATTER_EXPRESSION, Feature.LINK_EXPRESSION, Feature.SCATTER}
    )
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with a dot scatter in place of each flat one."""

        def visit(at: object) -> Scatter | object:
            crossed = isinstance(at, Scatter) and at.mode == "flat_crossproduct"
            if not isinstance(at, Scatter) or not crossed or len(at.over) < 2:
                return at
            taken = {over.name for over in at.over}
            taken |= {
                r.name for over in at.over for r in references(over.value) if isinstance(r, Local)
            }
            over = tuple(
                context.replace(item, value=_repeated(at.over, index, taken, context))
                for index, item in enumerate(at.over)
            )
            context.told("rewritten", at, "the flat cross product is a dot scatter")
            return context.replace(at, over=over, mode="dot")

        return context.rewrite(workflow, visit)  # type: ignore[arg-type]


def _repeated(over: tuple[Over, ...], chosen: int, taken: set[str], context: Context) -> Expr:
    """Return the array that has, for each combination, the item of the chosen collection."""
    names = [fresh(f"item_{index}", taken) for index in range(len(over))]
    body: Expr = Local(name=names[chosen])
    for index in reversed(range(len(over))):
        body = Each(name=names[index], over=context.copy(over[index].value), body=body)
        if index < len(over) - 1:
            body = Call(function="flatten", args=(body,))
    return body
