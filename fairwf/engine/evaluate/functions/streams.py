"""Streams: what they hold by now, in order of lineage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fairwf.engine.evaluate.bounds import allow_items
from fairwf.engine.evaluate.collections import StreamItem, StreamValue
from fairwf.engine.evaluate.errors import FunctionError, NotReady


def _to_stream(items: Sequence[Any]) -> StreamValue:
    return StreamValue(tuple(StreamItem((i,), one) for i, one in enumerate(items)), closed=True)


def _collect(stream: StreamValue | Sequence[Any]) -> list[Any]:
    if not isinstance(stream, StreamValue):
        return list(stream)
    if not stream.closed:
        raise NotReady(stream.waits)
    return stream.in_order()


def _so_far(stream: StreamValue | Sequence[Any]) -> list[Any]:
    return stream.in_order() if isinstance(stream, StreamValue) else list(stream)


def _take(stream: StreamValue | Sequence[Any], count: int) -> Any:
    if count < 0:
        raise FunctionError(f"{count} items cannot be taken")
    if not isinstance(stream, StreamValue):
        return list(stream[:count])
    ordered = tuple(sorted(stream.items, key=lambda one: one.lineage))
    if stream.closed or count == 0:
        return StreamValue(ordered[:count], closed=True)
    # Which items are first by lineage is known only when all earlier ones have arrived.
    first: list[StreamItem] = []
    for number, one in enumerate(ordered):
        if len(first) == count or one.lineage != (number,):
            break
        first.append(one)
    return StreamValue(tuple(first), closed=len(first) == count, waits=stream.waits)


def _mix(*streams: StreamValue | Sequence[Any]) -> Any:
    if not any(isinstance(stream, StreamValue) for stream in streams):
        allow_items(sum(len(stream) for stream in streams if not isinstance(stream, StreamValue)))
        return [one for stream in streams for one in stream]  # type: ignore[union-attr]
    items: list[StreamItem] = []
    waits: frozenset[Any] = frozenset()
    closed = True
    for number, stream in enumerate(streams):
        whole = stream if isinstance(stream, StreamValue) else _to_stream(stream)
        items += [StreamItem((number, *one.lineage), one.value) for one in whole.items]
        waits |= whole.waits
        closed = closed and whole.closed
    return StreamValue(tuple(items), closed, frozenset() if closed else waits)


TABLE: dict[str, Callable[..., Any]] = {
    "to_stream": _to_stream,
    "collect": _collect,
    "so_far": _so_far,
    "take": _take,
    "mix": _mix,
}
"""Implementations by name."""
