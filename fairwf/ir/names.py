"""New names beside those that are there."""

from __future__ import annotations

from collections.abc import Container


def fresh(base: str, taken: Container[str]) -> str:
    """Return ``base``, or ``base_2``, ``base_3`` ..., whichever is not taken yet."""
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name
