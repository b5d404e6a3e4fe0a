"""What Nextflow cannot say, and where it is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

Telling = Callable[[str, str, msgspec.Struct], None]
"""Takes a code, a message and the node that it is about."""


class CannotSayError(Exception):
    """A part of a document that Nextflow cannot say; ``node`` is the smallest one."""

    def __init__(self, message: str, node: msgspec.Struct, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.hint = hint


def silent(code: str, message: str, node: msgspec.Struct) -> None:
    """What is said of a part was told when it was written first."""
