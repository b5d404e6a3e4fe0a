"""Neutral expressions as Python, in terms of what a place of a Snakefile can see."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import unquote

from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    BytesLit,
    Call,
    Directory,
    Each,
    Expr,
    File,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Local,
    NoneLit,
    Output,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf_snakemake.writing.failures import CannotSayError
from fairwf_snakemake.writing.functions import SAID

_OTHERS = re.compile(r"\W+", re.ASCII)
_TAKEN = frozenset(
    {
        *dir(builtins),
        *dir(list),
        *dir(dict),
        "items",
        "std",
        "files",
        "config",
        "input",
        "output",
        "params",
        "log",
    }
    | {"wildcards", "threads", "resources", "rules", "checkpoints", "workflow", "shell", "expand"}
    | {"rule", "checkpoint", "module", "use", "include", "storage", "lambda", "self"}
    | {"size", "size_kb", "size_mb", "size_gb", "size_tempfiles", "temp_size_mb"}
    | {"size_files", "size_files_kb", "size_files_mb", "size_files_gb"}
)


def identifier(text: str, taken: set[str], otherwise: str = "x") -> str:
    """Return a new name for Python that says what ``text`` says; it is added to ``taken``.

    None begins with an underscore: those are names inside of expressions.
    """
    name = _OTHERS.sub("_", text).strip("_") or otherwise
    name = f"{otherwise}_{name}" if name[0].isdigit() else name
    if keyword.iskeyword(name) or name in _TAKEN:
        name += "_"
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    taken.add(unique)
    return unique


class Place(Protocol):
    """What references mean where an expression stands; each gives Python."""

    def input(self, node: Input) -> str:
        """Return the value of an input of the process or workflow around."""

    def output(self, node: Output) -> str:
        """Return the value of a step's output."""

    def local(self, node: Local) -> str:
        """Return the value of a name that a scatter binds."""

    def runtime(self, node: Runtime) -> str:
        """Return what the engine gives a task."""

    def call(self, node: Call, args: Sequence[str]) -> str | None:
        """Return a function that means something of its own here."""

    def other(self, node: Expr) -> str | None:
        """Return any other reference, None where it has no meaning here."""


def python(node: Expr, place: Place, bound: Mapping[str, str] | None = None) -> str:
    """Return Python that computes an expression; ``bound`` are names of its own.

    Raises:
        CannotSayError: Python cannot say a part of it.
    """
    return _Writer(place, dict(bound or {})).said(node)


class _Writer:
    def __init__(self, place: Place, bound: dict[str, str]) -> None:
        self.place = place
        self.bound = bound

    def said(self, node: Expr) -> str:
        match node:
            case Input():
                return self.place.input(node)
            case Output():
                return self.place.output(node)
            case Local(name=name):
                return self.bound[name] if name in self.bound else self.place.local(node)
            case Runtime():
                return self.place.runtime(node)
            case NoneLit():
                return "None"
            case BoolLit() | StringLit():
                return repr(node.value)
            case IntLit():
                return repr(node.number) if node.number >= 0 else f"({node.number!r})"
            case FloatLit(value=str()):
                return f"float({node.value!r})"
            case FloatLit():
                return repr(node.number) if node.number >= 0 else f"({node.number!r})"
            case File() | Directory():
                return f"files.given({plain_file(node)!r})"
            case Attr():
                return f"std.attribute({self.said(node.of)}, {node.name!r})"
            case Index():
                return f"std.item({self.said(node.of)}, {self.said(node.by)})"
            case If():
                test, then, otherwise = map(self.said, (node.test, node.then, node.otherwise))
                return f"({then} if {test} else {otherwise})"
            case Array():
                return f"[{', '.join(map(self.said, node.items))}]"
            case Record():
                members = (f"{key!r}: {self.said(one)}" for key, one in node.fields.items())
                return f"{{{', '.join(members)}}}"
            case Template():
                return f"std.template({', '.join(map(self.said, node.parts))})"
            case Each():
                return self._each(node)
            case Call():
                return self._call(node)
            case BytesLit():
                raise CannotSayError("a value of bytes cannot stand in a Snakefile", node)
        text = self.place.other(node)
        if text is None:
            what = type(node).__name__
            raise CannotSayError(f"a Snakefile cannot say this expression here ({what})", node)
        return text

    def _each(self, node: Each) -> str:
        taken = {name.removeprefix("_") for name in self.bound.values()}
        name = f"_{identifier(f'each_{node.name}', taken)}"
        inside = _Writer(self.place, {**self.bound, node.name: name})
        where = f" if {inside.said(node.where)}" if node.where is not None else ""
        body = inside.said(node.body)
        return f"[{body} for {name} in {self.said(node.over)}{where}]"

    def _call(self, node: Call) -> str:
        args = [self.said(one) for one in node.args]
        own = self.place.call(node, args)
        if own is not None:
            return own
        said = SAID.get(node.function)
        if said is None:
            raise CannotSayError(f"a Snakefile has no function {node.function!r}", node)
        return said(args)


def plain_file(node: File | Directory) -> dict[str, object]:
    """Return a file or folder as an object of YAML or JSON."""
    kind = "File" if isinstance(node, File) else "Directory"
    found: dict[str, object] = {"class": kind}
    for name in ("path", "basename", "contents", "format"):
        value = getattr(node, name, None)
        if value is not None:
            found[name] = value
    if node.location is not None:
        found["path"] = _local(node.location)
    beside = node.secondary if isinstance(node, File) else ()
    if beside:
        found["secondaryFiles"] = [plain_file(one) for one in beside]
    if isinstance(node, Directory) and node.listing is not None and node.location is None:
        raise CannotSayError("a folder that is made of a listing cannot be said", node)
    return found


def _local(location: str) -> str:
    if location.startswith("file://"):
        return unquote(location.removeprefix("file://"), errors="surrogateescape")
    return location
