"""What a check found, told to the report with its path and source position."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from fairwf.check.tree import Tree
from fairwf.report import Report, Severity
from fairwf.source import document_tree


class Findings:
    """Adds findings about nodes of one tree to a report, each only once.

    A process that several steps run stands in the tree several times and in the source once: what
    is wrong with it is told once. ``folder`` is the document's, if it lies in one.
    """

    def __init__(self, tree: Tree, report: Report, folder: Path | None = None) -> None:
        self.tree = tree
        self.report = report
        self.folder = folder
        self.tree_of = cache(document_tree)
        self._told: set[tuple[str, str | None, str]] = set()

    def tell(
        self,
        code: str,
        node: msgspec.Struct,
        message: str,
        hint: str | None = None,
        *,
        field: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Record a finding about ``node``, or about its ``field``."""
        path = self.tree.path(node)
        own = self.tree.origins.get(node, field)
        key = (code, path if own is None else str(own), message)
        if key in self._told:
            return
        self._told.add(key)
        span = self.tree.span(node, field)
        self.report.add(code, message, span=span, hint=hint, severity=severity, path=path or "/")
