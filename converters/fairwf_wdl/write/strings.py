"""Literals of texts (specification 1.2, "Strings")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_ONE = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_SPECIAL = re.compile(r"[\\\"\x00-\x1f\x7f\u0085\u2028\u2029]|[~$](?=\{)")


class Hole(NamedTuple):
    """A placeholder: an expression, after its options."""

    text: str


Piece = str | Hole


def literal(text: str) -> str:
    """Return the text between quotation marks."""
    return quoted([text])


def quoted(pieces: Iterable[Piece]) -> str:
    """Return a text with placeholders between quotation marks."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    said = []
    for number, piece in enumerate(merged):
        if isinstance(piece, Hole):
            said.append(f"~{{{piece.text}}}")
            continue
        text = _SPECIAL.sub(_escape, piece)
        if text[-1:] in ("~", "$") and number + 1 < len(merged):
            text = text[:-1] + f"\\x{ord(text[-1]):02x}"
        said.append(text)
    return '"' + "".join(said) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    known = _ONE.get(character)
    if known is not None:
        return known
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"
