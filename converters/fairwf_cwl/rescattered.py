"""Steps that scatter more than once over one input (CWL v1.2, "WorkflowStep", scatter).

The input is an array of arrays then: the step becomes a workflow that scatters over the outer
arrays, and runs for each a workflow that scatters over what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from fairwf.ir import types as ir
from fairwf.ir.expressions import Call, Expr, Input, Local, Output
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Over, Scatter, Step, Workflow
from fairwf.report import InvalidError
from fairwf.source import SourceList, SourceMap
from fairwf_cwl.idmaps import entries
from fairwf_cwl.names import short
from fairwf_cwl.types import text_of

if TYPE_CHECKING:
    from fairwf_cwl.steps import StepReader, StepSource

MOST_NAMES = 16
"""Inputs that such a step names: each becomes a workflow inside of another."""
_OF_LINK = ("source", "default", "linkMerge", "pickValue")
Types = Mapping[str, ir.Type]


class Again(NamedTuple):
    """The name of an input that is scattered over first, and the names that are left."""

    first: str
    rest: list[str]


def again(source: StepSource) -> Again | None:
    """Return how a step scatters more than once over an input, None where it does not.

    Raises:
        InvalidError: FWF1009, it names more inputs than can be arrays in arrays.
    """
    names = source.scattered
    given = {short(entry.key) for entry in entries(source.entry.node.get("in"), "id", "source")}
    if len({*names}) == len(names) or source.mode == "dot" or not {*names} <= given:
        return None
    if source.loop is not None:
        return None
    if len(names) > MOST_NAMES:
        raise InvalidError.of(
            "FWF1009",
            f"a step that scatters again over an input names {len(names)} inputs",
            span=source.entry.node.value_span("scatter"),
            hint=f"name {MOST_NAMES} at most",
        )
    return Again(names[0], names[1:])


def read_again(reader: StepReader, source: StepSource, how: Again) -> Step:
    """Return such a step."""
    context, node = reader.context, source.entry.node
    links = {
        short(entry.key): reader.link(entry) for entry in entries(node.get("in"), "id", "source")
    }
    types = {name: bound.type or _anything() for name, bound in links.items()}
    items = {**types, how.first: _item(types[how.first])}
    inner = source.with_node(_inside(source, how.rest))
    step = reader.inside(items).read(inner)
    outputs = {name: type_ or _anything() for name, type_ in inner.output_types().items()}
    one = _workflow(items, step, outputs, {})
    arrays: dict[str, ir.Type] = {k: ir.ArrayType(items=type_) for k, type_ in outputs.items()}
    each = Step(
        id=source.id,
        run=one,
        inputs={
            name: Local(name=name) if name == how.first else Input(name=name) for name in types
        },
        scatter=Scatter(over=(Over(name=how.first, value=Input(name=how.first)),)),
    )
    flat = source.mode == "flat_crossproduct"
    values: dict[str, Expr] = {}
    if flat:
        values = {
            name: Call(function="flatten", args=(Output(step=source.id, port=name),))
            for name in outputs
        }
    whole = Step(
        id=source.id,
        run=_workflow(types, each, outputs if flat else arrays, values),
        inputs={name: bound.make() for name, bound in links.items()},
        label=node.get("label"),
        doc=text_of(node.get("doc")),
    )
    for _, part in walk(whole):
        if part not in context.origins:
            context.origins.set(part, source.entry.span)
    context.origins.set(whole, source.entry.key_span, "id")
    return whole


def _anything() -> ir.Type:
    return ir.OptionalType(item=ir.AnyType())


def _item(type_: ir.Type) -> ir.Type:
    if isinstance(type_, ir.OptionalType):
        type_ = type_.item
    return type_.items if isinstance(type_, ir.ArrayType) else _anything()


def _workflow(inputs: Types, step: Step, outputs: Types, values: Mapping[str, Expr]) -> Workflow:
    return Workflow(
        inputs=tuple(InputPort(id=name, type=type_) for name, type_ in inputs.items()),
        steps=(step,),
        outputs=tuple(
            OutputPort(id=n, type=t, value=values.get(n, Output(step=step.id, port=n)))
            for n, t in outputs.items()
        ),
    )


def _inside(source: StepSource, rest: list[str]) -> SourceMap:
    """Return what the document says of a step, for the items: it scatters over what is left."""
    node = source.entry.node
    links = SourceMap(node.span)
    for entry in entries(node.get("in"), "id", "source"):
        name = short(entry.key)
        link = SourceMap(entry.node.span)
        link.put("source", name, entry.key_span, entry.span)
        for key, value in entry.node.items():
            if key not in _OF_LINK and key != "id":
                link.put(key, value, entry.node.key_span(key), entry.node.value_span(key))
        links.put(name, link, entry.key_span, entry.span)
    scatter = SourceList(node.value_span("scatter"))
    for name in rest:
        scatter.put(name, node.value_span("scatter"))
    inner = SourceMap(node.span)
    for key, value in node.items():
        new = {"in": links, "scatter": scatter}.get(key, value)
        if key not in ("label", "doc"):
            inner.put(key, new, node.key_span(key), node.value_span(key))
    return inner
