"""Steps of a workflow (CWL v1.2, "WorkflowStep"): links, scatter, conditions, valueFrom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from fairwf.ir import types as ir
from fairwf.ir.expressions import (
    Call,
    Each,
    Expr,
    If,
    Local,
    NoneLit,
    Output,
    State,
    StepInput,
    StringLit,
)
from fairwf.ir.origins import Span
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Loop, Over, Process, Scatter, Step
from fairwf.source import SourceMap, did_you_mean, plain
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.context import Context, Kept, Scope, strings
from fairwf_cwl.idmaps import Entry, as_list, entries
from fairwf_cwl.links import Links
from fairwf_cwl.loops import LoopReader, LoopSource, check_loop, loop_of
from fairwf_cwl.names import is_foreign, short
from fairwf_cwl.ports import PortReader
from fairwf_cwl.rescattered import again, read_again
from fairwf_cwl.types import text_of

Mode = Literal["dot", "flat_crossproduct", "nested_crossproduct"]
_MODES: Mapping[str, Mode] = {
    "dotproduct": "dot",
    "flat_crossproduct": "flat_crossproduct",
    "nested_crossproduct": "nested_crossproduct",
}


class StepSource(msgspec.Struct, frozen=True):
    """A step as the document says it, with its process read.

    ``kept``: hints that nobody knows. ``readable`` of False: its process could not be read.
    """

    id: str
    entry: Entry
    scope: Scope
    process: Process
    kept: Kept
    readable: bool = True

    @property
    def loop(self) -> LoopSource | None:
        """How it loops."""
        return loop_of(self.entry.node, self.scope)

    @property
    def scattered(self) -> list[str]:
        """The inputs that it scatters over."""
        return [short(text) for text, _ in strings(self.entry.node, "scatter")]

    @property
    def mode(self) -> Mode:
        """How it scatters."""
        return _MODES.get(str(self.entry.node.get("scatterMethod")), "dot")

    def with_node(self, node: SourceMap) -> StepSource:
        """Return the step where the document says something else of it."""
        entry = Entry(self.entry.key, node, self.entry.key_span, self.entry.span)
        return replace(self, entry=entry)

    def out(self) -> dict[str, Span]:
        """Return the ids in ``out`` and where they stand."""
        found: dict[str, Span] = {}
        for item, span in as_list(self.entry.node, "out"):
            name = item.get("id") if isinstance(item, SourceMap) else item
            if isinstance(name, str):
                found[short(name)] = span
        return found

    def output_types(self) -> dict[str, ir.Type | None]:
        """Return the types of the outputs as links see them: scattered, skipped, looped."""
        types: dict[str, ir.Type | None] = {port.id: port.type for port in self.process.outputs}
        return {name: self._seen(types.get(name)) for name in self.out()}

    def _seen(self, type_: ir.Type | None) -> ir.Type | None:
        if type_ is None:
            return None
        if self.loop is not None and self.loop.all_rounds:
            return ir.ArrayType(items=type_)
        skipped = self.loop is not None or self.entry.node.get("when") is not None
        if skipped and not isinstance(type_, ir.OptionalType):
            type_ = ir.OptionalType(item=type_)
        count = len(self.scattered)
        for _ in range(count if self.mode == "nested_crossproduct" else min(count, 1)):
            type_ = ir.ArrayType(items=type_)
        return type_


class StepReader:
    """Reads the steps of one workflow once all their processes are read."""

    def __init__(self, context: Context, links: Links, ports: PortReader) -> None:
        self.context = context
        self.links = links
        self.ports = ports

    def read(self, source: StepSource) -> Step:
        """Return the step."""
        how = again(source)
        if how is not None:
            return read_again(self, source, how)
        node = source.entry.node
        scattered = source.scattered
        raw: dict[str, tuple[Entry, Bound]] = {}
        for entry in entries(node.get("in"), "id", "source"):
            name = short(entry.key)
            if name in raw:
                self.context.report.add(
                    "FWF2002", f"the input {name!r:.80} stands twice", span=entry.key_span
                )
            # Published subworkflows leave these two to the workflow that runs them.
            self.context.declared_inputs(source.scope, entry.node, "source", "warning")
            raw[name] = (entry, self.link(entry))
        seen = {
            name: self._loaded(entry, _item(name, bound) if name in scattered else bound)
            for name, (entry, bound) in raw.items()
        }
        used: set[str] = set()
        names = replace(source.scope.names(), inputs=_noting(seen, used))
        handed = {name: self._handed(entry, seen[name], names) for name, (entry, _) in raw.items()}
        ports = {port.id for port in source.process.inputs}
        check_loop(self.context, node, source.scope)
        loop = self._loop(source, handed)
        when = self._when(source, handed, ports, used) if loop is None else None
        inputs: dict[str, Expr] = {}
        for name, bound in handed.items():
            entry = raw[name][0]
            if name in ports and loop is not None:
                inputs[name] = self.context.expressions.place(State(name=name), entry.span)
            elif name in ports:
                inputs[name] = self.context.expressions.place(bound.make(), entry.span)
            elif "valueFrom" in entry.node:
                bound.make()  # to find its faults, and what it uses
        used.update(raw if loop is not None else scattered)
        extra = [name for name in raw if name not in ports and name not in used]
        after = self._after([raw[name] for name in extra], source)
        step = Step(
            id=source.id,
            run=source.process,
            inputs=inputs,
            scatter=self._scatter(source, raw),
            when=when,
            loop=loop,
            after=after,
            label=node.get("label"),
            doc=text_of(node.get("doc")),
            extensions=_extensions(source),
        )
        origins = self.context.origins
        origins.set(step, source.entry.span)
        origins.set(step, source.entry.key_span, "id")
        for field in ("run", "scatter", "when", "label", "doc"):
            if field in node:
                origins.set(step, node.value_span(field), field)
        return step

    def _loop(self, source: StepSource, handed: dict[str, Bound]) -> Loop | None:
        said = source.loop
        if said is None:
            return None
        reader = LoopReader(self.context, self.ports, source.scope)
        return reader.read(said, handed, source.process, source.out(), self.links)

    def inside(self, inputs: Mapping[str, ir.Type]) -> StepReader:
        """Return a reader of steps that see these inputs alone."""
        return StepReader(self.context, Links(self.context.report, "", inputs, {}), self.ports)

    def link(self, entry: Entry) -> Bound:
        """Return the value of an input of a step: its sources, or its default."""
        found = self.links.merged(entry.node, "source")
        default = self.ports.default(entry.node)
        if default is None:
            return found or Bound(NoneLit)

        def literal() -> Expr:
            again = self.ports.default(entry.node)
            return again if again is not None else NoneLit()

        if found is None:
            return Bound(literal)
        type_ = found.type.item if isinstance(found.type, ir.OptionalType) else found.type
        link = found
        return Bound(lambda: Call(function="default", args=(link.make(), literal())), type_)

    def _loaded(self, entry: Entry, bound: Bound) -> Bound:
        """Return the value with loadContents and loadListing carried out."""
        if entry.node.get("loadContents") is True:
            bound = _applied(bound, "load_contents", ())
        listing = self.ports.listing(entry.node)
        if listing in ("shallow", "deep"):
            bound = _applied(bound, "load_listing", (listing,))
        return bound

    def _scatter(self, source: StepSource, raw: dict[str, tuple[Entry, Bound]]) -> Scatter | None:
        node = source.entry.node
        over: dict[str, Over] = {}
        for text, span in strings(node, "scatter"):
            name = short(text)
            if name in over:
                self.context.report.add(
                    "FWF1105",
                    f"a dot product with {name!r:.60} twice is not supported",
                    span=span,
                    hint="name it once, or choose nested_crossproduct or flat_crossproduct",
                )
                continue
            if name not in raw:
                self.context.report.add(
                    "FWF2007",
                    f"the step scatters over {name!r:.60}, which is not in its 'in'",
                    span=span,
                    hint=did_you_mean(name, raw),
                )
                continue
            entry, bound = raw[name]
            value = self.context.expressions.place(bound.make(), entry.span)
            part = Over(name=name, value=value)
            self.context.origins.set(part, span)
            over[name] = part
        if not over:
            if node.get("scatterMethod") is not None and "scatter" not in node:
                self.context.report.add(
                    "FWF2009",
                    "'scatterMethod' means nothing without 'scatter'",
                    span=node.key_span("scatterMethod"),
                )
            return None
        if len(over) > 1 and node.get("scatterMethod") is None:
            self.context.report.add(
                "FWF1103",
                "a step that scatters over several inputs needs 'scatterMethod'",
                span=node.value_span("scatter"),
                hint="dotproduct, nested_crossproduct or flat_crossproduct",
            )
        self.context.declared(
            source.scope, "ScatterFeatureRequirement", "'scatter'", node.key_span("scatter")
        )
        scatter = Scatter(over=tuple(over.values()), mode=source.mode)
        self.context.origins.set(scatter, node.value_span("scatter"))
        return scatter

    def _handed(self, entry: Entry, seen: Bound, names: Names) -> Bound:
        """Return what the step hands to its process: valueFrom where there is one."""
        text = entry.node.get("valueFrom")
        if not isinstance(text, str):
            return seen
        place, inner = entry.node.value_span("valueFrom"), names.with_self(seen)
        return Bound(lambda: self.context.expressions.read(text, place, inner))

    def _when(
        self, source: StepSource, handed: dict[str, Bound], ports: set[str], used: set[str]
    ) -> Expr | None:
        """Return the condition; what is no input of the process is put in where it is used."""
        node = source.entry.node
        text = node.get("when")
        if not isinstance(text, str):
            return None

        def bound(name: str, value: Bound) -> Bound:
            if name not in ports:
                return value
            return Bound(lambda: StepInput(name=name), value.type)

        inputs = _noting({name: bound(name, value) for name, value in handed.items()}, used)
        names = replace(source.scope.names(), inputs=inputs)
        return self.context.expressions.read(text, node.value_span("when"), names)

    def _after(self, extra: list[tuple[Entry, Bound]], source: StepSource) -> tuple[str, ...]:
        """Return the steps that inputs without use come from: they order and carry no data."""
        known = [port.id for port in source.process.inputs]
        after: list[str] = []
        for entry, bound in extra if source.readable else ():
            steps = [output.step for output in nodes(bound.make(), Output)]
            after.extend(step for step in steps if step not in after)
            effect = "it only orders the steps" if steps else "no expression uses it"
            name = short(entry.key)
            self.context.report.add(
                "FWF2009",
                f"{name!r:.60} is no input of what the step {source.id!r:.60} runs, and {effect}",
                span=entry.key_span,
                severity="note" if steps else None,
                hint=did_you_mean(name, known) or f"it has: {', '.join(known) or 'none'}",
            )
        return tuple(after)


def _noting(inputs: dict[str, Bound], used: set[str]) -> dict[str, Bound]:
    """Return the names such that those that an expression uses are noted."""

    def noting(name: str, bound: Bound) -> Bound:
        def make() -> Expr:
            used.add(name)
            return bound.make()

        return Bound(make, bound.type, bound.parts)

    return {name: noting(name, bound) for name, bound in inputs.items()}


def _item(name: str, bound: Bound) -> Bound:
    type_ = bound.type.item if isinstance(bound.type, ir.OptionalType) else bound.type
    items = type_.items if isinstance(type_, ir.ArrayType) else None
    return Bound(lambda: Local(name=name), items)


def _applied(bound: Bound, function: str, more: tuple[str, ...]) -> Bound:
    type_, optional = bound.type, False
    if isinstance(type_, ir.OptionalType):
        type_, optional = type_.item, True

    def call(value: Expr) -> Expr:
        extra = tuple(StringLit(value=text) for text in more)
        return Call(function=function, args=(value, *extra))

    def make() -> Expr:
        if isinstance(type_, ir.ArrayType):
            return Each(name="file", over=bound.make(), body=call(Local(name="file")))
        if optional:
            test = Call(function="defined", args=(bound.make(),))
            return If(test=test, then=call(bound.make()), otherwise=NoneLit())
        return call(bound.make())

    return Bound(make, bound.type)


def _extensions(source: StepSource) -> dict[str, dict[str, Any]]:
    """Return what the IR has no place for; ``in`` holds labels and foreign fields of inputs."""
    found: dict[str, Any] = {
        field: {name: plain(node) for name, node in said.items()}
        for field, said in source.kept.items()
    }
    inside = {}
    for entry in entries(source.entry.node.get("in"), "id", "source"):
        kept = {k: plain(v) for k, v in entry.node.items() if is_foreign(k) or k == "label"}
        if kept:
            inside[short(entry.key)] = kept
    if inside:
        found["in"] = inside
    found.update({k: plain(v) for k, v in source.entry.node.items() if is_foreign(k)})
    return {"cwl": found} if found else {}
