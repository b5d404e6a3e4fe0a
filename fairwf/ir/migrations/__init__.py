"""Migrations: documents of older IR versions are brought to the current one, step by step.

Each step is one pure function on plain JSON values, from one version to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

IR_VERSION = "1"
"""The version that this package reads and writes."""

Migration = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: dict[str, tuple[str, Migration]] = {}
"""By old version: the next version, and the function that gets there."""


class UnknownVersionError(ValueError):
    """A document states an IR version that this package does not know."""


def migrate(plain: dict[str, Any], version: str) -> dict[str, Any]:
    """Return a document's plain values in the current version.

    Raises:
        UnknownVersionError: there is no way from ``version`` to the current one.
    """
    while version != IR_VERSION:
        if version not in STEPS:
            raise UnknownVersionError(
                f"IR version {version!r:.40} is not known; this fairwf reads {IR_VERSION!r}"
            )
        version, step = STEPS[version]
        plain = step(plain)
    return plain
