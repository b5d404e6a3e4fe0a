"""What the statements of a Snakefile define."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairwf.ir.origins import Span
from fairwf.report import Report
from fairwf_snakemake.reading.files import Files
from fairwf_snakemake.snakefile.nodes import Directive, Rule, Snakefile
from fairwf_snakemake.snakefile.parse import span_of
from fairwf_snakemake.snakefile.static import Evaluator


@dataclass
class Definition:
    """A rule with what its Python sees. ``unsure``: an unknown condition decides if it is there.

    ``replaced`` are the prefixes of paths that a module replaces.
    """

    name: str
    rule: Rule
    file: Snakefile
    folder: Path
    names: Mapping[str, Any]
    unsure: bool = False
    replaced: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    constraints: Mapping[str, str] = field(default_factory=dict)

    def span(self, node: ast.AST) -> Span:
        """Return the place of a piece of its Python."""
        return span_of(node, self.file.name)


@dataclass
class Program:
    """What a Snakefile and all that it includes define."""

    files: Files
    report: Report
    evaluator: Evaluator = field(default_factory=Evaluator)
    rules: dict[str, Definition] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    config_known: bool = True
    globals: dict[str, Directive] = field(default_factory=dict)
    constraints: dict[str, str] = field(default_factory=dict)
    order: list[tuple[str, ...]] = field(default_factory=list)
    local: set[str] = field(default_factory=set)
    scatter: dict[str, int] = field(default_factory=dict)
    sources: dict[str, ast.expr] = field(default_factory=dict)
    python: list[ast.stmt] = field(default_factory=list)
    unknown_rules: list[Span] = field(default_factory=list)
    onexit: set[str] = field(default_factory=set)
