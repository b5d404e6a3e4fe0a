"""Names of the items of a map or filter."""

from __future__ import annotations

from typing import cast

import msgspec

from fairwf.ir.expressions import Each, Expr, Local
from fairwf.ir.rewriting import map_children
from fairwf.ir.walk import walk
from fairwf_cwl.translate.scope import Untranslated


def renamed(expr: Expr, own: str, name: str) -> Expr:
    """Give the parameter ``own`` its name, which nothing else in the function may have.

    Raises:
        Untranslated: something has.
    """
    if any(isinstance(node, (Local, Each)) and node.name == name for _, node in walk(expr)):
        raise Untranslated("a function whose parameter hides another name")

    def change(node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, Local):
            return Local(name=name) if node.name == own else node
        return map_children(node, change)

    return cast("Expr", change(expr))
