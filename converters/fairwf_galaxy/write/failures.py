"""What Galaxy cannot say, found while writing."""

from __future__ import annotations

from typing import Protocol

import msgspec

from fairwf.document import Document
from fairwf.ir.origins import Span
from fairwf.ir.walk import walk


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


def place_of(document: Document, node: msgspec.Struct) -> Span | None:
    """Return where a node of a document came from, or else the nearest node around it."""
    span = document.origins.get(node)
    if span is not None:
        return span
    nodes = dict(walk(document.workflow))
    path = next((path for path, each in nodes.items() if each is node), "")
    while span is None and path:
        path = path.rpartition("/")[0]
        holder = nodes.get(path)
        span = document.origins.get(holder) if holder is not None else None
    return span
