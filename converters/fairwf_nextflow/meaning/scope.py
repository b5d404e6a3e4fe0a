"""Names in force, and what a place in a script offers: parameters, texts of files, calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fairwf.ir.expressions import Expr
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning.modules import Module
from fairwf_nextflow.meaning.symbols import Symbol, Value


class Place(Protocol):
    """What differs between a workflow, a process and the configuration."""

    def param(self, name: str) -> Value:
        """Return a pipeline parameter."""
        ...

    def text(self, value: Value) -> Expr:
        """Return what a value becomes inside a text."""
        ...

    def invoke(self, what: Symbol, args: Sequence[Symbol], node: tree.Node) -> Symbol:
        """Call a process or workflow."""
        ...

    def file(self, path: Value, several: bool, node: tree.Node) -> Value:
        """Return the file at a path, or those that match a pattern."""
        ...

    def left_out(self, node: tree.Node, what: str) -> None:
        """Tell of a piece that has no counterpart."""
        ...


class Scope:
    """Names, inner ones before outer ones."""

    def __init__(
        self, place: Place, module: Module, names: Mapping[str, Symbol] | None = None
    ) -> None:
        self.place = place
        self.module = module
        self.names: dict[str, Symbol] = dict(names or {})

    def inner(self, names: Mapping[str, Symbol], module: Module | None = None) -> Scope:
        """Return a scope inside this one."""
        return Scope(self.place, module or self.module, {**self.names, **names})

    def find(self, name: str) -> Symbol | None:
        """Return what a name stands for, None where nothing is called so."""
        found = self.names.get(name)
        return found if found is not None else self.module.symbols.get(name)
