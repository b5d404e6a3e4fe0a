"""Guessing what a mistyped name was meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from functools import lru_cache
from heapq import nlargest
from itertools import islice

_FEW = 6
_MANY = 300
_LONGEST = 80

_SHORT = 8


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is nearest to a mistyped one, None where none is near.

    Long names share many letters by chance, so they have to be nearer. A broken document of
    thousands of steps asks thousands of times: of very many known names only some that begin or end
    alike count, and of many only those that share most pairs of letters with the mistyped one are
    compared in full.
    """
    wanted = name[:_LONGEST].lower()
    found: Iterable[str] = known if isinstance(known, Sized) else list(known)
    if isinstance(found, Sized) and len(found) > _MANY:
        found = islice(_alike(name, found), _MANY)
    by_lower = {candidate[:_LONGEST].lower(): candidate for candidate in found}
    candidates: Iterable[str] = by_lower
    if len(by_lower) > _FEW:
        pairs = _pairs(wanted)
        candidates = nlargest(
            _FEW, by_lower, key=lambda other: len(pairs & _pairs(other)) / (len(other) + 4)
        )
    cutoff = 0.6 if len(name) <= _SHORT else 0.7
    import difflib

    close = difflib.get_close_matches(wanted, candidates, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else None


def _alike(name: str, known: Iterable[str]) -> Iterator[str]:
    start, end, length = name[:2], name[-2:], len(name)
    for other in known:
        if abs(len(other) - length) <= 3 and (other[:2] == start or other[-2:] == end):
            yield other


@lru_cache(maxsize=50_000)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(map("".join, zip(f" {text}", f"{text} ", strict=True)))


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint ``did you mean 'x'?`` for the nearest known name, or None."""
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near is not None else None


def like_file(name: str, known: Iterable[str]) -> str | None:
    """Return the hint for a mistyped file name: one whose name without its ending is near."""
    near = nearest(name, known)
    stem, dot, ending = name.rpartition(".")
    if near is not None and dot and near.endswith(f".{ending}"):
        same = nearest(stem, [near.removesuffix(f".{ending}")])
        near = near if same is not None else None
    return f"did you mean {near!r}?" if near is not None else None
