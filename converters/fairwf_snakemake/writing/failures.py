"""What Snakemake cannot say, and where it is."""

from __future__ import annotations

import msgspec


class CannotSayError(Exception):
    """A part of a document that no Snakefile can say; ``node`` is the smallest one."""

    def __init__(self, message: str, node: msgspec.Struct, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.hint = hint
