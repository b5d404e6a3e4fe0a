"""The tree of a script: expressions, statements and definitions, each with the offsets it spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union


@dataclass(slots=True, frozen=True)
class Node:
    """Anything in the tree; offsets count characters."""

    start: int
    end: int


# --- expressions


@dataclass(slots=True, frozen=True)
class Name(Node):
    """A name."""

    name: str


@dataclass(slots=True, frozen=True)
class Constant(Node):
    """A number, true, false or null."""

    value: int | float | bool | None


@dataclass(slots=True, frozen=True)
class Str(Node):
    """A text; ``parts`` are texts and expressions. ``quote`` is how it was written."""

    parts: tuple[str | Expression, ...]
    quote: str

    @property
    def plain(self) -> str | None:
        """The text, None where something is interpolated."""
        if all(isinstance(part, str) for part in self.parts):
            return "".join(part for part in self.parts if isinstance(part, str))
        return None


@dataclass(slots=True, frozen=True)
class ListOf(Node):
    """``[a, b]``."""

    items: tuple[Expression, ...]


@dataclass(slots=True, frozen=True)
class Entry(Node):
    """``key: value``; a key of None spreads a map."""

    key: Expression | None
    value: Expression


@dataclass(slots=True, frozen=True)
class MapOf(Node):
    """``[a: b]``."""

    entries: tuple[Entry, ...]


@dataclass(slots=True, frozen=True)
class Range(Node):
    """``a..b``, or ``a..<b``."""

    first: Expression
    last: Expression
    exclusive: bool


@dataclass(slots=True, frozen=True)
class Unary(Node):
    """An operator before (or, as ``x++``, behind) an operand. ``*`` spreads a list."""

    operator: str
    operand: Expression


@dataclass(slots=True, frozen=True)
class Binary(Node):
    """An operator between operands; ``as``, ``instanceof`` and ``in`` too."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, frozen=True)
class Ternary(Node):
    """``a ? b : c``; of ``a ?: c`` the second is None."""

    test: Expression
    then: Expression | None
    otherwise: Expression


@dataclass(slots=True, frozen=True)
class Property(Node):
    """``a.b``; ``mark`` is ``.``, ``?.`` (safe), ``*.`` (of each), ``.&`` or ``::`` (a method)."""

    of: Expression
    name: str
    mark: str = "."
    computed: Expression | None = None


@dataclass(slots=True, frozen=True)
class Subscript(Node):
    """``a[b]``."""

    of: Expression
    by: tuple[Expression, ...]


@dataclass(slots=True, frozen=True)
class Call(Node):
    """``f(a, key: b) { ... }``. ``command``: without brackets."""

    function: Expression
    args: tuple[Expression, ...]
    named: tuple[Entry, ...] = ()
    command: bool = False


@dataclass(slots=True, frozen=True)
class New(Node):
    """``new T(...)``."""

    type: TypeName
    args: tuple[Expression, ...]


@dataclass(slots=True, frozen=True)
class TypeName(Node):
    """A type."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    optional: bool = False


@dataclass(slots=True, frozen=True)
class Parameter(Node):
    """A parameter; ``several`` are those of a tuple that is taken apart."""

    name: str
    type: TypeName | None = None
    default: Expression | None = None
    several: tuple[Parameter, ...] = ()


@dataclass(slots=True, frozen=True)
class Closure(Node):
    """``{ a, b -> ... }``; ``parameters`` of None: ``it``."""

    parameters: tuple[Parameter, ...] | None
    body: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class TupleOf(Node):
    """``(a, b)`` on the left of an assignment."""

    items: tuple[Expression, ...]


Expression = Union[
    Name, Constant, Str, ListOf, MapOf, Range, Unary, Binary, Ternary, Property, Subscript, Call,
    New, TypeName, Closure, TupleOf,
]  # fmt: skip


# --- statements


@dataclass(slots=True, frozen=True)
class Evaluate(Node):
    """An expression alone."""

    value: Expression


@dataclass(slots=True, frozen=True)
class Assign(Node):
    """``target = value``, with ``def`` or without. ``value`` of None: declared alone."""

    target: Expression
    operator: str
    value: Expression | None
    declared: bool = False
    type: TypeName | None = None


@dataclass(slots=True, frozen=True)
class Conditional(Node):
    """``if``."""

    test: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class Repeat(Node):
    """``for`` or ``while``; ``name`` is bound to the items of ``over``."""

    name: str | None
    over: Expression | None
    body: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class Leave(Node):
    """``return``, ``throw``, ``assert``, ``break`` or ``continue``."""

    word: str
    value: Expression | None


@dataclass(slots=True, frozen=True)
class Guarded(Node):
    """``try`` with its handlers and ``finally``."""

    body: tuple[Statement, ...]
    handlers: tuple[tuple[Statement, ...], ...]
    finally_: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class Case(Node):
    """A case of a ``switch``; ``test`` of None: ``default``."""

    test: Expression | None
    body: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class Switch(Node):
    """``switch``."""

    value: Expression
    cases: tuple[Case, ...]


@dataclass(slots=True, frozen=True)
class Block(Node):
    """Statements in braces."""

    body: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class Label(Node):
    """``name:`` before statements."""

    name: str


# --- definitions


@dataclass(slots=True, frozen=True)
class Function(Node):
    """A function."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class Included(Node):
    """A name that is included, and what it is called here."""

    name: str
    alias: str


@dataclass(slots=True, frozen=True)
class Include(Node):
    """``include { A as B } from 'file' addParams(...)``; ``params`` are what is added.

    ``of_project``: the path is not from the script's own folder, but from the pipeline's.
    """

    names: tuple[Included, ...]
    path: str
    params: tuple[Entry, ...] = ()
    of_project: bool = False


@dataclass(slots=True, frozen=True)
class ParamDeclaration(Node):
    """``name: Type = default`` in a block of params."""

    name: str
    type: TypeName | None
    default: Expression | None


@dataclass(slots=True, frozen=True)
class Params(Node):
    """``params { ... }``."""

    params: tuple[ParamDeclaration, ...]


@dataclass(slots=True, frozen=True)
class Process(Node):
    """``process NAME { ... }`` in its sections; ``kind`` is that of the body."""

    name: str
    directives: tuple[Statement, ...]
    inputs: tuple[Statement, ...]
    outputs: tuple[Statement, ...]
    when: Expression | None
    kind: str
    body: tuple[Statement, ...]
    stub: tuple[Statement, ...]
    topics: tuple[Statement, ...] = ()


@dataclass(slots=True, frozen=True)
class WorkflowBlock(Node):
    """``workflow NAME { ... }`` in its sections; the entry has no name."""

    name: str | None
    takes: tuple[Statement, ...]
    main: tuple[Statement, ...]
    emits: tuple[Statement, ...]
    publishes: tuple[Statement, ...]


@dataclass(slots=True, frozen=True)
class Other(Node):
    """What only matters to Nextflow or Groovy: outputs blocks, imports, classes, types."""

    word: str
    body: tuple[Statement, ...] = ()


Statement = Union[
    Evaluate, Assign, Conditional, Repeat, Leave, Guarded, Switch, Block, Label, Function, Include,
    Params, Process, WorkflowBlock, Other,
]  # fmt: skip


@dataclass(slots=True, frozen=True)
class Script:
    """A script."""

    statements: tuple[Statement, ...]
