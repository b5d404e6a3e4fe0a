"""Single mistakes in WDL documents; places come from miniwdl's own parse of the valid document."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import WDL

from benchmarks.mutations.places import Mutant, Text, one, typo

TYPES = ("File", "String", "Int", "Float", "Boolean", "Directory", "Array", "Map", "Pair")
OTHER = {"File": "Int", "String": "Array[File]", "Int": "File", "Float": "File", "Boolean": "File"}


class Doc:
    """A WDL document: its text and its checked tree."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = Text(path.read_text("utf-8"))
        self.tree = WDL.load(str(path), check_quant=False)

    @property
    def tasks(self) -> list[Any]:
        return list(self.tree.tasks)

    def nodes(self, root: Any = None) -> Iterator[Any]:
        stack = [root if root is not None else self.tree]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(list(node.children)))

    def sections(self) -> Iterator[Any]:
        if self.tree.workflow is not None:
            yield self.tree.workflow
        yield from self.tasks

    def calls(self) -> list[Any]:
        root = self.tree.workflow
        own = self.nodes(root) if root is not None else iter(())
        return [node for node in own if isinstance(node, WDL.Tree.Call)]


def changed(text: Text, line: int, column: int, old: str, new: str) -> str | None:
    said = text.lines[line - 1]
    at = said.find(old, column - 1)
    if at < 0:
        return None
    lines = list(text.lines)
    lines[line - 1] = said[:at] + new + said[at + len(old) :]
    return "\n".join(lines)


def span_lines(pos: Any) -> frozenset[int]:
    return frozenset(range(pos.line, pos.end_line + 1))


def _idents(doc: Doc, root: Any) -> Iterator[Any]:
    for node in doc.nodes(root):
        if isinstance(node, WDL.Expr.Get) and isinstance(node.expr, WDL.Expr._LeftName):
            yield node.expr
        elif isinstance(node, WDL.Expr.Ident):
            yield node


def _typos(doc: Doc, roots: list[Any], rng: random.Random, whole: bool) -> Iterator[Mutant]:
    names = {n.name for n in doc.nodes() if hasattr(n, "name") and isinstance(n.name, str)}
    for root in roots:
        for node in _idents(doc, root):
            name = node.name.split(".")[0]
            new = typo(name, rng, names)
            text = changed(doc.text, node.pos.line, node.pos.column, name, new) if new else None
            if text:
                lines = span_lines(root.pos) if whole else one(node.pos.line)
                yield Mutant(text, lines, f"{name} -> {new}")


def typo_in_link(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    roots = [value for call in doc.calls() for value in call.inputs.values()]
    if doc.tree.workflow is not None:
        roots += [d.expr for d in doc.tree.workflow.outputs or [] if d.expr is not None]
    yield from _typos(doc, roots, rng, whole=False)


def typo_in_expression(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    roots = [p for t in doc.tasks for p in t.command.parts if not isinstance(p, str)]
    yield from _typos(doc, roots, rng, whole=True)


def _decls(doc: Doc) -> Iterator[Any]:
    for section in doc.sections():
        yield from section.inputs or []


def unknown_type(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for decl in _decls(doc):
        word = re.match(r"\w+", str(decl.type))
        new = typo(word[0], rng, set(TYPES)) if word and word[0] in TYPES else None
        text = changed(doc.text, decl.pos.line, decl.pos.column, word[0], new) if new else None
        if text:
            yield Mutant(text, one(decl.pos.line), f"{word[0]} -> {new}")


def wrong_type(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    workflow = doc.tree.workflow
    for decl in (workflow.inputs or []) if workflow is not None else []:
        kind = str(decl.type)
        uses = [
            value.pos.line
            for call in doc.calls()
            for name, value in call.inputs.items()
            if str(value) == decl.name
            and any(d.value.name == name and str(d.value.type) == kind
                    for d in call.callee.available_inputs)
        ]  # fmt: skip
        if kind in OTHER and uses and decl.expr is None:
            new = OTHER[kind]
            text = changed(doc.text, decl.pos.line, decl.pos.column, kind, new)
            if text:
                yield Mutant(text, one(decl.pos.line, *uses), f"{decl.name}: {kind} -> {new}")


def wrong_default(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    new = {"Int": '"many"', "Float": '"many"', "Boolean": "7"}
    for decl in _decls(doc):
        kind = str(decl.type).rstrip("?")
        if kind in new and decl.expr is not None and decl.expr.literal is not None:
            said = str(decl.expr)
            pos = decl.expr.pos
            text = changed(doc.text, pos.line, pos.column, said, new[kind])
            if text:
                yield Mutant(text, one(pos.line), f"default of {kind}: {new[kind]}")


def missing_input(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for call in doc.calls():
        required = {str(binding.name) for binding in call.callee.required_inputs}
        for name, value in call.inputs.items():
            first, last = value.pos.line, value.pos.end_line
            line = doc.text.lines[first - 1].strip()
            alone = re.match(rf"{re.escape(name)}\s*=", line)
            if name in required and alone and first == last and len(call.inputs) > 1:
                lines = doc.text.lines[: first - 1] + doc.text.lines[first:]
                if not line.endswith(",") and lines[first - 2].rstrip().endswith(","):
                    lines[first - 2] = lines[first - 2].rstrip()[:-1]
                where = frozenset(range(call.pos.line, call.pos.end_line + 1))
                yield Mutant("\n".join(lines), where, f"{call.name}: {name} removed")


def duplicate_id(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for decl in _decls(doc):
        if decl.pos.line == decl.pos.end_line:
            first = decl.pos.line
            yield Mutant(
                doc.text.twice(first - 1, first), one(first, first + 1), f"{decl.name} twice"
            )


def unbalanced(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for task in doc.tasks:
        for part in task.command.parts:
            if not isinstance(part, str) and part.pos.line == part.pos.end_line:
                line = doc.text.lines[part.pos.line - 1]
                at = line.find("}", part.pos.column - 1)
                if at >= 0:
                    lines = list(doc.text.lines)
                    lines[part.pos.line - 1] = line[:at] + line[at + 1 :]
                    yield Mutant(
                        "\n".join(lines), one(part.pos.line), f"}} dropped: {line.strip()}"
                    )
    for call in doc.calls():
        for value in call.inputs.values():
            line = doc.text.lines[value.pos.line - 1]
            at = line.rfind(")", value.pos.column - 1)
            if value.pos.line == value.pos.end_line and at >= 0:
                lines = list(doc.text.lines)
                lines[value.pos.line - 1] = line[:at] + line[at + 1 :]
                yield Mutant("\n".join(lines), one(value.pos.line), f") dropped: {line.strip()}")


def missing_file(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for imported in doc.tree.imports:
        stem = Path(imported.uri).stem
        new = typo(stem, rng)
        wanted = new.join(imported.uri.rsplit(stem, 1)) if new else ""
        line = imported.pos.line
        text = changed(doc.text, line, imported.pos.column, imported.uri, wanted) if new else None
        if text and not (doc.path.parent / wanted).exists():
            yield Mutant(text, one(line), f"{imported.uri} -> {wanted}")


def cycle(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for call in doc.calls():
        outputs = [binding.name for binding in call.callee.effective_outputs]
        for name, value in call.inputs.items():
            if outputs and value.pos.line == value.pos.end_line:
                said = str(value)
                new = f"{call.name}.{outputs[0]}"
                text = changed(doc.text, value.pos.line, value.pos.column, said, new)
                if text:
                    where = one(value.pos.line, call.pos.line)
                    yield Mutant(text, where, f"{name} = {new}")


def broken_syntax(doc: Doc, rng: random.Random) -> Iterator[Mutant]:
    for section in doc.sections():
        for number in range(section.pos.line, section.pos.end_line + 1):
            line = doc.text.lines[number - 1]
            if re.match(r'\s*\w[\w.]*\s*[:=]\s*"[^"]*"\s*,?$', line):
                at = line.rindex('"')
                lines = list(doc.text.lines)
                lines[number - 1] = line[:at] + line[at + 1 :]
                yield Mutant("\n".join(lines), one(number, number + 1), f"quote dropped: {line}")
    for number, line in enumerate(doc.text.lines, 1):
        if re.match(r"\s*(?:input|output|runtime|call [\w.]+)[^{]*\{\s*$", line):
            lines = list(doc.text.lines)
            lines[number - 1] = line.rstrip()[:-1]
            yield Mutant("\n".join(lines), one(number, number + 1), f"{{ dropped: {line.strip()}")


KINDS: dict[str, Callable[[Doc, random.Random], Iterator[Mutant]]] = {
    "typo-in-link": typo_in_link,
    "missing-input": missing_input,
    "wrong-type": wrong_type,
    "unknown-type": unknown_type,
    "wrong-default": wrong_default,
    "duplicate-id": duplicate_id,
    "unbalanced-expression": unbalanced,
    "typo-in-expression": typo_in_expression,
    "missing-file": missing_file,
    "cycle": cycle,
    "broken-syntax": broken_syntax,
}
