"""An expression as WDL writes it, with its type."""

from __future__ import annotations

from typing import NamedTuple

from fairwf.ir.types import Type


class Said(NamedTuple):
    """``level`` is 0 for names, literals and calls, 1 for operators, 2 for choices."""

    text: str
    type: Type | None = None
    level: int = 0

    @property
    def operand(self) -> str:
        """The text where an operator stands beside it."""
        return self.text if self.level == 0 else f"({self.text})"
