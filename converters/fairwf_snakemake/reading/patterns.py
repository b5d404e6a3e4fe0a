"""Paths with wildcards: the parts of a pattern, and which rule makes a path of what form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fairwf.ir.expressions import Expr, Key, StringLit, Template

Part = str | Expr
"""A text as it is, or an expression that gives a text."""

_WILDCARD = re.compile(
    r"\{\s*(?P<name>\w+)(?:\s*,\s*(?P<pattern>(?:[^{}]+|\{\d+(?:,\d+)?\})*))?\s*\}"
)


class PatternError(ValueError):
    """A path has braces that make no wildcards."""


def pieces(text: str) -> tuple[list[str | tuple[str]], dict[str, str]]:
    """Return the texts and (in tuples) wildcards of a path, and the constraints it states."""
    found: list[str | tuple[str]] = []
    constraints: dict[str, str] = {}
    at = 0
    for match in _WILDCARD.finditer(text):
        if match.start() > at:
            found.append(text[at : match.start()])
        found.append((match["name"],))
        if match["pattern"]:
            constraints[match["name"]] = match["pattern"].strip()
        at = match.end()
    if at < len(text):
        found.append(text[at:])
    return found, constraints


def wildcards(text: str) -> list[str]:
    """Return the names of a path's wildcards."""
    return [piece[0] for piece in pieces(text)[0] if isinstance(piece, tuple)]


def parts_of(expression: Expr) -> list[Part] | None:
    """Return the parts of a text or template; None for other expressions."""
    if isinstance(expression, StringLit):
        return [expression.value]
    if isinstance(expression, Template):
        return [p.value if isinstance(p, StringLit) else p for p in expression.parts]
    return None


def text_of(parts: Sequence[Part]) -> Expr:
    """Return parts as one expression that gives a text."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if not merged:
        return StringLit(value="")
    if len(merged) == 1 and isinstance(merged[0], str):
        return StringLit(value=merged[0])
    if len(merged) == 1 and isinstance(merged[0], Key):
        return Key(name=merged[0].name)
    return Template(parts=tuple(StringLit(value=p) if isinstance(p, str) else p for p in merged))


def keyed(text: str, constraints: dict[str, str] | None = None) -> Expr:
    """Return a path with its wildcards as keys; constraints that it states are added."""
    found, stated = pieces(text)
    if constraints is not None:
        constraints.update(stated)
    return text_of([p if isinstance(p, str) else Key(name=p[0]) for p in found])


_CLASSES = {r"\d": "0-9", r"\w": "A-Za-z0-9_", r"\s": " \t"}


def posix(pattern: str) -> str | None:
    """Return a Python regular expression as a POSIX extended one; None where that has none."""
    found: list[str] = []
    index, inside = 0, False
    while index < len(pattern):
        two, one = pattern[index : index + 2], pattern[index]
        if two in _CLASSES:
            found.append(_CLASSES[two] if inside else f"[{_CLASSES[two]}]")
            index += 2
        elif one == "\\":
            if index + 1 == len(pattern) or two[1].isalnum():
                return None
            found.append(two[1] if inside else two)
            index += 2
        elif not inside and pattern.startswith("(?", index):
            if not pattern.startswith("(?:", index):
                return None
            found.append("(")
            index += 3
        elif (
            not inside and one in "*+?}" and index + 1 < len(pattern) and pattern[index + 1] in "?+"
        ):
            # Lazy or possessive: the whole text has to match, so it tells only which key is longer.
            return None
        else:
            if one == "[" and not inside:
                inside = True
                if pattern.startswith("[^", index):
                    found.append("[^")
                    index += 2
                    continue
            elif one == "]" and inside and found[-1] not in ("[", "[^"):
                inside = False
            found.append(one)
            index += 1
    return "".join(found)


@dataclass(frozen=True)
class Made:
    """An output of a rule: its pattern, and what its wildcards must match (Python's syntax)."""

    rule: str
    port: str
    pattern: str
    constraints: Mapping[str, str]
    directory: bool = False


class Makers:
    """All outputs of all rules: which of them a path comes from."""

    def __init__(self, made: Iterable[Made]) -> None:
        self._made = [(each, *self._compiled(each)) for each in made]

    @staticmethod
    def _compiled(made: Made) -> tuple[re.Pattern[str] | None, list[str]]:
        names: list[str] = []
        text = ""
        for piece in pieces(made.pattern)[0]:
            if isinstance(piece, str):
                text += re.escape(piece)
            elif piece[0] in names:
                text += rf"\{names.index(piece[0]) + 1}"
            else:
                names.append(piece[0])
                text += "(.+)"
        try:
            # Many wildcards in a row would take for ever to match.
            return (re.compile(text, re.DOTALL) if len(names) <= 8 else None), names
        except re.error:
            return None, names

    def of(
        self, parts: Sequence[Part], own: Mapping[str, str]
    ) -> tuple[list[Made], dict[str, list[Part]] | None]:
        """Return the outputs that a path may be, and the keys where there is only one.

        ``own`` are the constraints of the rule that asks. The keys are None where a rule makes the
        path or does not, as the texts of keys may be.
        """
        opaque = [part for part in parts if not isinstance(part, str)]
        text, number = "", 0
        for part in parts:
            if isinstance(part, str):
                text += part
            else:
                text += f"\0{number}\1"
                number += 1
        if len(text) > 2000:
            return [], None
        found: list[tuple[Made, dict[str, list[Part]]]] = []
        sure = True
        for made, pattern, names in self._made:
            match = pattern.fullmatch(text) if pattern is not None else None
            if match is None:
                continue
            keys = {name: self._parts(match[index + 1], opaque) for index, name in enumerate(names)}
            fits = self._fits(made, keys, own)
            if fits is False:
                continue
            sure = sure and fits is True
            found.append((made, keys))
        if len(found) == 1 and sure and len(opaque) < 200:
            return [found[0][0]], found[0][1]
        return [made for made, _ in found], None

    @staticmethod
    def _parts(text: str, opaque: Sequence[Expr]) -> list[Part]:
        found: list[Part] = []
        for index, piece in enumerate(re.split("\0(\\d+)\1", text)):
            if index % 2:
                found.append(opaque[int(piece)])
            elif piece:
                found.append(piece)
        return found

    @staticmethod
    def _fits(made: Made, keys: Mapping[str, list[Part]], own: Mapping[str, str]) -> bool | None:
        """Tell whether keys fit their constraints; None: that depends."""
        result: bool | None = True
        for name, parts in keys.items():
            pattern = made.constraints.get(name)
            if any("\0" in p or "\1" in p for p in parts if isinstance(p, str)):
                return None
            if pattern is None:
                continue
            if all(isinstance(part, str) for part in parts):
                try:
                    fits = re.fullmatch(pattern, "".join(map(str, parts))) is not None
                except re.error:
                    return None
                if not fits:
                    return False
            else:
                key = parts[0] if len(parts) == 1 else None
                if not isinstance(key, Key) or own.get(key.name) != pattern:
                    result = None
        return result
