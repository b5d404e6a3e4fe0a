"""Single mistakes in WfFormat documents (JSON with one key a line)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.mutations import places
from benchmarks.mutations.places import Mutant, Text, lines_of, maps, one, swap, typo
from fairwf.source import SourceList, load_structured

NEEDED = (
    "name",
    "id",
    "schemaVersion",
    "workflow",
    "specification",
    "tasks",
    "parents",
    "children",
)


class Doc:
    """An instance, written anew with one key or item a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        plain = json.loads(path.read_bytes())
        self.text = Text(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
        self.tree = load_structured(self.text.text.encode(), path.name)

    @property
    def tasks(self) -> SourceList:
        return self.tree["workflow"]["specification"]["tasks"]

    def without(self, first: int, last: int) -> str:
        lines = self.text.lines[:first] + self.text.lines[last:]
        if not self.text.lines[last - 1].rstrip().endswith(",") and lines[first - 1].endswith(","):
            lines[first - 1] = lines[first - 1][:-1]
        return "\n".join(lines)


def typo_in_link(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    known = {str(task["id"]) for task in doc.tasks}
    for task in doc.tasks:
        for key in ("parents", "children", "inputFiles", "outputFiles"):
            for index, name in enumerate(task.get(key, ())):
                span = task[key].item_span(index)
                new = typo(name, rng, known)
                if new:
                    text = swap(doc.text, span, name, new)
                    yield Mutant(text, one(span.line), f"{key}: {name} -> {new}")


def missing_field(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.tree):
        if path[:1] == ("workflow",) or not path:
            for key in node:
                span, value = node.key_span(key), node.value_span(key)
                if key in NEEDED and path[-1:] != ("files",) and "execution" not in path:
                    text = doc.without(span.line - 1, value.end_line)
                    yield Mutant(text, lines_of(node.span, 1), f"{'/'.join(path)}: {key} removed")


def wrong_value(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    wrong = {"tasks": '"none"', "parents": '"none"', "runtimeInSeconds": '"long"',
             "sizeInBytes": '"big"', "children": "7", "schemaVersion": "7"}  # fmt: skip
    for _, node in maps(doc.tree):
        for key, value in node.items():
            span = node.value_span(key)
            if key in wrong and span.line == span.end_line and value not in ([], None):
                text = doc.text.replaced(span, wrong[key])
                yield Mutant(text, one(span.line), f"{key}: {wrong[key]}")


def duplicate_id(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for here, other in zip(doc.tasks, doc.tasks[1:], strict=False):
        span = other.value_span("id")
        text = doc.text.replaced(span, json.dumps(here["id"]))
        yield Mutant(text, one(span.line, here.value_span("id").line), f"two tasks {here['id']}")


def cycle(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for task in doc.tasks:
        for key in ("parents", "children"):
            for index, name in enumerate(task.get(key, ())):
                span = task[key].item_span(index)
                text = swap(doc.text, span, name, str(task["id"]))
                where = lines_of(task.span)
                yield Mutant(text, where, f"{task['id']} among its own {key}")


def broken_syntax(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    yield from places.broken_json(doc.text, doc.tree)


KINDS: dict[str, Callable[[Any, random.Random], Iterator[Mutant]]] = {
    "typo-in-link": typo_in_link,
    "missing-field": missing_field,
    "wrong-value": wrong_value,
    "duplicate-id": duplicate_id,
    "cycle": cycle,
    "broken-syntax": broken_syntax,
}
