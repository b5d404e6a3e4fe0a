"""Numbers as traces hold them: texts of any length, and values of any type."""

from __future__ import annotations

import math
from typing import Any

MOST_DIGITS = 18
"""As many as a signed integer of 64 bits surely holds."""


def whole(value: Any, most: int = MOST_DIGITS) -> int | None:
    """Return a whole number that is not negative; None for what is none, or has more digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**most else None
    digits = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value) if digits and len(value) <= most else None


def finite(value: Any) -> float | None:
    """Return a number as a float; None for what is no number, or no finite one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
