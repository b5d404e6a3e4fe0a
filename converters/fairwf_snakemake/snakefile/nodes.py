"""What a Snakefile consists of beside Python."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from fairwf.ir.origins import Span


@dataclass(frozen=True)
class Directive:
    """A keyword with what follows its colon.

    ``call`` holds the arguments, as those of a call. ``body`` is the Python text of a block (of
    ``run``, ``onstart`` ...), which begins at ``line``; ``names`` are the names in a list
    of names (``localrules``, ``ruleorder``).
    """

    name: str
    span: Span
    call: ast.Call | None = None
    body: str = ""
    line: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A rule or checkpoint. ``name`` is None where its author gave none."""

    name: str | None
    span: Span
    checkpoint: bool = False
    doc: str | None = None
    directives: dict[str, Directive] = field(default_factory=dict)


@dataclass(frozen=True)
class Module:
    """A ``module``: a workflow of others whose rules may be used."""

    name: str
    span: Span
    directives: dict[str, Directive] = field(default_factory=dict)


@dataclass(frozen=True)
class UseRule:
    """A ``use rule``; ``names`` is empty for ``*``, ``alias`` may hold a ``*``."""

    names: tuple[str, ...]
    span: Span
    module: str | None = None
    alias: str | None = None
    exclude: tuple[str, ...] = ()
    directives: dict[str, Directive] = field(default_factory=dict)


Construct = Directive | Rule | Module | UseRule
"""What stands in a Snakefile where Python has a statement."""


@dataclass(frozen=True)
class Snakefile:
    """A parsed file: its Python, in which ``__snakemake__(n)`` stands for construct ``n``."""

    name: str
    tree: ast.Module
    constructs: tuple[Construct, ...]
    lines: tuple[str, ...]
