"""Expressions: a small closed tree that every link, condition, argument and default is written in.

A reference names what it refers to by structure, never by a dotted text, because identifiers may
hold any character. Literals have one class per type, so that ``1``, ``1.0`` and ``True`` stay
apart. What the tree cannot say stays as :class:`Opaque` text of a tagged language, with every
name that the text sees bound to an expression of this tree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, Union

import msgspec

from fairwf.ir.base import Extensions, Node, Part
from fairwf.ir.types import Type

# --- references -------------------------------------------------------------------------------


class Input(Node, frozen=True, kw_only=True, tag="input"):
    """The value of an input port of the process that this expression stands in."""

    name: str


class Output(Node, frozen=True, kw_only=True, tag="output"):
    """The value of an output port of a step of the same workflow."""

    step: str
    port: str


class StepInput(Node, frozen=True, kw_only=True, tag="step_input"):
    """In a step's ``when``: what the step hands to its process (CWL v1.2 ``when``)."""

    name: str


class Local(Node, frozen=True, kw_only=True, tag="local"):
    """A name bound around this expression: by a scatter, an :class:`Each`, or ``self``.

    ``self`` is bound where CWL binds it: in ``valueFrom`` of an argument to the bound value, in
    an output's ``evaluate`` to the collected files, in a secondary-file pattern to the file.
    """

    name: str


class Key(Node, frozen=True, kw_only=True, tag="key"):
    """A demanded key of the step (a Snakemake wildcard)."""

    name: str


class State(Node, frozen=True, kw_only=True, tag="state"):
    """A state variable of the loop that this step runs in."""

    name: str


class BodyOutput(Node, frozen=True, kw_only=True, tag="body_output"):
    """In a loop's ``next`` and ``until``: an output of this round's body."""

    port: str


class Runtime(Node, frozen=True, kw_only=True, tag="runtime"):
    """What the engine gives a running task (CWL v1.2 "Runtime environment").

    Names: ``outdir``, ``tmpdir`` (paths), ``cores`` (int), ``ram`` (MiB), ``outdirSize``,
    ``tmpdirSize`` (MiB), ``exitCode`` (int, after the task ended), ``attempt`` (int from 1).
    """

    name: Literal[
        "outdir", "tmpdir", "cores", "ram", "outdirSize", "tmpdirSize", "exitCode", "attempt"
    ]


# --- literals ---------------------------------------------------------------------------------


class NoneLit(Node, frozen=True, kw_only=True, tag="none_lit"):
    """The value ``none``."""


class BoolLit(Node, frozen=True, kw_only=True, tag="bool_lit"):
    """A truth value."""

    value: bool


_SAFE = 2**53
"""Whole numbers below it are numbers in JSON, others texts."""


class IntLit(Node, frozen=True, kw_only=True, tag="int_lit"):
    """A whole number. ``value`` holds the JSON form: beyond 2^53 - 1 a decimal text (RFC 8785).

    Give an int; read :attr:`number`.
    """

    value: int | str

    def __post_init__(self) -> None:
        if type(self.value) is int and -_SAFE < self.value < _SAFE:
            return
        number = parse_int(self.value) if isinstance(self.value, str) else self.value
        form = number if -_SAFE < number < _SAFE else str(number)
        msgspec.structs.force_setattr(self, "value", form)

    @property
    def number(self) -> int:
        """The value as an int."""
        return int(self.value)


class FloatLit(Node, frozen=True, kw_only=True, tag="float_lit"):
    """An IEEE 754 number. ``value`` holds the JSON form: ``inf``, ``-inf``, ``nan`` are texts.

    Give a float; read :attr:`number`.
    """

    value: float | str

    def __post_init__(self) -> None:
        number = parse_float(self.value) if isinstance(self.value, str) else float(self.value)
        form = number if math.isfinite(number) else repr(number)
        msgspec.structs.force_setattr(self, "value", form)

    @property
    def number(self) -> float:
        """The value as a float."""
        return float(self.value)


def parse_int(text: str) -> int:
    """Return the whole number that ``text`` writes in decimal.

    Raises:
        ValueError: the text is not a decimal whole number of at most 400 digits.
    """
    digits = text[1:] if text[:1] == "-" else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 400:
        raise ValueError(f"expected a decimal whole number, got {text!r:.60}")
    return int(text)


def parse_float(text: str) -> float:
    """Return the number that ``text`` names: ``inf``, ``-inf`` or ``nan``.

    Raises:
        ValueError: any other text.
    """
    if text not in ("inf", "-inf", "nan"):
        raise ValueError(f"expected a number, 'inf', '-inf' or 'nan', got {text!r:.60}")
    return float(text)


class StringLit(Node, frozen=True, kw_only=True, tag="string_lit"):
    """A text."""

    value: str


class BytesLit(Node, frozen=True, kw_only=True, tag="bytes_lit"):
    """Octets (base64 in JSON)."""

    value: bytes


class File(Node, frozen=True, kw_only=True, tag="file"):
    """A file as a value (CWL v1.2 "File"): a default, a job's input, or what a task gave.

    ``location`` is an IRI or a path, relative to the document that says it; ``contents`` makes a
    literal file. ``size`` is in bytes, ``checksum`` is ``sha1$hex`` or ``sha256$hex``, ``format``
    an IRI. ``path`` exists only while a task runs.
    """

    location: str | None = None
    path: str | None = None
    basename: str | None = None
    dirname: str | None = None
    nameroot: str | None = None
    nameext: str | None = None
    size: int | None = None
    checksum: str | None = None
    format: str | None = None
    contents: str | None = None
    secondary: tuple[File | Directory, ...] = ()
    extensions: Extensions = {}


class Directory(Node, frozen=True, kw_only=True, tag="directory"):
    """A folder as a value (CWL v1.2 "Directory"). ``listing`` of None: not listed."""

    location: str | None = None
    path: str | None = None
    basename: str | None = None
    listing: tuple[File | Directory, ...] | None = None
    extensions: Extensions = {}


# --- composition ------------------------------------------------------------------------------


class Attr(Node, frozen=True, kw_only=True, tag="attr"):
    """A member of a record or an attribute of a file (``basename``, ``size`` ...)."""

    of: Expr
    name: str


class Index(Node, frozen=True, kw_only=True, tag="index"):
    """An item of an array (from 0), a value of a map, or one key of a keyed collection."""

    of: Expr
    by: Expr


class Call(Node, frozen=True, kw_only=True, tag="call"):
    """A standard function (:mod:`fairwf.ir.functions`) applied to arguments."""

    function: str
    args: tuple[Expr, ...] = ()


class If(Node, frozen=True, kw_only=True, tag="if"):
    """``then`` where ``test`` is true, else ``otherwise``; only one of them is evaluated."""

    test: Expr
    then: Expr
    otherwise: Expr


class Array(Node, frozen=True, kw_only=True, tag="array_of"):
    """An array of the given items."""

    items: tuple[Expr, ...] = ()


class Record(Node, frozen=True, kw_only=True, tag="record_of"):
    """A record (or a map with text keys) of the given members."""

    fields: Mapping[str, Expr] = {}


class Template(Node, frozen=True, kw_only=True, tag="template"):
    """Texts joined without separator; a part that is no text is written as JSON writes it."""

    parts: tuple[Expr, ...]


class Each(Node, frozen=True, kw_only=True, tag="each"):
    """``body`` for each item of ``over`` (bound to ``name``) for which ``where`` holds.

    Over an array it gives an array, over a stream a stream.
    """

    name: str
    over: Expr
    body: Expr
    where: Expr | None = None


class Binding(Part, frozen=True, kw_only=True):
    """A name inside an opaque text and its value: ``inputs.x`` is the path ``["inputs", "x"]``."""

    path: tuple[str, ...]
    value: Expr


class Opaque(Node, frozen=True, kw_only=True, tag="opaque"):
    """A text of another language that the tree cannot say.

    ``form`` says how the text is used: an ``expression``, or a function ``body`` that returns.
    ``bindings`` are all names that the text can see. ``gives`` is the type of the result, if known.
    """

    language: str
    text: str
    form: Literal["expression", "body"] = "expression"
    bindings: tuple[Binding, ...] = ()
    gives: Type | None = None


Literal_ = Union[NoneLit, BoolLit, IntLit, FloatLit, StringLit, BytesLit, File, Directory]
"""Nodes that are values in themselves."""

Reference = Union[Input, Output, StepInput, Local, Key, State, BodyOutput, Runtime]
"""Nodes that name a value."""

Expr = Union[
    Input,
    Output,
    StepInput,
    Local,
    Key,
    State,
    BodyOutput,
    Runtime,
    NoneLit,
    BoolLit,
    IntLit,
    FloatLit,
    StringLit,
    BytesLit,
    File,
    Directory,
    Attr,
    Index,
    Call,
    If,
    Array,
    Record,
    Template,
    Each,
    Opaque,
]
"""Any expression of the IR."""
