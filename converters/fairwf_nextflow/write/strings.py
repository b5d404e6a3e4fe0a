"""Texts of Groovy: quoted, and with what is interpolated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple


class Hole(NamedTuple):
    """An expression that is interpolated."""

    text: str


Piece = str | Hole
_PLAIN = re.compile(r"[\x20-\x26\x28-\x5b\x5d-\x7e\u00a0-\ud7ff]*")
_SPECIAL = re.compile(r"[\\\"$\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\", '"': '\\"', "$": "\\$"}


def literal(text: str) -> str:
    """Return a text between quotation marks."""
    return f"'{text}'" if _PLAIN.fullmatch(text) else quoted([text])


def quoted(pieces: Iterable[Piece]) -> str:
    """Return a text with what is interpolated between quotation marks."""
    given = list(pieces)
    if all(isinstance(piece, str) for piece in given):
        whole = "".join(piece for piece in given if isinstance(piece, str))
        if _PLAIN.fullmatch(whole):
            return f"'{whole}'"
    return '"' + "".join(_said(piece) for piece in given) + '"'


def block(pieces: Iterable[Piece]) -> str:
    """Return the lines of a text for between triple quotation marks."""
    said = []
    for hole, group in groupby(pieces, lambda piece: isinstance(piece, Hole)):
        if hole:
            said += [_said(piece) for piece in group]
            continue
        text = "".join(piece for piece in group if isinstance(piece, str))
        text = text.replace("\\", "\\\\").replace("$", "\\$").replace('"""', '\\"\\"\\"')
        said.append(re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", _escape, text))
    whole = "".join(said)
    return whole[:-1] + '\\"' if whole.endswith('"') else whole


def _said(piece: Piece) -> str:
    if isinstance(piece, Hole):
        return f"${{{piece.text}}}"
    return _SPECIAL.sub(_escape, piece)


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], f"\\u{ord(match[0]):04x}")
