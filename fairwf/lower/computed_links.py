"""Computed links and outputs become steps of their own that run a Pure process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from fairwf.check.infer import infer, reference_type
from fairwf.check.scope import Scope
from fairwf.check.sites import Definitions, resolve, step_scope, workflow_scope
from fairwf.features import Feature, link_form, output_form, over_form
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Expr, Input, Output, Record, StepInput
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import AnyType, KeyedType, OptionalType, StreamType, Type
from fairwf.ir.workflow import Demand, Over, Process, Pure, Scatter, Step, Workflow
from fairwf.lower.context import Context, keys_of
from fairwf.lower.substitution import is_reference, over_workflows, references, substitute
from fairwf.report import Fate

RESULT = "value"
"""The output of a step made from an expression."""


@dataclass(frozen=True)
class LinkToStep:
    """A computed link of this form becomes a step before; per item, a subworkflow around both."""

    removes: Feature
    adds: frozenset[Feature] = frozenset({Feature.PURE, Feature.SUBWORKFLOW})
    fate: Fate = "rewritten"

    @property
    def name(self) -> str:
        """``step_for_`` and the form."""
        return f"step_for_{self.removes.value}"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with plain links only, of this form."""

        def visit(at: Workflow, definitions: Definitions) -> Workflow:
            for step in at.steps:
                at = self._step(at, step, definitions, context)
            return self._outputs(at, definitions, context)

        return over_workflows(workflow, visit, context)

    def chosen(self, value: Expr, scope: Scope) -> bool:
        """Tell whether a link becomes a step."""
        return link_form(value) is self.removes

    def _outputs(self, at: Workflow, definitions: Definitions, context: Context) -> Workflow:
        if self.removes not in (Feature.MERGE, Feature.PICK_VALUE):
            return at
        return outputs_to_steps(at, definitions, context, self.removes)

    def _step(
        self, at: Workflow, step: Step, definitions: Definitions, context: Context
    ) -> Workflow:
        whole = workflow_scope(at, definitions)
        scope = step_scope(step, whole)
        steps = list(at.steps)
        place = next(i for i, one in enumerate(steps) if one is step)
        made: list[Step] = []
        process = resolve(step.run, definitions)
        inputs = dict(step.inputs)
        inner: dict[str, Expr] = {}
        for name, value in step.inputs.items():
            if not self.chosen(value, scope):
                continue
            if not all(isinstance(ref, (Input, Output)) for ref in references(value)):
                inner[name] = value
                continue
            wanted = _port_type(process, name)
            new = _before(at, made, f"{step.id}_{name}", value, scope, wanted, context)
            if new is not None:
                inputs[name] = new
        scatter = step.scatter
        if isinstance(scatter, Scatter):
            scatter = self._scatter(at, step, scatter, made, whole, context)
        if made:
            new_step = context.replace(step, inputs=inputs, scatter=scatter)
            steps[place : place + 1] = [*made, new_step]
            at = context.replace(at, steps=tuple(steps))
            step = new_step
        if inner and process is not None and not isinstance(step.scatter, Demand):
            wrapped = _wrap(step, process, inner, scope, context)
            if wrapped is not None:
                rest = tuple(wrapped if one is step else one for one in at.steps)
                at = context.replace(at, steps=rest)
        return at

    def _scatter(
        self,
        at: Workflow,
        step: Step,
        scatter: Scatter,
        made: list[Step],
        whole: Scope,
        context: Context,
    ) -> Scatter:
        over: list[Over] = []
        for item in scatter.over:
            new = None
            if over_form(item.value) is self.removes:
                base = f"{step.id}_{item.name}"
                new = _before(at, made, base, item.value, whole, None, context)
            over.append(item if new is None else context.replace(item, value=new))
        if all(a is b for a, b in zip(over, scatter.over, strict=True)):
            return scatter
        return context.replace(scatter, over=tuple(over))


def _port_type(process: Process | None, name: str) -> Type | None:
    ports = process.inputs if process is not None else ()
    for port in ports:
        if port.id == name:
            given = port.type
            return OptionalType(item=given) if port.default is not None else given
    return None


def _before(
    at: Workflow,
    made: list[Step],
    base: str,
    value: Expr,
    scope: Scope,
    wanted: Type | None,
    context: Context,
) -> Output | None:
    taken = keys_of(at.steps) | keys_of(made) | keys_of(at.inputs) | keys_of(at.outputs)
    name = fresh(base, taken)
    type_ = declared(wanted or infer(value, scope))
    step = pure_step(name, value, type_, scope, context)
    if step is None:
        return None
    made.append(step)
    text = f"a computed value is made by a step of its own, {name!r}"
    context.told("rewritten", value, text)
    return context.made(Output(step=name, port=RESULT), value)


def pure_step(name: str, value: Expr, type_: Type, scope: Scope, context: Context) -> Step | None:
    """Return a step that computes ``value``; None where a value in it cannot be handed over."""
    process, links = pure_of({RESULT: (value, type_)}, scope, context)
    if any(isinstance(p.type, (KeyedType, StreamType)) for p in process.inputs):
        return None
    return context.made(Step(id=name, run=process, inputs=links), value)


def pure_of(
    results: Mapping[str, tuple[Expr, Type]], scope: Scope, context: Context
) -> tuple[Pure, dict[str, Expr]]:
    """Return a Pure process that computes the results, and the links that its inputs need."""
    ports: dict[str, InputPort] = {}
    links: dict[str, Expr] = {}
    names: dict[tuple[str, ...], str] = {}

    def named(node: msgspec.Struct) -> Expr | None:
        if not is_reference(node):
            return None
        key = _key(node)
        if key not in names:
            names[key] = fresh("_".join(key[1:]), ports)
            ports[names[key]] = InputPort(id=names[key], type=declared(reference_type(node, scope)))
            links[names[key]] = node
        return Input(name=names[key])

    fields = {port: substitute(value, named, context) for port, (value, _) in results.items()}
    outputs = tuple(OutputPort(id=port, type=type_) for port, (_, type_) in results.items())
    process = Pure(inputs=tuple(ports.values()), outputs=outputs, result=Record(fields=fields))
    return process, links


def _key(node: Expr) -> tuple[str, ...]:
    fields = [str(getattr(node, name)) for name in type(node).__struct_fields__]
    return (type(node).__name__, *fields)


def declared(type_: Type) -> Type:
    """Return a type as a port may declare it: what is unknown takes any value and none."""
    if isinstance(type_, AnyType):
        return OptionalType(item=type_)
    members = getattr(type_, "members", None)
    return OptionalType(item=AnyType()) if members is not None and not members else type_


def _wrap(
    step: Step, process: Process, inner: Mapping[str, Expr], scope: Scope, context: Context
) -> Step | None:
    """Put the step's process and the values computed per item into a subworkflow."""
    given: dict[str, tuple[Expr, Type]] = {}
    for name, value in inner.items():
        wanted = _port_type(process, name)
        given[name] = (value, declared(wanted or infer(value, scope)))
    pure, links = pure_of(given, scope, context)
    if any(isinstance(p.type, (KeyedType, StreamType)) for p in pure.inputs):
        return None
    ports = list(pure.inputs)
    outer: dict[str, Expr] = dict(links)
    into: dict[str, Expr] = {}
    for name, value in step.inputs.items():
        if name in inner:
            into[name] = Output(step="compute", port=name)
            continue
        port_name = fresh(name, outer)
        outer[port_name] = value
        wanted = _port_type(process, name) or AnyType()
        ports.append(InputPort(id=port_name, type=wanted))
        into[name] = Input(name=port_name)
    body = Workflow(
        inputs=tuple(ports),
        outputs=tuple(
            OutputPort(id=p.id, type=p.type, value=Output(step="run", port=p.id))
            for p in process.outputs
        ),
        steps=(
            Step(id="compute", run=pure, inputs={p.id: Input(name=p.id) for p in pure.inputs}),
            Step(id="run", run=step.run, inputs=into),
        ),
    )

    def computed(node: object) -> Expr | None:
        return inner.get(node.name) if isinstance(node, StepInput) else None

    changes: dict[str, object] = {"run": context.made(body, step), "inputs": outer}
    for part in ("when", "loop"):
        old = getattr(step, part)
        if old is not None:
            changes[part] = substitute(old, computed, context)
    for value in inner.values():
        text = "a value computed for each item is made inside a subworkflow"
        context.told("rewritten", value, text)
    return context.replace(step, **changes)


@dataclass(frozen=True)
class OutputToStep:
    """A computed output of a workflow becomes a step."""

    name: str = "step_for_output_expression"
    removes: Feature = Feature.OUTPUT_EXPRESSION
    adds: frozenset[Feature] = frozenset({Feature.PURE})
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with outputs that only name values."""

        def visit(at: Workflow, definitions: Definitions) -> Workflow:
            return outputs_to_steps(at, definitions, context, self.removes)

        return over_workflows(workflow, visit, context)


def outputs_to_steps(
    at: Workflow, definitions: Definitions, context: Context, form: Feature
) -> Workflow:
    """Return the workflow with a step for each output value of this form."""
    scope = workflow_scope(at, definitions)
    made: list[Step] = []
    outputs: list[OutputPort] = []
    for port in at.outputs:
        new = None
        if port.value is not None and output_form(port.value) is form:
            new = _before(at, made, port.id, port.value, scope, port.type, context)
        outputs.append(port if new is None else context.replace(port, value=new))
    if not made:
        return at
    steps: Sequence[Step] = [*at.steps, *made]
    return context.replace(at, steps=tuple(steps), outputs=tuple(outputs))
