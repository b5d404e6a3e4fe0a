"""Single mistakes in scripts of Nextflow; places are found by the shape of their lines."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.mutations.lines import blocks, dropped, swapped, typos
from benchmarks.mutations.places import Mutant, Text, one, typo

PROCESS = re.compile(r"^process\s+(?P<name>\w+)\s*\{")
_INCLUDE = re.compile(r"^\s*include\s*\{(?P<names>[^}]*)\}\s*from\s*['\"](?P<name>\.[\w./-]+)")
_CALL = re.compile(r"^(?!\s*(?:process|workflow|include)\b)[^/]*?\b(?P<name>[A-Za-z_]\w{2,})\s*\(")
_OUT = re.compile(r"\b(?P<name>[A-Za-z_]\w{2,})\.out\b")
_KEY = re.compile(
    r"^\s+(?P<name>cpus|memory|time|container|conda|publishDir|tag|label|errorStrategy"
    r"|maxRetries|cache)\s+[\"'\d{\[]"
)
_SECTION = re.compile(r"^\s+(?P<name>input|output|script|shell)\s*:\s*$")
_QUALIFIER = re.compile(r"^\s+(?P<name>path|tuple|val|env|stdin)\b\s*[(\s]")
_DECLARED = re.compile(r"\b(?:path|val|env)\s*\(?\s*(?P<name>[A-Za-z_]\w*)\s*\)?")
_HELD = re.compile(r"(?<!\\)\$\{?(?P<name>[A-Za-z_]\w{2,})\b")
_CLOSING = re.compile(r"^[^/]*(?<!\\)\$\{[\w.]+(?P<gone>\})")
_QUOTE = re.compile(r"^[^\"'/]*([\"'])[^\"'$]*(?P<gone>\1)\s*$")
_BRACKET = re.compile(r"^[^\"'/]*\([^\"'/]*(?P<gone>\))\s*$")
_BRACE = re.compile(r"^(?:process|workflow)\b[^/]*(?P<gone>\{)\s*$")
_ARGUMENTS = re.compile(
    r"^\s*(?:\w+\s*=\s*)?(?P<name>\w+)\s*\((?P<first>[^(),]+)(?P<gone>,[^(),]+)\)"
)


class Doc:
    """A script: its text, and the names that it defines or includes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = Text(path.read_text("utf-8"))

    @property
    def processes(self) -> list[tuple[str, int, int]]:
        return list(blocks(self.text, re.compile(r"^(?:process|workflow)\s+(?P<name>\w+)\s*\{")))

    @property
    def names(self) -> set[str]:
        found = {name for name, _, _ in self.processes}
        for line in self.text.lines:
            match = _INCLUDE.match(line)
            if match:
                found |= {part.split()[-1] for part in match["names"].split(";") if part.strip()}
        return found


def typo_in_link(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    yield from typos(doc.text, _CALL, rng, doc.names)
    yield from typos(doc.text, _OUT, rng, doc.names)


def unknown_key(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _, first, last in blocks(doc.text, PROCESS):
        for number in range(first, last):
            line = doc.text.lines[number]
            for pattern in (_KEY, _SECTION):
                match = pattern.match(line)
                new = typo(match["name"], rng) if match else None
                if match and new:
                    made = swapped(doc.text, number, *match.span("name"), new)
                    where = one(number + 1, number + 2)
                    yield Mutant(made, where, f"{match['name']} -> {new}")
                if re.match(r"\s+(?:script|shell|exec)\s*:", line):
                    break


def unknown_type(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _, first, last in blocks(doc.text, PROCESS):
        for number in range(first, last):
            match = _QUALIFIER.match(doc.text.lines[number])
            new = (
                typo(match["name"], rng, {"path", "tuple", "val", "env", "stdin"}) if match else ""
            )
            if match and new:
                made = swapped(doc.text, number, *match.span("name"), new)
                yield Mutant(made, one(number + 1), f"{match['name']} -> {new}")
            if re.match(r"\s+(?:script|shell|exec)\s*:", doc.text.lines[number]):
                break


def missing_input(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    names = doc.names
    for number, line in enumerate(doc.text.lines):
        match = _ARGUMENTS.match(line)
        if match and match["name"] in names:
            made = swapped(doc.text, number, *match.span("gone"), "")
            yield Mutant(made, one(number + 1), f"{match['name']}: {match['gone']} dropped")


def duplicate_id(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    found = list(blocks(doc.text, PROCESS))
    for (here, before, _), (other, first, _) in itertools.pairwise(found):
        at = doc.text.lines[first].find(other, 8)
        made = swapped(doc.text, first, at, at + len(other), here)
        yield Mutant(made, one(first + 1, before + 1), f"two processes {here}")


def typo_in_expression(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _, first, last in blocks(doc.text, PROCESS):
        own = doc.text.lines[first:last]
        names = {m["name"] for line in own for m in _DECLARED.finditer(line)}
        opened = next((n for n, line in enumerate(own) if '"""' in line), len(own))
        for number in range(first + opened, last):
            for match in _HELD.finditer(doc.text.lines[number]):
                new = typo(match["name"], rng, names) if match["name"] in names else None
                if new:
                    made = swapped(doc.text, number, *match.span("name"), new)
                    where = one(*range(first + opened + 1, number + 2))
                    yield Mutant(made, where, f"{match['name']} -> {new}")


def unbalanced(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    yield from dropped(doc.text, _CLOSING)


def missing_file(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for number, line in enumerate(doc.text.lines):
        match = _INCLUDE.match(line)
        stem = Path(match["name"]).name.removesuffix(".nf") if match else ""
        new = typo(stem, rng) if match else None
        if match and new:
            wanted = new.join(match["name"].rsplit(stem, 1))
            made = swapped(doc.text, number, *match.span("name"), wanted)
            yield Mutant(made, one(number + 1), f"{match['name']} -> {wanted}")


def broken_syntax(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    inside = False
    for number, line in enumerate(doc.text.lines):
        quotes = line.count('"""') + line.count("'''")
        if not inside and not quotes:
            for pattern in (_QUOTE, _BRACKET, _BRACE):
                match = pattern.match(line)
                if match:
                    made = swapped(doc.text, number, *match.span("gone"), "")
                    where = one(number + 1, number + 2)
                    yield Mutant(made, where, f"{match['gone']} dropped: {line.strip()}")
        inside ^= quotes % 2 == 1


KINDS: dict[str, Callable[[Doc, random.Random], Iterator[Mutant]]] = {
    "typo-in-link": typo_in_link,
    "unknown-key": unknown_key,
    "missing-input": missing_input,
    "unknown-type": unknown_type,
    "duplicate-id": duplicate_id,
    "unbalanced-expression": unbalanced,
    "typo-in-expression": typo_in_expression,
    "missing-file": missing_file,
    "broken-syntax": broken_syntax,
}
