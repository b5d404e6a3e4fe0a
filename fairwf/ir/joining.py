"""Texts of expressions one after the other."""

from __future__ import annotations

from fairwf.ir.expressions import Expr, StringLit, Template


def joined(*pieces: Expr) -> Expr:
    """Return the texts of expressions one after the other, as one template or text."""
    parts: list[Expr] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, Template) else (piece,):
            if isinstance(part, StringLit) and parts and isinstance(parts[-1], StringLit):
                parts[-1] = StringLit(value=parts[-1].value + part.value)
            elif not isinstance(part, StringLit) or part.value:
                parts.append(part)
    if not parts:
        return StringLit(value="")
    if len(parts) == 1 and isinstance(parts[0], StringLit):
        return parts[0]
    return Template(parts=tuple(parts))
