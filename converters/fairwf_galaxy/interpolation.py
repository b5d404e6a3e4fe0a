"""Texts of user-defined tools: JavaScript in ``$(...)``, as CWL's reference library reads them.

Galaxy evaluates ``shell_command`` and ``content`` of configuration files with it (``cwl-utils``,
``expression.interpolate``), so its escapes count: ``\\$(``, ``\\${`` and ``\\\\``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Piece(NamedTuple):
    """A part of a text: plain, or an expression in JavaScript."""

    text: str
    expression: bool = False


class UnfinishedError(ValueError):
    """An expression begins and does not end, or is a body of statements."""


_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DOUBLED = re.compile(r"\\(?=\\|\$[({])")
_BEGIN = re.compile(r"\$(?=[({])")


def pieces(text: str) -> list[Piece]:
    """Return the parts of a text.

    Raises:
        UnfinishedError: an expression does not end, or it is ``${...}``.
    """
    if "$(" not in text and "${" not in text:
        return [Piece(text)] if text else []
    text = text.strip()
    found: list[Piece] = []
    plain: list[str] = []
    index = 0
    while index < len(text):
        here, after = text[index], text[index + 1 : index + 2]
        if here == "\\" and text[index + 1 : index + 3] in ("$(", "${"):
            plain.append(text[index + 1 : index + 3])
            index += 3
        elif here == "\\" and after == "\\":
            plain.append("\\")
            index += 2
        elif here == "$" and after == "(":
            end = _end(text, index + 1)
            if plain:
                found.append(Piece("".join(plain)))
                plain = []
            found.append(Piece(text[index + 2 : end], True))
            index = end + 1
        elif here == "$" and after == "{":
            raise UnfinishedError("a body of statements, ${...}")
        else:
            plain.append(here)
            index += 1
    if plain:
        found.append(Piece("".join(plain)))
    return found


def _end(text: str, start: int) -> int:
    """Return where the parenthesis at ``start`` is closed; quotes hide others."""
    stack = [")"]
    index = start + 1
    while index < len(text):
        here = text[index]
        if stack[-1] in "\"'":
            if here == "\\":
                index += 1
            elif here == stack[-1]:
                stack.pop()
        elif here in "\"'":
            stack.append(here)
        elif here in _CLOSING:
            stack.append(_CLOSING[here])
        elif here == stack[-1]:
            stack.pop()
            if not stack:
                return index
        index += 1
    raise UnfinishedError("an expression that does not end")


def written(parts: Iterable[Piece]) -> str:
    """Return the text that reads as these parts.

    Raises:
        UnfinishedError: Galaxy would find other expressions in it.
    """
    joined = merged(parts)
    if not any(piece.expression or "$(" in piece.text or "${" in piece.text for piece in joined):
        return "".join(piece.text for piece in joined)
    text = []
    for number, piece in enumerate(joined):
        if piece.expression:
            text.append(f"$({piece.text})")
            continue
        plain = _BEGIN.sub(r"\\$", _DOUBLED.sub(r"\\\\", piece.text))
        if plain.endswith("\\") and number + 1 < len(joined):
            plain += "\\"
        text.append(plain)
    result = "".join(text)
    if pieces(result) != _stripped(joined):
        raise UnfinishedError("an expression whose quotes hide its end")
    return result


def merged(parts: Iterable[Piece]) -> list[Piece]:
    """Return the parts with texts beside each other joined."""
    found: list[Piece] = []
    for piece in parts:
        if not piece.text and not piece.expression:
            continue
        if found and not piece.expression and not found[-1].expression:
            found[-1] = Piece(found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


def _stripped(parts: list[Piece]) -> list[Piece]:
    """Return the parts without the blanks around the whole, which are not kept."""
    result = list(parts)
    if result and not result[0].expression:
        result[0] = Piece(result[0].text.lstrip())
    if result and not result[-1].expression:
        result[-1] = Piece(result[-1].text.rstrip())
    return [piece for piece in result if piece.text or piece.expression]
