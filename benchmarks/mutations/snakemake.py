"""Single mistakes in Snakefiles; places are found by the shape of their lines."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.mutations.lines import blocks, dropped, swapped, typos
from benchmarks.mutations.places import Mutant, Text, one, typo

RULE = re.compile(r"(?:rule|checkpoint)\s+(?P<name>\w+)\s*:")
_LINK = re.compile(r"\brules\.(?P<name>\w+)\.(?:output|input|params|log)\b")
_ORDER = re.compile(r"^\s*(?:ruleorder|localrules)\s*:.*?\b(?P<name>\w+)\b(?=[^:]*$)")
_KEY = re.compile(
    r"^\s+(?P<name>input|output|shell|params|log|threads|resources|conda|container|benchmark"
    r"|message|priority|wildcard_constraints|script)\s*:"
)
_HELD = re.compile(r"\{(?:input|output|params)\.(?P<name>\w{3,})\}")
_NAMED = re.compile(r"^\s+(?P<name>\w+)\s*=")
_FILE = re.compile(r"""^\s*(?:include|configfile|script)\s*:\s*["'](?P<name>[\w./-]+)["']\s*$""")
_PATH = re.compile(r"""^\s+(?P<key>input|output)\s*:\s*["'](?P<name>[\w./{}-]+)["']\s*$""")
_ONE_TEXT = re.compile(r"""^\s+(?:\w+\s*[:=]\s*)?(["'])[^"']*(?P<gone>\1),?\s*$""")
_BRACKET = re.compile(r"^[^#\"']*\([^#]*(?P<gone>\)),?\s*$")
_COLON = re.compile(r"^\s*(?:rule \w+|input|output|shell|params)\s*(?P<gone>:)\s*$")
_CLOSING = re.compile(r"^[^#]*\{(?:input|output|params|wildcards|threads)[\w.]*(?P<gone>\})")


class Doc:
    """A Snakefile: its text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = Text(path.read_text("utf-8"))

    @property
    def rules(self) -> list[tuple[str, int, int]]:
        return list(blocks(self.text, RULE))


def typo_in_link(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    names = {name for name, _, _ in doc.rules}
    yield from typos(doc.text, _LINK, rng, names)
    yield from typos(doc.text, _ORDER, rng, names)


def unknown_key(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    names = {m["name"] for line in doc.text.lines if (m := _KEY.match(line))}
    yield from typos(doc.text, _KEY, rng, names)


def duplicate_id(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    rules = doc.rules
    for (here, before, _), (other, first, _) in itertools.pairwise(rules):
        at = doc.text.lines[first].find(other, 5)
        made = swapped(doc.text, first, at, at + len(other), here)
        yield Mutant(made, one(first + 1, before + 1), f"two rules {here}")


def typo_in_expression(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _, first, last in doc.rules:
        own = doc.text.lines[first:last]
        names = {m["name"] for line in own if (m := _NAMED.match(line))}
        for number in range(first, last):
            for match in _HELD.finditer(doc.text.lines[number]):
                new = typo(match["name"], rng, names) if match["name"] in names else None
                if new:
                    start, end = match.span("name")
                    made = swapped(doc.text, number, start, end, new)
                    what = f"{match['name']} -> {new}"
                    yield Mutant(made, _around(doc, number), what)


def _around(doc: Doc, number: int) -> frozenset[int]:
    """The line, and the directive that holds it."""
    head = number
    while head and not re.match(r"\s+(?:shell|message|params)\s*:", doc.text.lines[head]):
        head -= 1
    return one(*range(head + 1, number + 2))


def wrong_value(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for number, line in enumerate(doc.text.lines):
        match = re.match(r"\s+(?:threads|priority|retries)\s*:\s*(?P<value>\d+)\s*$", line)
        if match:
            made = swapped(doc.text, number, *match.span("value"), '"many"')
            yield Mutant(made, one(number + 1), '"many" where a number belongs')


def unbalanced(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _, first, last in doc.rules:
        shell = False
        for number in range(first, last):
            line = doc.text.lines[number]
            key = re.match(r"\s+(\w+)\s*:", line)
            shell = key[1] == "shell" if key else shell
            match = _CLOSING.match(line) if shell else None
            if match:
                made = swapped(doc.text, number, *match.span("gone"), "")
                yield Mutant(made, _around(doc, number), f"}} dropped: {line.strip()}")


def missing_file(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for number, line in enumerate(doc.text.lines):
        match = _FILE.match(line)
        if match and (doc.path.parent / match["name"]).is_file():
            stem = Path(match["name"]).stem
            new = typo(stem, rng)
            wanted = new.join(match["name"].rsplit(stem, 1)) if new else match["name"]
            if not (doc.path.parent / wanted).exists():
                made = swapped(doc.text, number, *match.span("name"), wanted)
                yield Mutant(made, one(number + 1), f"{match['name']} -> {wanted}")


def cycle(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for name, first, last in doc.rules:
        paths = {}
        for number in range(first, last):
            match = _PATH.match(doc.text.lines[number])
            if match:
                paths[match["key"]] = (number, match)
        if len(paths) == 2:
            number, match = paths["input"]
            other, output = paths["output"]
            made = swapped(doc.text, number, *match.span("name"), output["name"])
            yield Mutant(made, one(first + 1, number + 1, other + 1), f"{name} needs itself")


def broken_syntax(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    if '"""' in doc.text.text or "'''" in doc.text.text:
        return  # a quote in a longer text is no mistake
    for pattern in (_ONE_TEXT, _BRACKET, _COLON):
        yield from dropped(doc.text, pattern, after=1)


KINDS: dict[str, Callable[[Doc, random.Random], Iterator[Mutant]]] = {
    "typo-in-link": typo_in_link,
    "unknown-key": unknown_key,
    "wrong-value": wrong_value,
    "duplicate-id": duplicate_id,
    "unbalanced-expression": unbalanced,
    "typo-in-expression": typo_in_expression,
    "missing-file": missing_file,
    "cycle": cycle,
    "broken-syntax": broken_syntax,
}
