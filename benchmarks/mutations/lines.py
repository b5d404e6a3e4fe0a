"""Single mistakes in documents that are programs: what the languages without a tree share."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.mutations.places import Mutant, Text, one, typo


def swapped(text: Text, number: int, start: int, end: int, new: str) -> str:
    """Return the text with a part of a line (counted from 0) replaced."""
    lines = list(text.lines)
    lines[number] = lines[number][:start] + new + lines[number][end:]
    return "\n".join(lines)


def typos(
    text: Text, pattern: re.Pattern[str], rng: random.Random, names: set[str], group: str = "name"
) -> Iterator[Mutant]:
    """A name that a pattern finds in a line, and that is one of some, is mistyped."""
    for number, line in enumerate(text.lines):
        for match in pattern.finditer(line):
            old = match[group]
            new = typo(old, rng, names) if old in names else None
            if new:
                made = swapped(text, number, match.start(group), match.end(group), new)
                yield Mutant(made, one(number + 1), f"{old} -> {new}")


def dropped(text: Text, pattern: re.Pattern[str], *, after: int = 0) -> Iterator[Mutant]:
    """The group ``gone`` of a pattern is left out of a line."""
    for number, line in enumerate(text.lines):
        for match in pattern.finditer(line):
            made = swapped(text, number, match.start("gone"), match.end("gone"), "")
            lines = one(*range(number + 1, number + 2 + after))
            yield Mutant(made, lines, f"{match['gone']} dropped: {line.strip()}")


def blocks(text: Text, head: re.Pattern[str]) -> Iterator[tuple[str, int, int]]:
    """Yield name, first and last line (from 0, end exclusive) of what begins with a head."""
    starts = [(m["name"], n) for n, line in enumerate(text.lines) if (m := head.match(line))]
    for index, (name, first) in enumerate(starts):
        last = starts[index + 1][1] if index + 1 < len(starts) else len(text.lines)
        yield name, first, last
