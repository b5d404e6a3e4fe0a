"""What Galaxy cannot say, found while writing."""

from __future__ import annotations

from typing import Protocol

import msgspec


class CannotSayError(Exception):
    """A node has no form in Galaxy: which, why, and what to do."""

    def __init__(self, message: str, node: msgspec.Struct, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.hint = hint


class Tell(Protocol):
    """Reports what became of a node, or of its ``part`` (a relative path)."""

    def __call__(self, code: str, message: str, node: msgspec.Struct, part: str = "") -> None:
        """Report it."""


def silent(code: str, message: str, node: msgspec.Struct, part: str = "") -> None:
    """Report nothing: of a document in normal form everything has been told."""
