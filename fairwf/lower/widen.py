"""Types that a target lacks become wider ones: the values stay, fewer mistakes are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.types import AnyType, EnumType, MapType, StringType, Type, UnionType
from fairwf.ir.types_text import describe
from fairwf.lower.context import Context
from fairwf.report import Fate


@dataclass(frozen=True)
class Widen:
    """Every type of one class becomes ``wide``."""

    removes: Feature
    narrow: type[msgspec.Struct]
    wide: Callable[[], Type]
    fate: Fate = "approximated"
    adds: frozenset[Feature] = frozenset()

    @property
    def name(self) -> str:
        """``widen_`` and the feature."""
        return f"widen_{self.removes.value}"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow without types of this class."""

        def visit(node: msgspec.Struct) -> msgspec.Struct:
            if not isinstance(node, self.narrow):
                return node
            wide = self.wide()
            text = f"the type {describe(node)} is written {describe(wide)}"  # type: ignore[arg-type]
            context.told("approximated", node, text, "values are the same, but less is checked")
            return context.made(wide, node)

        return context.rewrite(workflow, visit)


WIDENINGS = (
    Widen(Feature.MAP, MapType, AnyType),
    Widen(Feature.ENUM, EnumType, StringType),
    Widen(Feature.UNION, UnionType, AnyType),
)
