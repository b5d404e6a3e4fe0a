"""Where an expression stands inside the text of a document that holds it."""

from __future__ import annotations

from collections.abc import Mapping

from fairwf.ir.origins import Span
from fairwf_cwl.interpolate import Piece

Texts = Mapping[str, bytes]
"""The octets of each file by the name that spans give it."""

_OPENING = {"paren": "$(", "brace": "${"}


def located(data: bytes, span: Span, piece: Piece, offset: int | None = None) -> Span:
    """Return the span of a piece, or of the place ``offset`` octets inside it.

    Where the text of the document spells it otherwise (escapes, folded lines): ``span`` itself.
    """
    if piece.kind == "text":
        return span
    lines = data.decode("utf-8", "replace").split("\n")[span.line - 1 : span.end_line]
    whole = _OPENING[piece.kind] + piece.text + (")" if piece.kind == "paren" else "}")
    wanted = whole.split("\n")
    for number, line in enumerate(lines):
        start = line.find(wanted[0], span.column - 1 if number == 0 else 0)
        if start < 0:
            continue
        if any(
            not given.strip().endswith(said.strip())
            for given, said in zip(lines[number + 1 :], wanted[1:-1], strict=False)
        ):
            continue
        first = span.line + number
        if offset is None:
            end = start + len(wanted[0])
            return Span(span.file, first, start + 1, first, end + 1)
        before = piece.text.encode("utf-8", "surrogatepass")[:offset]
        above = before.decode("utf-8", "replace").split("\n")
        below = number + len(above) - 1
        said = wanted[len(above) - 1]
        if below >= len(lines) or not said:
            return span
        column = lines[below].find(said) + len(above[-1]) + (2 if len(above) == 1 else 0)
        if said not in lines[below]:
            return span
        rest = piece.text[len(before.decode("utf-8", "replace")) :]
        length = next(
            (i for i, char in enumerate(rest) if not (char.isalnum() or char in "_$")), len(rest)
        )
        line_number = span.line + below
        return Span(span.file, line_number, column + 1, line_number, column + 1 + max(1, length))
    return span
