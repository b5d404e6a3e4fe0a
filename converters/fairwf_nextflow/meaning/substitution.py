"""Values for the local names of an expression."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairwf.ir.expressions import Each, Expr, Local
from fairwf.ir.rewriting import map_children


def substituted(expr: Expr, locals_: Mapping[str, Expr]) -> Expr:
    """Return an expression with values for its local names."""

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, Local) and node.name in locals_:
            return locals_[node.name]
        if isinstance(node, Each) and node.name in locals_:
            inner = {k: v for k, v in locals_.items() if k != node.name}
            return msgspec.structs.replace(
                node,
                over=substituted(node.over, locals_),
                body=substituted(node.body, inner),
                where=None if node.where is None else substituted(node.where, inner),
            )
        return map_children(node, visit)

    return visit(expr)  # type: ignore[return-value]
