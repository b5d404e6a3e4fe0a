"""Single mistakes in IR files (YAML), which are converted from valid CWL."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.mutations import places
from benchmarks.mutations.places import Mutant, Text, lines_of, maps, one, plain_scalar, swap, typo
from fairwf.source import SourceMap, load_structured

FIELDS = frozenset(
    [
        "workflow",
        "kind",
        "inputs",
        "outputs",
        "steps",
        "run",
        "in",
        "type",
        "id",
        "value",
        "arguments",
        "collect",
    ]
)
NEEDED = {"workflow": (), "step": ("run",), "port": ("type",)}
TYPES = ("File", "Directory", "string", "int", "float", "bool", "array", "optional")


class Doc:
    """An IR file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = Text(path.read_text("utf-8"))
        self.tree = load_structured(path.read_bytes(), path.name)

    @property
    def root(self) -> SourceMap:
        return self.tree["workflow"]

    @property
    def steps(self) -> list[SourceMap]:
        return list(self.root.get("steps", ()))

    def references(self) -> Iterator[tuple[SourceMap, str]]:
        for path, node in maps(self.root):
            if "run" in path or "processes" in path:
                continue
            if node.get("kind") == "output" and "step" in node:
                yield node, "step"
                yield node, "port"
            elif node.get("kind") == "input" and "name" in node:
                yield node, "name"


def typo_in_link(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    known = {str(node[key]) for node, key in doc.references()}
    for node, key in doc.references():
        span = node.value_span(key)
        new = typo(node[key], rng, known)
        if new and plain_scalar(doc.text, span, node[key]):
            text = swap(doc.text, span, node[key], new)
            yield Mutant(text, lines_of(node.span), f"{node[key]} -> {new}")


def unknown_key(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.tree):
        if path[-1:] in (("in",), ("processes",), ("fields",), ("variables",)):
            continue
        for key in node:
            span = node.key_span(key)
            new = typo(key, rng, set(FIELDS))
            if key in FIELDS and new and plain_scalar(doc.text, span, key):
                text = swap(doc.text, span, key, new)
                yield Mutant(text, one(span.line), f"{key} -> {new}")


def missing_field(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.root):
        keys: tuple[str, ...] = ()
        if path[-2:] in (("inputs", "*"), ("outputs", "*")):
            keys = ("type",)
        elif path == ("steps", "*"):
            keys = ("run",)
        for key in keys:
            place = doc.text.block(node.key_span(key)) if key in node else None
            if place is not None:
                yield Mutant(doc.text.without(*place), lines_of(node.span), f"{key} removed")


def missing_input(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for step in doc.steps:
        run = step.get("run")
        if not isinstance(run, SourceMap) or not isinstance(step.get("in"), SourceMap):
            continue
        for port in run.get("inputs", ()):
            needed = port["type"].get("kind") not in ("optional", "any") and "default" not in port
            if needed and port["id"] in step["in"] and len(step["in"]) > 1:
                place = doc.text.block(step["in"].key_span(port["id"]))
                if place is not None:
                    text = doc.text.without(*place)
                    yield Mutant(text, lines_of(step.span), f"{step['id']}: {port['id']} removed")


def wrong_type(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for port in doc.root.get("inputs", ()):
        kind = port["type"].get("kind")
        used = [n.value_span(k).line for n, k in doc.references() if n[k] == port["id"]]
        wanted = [
            each["type"].get("kind")
            for step in doc.steps
            if isinstance(step.get("in"), SourceMap) and isinstance(step.get("run"), SourceMap)
            for name, value in step["in"].items()
            if isinstance(value, SourceMap) and value.get("name") == port["id"]
            for each in step["run"].get("inputs", ())
            if each["id"] == name
        ]
        if kind in ("File", "string", "int") and kind in wanted:
            span = port["type"].value_span("kind")
            new = {"File": "int", "string": "File", "int": "File"}[kind]
            around = {line for at in used for line in range(at - 4, at + 2)}
            text = swap(doc.text, span, kind, new)
            yield Mutant(text, one(span.line, *around), f"{port['id']}: {kind} -> {new}")


def unknown_type(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.root):
        if path[-1:] == ("type",) and node.get("kind") in TYPES:
            span = node.value_span("kind")
            new = typo(node["kind"], rng, set(TYPES))
            if new:
                text = swap(doc.text, span, node["kind"], new)
                yield Mutant(text, one(span.line), f"{node['kind']} -> {new}")


def wrong_default(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.root):
        if path[-2:] != ("inputs", "*") or not isinstance(node.get("default"), SourceMap):
            continue
        default = node["default"]
        if default.get("kind") in ("int_lit", "float_lit") and "value" in default:
            span = default.value_span("kind")
            text = Text(swap(doc.text, span, default["kind"], "string_lit"))
            text = text.replaced(default.value_span("value"), "'many'")
            yield Mutant(text, lines_of(default.span), "a text as default of a number")


def duplicate_id(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _path, node in maps(doc.root):
        for key in ("inputs", "outputs", "steps"):
            items = node.get(key)
            if not isinstance(items, list):
                continue
            for here, other in itertools.pairwise(items):
                span = other.value_span("id")
                if plain_scalar(doc.text, span, other["id"]):
                    text = doc.text.replaced(span, doc.text.at(here.value_span("id")) or "")
                    where = one(span.line, here.value_span("id").line)
                    yield Mutant(text, where, f"two {key} {here['id']}")


def cycle(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for step in doc.steps:
        run = step.get("run")
        outs = [p["id"] for p in run.get("outputs", ())] if isinstance(run, SourceMap) else []
        for value in step["in"].values() if isinstance(step.get("in"), SourceMap) else ():
            if outs and isinstance(value, SourceMap) and value.get("kind") == "output":
                text = Text(swap(doc.text, value.value_span("step"), value["step"], step["id"]))
                text = text.replaced(value.value_span("port"), outs[0])
                where = lines_of(value.span) | {step.span.line}
                yield Mutant(text, where, f"{step['id']} needs its own {outs[0]}")


def _broken(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    return places.broken_syntax(doc.text, doc.tree, rng)


KINDS: dict[str, Callable[[Any, random.Random], Iterator[Mutant]]] = {
    "typo-in-link": typo_in_link,
    "unknown-key": unknown_key,
    "missing-field": missing_field,
    "missing-input": missing_input,
    "wrong-type": wrong_type,
    "unknown-type": unknown_type,
    "wrong-default": wrong_default,
    "duplicate-id": duplicate_id,
    "cycle": cycle,
    "broken-syntax": _broken,
}
