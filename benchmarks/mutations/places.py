"""Single mistakes in YAML and JSON documents: where each kind can be put, and what it makes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fairwf.source import SourceList, SourceMap


@dataclass(frozen=True)
class Mutant:
    """A text with one mistake, and the lines on which a finding counts as on the right line."""

    text: str
    lines: frozenset[int]
    what: str


def typo(word: str, rng: random.Random, others: set[str] = frozenset()) -> str | None:
    """Return the word with one letter dropped or doubled; None where it would be another's."""
    spots = [i for i, c in enumerate(word) if c.isalpha()]
    for _ in range(8):
        if len(word) < 3 or not spots:
            return None
        at = rng.choice(spots)
        made = (
            word[:at] + word[at + 1 :] if rng.random() < 0.5 else word[:at] + word[at] + word[at:]
        )
        if made != word and made not in others:
            return made
    return None


class Text:
    """A document's lines, and edits of them by the spans of its values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")

    def at(self, span: Any) -> str | None:
        """What stands in a span of one line."""
        if span.line != span.end_line:
            return None
        return self.lines[span.line - 1][span.column - 1 : span.end_column - 1]

    def replaced(self, span: Any, new: str) -> str:
        lines = list(self.lines)
        line = lines[span.line - 1]
        lines[span.line - 1] = line[: span.column - 1] + new + line[span.end_column - 1 :]
        return "\n".join(lines)

    def block(self, key: Any) -> tuple[int, int] | None:
        """The lines (from 0, end exclusive) of a key or item that begins its line, in blocks."""
        first = key.line - 1
        line = self.lines[first]
        lead = line[: key.column - 1]
        if lead.strip(" "):
            return None
        last = first + 1
        while last < len(self.lines):
            text = self.lines[last]
            indent = len(text) - len(text.lstrip(" "))
            listed = text.lstrip(" ").startswith("- ") and indent == key.column - 1
            if text.strip() and indent <= key.column - 1 and not listed:
                break
            last += 1
        while last > first + 1 and not self.lines[last - 1].strip():
            last -= 1
        return first, last

    def without(self, first: int, last: int) -> str:
        return "\n".join(self.lines[:first] + self.lines[last:])

    def twice(self, first: int, last: int) -> str:
        return "\n".join(self.lines[:last] + self.lines[first:last] + self.lines[last:])


def maps(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], SourceMap]]:
    """Yield every map with the keys that lead to it (an index is "*")."""
    if isinstance(tree, SourceMap):
        yield path, tree
        for key, value in tree.items():
            yield from maps(value, (*path, key))
    elif isinstance(tree, SourceList):
        for value in tree:
            yield from maps(value, (*path, "*"))


def lines_of(span: Any, least: int = 1) -> frozenset[int]:
    last = span.end_line if span.end_column > 1 else span.end_line - 1
    return frozenset(range(span.line, max(last, span.line) + least))


def one(*lines: int) -> frozenset[int]:
    return frozenset(lines)


def plain_scalar(text: Text, span: Any, value: Any) -> bool:
    """Whether a text stands on one line as it is, quoted or not."""
    said = text.at(span)
    return isinstance(value, str) and said is not None and said.strip("'\"") == value


def swap(text: Text, span: Any, old: str, new: str) -> str:
    said = text.at(span) or ""
    return text.replaced(span, said.replace(old, new, 1))


def broken_syntax(text: Text, tree: Any, rng: random.Random) -> Iterator[Mutant]:
    """A closing bracket or quote is dropped, or a tab indents."""
    for _, node in maps(tree):
        for key, _value in node.items():
            span = node.value_span(key)
            said = text.at(span)
            if said and said[-1] in "]}\"'" and len(said) > 2 and said[0] in "[{\"'":
                where = one(span.line, span.line + 1)
                yield Mutant(text.replaced(span, said[:-1]), where, f"{key}: {said[-1]} dropped")
            place = node.key_span(key)
            lead = text.lines[place.line - 1][: place.column - 1]
            if lead and not lead.strip() and not text.text.lstrip().startswith("{"):
                lines = list(text.lines)
                lines[place.line - 1] = "\t" + lines[place.line - 1].lstrip()
                where = one(place.line, place.line + 1)
                yield Mutant("\n".join(lines), where, f"{key}: indented by a tab")


_INPUT = re.compile(r"inputs\.([A-Za-z_]\w+)")


def expressions(text: Text, tree: Any) -> Iterator[tuple[Any, str]]:
    """Yield the spans and texts of scalars that hold an expression of CWL."""
    for _, node in maps(tree):
        rows = [(node.value_span(k), v) for k, v in node.items()]
        for value in list(node.values()):
            if isinstance(value, SourceList):
                rows += [(value.item_span(i), v) for i, v in enumerate(value)]
        for span, value in rows:
            if isinstance(value, str) and ("$(" in value or "${" in value):
                yield span, value


def unbalanced(text: Text, tree: Any, rng: random.Random) -> Iterator[Mutant]:
    """The last closing bracket of an expression is dropped."""
    for span, value in expressions(text, tree):
        closing = ")" if "$(" in value else "}"
        for number in range(min(span.end_line, len(text.lines)), span.line - 1, -1):
            line = text.lines[number - 1]
            at = line.rfind(closing)
            if at >= 0:
                lines = list(text.lines)
                lines[number - 1] = line[:at] + line[at + 1 :]
                yield Mutant("\n".join(lines), lines_of(span), f"{closing} dropped: {line.strip()}")
                break


def typo_in_expression(text: Text, tree: Any, rng: random.Random) -> Iterator[Mutant]:
    """The name of an input that an expression names is mistyped."""
    names = {
        name
        for _, node in maps(tree)
        for key in ("inputs", "in")
        if isinstance(node.get(key), dict)
        for name in node[key]
    }
    for span, _ in expressions(text, tree):
        for number in range(span.line, min(span.end_line, len(text.lines)) + 1):
            line = text.lines[number - 1]
            for match in _INPUT.finditer(line):
                if match[1] not in names:
                    continue
                new = typo(match[1], rng, names)
                if new:
                    lines = list(text.lines)
                    lines[number - 1] = line[: match.start(1)] + new + line[match.end(1) :]
                    yield Mutant("\n".join(lines), lines_of(span), f"inputs.{match[1]} -> {new}")


def broken_json(text: Text, tree: Any) -> Iterator[Mutant]:
    """Drop the closing quote of a text, or the closing brace of an object."""
    for _, node in maps(tree):
        for key, value in node.items():
            span = node.value_span(key)
            said = text.at(span)
            if isinstance(value, str) and said and said.endswith('"'):
                changed = text.replaced(span, said[:-1])
                yield Mutant(changed, one(span.line, span.line + 1), f"{key}: quote dropped")
            elif isinstance(value, SourceMap) and span.end_line > span.line:
                lines = list(text.lines)
                lines[span.end_line - 1] = lines[span.end_line - 1].replace("}", "", 1)
                where = one(span.end_line, span.end_line + 1)
                yield Mutant("\n".join(lines), where, f"{key}: }} dropped")
