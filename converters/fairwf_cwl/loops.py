"""Loops of steps: CWL v1.3 "LoopWorkflowStep" and cwltool's extension ``cwltool:Loop`` of v1.2.

All inputs of the step are the loop's state, computed once before the first round. What ``loop``
says of an input is its next state; the other inputs keep their value. The condition is tested
before each round, and the loop ends where it does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from fairwf.ir import types as ir
from fairwf.ir.expressions import BodyOutput, Call, Expr, NoneLit, State
from fairwf.ir.origins import Span
from fairwf.ir.workflow import Loop, Process
from fairwf.source import SourceMap, did_you_mean
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.context import LOOP, Context, Scope
from fairwf_cwl.idmaps import Entry, entries
from fairwf_cwl.links import Links
from fairwf_cwl.names import short
from fairwf_cwl.ports import PortReader


class LoopSource(msgspec.Struct, frozen=True):
    """What a step says of its loop, in either syntax.

    ``source`` is the field of an entry of ``inputs`` that names outputs of the round before.
    """

    inputs: Any
    source: str
    when: str
    when_span: Span
    all_rounds: bool
    span: Span


def loop_of(node: SourceMap, scope: Scope) -> LoopSource | None:
    """Return the loop of a step, or None for a step that runs once."""
    found = scope.requirements.get(LOOP)
    if found is not None:
        return LoopSource(
            inputs=found.get("loop"),
            source="loopSource",
            when=str(found.get("loopWhen")),
            when_span=found.value_span("loopWhen"),
            all_rounds=found.get("outputMethod") == "all",
            span=found.span,
        )
    if node.get("loop") is None:
        return None
    return LoopSource(
        inputs=node.get("loop"),
        source="outputSource",
        when=str(node.get("when")),
        when_span=node.value_span("when"),
        all_rounds=node.get("outputMethod") == "all_iterations",
        span=node.value_span("loop"),
    )


def check_loop(context: Context, node: SourceMap, scope: Scope) -> None:
    """Tell of what a step with a loop may not say beside it."""
    native, extension = node.get("loop") is not None, LOOP in scope.requirements

    def wrong(field: str, message: str, hint: str) -> None:
        context.report.add("FWF1101", message, span=node.key_span(field), hint=hint)

    if (native or extension) and node.get("scatter"):
        wrong(
            "scatter",
            "a step cannot both scatter and loop",
            "scatter over a subworkflow whose step loops",
        )
    if extension and "when" in node:
        wrong("when", f"'when' cannot stand beside {LOOP}", "say it in loopWhen")
    if extension and native:
        wrong("loop", f"'loop' cannot stand beside {LOOP}", "say only one of them")
    if native and not node.get("when"):
        wrong("loop", "a loop needs 'when'", "the step runs again while it holds")
    if "outputMethod" in node and not native:
        wrong("outputMethod", "'outputMethod' means something only beside 'loop'", "remove it")


class _Body(Links):
    """Resolves the sources of a loop: outputs of the step's own process."""

    def __init__(self, links: Links, process: Process, out: Mapping[str, Any]) -> None:
        super().__init__(links.report, links.name, {}, {})
        self.types = {port.id: port.type for port in process.outputs if port.id in out}

    def source(self, text: str, span: Span) -> Bound:
        name = short(text)
        if name in self.types:
            return Bound(lambda: BodyOutput(port=name), self.types[name])
        hint = did_you_mean(name, self.types) or f"it has: {', '.join(self.types) or 'none'}"
        self.report.add(
            "FWF1106", f"the step has no output {name!r:.60} in its 'out'", span=span, hint=hint
        )
        return Bound(NoneLit)


class LoopReader:
    """Reads the loop of one step."""

    def __init__(self, context: Context, ports: PortReader, scope: Scope) -> None:
        self.context = context
        self.ports = ports
        self.scope = scope

    def read(
        self,
        said: LoopSource,
        first: Mapping[str, Bound],
        process: Process,
        out: Mapping[str, Any],
        links: Links,
    ) -> Loop:
        """Return the loop; ``first`` holds what the step hands to the first round."""
        types: dict[str, ir.Type] = {port.id: port.type for port in process.inputs}
        state = {name: _state(name, types.get(name)) for name in first}
        names = replace(self.scope.names(), inputs=state, typed=False)
        body = _Body(links, process, out)
        following: dict[str, Expr] = {}
        for entry in entries(said.inputs, "id", said.source):
            name = short(entry.key)
            if name not in first:
                self.context.report.add(
                    "FWF1106",
                    f"the loop changes {name!r:.60}, which is not in the step's 'in'",
                    span=entry.key_span,
                    hint=did_you_mean(name, first) or f"it has: {', '.join(first) or 'none'}",
                )
            following[name] = self._next(entry, said.source, body, names)
        expressions = self.context.expressions
        going = expressions.read(said.when, said.when_span, names)
        until = expressions.place(Call(function="not", args=(going,)), said.when_span)
        start = {name: expressions.place(bound.make(), said.span) for name, bound in first.items()}
        loop = Loop(
            state=start,
            next=following,
            until=until,
            test="before",
            outputs="all" if said.all_rounds else "last",
        )
        self.context.origins.set(loop, said.span)
        return loop

    def _next(self, entry: Entry, field: str, body: _Body, names: Names) -> Expr:
        node = entry.node
        bound = body.merged(node, field)
        self.context.declared_inputs(self.scope, node, field)
        default = self.ports.default(node)
        if default is not None:
            literal = default
            link = bound
            bound = Bound(
                lambda: Call(function="default", args=(link.make(), literal)) if link else literal
            )
        text = node.get("valueFrom")
        if isinstance(text, str):
            result = self.context.expressions.read(
                text, node.value_span("valueFrom"), names.with_self(bound)
            )
        else:
            result = bound.make() if bound is not None else NoneLit()
        return self.context.expressions.place(result, entry.span)


def _state(name: str, type_: ir.Type | None) -> Bound:
    return Bound(lambda: State(name=name), type_)
