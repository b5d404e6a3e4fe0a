"""How large a value may grow while an expression of a stranger is evaluated."""

from __future__ import annotations

from fairwf.engine.evaluate.errors import FunctionError

MAX_ITEMS = 5_000_000
"""Items of one array that a function makes."""

MAX_TEXT = 64 << 20
"""Characters of one text that a function makes, and bytes of a file that one reads."""

MAX_BITS = 4096
"""Bits of a whole number that a function makes."""

CONTENTS_BYTES = 64 << 10
"""Bytes of a file whose contents are loaded (CWL v1.2 ``loadContents``)."""


def allow_items(count: int) -> None:
    """Refuse an array of more than :data:`MAX_ITEMS` items."""
    if count > MAX_ITEMS:
        raise FunctionError(f"the array would have {count} items; {MAX_ITEMS} are allowed")


def allow_text(length: int) -> None:
    """Refuse a text of more than :data:`MAX_TEXT` characters."""
    if length > MAX_TEXT:
        raise FunctionError(f"the text would have {length} characters; {MAX_TEXT} are allowed")


def bounded(number: int) -> int:
    """Return a whole number of at most :data:`MAX_BITS` bits."""
    if number.bit_length() > MAX_BITS:
        raise FunctionError(f"the whole number has more than {MAX_BITS} bits")
    return number
