"""Items of channels: all of them as an array, and one as a tuple."""

from __future__ import annotations

from fairwf.ir.expressions import Array, Call, Expr
from fairwf_nextflow.meaning import operators
from fairwf_nextflow.meaning.build import call
from fairwf_nextflow.meaning.symbols import Channel, Kind

SCALARS = ("string", "int", "float", "bool", "path", "map", "memory", "duration")


def array_of(channel: Channel) -> Expr:
    """Return all items of a channel as an array."""
    if channel.queue:
        return _collected(channel.expr)
    return Array(items=(channel.expr,))


def _collected(stream: Expr) -> Expr:
    if isinstance(stream, Call) and stream.function == "to_stream":
        return stream.args[0]
    return call("collect", stream)


def queue(items: Expr, kind: Kind) -> Channel:
    """Return a channel of an array's items."""
    return Channel(call("to_stream", items), True, kind)


def as_list(expr: Expr, kind: Kind) -> Expr:
    """Return an item as a tuple: itself, or one of one."""
    if operators.is_list(kind) and kind != "paths":
        return expr
    if kind in SCALARS:
        return Array(items=(expr,))
    return call("merge_flattened", expr)


def as_kinds(kind: Kind) -> tuple[Kind, ...] | None:
    """Return the kinds of a tuple's items; None where they are not known."""
    if isinstance(kind, tuple):
        return kind
    return (kind,) if kind in SCALARS else None
