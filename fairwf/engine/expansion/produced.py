"""Which keys a path asks for, by the pattern of what a step produces.

The patterns of keys are POSIX extended regular expressions, matched in bounded time
(:mod:`fairwf.engine.evaluate.regular`), since documents of strangers bring them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.regular import compiled

MAX_PLACES = 200
MAX_TRIES = 200_000


@dataclass(frozen=True)
class Place:
    """A part of a pattern: a text as it is, or a key by its name."""

    text: str
    is_key: bool = False


def fits_key(pattern: str, text: str) -> bool:
    """Tell whether the text of a key matches its pattern in full.

    Raises:
        FunctionError: the pattern is malformed, or takes too long.
    """
    return compiled(pattern).matches_whole(text)


def keys_of_path(
    places: Sequence[Place], where: Mapping[str, str | None], path: str
) -> dict[str, str] | None:
    """Return the texts of the keys that make a path of the pattern, or None where none do.

    ``where`` has the pattern of each key; a key without one is any text but the empty one. Earlier
    keys take as much as they can.

    Raises:
        FunctionError: a place names a key that is not in ``where``, a pattern is malformed, or the
            search takes too long.
    """
    if len(places) > MAX_PLACES:
        raise FunctionError(f"'produces' has more than {MAX_PLACES} parts")
    for place in places:
        if place.is_key and place.text not in where:
            raise FunctionError(
                f"'produces' names the key {place.text!r}, which the step does not have"
            )
    return _Search(places, where, path).found(0, 0, {})


@dataclass
class _Search:
    places: Sequence[Place]
    where: Mapping[str, str | None]
    path: str
    tries: int = field(default=0)

    def found(self, index: int, at: int, bound: dict[str, str]) -> dict[str, str] | None:
        self.tries += 1
        if self.tries > MAX_TRIES:
            raise FunctionError("finding the keys of a path takes too long: give keys a 'where'")
        if index == len(self.places):
            return bound if at == len(self.path) else None
        place = self.places[index]
        text = bound.get(place.text) if place.is_key else place.text
        if text is not None:
            if not self.path.startswith(text, at):
                return None
            return self.found(index + 1, at + len(text), bound)
        for end in self.ends(place.text, at):
            result = self.found(index + 1, end, {**bound, place.text: self.path[at:end]})
            if result is not None:
                return result
        return None

    def ends(self, key: str, at: int) -> Iterable[int]:
        pattern = self.where[key]
        if pattern is None:
            return range(len(self.path), at, -1)
        return compiled(pattern).ends(self.path, at)
