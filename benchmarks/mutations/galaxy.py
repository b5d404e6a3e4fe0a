"""Single mistakes in Galaxy workflows: native ones (JSON) and those of gxformat2 (YAML)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.mutations import places
from benchmarks.mutations.places import Mutant, Text, lines_of, maps, one, plain_scalar, swap, typo
from fairwf.source import SourceList, SourceMap, load_structured

NEEDED = ("steps", "a_galaxy_workflow", "class", "inputs", "outputs")


class Doc:
    """A workflow: its text and its tree."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = Text(path.read_text("utf-8"))
        self.tree = load_structured(path.read_bytes(), path.name)
        self.native = "a_galaxy_workflow" in self.tree

    def without(self, first: int, last: int) -> str:
        lines = self.text.lines[:first] + self.text.lines[last:]
        comma = self.text.lines[last - 1].rstrip().endswith(",")
        if self.native and not comma and lines[first - 1].rstrip().endswith(","):
            lines[first - 1] = lines[first - 1].rstrip()[:-1]
        return "\n".join(lines)

    def connections(self) -> Iterator[tuple[SourceMap, str, Any]]:
        """Yield maps, keys and values of what names a step that is connected."""
        for path, node in maps(self.tree):
            if self.native and "input_connections" in path and isinstance(node.get("id"), int):
                yield node, "id", node["id"]
            if not self.native:
                for key in ("outputSource", "source"):
                    if isinstance(node.get(key), str):
                        yield node, key, node[key]
                if path[-1:] == ("in",):
                    for key, value in node.items():
                        if isinstance(value, str):
                            yield node, key, value


def typo_in_link(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    known = {str(value) for _, _, value in doc.connections()}
    for node, key, value in doc.connections():
        span = node.value_span(key)
        if isinstance(value, int):
            text = doc.text.replaced(span, f"{value}{value or 9}{value or 9}")
            yield Mutant(text, _link(node), f"{value} -> {value}{value or 9}{value or 9}")
        elif plain_scalar(doc.text, span, value) and (new := typo(value, rng, known)):
            yield Mutant(swap(doc.text, span, value, new), one(span.line), f"{value} -> {new}")


def missing_field(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.tree):
        for key in node:
            needed = (not path and key in NEEDED) or (
                doc.native and path[-2:-1] == ("steps",) and key in ("id", "type")
            )
            span, value = node.key_span(key), node.value_span(key)
            begins = not doc.text.lines[span.line - 1][: span.column - 1].strip()
            if needed and begins and len(node) > 1:
                last = value.end_line if value.end_column > 1 else value.end_line - 1
                text = doc.without(span.line - 1, last)
                yield Mutant(text, lines_of(node.span), f"{'/'.join(path)}: {key} removed")


def wrong_value(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    wrong = {
        "position": '"left"',
        "annotation": "[1]",
        "id": '"none"',
        "name": "7",
        "workflow_outputs": '"all"',
        "post_job_actions": '"none"',
        "type": '"tol"',
    }
    for path, node in maps(doc.tree):
        if path[-2:-1] != ("steps",):
            continue
        for key, value in node.items():
            span = node.value_span(key)
            if key in wrong and span.line == span.end_line and value not in ([], {}, None):
                text = doc.text.replaced(span, wrong[key])
                yield Mutant(text, one(span.line), f"{key}: {wrong[key]}")


def duplicate_id(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    steps = doc.tree.get("steps")
    if not isinstance(steps, SourceMap):
        return
    names = list(steps)
    for here, other in itertools.pairwise(names):
        span, before = steps.key_span(other), steps.key_span(here)
        if doc.text.at(span) is not None:
            text = swap(doc.text, span, other, here)
            yield Mutant(text, one(span.line, before.line), f"two steps {here}")


def cycle(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.tree):
        if path[-2:-1] != ("steps",) or not isinstance(node.get("id"), int):
            continue
        for source in _sources(node.get("input_connections")):
            span = source.value_span("id")
            text = doc.text.replaced(span, str(node["id"]))
            yield Mutant(text, _link(source), f"step {node['id']} needs itself")


def _link(connection: SourceMap) -> frozenset[int]:
    """A link of a native workflow is an object, which begins beside the name of its input."""
    return lines_of(connection.span) | one(connection.span.line - 1)


def _sources(connections: Any) -> Iterator[SourceMap]:
    for value in (connections or {}).values():
        for item in value if isinstance(value, SourceList) else [value]:
            if isinstance(item, SourceMap) and isinstance(item.get("id"), int):
                yield item


def broken_syntax(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    if not doc.native:
        yield from places.broken_syntax(doc.text, doc.tree, rng)
        return
    yield from places.broken_json(doc.text, doc.tree)


KINDS: dict[str, Callable[[Any, random.Random], Iterator[Mutant]]] = {
    "typo-in-link": typo_in_link,
    "missing-field": missing_field,
    "wrong-value": wrong_value,
    "duplicate-id": duplicate_id,
    "cycle": cycle,
    "broken-syntax": broken_syntax,
}
