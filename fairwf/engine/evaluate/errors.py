"""What goes wrong, or is not there yet, when an expression is evaluated."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import msgspec


class NotReady(Exception):  # noqa: N818 - not a fault: the value comes later
    """A value that the expression needs is not there yet.

    ``waits`` are keys of the scope's own choosing, of everything that was missing at once.
    """

    def __init__(self, waits: Iterable[Hashable]) -> None:
        self.waits: frozenset[Hashable] = frozenset(waits)
        super().__init__(f"waits for {len(self.waits)} value(s)")


class EvaluationError(Exception):
    """The expression has no value. ``node`` is the smallest one at fault (its origin is the span).

    ``hint`` says what to do. ``line`` and ``column`` (from 1) lie inside an opaque text, or inside
    the library of that index.
    """

    def __init__(
        self,
        message: str,
        node: msgspec.Struct,
        hint: str | None = None,
        line: int | None = None,
        column: int | None = None,
        library: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.hint = hint
        self.line = line
        self.column = column
        self.library = library


class FunctionError(Exception):
    """A standard function cannot be applied; the evaluator adds the node."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
