"""Guessing what a mistyped name was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHORT = 8


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is nearest to a mistyped one, None where none is near.

    Long names share many letters by chance, so they have to be nearer.
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    cutoff = 0.6 if len(name) <= _SHORT else 0.7
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint ``did you mean 'x'?`` for the nearest known name, or None."""
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near is not None else None
