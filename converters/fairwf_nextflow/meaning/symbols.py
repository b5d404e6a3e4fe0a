"""What names of a script stand for while it is read: values, channels, processes, closures.

A value knows its kind, as far as that is known: ``string``, ``int``, ``float``, ``bool``, ``none``,
``path``, ``paths`` (a file or several), ``list``, ``map``, ``memory`` (in MiB), ``duration`` (in
seconds), ``any``, or a tuple of kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Union

from fairwf.ir.expressions import Array, Expr, NoneLit, Record, StringLit
from fairwf_nextflow.grammar import tree

if TYPE_CHECKING:
    from fairwf_nextflow.meaning.modules import Module

Kind = Union[str, tuple["Kind", ...]]


@dataclass(frozen=True)
class Value:
    """An expression of the IR, and the kind of its value.

    ``shown`` is what stands for it in a script, where this is not what follows from the kind.
    """

    expr: Expr
    kind: Kind = "any"
    shown: Expr | None = None


@dataclass(frozen=True)
class Channel:
    """A channel. A queue is a stream in the IR; else it is one value that may be read often."""

    expr: Expr
    queue: bool
    item: Kind = "any"


@dataclass(frozen=True)
class Several:
    """The outputs of a process or workflow, by name or number."""

    channels: Mapping[str, Symbol]
    of: str = ""

    def only(self) -> Symbol | None:
        """Return the only one, or None."""
        found = list(self.channels.values())
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Items:
    """A list whose items are known one by one."""

    items: tuple[Symbol, ...]


@dataclass(frozen=True)
class Members:
    """A map whose members are known one by one."""

    members: Mapping[str, Symbol]


@dataclass(frozen=True)
class Function:
    """A closure or function, with the names that it sees."""

    parameters: tuple[tree.Parameter, ...] | None
    body: tuple[tree.Statement, ...]
    module: Module
    seen: Mapping[str, Symbol]
    node: tree.Node


@dataclass(frozen=True)
class ProcessSymbol:
    """A process under the name that it has here."""

    alias: str
    definition: tree.Process
    module: Module


@dataclass(frozen=True)
class WorkflowSymbol:
    """A workflow under the name that it has here."""

    alias: str
    definition: tree.WorkflowBlock
    module: Module


@dataclass(frozen=True)
class Choice:
    """One of two symbols, by a condition that is known when it runs."""

    test: Expr
    then: Symbol
    otherwise: Symbol


@dataclass(frozen=True)
class Namespace:
    """A name with members of its own meaning: ``Channel``, ``params``, ``task``, ``log``..."""

    name: str
    members: Mapping[str, Symbol] = field(default_factory=dict)


@dataclass(frozen=True)
class Both:
    """``A & B``: processes that get the same."""

    parts: tuple[Symbol, ...]


Symbol = Union[
    Value, Channel, Several, Items, Members, Function, ProcessSymbol, WorkflowSymbol, Choice,
    Namespace, Both,
]  # fmt: skip


class UntranslatedError(Exception):
    """A piece of Groovy that the IR cannot say; ``node`` is the piece."""

    def __init__(self, node: tree.Node, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


NOTHING = Value(NoneLit(), "none")


def of_text(text: str) -> Value:
    """Return a text."""
    return Value(StringLit(value=text), "string")


def value_of(symbol: Symbol, node: tree.Node) -> Value:
    """Return a symbol as one value.

    Raises:
        UntranslatedError: it is none.
    """
    match symbol:
        case Value():
            return symbol
        case Items(items=items):
            values = [value_of(one, node) for one in items]
            return Value(Array(items=tuple(v.expr for v in values)), tuple(v.kind for v in values))
        case Members(members=members):
            fields = {name: value_of(one, node).expr for name, one in members.items()}
            return Value(Record(fields=fields), "map")
        case Channel(queue=False):
            return Value(symbol.expr, symbol.item)
        case Several() if (only := symbol.only()) is not None:
            return value_of(only, node)
        case Channel():
            raise UntranslatedError(node, "a channel stands where a value is wanted")
        case Function():
            raise UntranslatedError(node, "a closure stands where a value is wanted")
        case ProcessSymbol(alias=name) | WorkflowSymbol(alias=name):
            raise UntranslatedError(node, f"{name} stands where a value is wanted")
        case Namespace(name=name):
            raise UntranslatedError(node, f"{name!r} has no counterpart as a value")
        case _:
            raise UntranslatedError(node, "what stands here has no counterpart as a value")
