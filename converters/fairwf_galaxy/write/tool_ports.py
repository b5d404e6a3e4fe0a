"""The inputs and outputs of a user-defined tool."""

from __future__ import annotations

import re
import shlex
from typing import Any

from fairwf.ir.expressions import StringLit
from fairwf.ir.names import fresh
from fairwf.ir.ports import Evaluated, Glob, InputPort, OutputPort, Stderr, Stdout
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    StringType,
    Type,
)
from fairwf.ir.types_text import describe
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf.ir.workflow import Command, Script
from fairwf_galaxy.defaults import fitting
from fairwf_galaxy.discovery import pattern_of
from fairwf_galaxy.types import bare
from fairwf_galaxy.write.failures import CannotSayError, Tell
from fairwf_galaxy.write.states import collection_state

_WORD = re.compile(r"\W+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_SCALARS: dict[type[Type], str] = {
    StringType: "text",
    IntType: "integer",
    FloatType: "float",
    BoolType: "boolean",
}
_WILD = frozenset("*?[")


def port_names(ports: tuple[InputPort, ...] | tuple[OutputPort, ...]) -> dict[str, str]:
    """Return what a tool calls its ports: names that JavaScript and Galaxy's forms can have."""
    names: dict[str, str] = {}
    for port in ports:
        plain = _WORD.sub("_", port.id).strip("_")
        if not plain or plain[0].isdigit():
            plain = f"x_{plain}".rstrip("_")
        names[port.id] = fresh(port.id if _VARIABLE.match(port.id) else plain, names.values())
    return names


class ToolPorts:
    """Writes the ports of one tool."""

    def __init__(self, process: Command | Script, tell: Tell) -> None:
        self.process = process
        self.tell = tell
        self.inputs = port_names(process.inputs)
        self.outputs = port_names(process.outputs)
        self.collected: list[str] = []
        """Lines that give files with unknown names those that outputs are found by."""

    def input(self, port: InputPort) -> dict[str, Any]:
        """Return an input.

        Raises:
            CannotSayError: Galaxy has none of this type.
        """
        entry: dict[str, Any] = {"name": self.inputs[port.id], **_input_type(port)}
        if port.label:
            entry["label"] = port.label
        if port.doc:
            entry["help"] = port.doc
        if isinstance(port.type, OptionalType):
            entry["optional"] = True
        if port.default is not None:
            self._default(port, entry)
        return entry

    def _default(self, port: InputPort, entry: dict[str, Any]) -> None:
        assert port.default is not None
        try:
            value = from_literal(port.default)
        except NotLiteralError:
            raise CannotSayError("Galaxy has no computed defaults", port.default) from None
        fits, fixed = fitting(value, port.type)
        if fits and entry["type"] == "select":
            chosen = fixed if isinstance(fixed, list) else [fixed]
            for option in entry["options"]:
                option["selected"] = option["value"] in chosen
        elif fits and entry["type"] in _SCALARS.values():
            entry["value"] = fixed
        else:
            self.tell("FWF3004", "Galaxy has no default for such an input", port.default)

    def output(self, port: OutputPort) -> dict[str, Any]:
        """Return an output.

        Raises:
            CannotSayError: it is no file that is found by its name.
        """
        entry: dict[str, Any] = {"name": self.outputs[port.id]}
        if port.label:
            entry["label"] = port.label
        type_, collect = bare(port.type), port.collect
        if isinstance(type_, FileType) and isinstance(collect, (Stdout, Stderr)):
            return {**entry, "type": "data", "from_work_dir": self._stream_file(collect)}
        if isinstance(collect, Glob) and collect.evaluate is None:
            for name in ("load_contents", "load_listing"):
                if getattr(collect, name):
                    text = "Galaxy's outputs are files, not what they hold"
                    self.tell("FWF3004", text, collect, name)
            globs = [p.value if isinstance(p, StringLit) else None for p in collect.patterns]
            if isinstance(type_, FileType) and len(globs) == 1 and globs[0] is not None:
                if isinstance(port.type, OptionalType):
                    text = "Galaxy makes an empty file of an output that is not there"
                    self.tell("FWF3003", text, port.type)
                return {**entry, "type": "data", "from_work_dir": self._file(port, globs[0])}
            if isinstance(type_, ArrayType) and isinstance(type_.items, FileType) and globs:
                found = [pattern_of(glob) if glob else None for glob in globs]
                if None not in found:
                    shape = {"type": "collection", "collection_type": "list"}
                    return {**entry, **shape, "discover_datasets": found}
        what = "computed" if isinstance(collect, Evaluated) or collect is None else "found"
        raise CannotSayError(
            f"Galaxy's tools give files by their names: {port.id!r:.60}, {describe(port.type)}, "
            f"is {what} in another way",
            port,
            "let the program write a file, and name it",
        )

    def _stream_file(self, collect: Stdout | Stderr) -> str:
        process = self.process
        given = process.stdout if isinstance(collect, Stdout) else process.stderr
        if given is None:
            return STREAMS[">" if isinstance(collect, Stdout) else "2>"]
        if isinstance(given, StringLit) and inside(given.value):
            return given.value
        raise CannotSayError("Galaxy finds files by names that are no expressions", given)

    def _file(self, port: OutputPort, glob: str) -> str:
        if not inside(glob):
            raise CannotSayError("Galaxy finds files of the tool's own folder", port)
        if not _WILD & set(glob):
            return glob
        name = f"{self.outputs[port.id]}.output"
        self.collected.append(f"cp {_bare(glob)} {name}")
        return name


STREAMS = {">": "stdout.output", "2>": "stderr.output"}


def _bare(glob: str) -> str:
    """Return a glob as the shell reads it: signs of patterns bare, all others quoted."""
    parts = re.split(r"([*?\[\]]+)", glob)
    text = "".join(
        part if number % 2 or not part else shlex.quote(part) for number, part in enumerate(parts)
    )
    return f"./{text}" if text.startswith("-") else text


def inside(path: str) -> bool:
    """Tell whether a path is one inside the tool's folder that Galaxy takes."""
    parts = path.split("/")
    return (
        bool(path)
        and path.isprintable()
        and "" not in parts
        and ".." not in parts
        and "\\" not in path
    )


def _input_type(port: InputPort) -> dict[str, Any]:
    inner = bare(port.type)
    if isinstance(inner, FileType):
        return {"type": "data"}
    if isinstance(inner, ArrayType) and isinstance(inner.items, FileType):
        return {"type": "data", "multiple": True}
    choice = inner.items if isinstance(inner, ArrayType) else inner
    if isinstance(choice, EnumType):
        options = [{"label": symbol, "value": symbol} for symbol in choice.symbols]
        entry: dict[str, Any] = {"type": "select", "options": options}
        return {**entry, "multiple": True} if choice is not inner else entry
    word = _SCALARS.get(type(inner))
    if word is not None:
        return {"type": word}
    shape = collection_state(inner)
    if shape is not None and "fields" not in shape:
        return {"type": "data_collection", **shape}
    raise CannotSayError(
        f"Galaxy's tools have no input of the type {describe(port.type)}",
        port,
        "inputs are datasets, collections of them, texts, numbers, truth values and selections",
    )
