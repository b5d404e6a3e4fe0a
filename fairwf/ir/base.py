"""What every node of the IR shares: immutable, keyword-only, strict, tagged with ``kind``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Node(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
):
    """A node of the IR.

    Nodes are immutable trees. They are compared by their canonical encoding
    (:mod:`fairwf.ir.canonical`), never by ``==``: in Python ``1 == 1.0 == True``.
    """

    def __hash__(self) -> int:
        raise TypeError(f"IR nodes are never hashed; memoise {type(self).__name__} by identity")


class Part(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """A piece of a node that stands in one place only, and so needs no ``kind``."""

    def __hash__(self) -> int:
        raise TypeError(f"IR parts are never hashed; memoise {type(self).__name__} by identity")


Extensions = Mapping[str, Mapping[str, Any]]
"""Keys that only one source format knows, by format name: ``{"cwl": {...}}``. Plain JSON values."""
