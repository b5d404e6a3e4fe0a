"""Loops with a known limit become that many guarded steps."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from fairwf.check.scope import Scope
from fairwf.check.sites import Definitions, resolve, step_scope, workflow_scope
from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.expressions import (
    Array,
    BodyOutput,
    BoolLit,
    Call,
    Expr,
    If,
    IntLit,
    NoneLit,
    Output,
    State,
    StepInput,
)
from fairwf.ir.names import fresh
from fairwf.ir.types import AnyType, ArrayType, BoolType, OptionalType, Type
from fairwf.ir.workflow import Loop, Process, Step, Workflow
from fairwf.lower.computed_links import pure_of
from fairwf.lower.context import Context, keys_of
from fairwf.lower.substitution import over_workflows, references, substitute
from fairwf.report import Fate

MOST_ROUNDS = 64
"""Loops of more rounds are not unrolled."""


@dataclass(frozen=True)
class UnrollLoop:
    """Round ``n`` runs if round ``n - 1`` ran and did not end the loop.

    For loops with a literal limit of at most 64 rounds, on steps that neither scatter nor have
    handlers, nor a condition on what the loop makes. The step's own name stays that of the step
    that picks the last outputs, or those of all rounds that ran.
    """

    name: str = "unroll_loop"
    removes: Feature = Feature.LOOP
    adds: frozenset[Feature] = frozenset({Feature.PURE, Feature.CONDITION, Feature.LINK_EXPRESSION})
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with rounds in place of loops."""

        def visit(at: Workflow, definitions: Definitions) -> Workflow:
            for step in at.steps:
                process = resolve(step.run, definitions)
                if step.loop is not None and process is not None and _plain(step, step.loop):
                    rounds = _rounds(at, step, step.loop, process, definitions, context)
                    text = f"the loop is {_limit(step.loop)} guarded rounds, one step each"
                    context.told("rewritten", step.loop, text)
                    steps: list[Step] = []
                    for one in at.steps:
                        steps.extend(rounds if one is step else [one])
                    at = context.replace(at, steps=tuple(steps))
            return at

        return over_workflows(workflow, visit, context)


def _limit(loop: Loop) -> int:
    return loop.max.number if isinstance(loop.max, IntLit) else 0


def _plain(step: Step, loop: Loop) -> bool:
    if step.scatter is not None or step.handlers or not 1 <= _limit(loop) <= MOST_ROUNDS:
        return False
    made = (StepInput, BodyOutput)
    return step.when is None or not any(isinstance(r, made) for r in references(step.when))


def _rounds(
    at: Workflow,
    step: Step,
    loop: Loop,
    process: Process,
    definitions: Definitions,
    context: Context,
) -> list[Step]:
    taken = keys_of(at.steps)
    scope = step_scope(step, workflow_scope(at, definitions))
    anything: Type = OptionalType(item=AnyType())
    state: dict[str, Expr] = dict(loop.state)
    guard: Expr | None = None
    if loop.test == "before":
        guard = _negated(_with(loop.until, state, None, context))
    if step.when is not None:
        wanted = _with(step.when, state, None, context)
        guard = wanted if guard is None else If(test=wanted, then=guard, otherwise=_false())
    made: list[Step] = []
    bodies: list[tuple[str, str]] = []
    for number in range(1, _limit(loop) + 1):
        body = fresh(f"{step.id}_{number}", taken)
        after = fresh(f"{step.id}_{number}_state", {*taken, body})
        taken |= {body, after}
        inputs = {k: _with(v, state, None, context) for k, v in step.inputs.items()}
        made.append(
            Step(
                id=body,
                run=step.run if number == 1 else context.copy(step.run),
                inputs=inputs,
                when=guard,
                after=step.after if number == 1 else (),
                approval=step.approval if number == 1 else None,
                wait=step.wait if number == 1 else None,
                resources=step.resources,
                environment=step.environment,
                retry=step.retry,
            )
        )
        bodies.append((body, after))
        following = {k: _with(v, state, body, context) for k, v in loop.next.items()}
        following = {**{k: context.copy(v) for k, v in state.items()}, **following}
        results: dict[str, tuple[Expr, Type]] = {k: (v, anything) for k, v in following.items()}
        ended = _with(loop.until, following, body, context)
        done = _done(loop)
        results[done] = (ended, BoolType())
        pure, links = _typed(results, process, body, scope, context, guard is not None)
        made.append(Step(id=after, run=pure, inputs=links, when=_copied(guard, context)))
        state = {k: Output(step=after, port=k) for k in following}
        finished = Output(step=after, port=done)
        guard = If(
            test=Call(function="defined", args=(finished,)),
            then=_negated(Output(step=after, port=done)),
            otherwise=_false(),
        )
    made.append(_last(step, loop, process, bodies, guard, scope, context))
    return [context.made(one, step) for one in made]


def _copied(guard: Expr | None, context: Context) -> Expr | None:
    return context.copy(guard) if guard is not None else None


def _false() -> Expr:
    return BoolLit(value=False)


def _negated(value: Expr) -> Expr:
    return Call(function="not", args=(value,))


def _with(value: Expr, state: dict[str, Expr], body: str | None, context: Context) -> Expr:
    def now(node: msgspec.Struct) -> msgspec.Struct | None:
        if isinstance(node, State) and node.name in state:
            return context.copy(state[node.name])
        if isinstance(node, BodyOutput):
            return Output(step=body, port=node.port) if body is not None else NoneLit()
        return None

    return substitute(context.copy(value), now, context)


def _typed(
    results: dict[str, tuple[Expr, Type]],
    process: Process,
    body: str,
    scope: Scope,
    context: Context,
    guarded: bool,
) -> tuple[Process, dict[str, Expr]]:
    outputs = dict(scope.outputs or {})
    outputs[body] = {
        port.id: OptionalType(item=port.type)
        if guarded and not isinstance(port.type, OptionalType)
        else port.type
        for port in process.outputs
    }
    return pure_of(results, replace(scope, outputs=outputs), context)


def _last(
    step: Step,
    loop: Loop,
    process: Process,
    bodies: list[tuple[str, str]],
    guard: Expr | None,
    scope: Scope,
    context: Context,
) -> Step:
    """Return the step of the loop's name that gives the outputs of the last round that ran."""
    assert guard is not None
    outputs = dict(scope.outputs or {})
    anything: Type = OptionalType(item=AnyType())
    for body, after in bodies:
        outputs[body] = {port.id: anything for port in process.outputs}
        outputs[after] = dict.fromkeys((*loop.state, _done(loop)), anything)
    results: dict[str, tuple[Expr, Type]] = {}
    for port in process.outputs:
        every = loop.outputs == "all"
        value: Expr = Array(items=()) if every else NoneLit()
        for number, (body, after) in enumerate(bodies, start=1):
            ran = Call(function="defined", args=(Output(step=after, port=_done(loop)),))
            now: Expr = Output(step=body, port=port.id)
            if every:
                now = Array(items=tuple(Output(step=b, port=port.id) for b, _ in bodies[:number]))
            value = If(test=ran, then=now, otherwise=value)
        if loop.on_max == "fail":
            failing = Call(function="first_defined", args=(Array(items=(NoneLit(),)),))
            value = If(test=context.copy(guard), then=failing, otherwise=value)
        type_: Type = ArrayType(items=port.type) if every else port.type
        if not every and loop.test == "before" and not isinstance(type_, OptionalType):
            type_ = OptionalType(item=type_)
        results[port.id] = (value, type_)
    pure, links = pure_of(results, replace(scope, outputs=outputs), context)
    wanted = _with(step.when, dict(loop.state), None, context) if step.when is not None else None
    return Step(
        id=step.id, run=pure, inputs=links, when=wanted, label=step.label,
        doc=step.doc, extensions=step.extensions,
    )  # fmt: skip


def _done(loop: Loop) -> str:
    return fresh("ended", loop.state)
