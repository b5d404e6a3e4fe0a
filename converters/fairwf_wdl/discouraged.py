"""What a version of WDL deprecates (1.1 and 1.2, marked there with a waste basket)."""

from __future__ import annotations

from collections.abc import Iterator

from WDL import Expr, Tree
from WDL.Error import SourceNode

from fairwf.report import Report
from fairwf_wdl.context import Context

_OPTIONS = ("sep", "default", "true", "false")


def tell_discouraged(tree: Tree.Document, context: Context, report: Report) -> None:
    """Tell of deprecated constructs in a document, without those of its imports."""
    version = tree.effective_wdl_version
    for node in nodes(tree):
        if isinstance(node, Tree.Task) and version >= "1.1" and "docker" in node.runtime:
            if "container" in node.runtime:
                continue
            value = node.runtime["docker"]
            message = "'docker' is deprecated as name of a container"
            report.add("FWF1410", message, span=context.span(value), hint="say container")
        elif isinstance(node, Expr.Placeholder) and version >= "1.2":
            _placeholder(node, tree, context, report)


def _placeholder(
    node: Expr.Placeholder, tree: Tree.Document, context: Context, report: Report
) -> None:
    line, at = tree.source_lines[node.pos.line - 1], node.pos.column - 3
    if at >= 0 and line[at : at + 2] == "${":  # the node begins behind it
        message = "a placeholder in the form ${...} is deprecated"
        span = context.span(node)._replace(column=at + 1)
        report.add("FWF1410", message, span=span, hint="write ~{...}")
    used = [name for name in _OPTIONS if name in node.options]
    if used:
        said = ", ".join(repr(name) for name in used)
        hint = "use sep(), select_first() or if ... then ... else"
        message = f"the placeholder option {said} is deprecated"
        report.add("FWF1410", message, span=context.span(node), hint=hint)


def nodes(tree: Tree.Document) -> Iterator[SourceNode]:
    """Yield all that a document's own tasks and workflow are made of."""
    stack: list[SourceNode] = [*tree.tasks, *([tree.workflow] if tree.workflow else [])]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.children)
