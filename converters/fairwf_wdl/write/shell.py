"""Texts inside of a command for bash: words, quoted so that no value is read as shell.

A text is a list of pieces: characters as they are, placeholders, and expansions of the shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import NamedTuple

from fairwf_wdl.write.strings import Hole, Piece, literal, quoted


class Expansion(NamedTuple):
    """What the shell itself puts in, such as ``$PWD``."""

    text: str


ShellPiece = str | Hole | Expansion

QUOTE = "'\\''"
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


def protected(text: str) -> str:
    """Return an expression for a text with its quotation marks escaped."""
    return f"sub({text}, {literal(chr(39))}, {literal(QUOTE)})"


def word(pieces: Iterable[ShellPiece]) -> list[Piece]:
    """Return a text as one word of the shell. Placeholders in it are unescaped texts."""
    found: list[Piece] = []
    plain: list[ShellPiece] = list(pieces)
    if all(isinstance(piece, str) for piece in plain):
        whole = "".join(piece for piece in plain if isinstance(piece, str))
        return [whole if _SAFE.fullmatch(whole) else shlex.quote(whole)]
    inside = False
    for piece in plain:
        if isinstance(piece, Expansion):
            found.append("'" * inside + f'"{piece.text}"')
            inside = False
            continue
        if not piece:
            continue
        if not inside:
            found.append("'")
            inside = True
        found.append(piece.replace("'", QUOTE) if isinstance(piece, str) else piece)
    if inside:
        found.append("'")
    return found


def escaped(text: str) -> Hole:
    """Return the placeholder of a text that stands inside of quotation marks."""
    return Hole(protected(text))


def as_expression(pieces: Iterable[Piece]) -> str:
    """Return an expression for a piece of a command."""
    return quoted(expanded(list(pieces)))


_MARKED = re.compile("\x02([^\x02]*)\x02")


def marked(piece: Expansion) -> str:
    """Return an expansion that stands in a text for a shell, which may be quoted as a whole."""
    return f"\x02{piece.text}\x02"


def expanded(pieces: list[Piece]) -> list[Piece]:
    """Return pieces whose marked expansions the shell itself makes."""
    return [one if isinstance(one, Hole) else _MARKED.sub(r"\1", one) for one in pieces]


def within(pieces: Iterable[Piece]) -> list[Piece]:
    """Return a text for another shell as one word, its marked expansions made by this one."""
    found: list[Piece] = ["'"]
    for piece in pieces:
        if isinstance(piece, Hole):
            found.append(escaped(quoted([piece])))
        else:
            found.append(_MARKED.sub("'\"\\1\"'", piece.replace("'", QUOTE)))
    return [*found, "'"]


def body_pieces(pieces: Iterable[Piece]) -> str:
    """Return pieces as the text of a command section in ``<<<`` and ``>>>``."""
    said = []
    given = list(pieces)
    for number, piece in enumerate(given):
        if isinstance(piece, Hole):
            said.append(f"~{{{piece.text}}}")
            continue
        text = piece.replace("~{", '~{"\\x7e"}{').replace(">>>", '>>~{">"}')
        if text.endswith("~") and number + 1 < len(given):
            text = text[:-1] + '~{"\\x7e"}'
        said.append(text)
    return "".join(said)
