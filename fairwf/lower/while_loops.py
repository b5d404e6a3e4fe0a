"""Loops become loops of one form: tested before each round, without a limit beside the test."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

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
    State,
)
from fairwf.ir.names import fresh
from fairwf.ir.workflow import Loop, Step
from fairwf.lower.context import Context
from fairwf.lower.substitution import over_steps, references, substitute
from fairwf.report import Fate


@dataclass(frozen=True)
class LoopToWhile:
    """What a test after the round sees, and the count of rounds, become state of the loop.

    The test of a loop that fails at its limit fails there itself. A step that scatters beside is
    left alone, and one with a condition that collects all rounds, which gives none if skipped.
    """

    name: str = "loop_to_while"
    removes: Feature = Feature.LOOP
    adds: frozenset[Feature] = frozenset({Feature.WHILE})
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with such loops, where they can be."""
        return over_steps(workflow, lambda at, step, known: _step(step, context), context)


def _step(step: Step, context: Context) -> Step:
    loop = step.loop
    if loop is None or step.scatter is not None:
        return step
    if step.when is not None and loop.outputs == "all":
        return step
    changed = _tested_before(loop, context)
    if changed.max is not None:
        changed = _counted(changed, context)
    if changed is loop:
        return step
    context.told("rewritten", loop, "the test of the loop stands before each round, in its state")
    return context.replace(step, loop=changed)


def _tested_before(loop: Loop, context: Context) -> Loop:
    """Return the loop with its test kept in the state, where it sees what a round made."""
    sees = any(isinstance(one, BodyOutput) for one in references(loop.until))
    if loop.test == "before" and not sees:
        return loop
    name = fresh("ended", loop.state)

    def first(node: msgspec.Struct) -> msgspec.Struct | None:
        if isinstance(node, State) and node.name in loop.state:
            return context.copy(loop.state[node.name])
        return NoneLit() if isinstance(node, BodyOutput) else None

    def after(node: msgspec.Struct) -> msgspec.Struct | None:
        if isinstance(node, State) and node.name in loop.next:
            return context.copy(loop.next[node.name])
        return None

    start: Expr = BoolLit(value=False)
    if loop.test == "before":
        start = substitute(context.copy(loop.until), first, context)
    following = substitute(context.copy(loop.until), after, context)
    return context.replace(
        loop,
        state={**loop.state, name: start},
        next={**loop.next, name: following},
        until=context.made(State(name=name), loop.until),
        test="before",
    )


def _counted(loop: Loop, context: Context) -> Loop:
    """Return the loop with its rounds counted in the state."""
    limit = loop.max
    assert limit is not None
    state, following = dict(loop.state), dict(loop.next)
    count = fresh("rounds", state)
    state[count] = IntLit(value=0)
    following[count] = Call(function="add", args=(State(name=count), IntLit(value=1)))
    most = limit
    if not isinstance(limit, IntLit):
        held = fresh("most_rounds", state)
        state[held] = limit
        most = State(name=held)
    reached = Call(function="greater_equal", args=(State(name=count), most))
    until: Expr = Call(function="or", args=(loop.until, reached))
    if loop.on_max == "fail":
        failing = Call(function="first_defined", args=(Array(items=(NoneLit(),)),))
        late = If(test=reached, then=failing, otherwise=BoolLit(value=False))
        until = If(test=loop.until, then=BoolLit(value=True), otherwise=late)
    changed = context.replace(
        loop, state=state, next=following, until=until, max=None, on_max="fail"
    )
    return context.made(changed, loop)
