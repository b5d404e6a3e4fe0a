"""Values with their files at other places."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from fairwf.engine.journal.facts import Literals
from fairwf.ir.expressions import Array, Directory, Expr, File, Record
from fairwf.trace.whereabouts import stated_original, with_original

Move = Callable[[str], str]
"""Gives the new location of a file or folder at this one."""


def relocated(values: Literals, move: Move) -> Literals:
    """Return literals with every file and folder in them at another location."""
    return {name: _value(value, move) for name, value in values.items()}


def _value(node: Expr, move: Move) -> Expr:
    change = partial(_value, move=move)
    if isinstance(node, File):
        inside = tuple(map(change, node.secondary))
        node = with_original(node, _place(stated_original(node), move))
        return replace(node, location=_place(node.location, move), secondary=inside)
    if isinstance(node, Directory):
        listing = node.listing
        node = with_original(node, _place(stated_original(node), move))
        if listing is not None:
            listing = tuple(map(change, listing))  # type: ignore[arg-type]
        return replace(node, location=_place(node.location, move), listing=listing)
    if isinstance(node, Array):
        return replace(node, items=tuple(map(change, node.items)))
    if isinstance(node, Record):
        return replace(node, fields=relocated(node.fields, move))
    return node


def _place(location: str | None, move: Move) -> str | None:
    return None if location is None else move(location)
