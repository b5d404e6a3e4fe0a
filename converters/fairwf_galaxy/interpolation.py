"""Texts of user-defined tools: JavaScript in ``$(...)``, as CWL's reference library reads them.

Galaxy evaluates ``shell_command`` and ``content`` of configuration files with it (``cwl-utils``,
``expression.interpolate``), so its escapes count: ``\\$(``, ``\\${`` and ``\\\\``.
"""

from __future__ import annotations

import json
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
_BLANKS = re.compile(r'"(?: |\\[fnrt]|\\u000b|\\u001[c-f]|\\u0085|\\u00a0|\\u[123][0-9a-f]{3})+"')
"""An expression that is blanks alone: so they are kept at the ends of a text."""
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
    return merged(found)


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
    around = _with_blanks(joined)
    for number, piece in enumerate(around):
        if piece.expression:
            text.append(f"$({piece.text})")
            continue
        plain = _BEGIN.sub(r"\\$", _DOUBLED.sub(r"\\\\", piece.text))
        if plain.endswith("\\") and number + 1 < len(around):
            plain += "\\"
        text.append(plain)
    result = "".join(text)
    if pieces(result) != joined:
        raise UnfinishedError("an expression whose quotes hide its end")
    return result


def merged(parts: Iterable[Piece]) -> list[Piece]:
    """Return the parts with texts beside each other joined, blanks as texts."""
    found: list[Piece] = []
    for part in parts:
        blank = part.expression and _BLANKS.fullmatch(part.text) is not None
        piece = Piece(json.loads(part.text)) if blank else part
        if not piece.text and not piece.expression:
            continue
        if found and not piece.expression and not found[-1].expression:
            found[-1] = Piece(found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


def _with_blanks(parts: list[Piece]) -> list[Piece]:
    """Return the parts with blanks around the whole as expressions: plain ones are not kept."""
    result = list(parts)
    if not result[0].expression:
        text = result[0].text
        bare = text.lstrip()
        blanks = text[: len(text) - len(bare)]
        around = [Piece(json.dumps(blanks), True), Piece(bare)] if blanks else [Piece(bare)]
        result[:1] = around if bare else around[:1]
    if result and not result[-1].expression:
        text = result[-1].text
        bare = text.rstrip()
        blanks = text[len(bare) :]
        result[-1:] = [Piece(bare)] if bare else []
        result += [Piece(json.dumps(blanks), True)] if blanks else []
    return result
