"""Command lines and scripts: the parts of the processes that start a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Union

from fairwf.ir.base import Node, Part
from fairwf.ir.expressions import Expr
from fairwf.ir.types import Type


class Rendering(Part, frozen=True, kw_only=True):
    """How a value becomes words of a command line (CWL v1.2 "CommandLineBinding").

    A truth value gives the prefix alone or nothing; none and empty arrays give nothing; an array
    is joined with ``item_separator`` or, without one, each item is rendered by ``items``; a record
    is rendered by ``fields`` in their order; a value of a union by the first of ``cases`` whose
    type fits. ``value`` computes what is rendered from ``self``. ``quote`` of False leaves shell
    characters alone where a shell reads the line.
    """

    prefix: str | None = None
    separate: bool = True
    item_separator: str | None = None
    quote: bool = True
    value: Expr | None = None
    items: Rendering | None = None
    fields: tuple[FieldRendering, ...] = ()
    cases: tuple[CaseRendering, ...] = ()


class FieldRendering(Part, frozen=True, kw_only=True):
    """How a member of a record is rendered."""

    name: str
    rendering: Rendering


class CaseRendering(Part, frozen=True, kw_only=True):
    """How a value of this type is rendered."""

    type: Type
    rendering: Rendering


class Argument(Part, frozen=True, kw_only=True):
    """One argument: a value and its rendering.

    Arguments stand in the order of the command line. ``position`` is present only where the order
    is computed (CWL v1.2 lets a position be an expression): then all that have none count as 0,
    and the order is by position first, by place second.
    """

    value: Expr
    rendering: Rendering = Rendering()
    position: Expr | None = None


class StagedItem(Part, frozen=True, kw_only=True):
    """What is put into a task's folder before it starts (CWL v1.2 "InitialWorkDirRequirement").

    ``value`` gives a file or folder (staged), a text (the contents of a new file), an array of
    those, none (nothing), or any other value (written as JSON). ``name`` is the path inside the
    folder; without it a file keeps its basename. ``writable``: a copy that the task may change.
    """

    value: Expr
    name: Expr | None = None
    writable: bool = False


class Text(Node, frozen=True, kw_only=True, tag="text"):
    """Source text of a script, taken as it is."""

    text: str


class Placeholder(Node, frozen=True, kw_only=True, tag="placeholder"):
    """A value written into a script (WDL ``~{...}``, Snakemake ``{...}``, Nextflow ``${...}``).

    ``separator`` joins arrays; ``when_true`` and ``when_false`` write truth values; ``default`` is
    written for none; ``quote`` is how the text is protected from the interpreter.
    """

    value: Expr
    quote: Literal["none", "shell"] = "none"
    separator: str | None = None
    when_true: str | None = None
    when_false: str | None = None
    default: Expr | None = None


class Words(Node, frozen=True, kw_only=True, tag="words"):
    """Arguments joined with spaces, each quoted unless its rendering says otherwise."""

    arguments: tuple[Argument, ...]


ScriptPart = Union[Text, Placeholder, Words]
"""A piece of a script's body."""


class ExpressionLibrary(Part, frozen=True, kw_only=True):
    """Definitions that opaque expressions of a language may use (CWL ``expressionLib``)."""

    language: str
    text: str


EnvironmentVariables = Mapping[str, Expr]
