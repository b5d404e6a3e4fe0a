"""Texts that stand where a number is wanted.

WDL lets a text go there ("Coercions": it is converted when it is evaluated), so a type checker says
nothing; whether a plain text will do is certain beforehand.
"""

from __future__ import annotations

from WDL import Expr, Tree, Type

from fairwf.report import Report
from fairwf_wdl.context import Context
from fairwf_wdl.discouraged import nodes


def tell_unfit_texts(tree: Tree.Document, context: Context, report: Report) -> None:
    """Tell of declarations whose value is a plain text that can never be of their type."""
    for node in nodes(tree):
        if not isinstance(node, Tree.Decl) or not isinstance(node.expr, Expr.String):
            continue
        said = node.expr.literal
        if said is not None and not _fits(str(said.value), node.type):
            message = f"{node.expr!s:.80} is no value of type {node.type}, and ends the run"
            hint = f"write a value of type {node.type}, or declare a String"
            report.add("FWF1411", message, span=context.span(node.expr), hint=hint)


def _fits(text: str, type_: Type.Base) -> bool:
    if not isinstance(type_, (Type.Int, Type.Float)):
        return True
    try:
        (int if isinstance(type_, Type.Int) else float)(text)
    except ValueError:
        return False
    return True
