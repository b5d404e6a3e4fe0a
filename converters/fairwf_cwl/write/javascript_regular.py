"""Regular expressions of POSIX (extended) that mean the same in JavaScript.

Those without groups and alternatives do: where there is one way to match, the first match of
JavaScript is the longest one of POSIX. The texts are for ``RegExp`` with the flag ``u``.
"""

from __future__ import annotations

import re

_CLASSES = {
    "digit": "0-9",
    "blank": " \\t",
    "xdigit": "0-9A-Fa-f",
}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_QUANTIFIER = re.compile(r"[*+?]|\{[0-9]{1,3}(,[0-9]{0,3})?\}")
_CLASS = re.compile(r"\[:([a-z]+):\]")


def javascript_pattern(text: str, anywhere: bool = False) -> str | None:
    """Return the pattern of ``RegExp`` for a regular expression of POSIX.

    None where JavaScript might match in another way. ``anywhere``: only whether it matches counts,
    so it may have groups and alternatives.
    """
    if anywhere:
        parts = [part for part in re.split(r"(\\.|\[[^\]]+\]|[()|])", text) if part]
        if any(part in "()|" for part in parts):
            return _grouped(parts)
    return _pattern(text)


def _pattern(text: str) -> str | None:
    said, at, sure = [], 0, False
    if text.startswith("^"):
        said.append("^")
        at = 1
    while at < len(text):
        if text[at] == "$" and at == len(text) - 1:
            said.append("$")
            break
        atom = _atom(text, at)
        if atom is None:
            return None
        one, at = atom
        repeated = _QUANTIFIER.match(text, at)
        if repeated is not None:
            one += repeated[0]
            at = repeated.end()
        sure = sure or repeated is None or repeated[0] == "+" or repeated[0][1:2] not in ("", "0")
        said.append(one)
    # what matches nothing, too, is found at more places by some than by others
    return "".join(said) if sure else None


def _grouped(parts: list[str]) -> str | None:
    said, plain = "", ""
    for part in [*parts, "|"]:
        if part not in ("(", ")", "|"):
            plain += part
            continue
        found = _pattern(plain) if plain else ""
        if found is None:
            return None
        said, plain = said + found + part, ""
    return said[:-1]


def _atom(text: str, at: int) -> tuple[str, int] | None:
    char = text[at]
    if char == "[":
        return _bracket(text, at + 1)
    if char == ".":
        return "[^]", at + 1
    if char == "\\":
        following = text[at + 1 : at + 2]
        known = following and (following in _SYNTAX or following in "nt")
        return (f"\\{following}", at + 2) if known else None
    return None if char in _SYNTAX - {"/"} else (_escaped(char), at + 1)


def _bracket(text: str, at: int) -> tuple[str, int] | None:
    said = "["
    if text[at : at + 1] == "^":
        said += "^"
        at += 1
    first = at
    while at < len(text):
        if text[at] == "]" and at > first:
            return f"{said}]", at + 1
        named = _CLASS.match(text, at)
        if named is not None:
            if named[1] not in _CLASSES:
                return None
            said += _CLASSES[named[1]]
            at = named.end()
        elif text[at] == "-" and at > first and text[at + 1 : at + 2] not in ("]", ""):
            said += "-"
            at += 1
        elif text[at] in "\\" or text[at : at + 2] in ("[.", "[=", "[:"):
            return None
        else:
            said += _escaped(text[at]) if text[at] != "-" else "\\-"
            at += 1
    return None


def _escaped(char: str) -> str:
    return f"\\{char}" if char in _SYNTAX else char
