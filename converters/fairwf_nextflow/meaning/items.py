"""What a step runs over, and what each of its inputs is of an item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fairwf.ir.expressions import Array, Each, Expr, Local
from fairwf_nextflow.meaning.build import at, call, known, literal, text
from fairwf_nextflow.meaning.ports import InputSpec, Part
from fairwf_nextflow.meaning.symbols import (
    Channel,
    Kind,
)

if TYPE_CHECKING:
    from fairwf_nextflow.meaning.workflows import Pipeline


def scatter(
    pipeline: Pipeline, channels: Sequence[Channel], specs: Sequence[InputSpec]
) -> tuple[Expr | None, list[tuple[Expr, Kind]]]:
    """Return what the step runs over, and what each input is of an item."""
    queues = [c for c, s in zip(channels, specs, strict=True) if c.queue and not s.each]
    crossed = [c for c, s in zip(channels, specs, strict=True) if s.each]
    item = Local(name="item")
    if not queues and not crossed:
        return None, [(c.expr, c.item) for c in channels]
    if len(queues) == 1 and not crossed:
        return queues[0].expr, [(item, c.item) if c.queue else (c.expr, c.item) for c in channels]
    rows = _rows(pipeline, queues)
    names = pipeline.channels.names
    for one in crossed:
        whole = call("collect", one.expr) if one.queue else call("merge_flattened", one.expr)
        outer, inner = names.fresh(), names.fresh()
        body = call("append", Local(name=outer), Local(name=inner))
        pairs = Each(name=outer, over=rows, body=Each(name=inner, over=whole, body=body))
        rows = call("flatten", pairs)
    order = [c for c in channels if c in queues] + crossed
    values: list[tuple[Expr, Kind]] = []
    for channel, spec in zip(channels, specs, strict=True):
        if spec.each or channel.queue:
            values.append(
                (at(item, next(i for i, c in enumerate(order) if c is channel)), channel.item)
            )
        else:
            values.append((channel.expr, channel.item))
    return call("to_stream", rows), values


def _rows(pipeline: Pipeline, queues: Sequence[Channel]) -> Expr:
    """Return the items of channels by their numbers, as many as the shortest has."""
    if not queues:
        return Array(items=(Array(),))
    arrays = [call("collect", one.expr) for one in queues]
    if len(arrays) == 1:
        return pipeline.channels.names.each(arrays[0], lambda x: Array(items=(x,)))
    least = call("min", *(call("length", one) for one in arrays))
    cut = tuple(call("slice", one, literal(0), least) for one in arrays)
    return call("transpose", Array(items=cut))


def hand_on(
    pipeline: Pipeline, item: Expr, kind: Kind, spec: InputSpec, given: dict[str, Expr]
) -> None:
    """Give the parts of an item to the ports that take them."""
    if not spec.tuple_:
        given[spec.parts[0].port] = _part(pipeline, item, kind, spec.parts[0])
        return
    for number, part in enumerate(spec.parts):
        inner: Kind = kind[number] if isinstance(kind, tuple) and number < len(kind) else "any"
        # of a tuple whose items differ, `get` says nothing of their types
        one = at(item, number) if isinstance(item, Array) else call("get", item, literal(number))
        given[part.port] = _part(pipeline, one, inner, part)


def _part(pipeline: Pipeline, item: Expr, kind: Kind, part: Part) -> Expr:
    if part.qualifier == "path" and kind == "string":
        plain, raw = known(item)
        if plain and isinstance(raw, str):
            found = pipeline.matching(raw)
            if len(found) == 1:
                return found[0]
        return call("to_file", item)
    if part.qualifier == "file" and kind == "string":
        return call("literal_file", text("input.1"), item)
    return item
