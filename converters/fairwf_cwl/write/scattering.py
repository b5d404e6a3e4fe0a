"""Scatters over computed values: CWL scatters over links, so a step before computes the values."""

from __future__ import annotations

import msgspec

from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.expressions import Expr, Input, Local, Output, Record
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import AnyType, ArrayType, OptionalType, Type
from fairwf.ir.walk import map_children
from fairwf.ir.workflow import ProcessRef, Pure, Scatter, Step
from fairwf_cwl.write.links import link
from fairwf_cwl.write.values import Values

_ITEMS = "items"


def computed_first(step: Step, taken: set[str]) -> tuple[list[Step], Step]:
    """Return the steps that compute what a step scatters over, and the step over their outputs.

    ``taken`` are the ids of the workflow's steps; new ones are added to it.
    """
    scatter = step.scatter
    if not isinstance(scatter, Scatter):
        return [], step
    before: list[Step] = []
    over = []
    for part in scatter.over:
        if link(part.value, Values()) is not None:
            over.append(part)
            continue
        name = f"{step.id}_{part.name}"
        while name in taken:
            name += "_"
        taken.add(name)
        before.append(_computing(name, part.value, _item_type(step, part.name)))
        over.append(msgspec.structs.replace(part, value=Output(step=name, port=_ITEMS)))
    if not before:
        return [], step
    changed = msgspec.structs.replace(scatter, over=tuple(over))
    return before, msgspec.structs.replace(step, scatter=changed)


def _item_type(step: Step, name: str) -> Type:
    if not isinstance(step.run, ProcessRef):
        for port in step.run.inputs:
            given = step.inputs.get(port.id)
            if isinstance(given, Local) and given.name == name:
                return port.type
    return AnyType()


def _computing(name: str, value: Expr, item: Type) -> Step:
    links: dict[bytes, tuple[str, Expr]] = {}

    def inside(node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, (Input, Output)):
            key = canonical_bytes(node)
            if key not in links:
                links[key] = (f"value_{len(links) + 1}", node)
            return Input(name=links[key][0])
        return map_children(node, inside)

    result = inside(value)
    any_type = OptionalType(item=AnyType())
    process = Pure(
        inputs=tuple(InputPort(id=port, type=any_type) for port, _ in links.values()),
        outputs=(OutputPort(id=_ITEMS, type=ArrayType(items=item)),),
        result=Record(fields={_ITEMS: result}),  # type: ignore[dict-item]  # an expression still
    )
    return Step(id=name, run=process, inputs=dict(links.values()))
