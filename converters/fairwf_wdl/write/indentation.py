"""The indentation of command sections (specification 1.2, "Stripping Leading Whitespace")."""

from __future__ import annotations

from fairwf_wdl.write.shell import body_pieces
from fairwf_wdl.write.strings import Hole, Piece


def indented(pieces: list[Piece]) -> str:
    """Return the text of a command section, which gives these pieces without its indentation."""
    whole = "".join(piece if isinstance(piece, str) else "~{}" for piece in pieces)
    lines = whole.split("\n")
    blanks = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    if blanks:
        pieces = [Hole('""'), *pieces] if lines[0].strip() else _anchored(pieces)
    margin = "    " if whole.strip() else ""
    begins = True
    said: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Hole):
            said.extend([margin, piece] if begins else [piece])
            begins = False
            continue
        parts = piece.split("\n")
        for number, part in enumerate(parts):
            if number:
                said.append("\n")
                begins = True
            if part:
                said.append((margin if begins else "") + part)
                begins = False
    text = body_pieces(said)
    return text + "  " if margin and text.endswith("\n") else text


def _anchored(pieces: list[Piece]) -> list[Piece]:
    """Return pieces whose first line that says something begins with an empty placeholder."""
    found: list[Piece] = []
    done = False
    for piece in pieces:
        if not done and isinstance(piece, str) and piece.strip():
            start = len(piece) - len(piece.lstrip())
            line = piece.rfind("\n", 0, start) + 1
            found.extend([piece[:line], Hole('""'), piece[line:]])
            done = True
        else:
            found.append(piece)
    return found
