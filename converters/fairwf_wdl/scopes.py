"""Names of a workflow's body and what they stand for, in the scopes that sections make."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from WDL import Expr as Syntax
from WDL import Tree

from fairwf.ir import types as ir
from fairwf.ir.expressions import Each, Expr, If, Input, Local, NoneLit
from fairwf.ir.ports import InputPort
from fairwf.ir.workflow import Process, ProcessRef
from fairwf_wdl.build import call as apply
from fairwf_wdl.context import Context
from fairwf_wdl.expressions import Translator
from fairwf_wdl.sections import Needed, Referee, before, calls, type_of
from fairwf_wdl.surroundings import Elsewhere
from fairwf_wdl.types import ir_type

Thunk = Callable[[], Expr]


class Library(Protocol):
    """The tasks and workflows that calls may name."""

    def of(self, callee: Tree.Task | Tree.Workflow) -> tuple[ProcessRef, Process]:
        """Return a reference to a task or workflow, and itself."""
        ...


@dataclass
class Reading:
    """What every scope of a workflow knows of it."""

    context: Context
    library: Library
    needed: Needed
    nested_inputs: bool


def input_thunk(name: str) -> Thunk:
    """Return what gives a reference to an input, a new one each time."""
    return lambda: Input(name=name)


class Scope(Elsewhere, ABC):
    """Names and what they stand for. ``names`` are thunks, since the order of a body is free."""

    def __init__(self, reader: Reading) -> None:
        super().__init__(reader.context)
        self.reader = reader
        self.names: dict[str, Thunk] = {}
        self._declared: dict[int, Tree.Decl] = {}
        self._made: dict[int, Expr] = {}

    @property
    def translator(self) -> Translator:
        """What translates the expressions that stand here."""
        return Translator(self.context, self)

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return what a name stands for."""
        return self.value_of(name, ir_type(at.type))

    def value_of(self, name: str, type_: ir.Type) -> Expr:
        """Return what a name of a type stands for."""
        thunk = self.names.get(name)
        return thunk() if thunk is not None else self.outer(name, type_)

    @abstractmethod
    def outer(self, name: str, type_: ir.Type) -> Expr:
        """Return what a name that is not known here stands for."""

    @abstractmethod
    def open_input(self, name: str, port: InputPort) -> Expr:
        """Return the workflow's input for one that a call leaves open."""

    @abstractmethod
    def after(self, name: str) -> list[str]:
        """Return the steps to wait for where a call names another."""

    def declare(self, decl: Tree.Decl) -> None:
        """Let a name stand for the value of its declaration."""
        self._declared[id(decl)] = decl
        self.names[str(decl.name)] = lambda: self._value(decl)

    def _value(self, decl: Tree.Decl) -> Expr:
        if id(decl) not in self._made:
            for one in before(decl, self._declared):
                if id(one) not in self._made:
                    self._made[id(one)] = self._translated(one)
        return self._made[id(decl)]

    def _translated(self, decl: Tree.Decl) -> Expr:
        if decl.expr is None:
            return NoneLit()
        return self.context.bounded(self.translator.expression(decl.expr, decl.type), decl)

    def default(self, decl: Tree.Decl) -> None:
        """Let a name stand for an input, and without it for what needs calls to be known."""
        name = str(decl.name)
        self.declare(decl)
        computed = self.names[name]
        self.names[name] = lambda: apply("default", Input(name=name), computed())

    def enter(self, section: Tree.WorkflowSection) -> Inner:
        """Return the scope inside of a section that needs no workflow of its own."""
        inner = Inner(self)
        if isinstance(section, Tree.Scatter):
            variable = str(section.variable)
            inner.names[variable] = lambda: Local(name=variable)
        for node in section.body:
            if isinstance(node, Tree.Decl):
                inner.declare(node)
            elif isinstance(node, Tree.WorkflowSection) and not calls(node.body):
                inner.computed(node)
        return inner

    def computed(self, section: Tree.WorkflowSection) -> None:
        """Let the names of a section without calls stand for expressions, each made once."""
        inside = cache(lambda: self.enter(section))
        for name, referee in self.reader.needed.of(section).items():
            self.names[name] = cache(self._computed(section, inside, name, referee))

    def _computed(
        self,
        section: Tree.WorkflowSection,
        inside: Callable[[], Inner],
        name: str,
        referee: Referee,
    ) -> Thunk:
        def value() -> Expr:
            body = inside().value_of(name, ir_type(type_of(referee, name)))
            if isinstance(section, Tree.Scatter):
                over = self.translator.value(section.expr)
                made: Expr = Each(name=str(section.variable), over=over, body=body)
            else:
                assert isinstance(section, Tree.Conditional)
                test = self.translator.value(section.expr)
                made = If(test=test, then=body, otherwise=NoneLit())
            return self.context.place(made, section)

        return value


class Inner(Scope):
    """The inside of a section that one step, or an expression, says."""

    def __init__(self, around: Scope) -> None:
        super().__init__(around.reader)
        self.around = around

    def outer(self, name: str, type_: ir.Type) -> Expr:
        """Ask the scope around."""
        return self.around.value_of(name, type_)

    def open_input(self, name: str, port: InputPort) -> Expr:
        """Ask the scope around."""
        return self.around.open_input(name, port)

    def after(self, name: str) -> list[str]:
        """Ask the scope around."""
        return self.around.after(name)
