"""A text of Nextflow, its places, and what is wrong with it."""

from __future__ import annotations

import bisect
from typing import NoReturn

from fairwf.ir.origins import Span
from fairwf.report import InvalidError

MAX_NESTING = 60
"""How deep brackets, closures and interpolations may stand in each other."""


class Text:
    """A text and the lines that it has. ``name`` is what its user calls it."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self._lines = [0]
        at = text.find("\n")
        while at >= 0:
            self._lines.append(at + 1)
            at = text.find("\n", at + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column, from 1, of an offset."""
        line = bisect.bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the span between two offsets."""
        return Span(self.name, *self.place(start), *self.place(max(start, end)))

    def fail(self, start: int, end: int, message: str, hint: str | None = None) -> NoReturn:
        """Refuse what stands between two offsets.

        Raises:
            InvalidError: FWF1601, always.
        """
        raise InvalidError.of("FWF1601", message, span=self.span(start, end), hint=hint)

    def too_deep(self, start: int) -> NoReturn:
        """Refuse a nesting.

        Raises:
            InvalidError: FWF1009, always.
        """
        message = f"brackets are nested more than {MAX_NESTING} deep"
        raise InvalidError.of("FWF1009", message, span=self.span(start, start + 1))
