"""Ports: the typed inputs and outputs of a process, and how outputs are collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Union

from fairwf.ir.base import Extensions, Node, Part
from fairwf.ir.expressions import Expr
from fairwf.ir.types import Type

LoadListing = Literal["none", "shallow", "deep"]


class SecondaryFile(Part, frozen=True, kw_only=True):
    """A file that belongs to another (CWL v1.2 "SecondaryFileSchema").

    ``pattern`` gives a text: a suffix, with a leading ``^`` for each extension to strip first; or
    it is an expression of ``self`` (the primary file) giving names or files. ``required`` is a
    truth value or none for the place's default (inputs: required; outputs: not).
    """

    pattern: Expr
    required: Expr | None = None


class InputPort(Part, frozen=True, kw_only=True):
    """What a process takes.

    ``default`` is used when the value is none. ``format`` lists the accepted IRIs (expressions
    where they are computed); ``secondary``, ``format``, ``load_contents`` and ``load_listing``
    apply to every file in the value, also inside arrays. ``fields`` holds the same for members
    of records, by the path of member names. The texts in a ``secret`` input are shown nowhere but
    to the program that gets them (cwltool's Secrets). A program sees a stream as a file that it
    reads from beginning to end while items come, one a line: a text as it is, any other value as
    JSON.
    """

    id: str
    type: Type
    default: Expr | None = None
    secret: bool = False
    label: str | None = None
    doc: str | None = None
    secondary: tuple[SecondaryFile, ...] = ()
    format: tuple[Expr, ...] = ()
    streamable: bool = False
    load_contents: bool = False
    load_listing: LoadListing | None = None
    fields: Mapping[str, FieldFiles] = {}
    extensions: Extensions = {}


class FieldFiles(Part, frozen=True, kw_only=True):
    """What a member of a record says of its files, as a port does."""

    secondary: tuple[SecondaryFile, ...] = ()
    format: tuple[Expr, ...] = ()
    streamable: bool = False
    load_contents: bool = False
    load_listing: LoadListing | None = None
    fields: Mapping[str, FieldFiles] = {}


class Glob(Node, frozen=True, kw_only=True, tag="glob"):
    """Files and folders of the task's folder that match; ``evaluate`` computes from ``self``.

    ``self`` is the array of matches. Without ``evaluate``, a port of type File takes the only
    match. Patterns are POSIX globs inside the output folder (CWL v1.2 "CommandOutputBinding").
    """

    patterns: tuple[Expr, ...]
    load_contents: bool = False
    load_listing: LoadListing | None = None
    evaluate: Expr | None = None


class Stdout(Node, frozen=True, kw_only=True, tag="stdout"):
    """The file that standard output was written to.

    Where the port is a stream, its lines: each is an item as soon as it is written, a text as it
    is, any other value as JSON.
    """


class Stderr(Node, frozen=True, kw_only=True, tag="stderr"):
    """The file that standard error was written to."""


class Evaluated(Node, frozen=True, kw_only=True, tag="evaluated"):
    """The value of an expression after the task ended."""

    value: Expr


class CollectRecord(Node, frozen=True, kw_only=True, tag="collect_record"):
    """A record whose members are collected each in its own way."""

    fields: Mapping[str, Collect]


Collect = Union[Glob, Stdout, Stderr, Evaluated, CollectRecord]
"""How an output of a command or script is found when it ended."""


class OutputPort(Part, frozen=True, kw_only=True):
    """What a process gives.

    A workflow's output has ``value``; a command's or script's has ``collect``; an operation's has
    neither, and so has one that the task itself reports (``outputs_file``).
    """

    id: str
    type: Type
    value: Expr | None = None
    collect: Collect | None = None
    label: str | None = None
    doc: str | None = None
    secondary: tuple[SecondaryFile, ...] = ()
    format: tuple[Expr, ...] = ()
    streamable: bool = False
    fields: Mapping[str, FieldFiles] = {}
    extensions: Extensions = {}
