"""Whether pilots work here."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple


class Availability(NamedTuple):
    """Whether Parsl is here, and which version."""

    works: bool
    version: str | None = None
    reason: str | None = None


def availability() -> Availability:
    """Return whether Parsl can be used here. It is not loaded: that takes a second."""
    try:
        return Availability(True, version("parsl"))
    except PackageNotFoundError:
        return Availability(False, reason="Parsl is not installed: pip install 'fairwf[parsl]'")
