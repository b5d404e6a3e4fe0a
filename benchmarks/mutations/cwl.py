"""Single mistakes in CWL documents."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.mutations import places
from benchmarks.mutations.places import Mutant, Text, lines_of, maps, one, plain_scalar, swap, typo
from fairwf.source import SourceList, SourceMap, load_structured

FIELDS = frozenset(
    [
        "cwlVersion",
        "class",
        "inputs",
        "outputs",
        "steps",
        "requirements",
        "hints",
        "baseCommand",
        "arguments",
        "stdin",
        "stdout",
        "stderr",
        "successCodes",
        "expression",
        "in",
        "out",
        "run",
        "scatter",
        "scatterMethod",
        "when",
        "type",
        "default",
        "label",
        "doc",
        "inputBinding",
        "outputBinding",
        "glob",
        "loadContents",
        "outputEval",
        "prefix",
        "position",
        "separate",
        "itemSeparator",
        "valueFrom",
        "shellQuote",
        "secondaryFiles",
        "format",
        "streamable",
        "outputSource",
        "linkMerge",
        "pickValue",
        "source",
    ]
)
REQUIRED = {
    "CommandLineTool": ("inputs", "outputs", "class"),
    "ExpressionTool": ("inputs", "outputs", "class", "expression"),
    "Workflow": ("inputs", "outputs", "steps", "class"),
}
TYPES = ("File", "Directory", "string", "int", "long", "float", "double", "boolean")
OTHER = {"File": "int", "Directory": "int", "string": "Directory", "boolean": "File",
         "int": "File", "long": "File", "float": "File", "double": "File"}  # fmt: skip


class Doc:
    """A CWL document: its text, its tree, and the tools that its steps run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = Text(path.read_text("utf-8"))
        self.tree = load_structured(path.read_bytes(), path.name)
        self._tools: dict[str, Any] = {}

    @property
    def steps(self) -> Iterator[tuple[str, SourceMap]]:
        for _, node in maps(self.tree):
            if node.get("class") == "Workflow":
                yield from entries(node.get("steps"))

    def tool(self, step: SourceMap) -> Any:
        run = step.get("run")
        if isinstance(run, str):
            if run not in self._tools:
                file = self.path.parent / run
                self._tools[run] = (
                    load_structured(file.read_bytes(), run) if file.is_file() else None
                )
            return self._tools[run]
        return run


def entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a list by ``id`` or a map holds, by id."""
    if isinstance(value, SourceMap):
        yield from value.items()
    elif isinstance(value, SourceList):
        for item in value:
            if isinstance(item, SourceMap) and isinstance(item.get("id"), str):
                yield item["id"], item


def typed(port: Any) -> Any:
    return port.get("type") if isinstance(port, dict) else port


def needed(port: Any) -> bool:
    kind = typed(port)
    if isinstance(port, dict) and "default" in port:
        return False
    return isinstance(kind, str) and not kind.endswith("?") and kind not in ("null", "Any")


def links(doc: Doc) -> Iterator[tuple[SourceMap, str, str]]:
    """Yield maps, keys and texts of the links of one source each."""
    for _, step in doc.steps:
        inside = step.get("in") if isinstance(step, SourceMap) else None
        for name, value in entries(inside):
            if isinstance(value, str) and isinstance(inside, SourceMap):
                yield inside, name, value
            elif isinstance(value, SourceMap) and isinstance(value.get("source"), str):
                yield value, "source", value["source"]
    for _, node in maps(doc.tree):
        if isinstance(node.get("outputSource"), str):
            yield node, "outputSource", node["outputSource"]


def typo_in_link(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    known = {text for _, _, text in links(doc)}
    for node, key, value in links(doc):
        span = node.value_span(key)
        new = typo(value, rng, known)
        if plain_scalar(doc.text, span, value) and new:
            yield Mutant(swap(doc.text, span, value, new), one(span.line), f"{value} -> {new}")


def unknown_key(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.tree):
        if path[-1:] in (("inputs",), ("outputs",), ("in",), ("steps",), ("hints",)):
            continue
        if any(part.startswith("$") or ":" in part for part in path):
            continue
        for key in node:
            span = node.key_span(key)
            new = typo(key, rng, set(FIELDS))
            if key in FIELDS and plain_scalar(doc.text, span, key) and new:
                text = swap(doc.text, span, key, new)
                yield Mutant(text, one(span.line), f"{key} -> {new}")


def missing_field(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    rows: list[tuple[SourceMap, str]] = []
    for path, node in maps(doc.tree):
        rows += [(node, key) for key in REQUIRED.get(str(node.get("class")), ())]
        if path[-2:-1] in (("inputs",), ("outputs",)) and "type" in node:
            rows.append((node, "type"))
    rows += [(s, k) for _, s in doc.steps if isinstance(s, SourceMap) for k in ("run", "in", "out")]
    rows += [(doc.tree, "cwlVersion")]
    for node, key in rows:
        place = doc.text.block(node.key_span(key)) if key in node else None
        if place is not None and len(node) > 1:
            yield Mutant(doc.text.without(*place), lines_of(node.span), f"{key} removed")


def missing_input(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for name, step in doc.steps:
        inside = step.get("in") if isinstance(step, SourceMap) else None
        tool = doc.tool(step) if isinstance(inside, SourceMap) else None
        if not isinstance(tool, dict) or len(inside or ()) < 2:
            continue
        scattered = str(step.get("scatter", ""))
        for port, said in entries(tool.get("inputs")):
            if needed(said) and port in inside and port not in scattered:
                place = doc.text.block(inside.key_span(port))
                if place is not None:
                    lines = lines_of(step.span) | {step.span.line - 1}
                    yield Mutant(doc.text.without(*place), lines, f"{name}: {port} removed")


def wrong_type(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    if doc.tree.get("class") != "Workflow":
        return
    for name, port in entries(doc.tree.get("inputs")):
        kind = typed(port)
        owner, key = (port, "type") if isinstance(port, SourceMap) else (doc.tree["inputs"], name)
        if not isinstance(kind, str) or kind not in OTHER or not isinstance(owner, SourceMap):
            continue
        used = [(n, k) for n, k, v in links(doc) if v.removeprefix("#") == name]
        wanted = [
            typed(said)
            for _, step in doc.steps
            if isinstance(step, SourceMap) and isinstance(step.get("in"), SourceMap)
            for target, value in step["in"].items()
            if value == name and isinstance(tool := doc.tool(step), dict)
            for port_, said in entries(tool.get("inputs"))
            if port_ == target
        ]
        span = owner.value_span(key)
        if used and kind in wanted and plain_scalar(doc.text, span, kind):
            lines = {span.line, *(n.value_span(k).line for n, k in used)}
            new = OTHER[kind]
            text = swap(doc.text, span, kind, new)
            yield Mutant(text, frozenset(lines), f"{name}: {kind} -> {new}")


def _types(doc: Doc) -> Iterator[tuple[SourceMap, str, str]]:
    for path, node in maps(doc.tree):
        if isinstance(node.get("type"), str) and "default" not in path:
            yield node, "type", node["type"]
        if path[-1:] in (("inputs",), ("outputs",)):
            for key, value in node.items():
                if isinstance(value, str):
                    yield node, key, value


def unknown_type(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for node, key, value in _types(doc):
        word = value.rstrip("[]?")
        span = node.value_span(key)
        new = typo(word, rng, set(TYPES))
        if word in TYPES and new and plain_scalar(doc.text, span, value):
            yield Mutant(swap(doc.text, span, word, new), one(span.line), f"{word} -> {new}")


def wrong_default(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.tree):
        kind = str(node.get("type")).rstrip("?")
        if path[-2:-1] != ("inputs",) or "default" not in node:
            continue
        span = node.value_span("default")
        new = {"boolean": "7"}.get(
            kind, "many" if kind in ("int", "long", "float", "double") else ""
        )
        if new and doc.text.at(span):
            yield Mutant(doc.text.replaced(span, new), one(span.line), f"default of {kind}: {new}")


def wrong_value(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    words = ("class", "scatterMethod", "linkMerge", "pickValue", "loadListing", "cwlVersion")
    texts = {"position": "first", "separate": "maybe", "baseCommand": "{a: b}", "scatter": "{a: b}",
             "shellQuote": "never", "loadContents": "often"}  # fmt: skip
    for path, node in maps(doc.tree):
        if "default" in path or "listing" in path or path[-1:] in (("inputs",), ("in",)):
            continue
        for key, value in node.items():
            span = node.value_span(key)
            if key in words and plain_scalar(doc.text, span, value):
                new = typo(value, rng)
                if new:
                    yield Mutant(swap(doc.text, span, value, new), one(span.line), f"{key}: {new}")
            elif key in texts and doc.text.at(span) and not isinstance(value, (dict, list)):
                text = doc.text.replaced(span, texts[key])
                yield Mutant(text, one(span.line), f"{key}: {texts[key]}")


def duplicate_id(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for path, node in maps(doc.tree):
        if path[-1:] in (("inputs",), ("outputs",), ("steps",), ("in",)):
            for key in node:
                place = doc.text.block(node.key_span(key))
                if place is not None:
                    first, last = place
                    lines = one(first + 1, last + 1)
                    yield Mutant(doc.text.twice(first, last), lines, f"{key} twice")


FEATURES = {
    "ScatterFeatureRequirement": "scatter",
    "StepInputExpressionRequirement": "valueFrom",
    "MultipleInputFeatureRequirement": "linkMerge",
    "InlineJavascriptRequirement": "${",
}


def missing_requirement(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _, process in maps(doc.tree):
        said = process.get("requirements")
        if "class" not in process:
            continue
        for name, word in FEATURES.items():
            uses = [i for i, line in enumerate(doc.text.lines, 1) if word in line]
            if word == "valueFrom":
                uses = [
                    v.value_span("valueFrom").line
                    for _, s in doc.steps
                    if isinstance(s, SourceMap)
                    for _, v in entries(s.get("in"))
                    if isinstance(v, SourceMap) and isinstance(v.get("valueFrom"), str)
                ]
            place = _requirement(doc.text, process, said, name)
            if place is not None and uses:
                lines = frozenset(uses) | lines_of(process.span)
                yield Mutant(doc.text.without(*place), lines, f"{name} removed")


def _requirement(text: Text, process: SourceMap, said: Any, name: str) -> tuple[int, int] | None:
    if isinstance(said, SourceMap) and name in said:
        key = process.key_span("requirements") if len(said) == 1 else said.key_span(name)
        return text.block(key)
    if isinstance(said, SourceList):
        for index, item in enumerate(said):
            if isinstance(item, dict) and item.get("class") == name:
                if len(said) == 1:
                    return text.block(process.key_span("requirements"))
                span = said.item_span(index)
                line = text.lines[span.line - 1]
                if line.lstrip().startswith("- class") and len(item) == 1:
                    return span.line - 1, span.line
    return None


def missing_file(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for _, node in maps(doc.tree):
        for key in ("run", "$import", "$include", "location"):
            value = node.get(key)
            if isinstance(value, str) and (doc.path.parent / value).is_file():
                span = node.value_span(key)
                stem = Path(value).stem
                new = typo(stem, rng)
                if new and plain_scalar(doc.text, span, value):
                    changed = new.join(value.rsplit(stem, 1))
                    if not (doc.path.parent / changed).exists():
                        text = swap(doc.text, span, value, changed)
                        yield Mutant(text, one(span.line), f"{value} -> {changed}")


def cycle(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for name, step in doc.steps:
        outs = step.get("out") if isinstance(step, SourceMap) else None
        first = outs[0] if isinstance(outs, list) and outs and isinstance(outs[0], str) else None
        for node, key, value in links(doc):
            span = node.value_span(key)
            inside = (
                isinstance(step, SourceMap) and step.span.line <= span.line < step.span.end_line
            )
            if first and inside and plain_scalar(doc.text, span, value):
                text = swap(doc.text, span, value, f"{name}/{first}")
                yield Mutant(text, one(span.line, step.span.line), f"{name} needs its own {first}")


def _shared(function: Callable[..., Iterator[Mutant]]) -> Callable[..., Iterator[Mutant]]:
    return lambda doc, rng: function(doc.text, doc.tree, rng)


KINDS: dict[str, Callable[[Doc, random.Random], Iterator[Mutant]]] = {
    "typo-in-link": typo_in_link,
    "unknown-key": unknown_key,
    "missing-field": missing_field,
    "missing-input": missing_input,
    "wrong-type": wrong_type,
    "unknown-type": unknown_type,
    "wrong-default": wrong_default,
    "wrong-value": wrong_value,
    "duplicate-id": duplicate_id,
    "missing-requirement": missing_requirement,
    "unbalanced-expression": _shared(places.unbalanced),
    "typo-in-expression": _shared(places.typo_in_expression),
    "missing-file": missing_file,
    "cycle": cycle,
    "broken-syntax": _shared(places.broken_syntax),
}
