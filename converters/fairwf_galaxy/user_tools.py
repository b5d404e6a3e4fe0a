"""User-defined tools, ``class: GalaxyUserTool``: a command with JavaScript, run in a container.

Source: Galaxy 25.0, ``galaxy.tool_util_models.UserToolSource``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairwf.ir.command import ExpressionLibrary, Placeholder, ScriptPart, StagedItem, Text
from fairwf.ir.environment import Container, Environment
from fairwf.ir.expressions import (
    Attr,
    Binding,
    Expr,
    FloatLit,
    Input,
    IntLit,
    Opaque,
    StringLit,
    Template,
)
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import ArrayType, EnumType, FileType, OptionalType, Type
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Script
from fairwf_galaxy.defaults import fitting
from fairwf_galaxy.discovery import glob_of
from fairwf_galaxy.interpolation import Piece, UnfinishedError, pieces
from fairwf_galaxy.quoting import quoted
from fairwf_galaxy.types import PARAMETERS, collection

CLASS = "GalaxyUserTool"
QUOTED = """.split("'").join("'\\\\''")"""
"""Behind an expression between single quotes: what protects a text from the shell."""

_KNOWN = frozenset(
    {"class", "id", "name", "version", "description", "container", "shell_command", "inputs",
     "outputs", "requirements", "configfiles"}
)  # fmt: skip
"""What becomes part of the script. All else (help, citations ...) changes nothing that runs."""
_DESCRIBED = frozenset(
    {"help", "citations", "license", "edam_operations", "edam_topics", "xrefs", "profile", "tests"}
)
_REFERENCE = re.compile(r"inputs\.([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\Z")
_NAMED = re.compile(r"\binputs\.([A-Za-z_]\w*)")
_WHOLE = re.compile(r"\binputs\b(?!\.[A-Za-z_])")
_AMOUNTS = {"cores": "cores", "ram": "memory", "tmpdir": "tmp_space"}


class UnreadableError(Exception):
    """A part of the tool has no form in the IR; the message names it."""


def user_tool(given: Mapping[str, Any]) -> Script:
    """Return the script that a user-defined tool is.

    Raises:
        UnreadableError: it says something that a script of the IR cannot.
    """
    for key, value in given.items():
        if key not in _KNOWN | _DESCRIBED and value is not None:
            raise UnreadableError(f"the key {key!r:.60}")
    inputs = tuple(_input(each) for each in _listed(given, "inputs"))
    known = {port.id: port for port in inputs}
    command = given.get("shell_command")
    if not isinstance(command, str):
        raise UnreadableError("no 'shell_command'")
    libraries, resources = _requirements(given)
    return Script(
        id=_text(given, "id") or "",
        label=_text(given, "name"),
        doc=_text(given, "description"),
        inputs=inputs,
        outputs=tuple(_output(each) for each in _listed(given, "outputs")),
        interpreter=("/bin/sh",),
        body=_body(command, known),
        staging=tuple(_file(each, known) for each in _listed(given, "configfiles")),
        environment=_environment(given),
        resources=resources,
        libraries=libraries,
    )


def _text(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is None or isinstance(value, str):
        return value or None
    raise UnreadableError(f"{key!r} that is no text")


def _listed(given: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = given.get(key)
    if isinstance(value, Mapping):
        value = [{"name": name, **each} for name, each in value.items() if isinstance(each, dict)]
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise UnreadableError(f"{key!r} that is no list of objects")
    return value


# --- ports --------------------------------------------------------------------------------------


def _input(given: Mapping[str, Any]) -> InputPort:
    name, kind = given.get("name"), given.get("type")
    if not isinstance(name, str) or not name.isidentifier() or not isinstance(kind, str):
        raise UnreadableError(f"the input {name!r:.60}")
    type_ = _type(given, kind)
    default = None
    value = given.get("value")
    if kind == "select" and isinstance(given.get("options"), list):
        chosen = [o["value"] for o in given["options"] if o.get("selected") is True]
        value = chosen if given.get("multiple") is True and chosen else next(iter(chosen), None)
    if value is not None:
        fits, fixed = fitting(value, type_)
        if not fits:
            raise UnreadableError(f"the value of the input {name!r:.60}")
        default = to_literal(fixed)
    if given.get("optional") is True:
        type_ = OptionalType(item=type_)
    label, doc = _text(given, "label"), _text(given, "help")
    return InputPort(id=name, type=type_, default=default, label=label, doc=doc)


def _type(given: Mapping[str, Any], kind: str) -> Type:
    many = given.get("multiple") is True
    type_: Type | None
    if kind == "data":
        type_ = FileType()
    elif kind == "data_collection":
        text = given.get("collection_type") or "list"
        type_, many = collection(text) if isinstance(text, str) else None, False
    elif kind == "select":
        type_ = EnumType(symbols=_symbols(given.get("options")))
    else:
        known = (
            PARAMETERS.get(kind)
            if kind in ("text", "integer", "float", "boolean", "color")
            else None
        )
        type_ = known() if known is not None else None
    if type_ is None:
        raise UnreadableError(f"an input of the type {kind!r:.60}")
    return ArrayType(items=type_) if many else type_


def _symbols(options: Any) -> tuple[str, ...]:
    if not isinstance(options, list) or not options:
        raise UnreadableError("a selection without options")
    values = [option.get("value") if isinstance(option, Mapping) else None for option in options]
    if not all(isinstance(value, str) for value in values) or len(set(values)) < len(values):
        raise UnreadableError("a selection whose options have no values")
    return tuple(str(value) for value in values)


def _output(given: Mapping[str, Any]) -> OutputPort:
    name, kind = given.get("name"), given.get("type")
    label = _text(given, "label")
    if not isinstance(name, str) or not name:
        raise UnreadableError("an output without a name")
    path = given.get("from_work_dir")
    found = given.get("discover_datasets")
    if kind == "data" and isinstance(path, str) and path and not found:
        if any(sign in path for sign in "*?[\\"):
            raise UnreadableError(f"the file of the output {name!r:.60}")
        glob = Glob(patterns=(StringLit(value=path),))
        return OutputPort(id=name, type=FileType(), collect=glob, label=label)
    if kind == "collection":
        structure = given.get("structure")
        said = {**structure, **given} if isinstance(structure, Mapping) else given
        found = said.get("discover_datasets")
        if said.get("collection_type") == "list" and isinstance(found, list) and found:
            globs = [glob_of(each) for each in found]
            if None not in globs:
                patterns = tuple(StringLit(value=glob) for glob in globs if glob is not None)
                return OutputPort(
                    id=name,
                    type=ArrayType(items=FileType()),
                    collect=Glob(patterns=patterns),
                    label=label,
                )
    raise UnreadableError(f"how the output {name!r:.60} is found")


# --- what runs ----------------------------------------------------------------------------------


def _pieces(text: str) -> list[Piece]:
    try:
        return pieces(text)
    except UnfinishedError as error:
        raise UnreadableError(str(error)) from None


def _body(text: str, known: Mapping[str, InputPort]) -> tuple[ScriptPart, ...]:
    """Return the parts of a command; a value that is quoted as a whole is a quoted value."""
    parts: list[ScriptPart] = []
    texts: dict[int, str] = {}
    for piece in _pieces(text):
        if not piece.expression:
            parts.append(Text(text=piece.text))
            continue
        value = Placeholder(value=expression(piece.text, known))
        texts[id(value)] = piece.text
        parts.append(value)

    def protect(part: Placeholder) -> Placeholder | None:
        inner = texts[id(part)]
        if inner.endswith(QUOTED):
            value = expression(inner.removesuffix(QUOTED), known)
            return Placeholder(value=value, quote="shell")
        if inner.endswith(".path") and _REFERENCE.match(inner) is not None:
            return Placeholder(value=part.value, quote="shell")
        return None

    return tuple(quoted(parts, protect))


def expression(text: str, known: Mapping[str, InputPort]) -> Expr:
    """Return an expression of a tool: a reference where it is one, else JavaScript.

    Raises:
        UnreadableError: it names what is no input, or members of a collection by Galaxy's names.
    """
    match = _REFERENCE.match(text.strip())
    if match is not None and match[1] in known:
        result: Expr = Input(name=match[1])
        for name in match[2].split(".")[1:]:
            if name != "elements":
                result = Attr(of=result, name=name)
        return result
    if ".elements" in text:
        raise UnreadableError("members of a collection in JavaScript")
    if _WHOLE.search(text) is not None:
        raise UnreadableError("'inputs' in JavaScript without the name of an input")
    names = list(dict.fromkeys(_NAMED.findall(text)))
    strange = [name for name in names if name not in known]
    if strange:
        raise UnreadableError(f"the unknown input {strange[0]!r:.60}")
    bindings = tuple(Binding(path=("inputs", name), value=Input(name=name)) for name in names)
    return Opaque(language="javascript", text=text, bindings=bindings)


def _file(given: Mapping[str, Any], known: Mapping[str, InputPort]) -> StagedItem:
    name, content = given.get("filename"), given.get("content")
    if not isinstance(name, str) or not name or not isinstance(content, str):
        raise UnreadableError("a configuration file without name or text")
    if name.startswith("/") or ".." in name.split("/"):
        raise UnreadableError(f"the configuration file {name!r:.60}")
    parts: list[Expr] = [
        expression(piece.text, known) if piece.expression else StringLit(value=piece.text)
        for piece in _pieces(content)
    ]
    value: Expr
    if len(parts) == 1 and isinstance(parts[0], StringLit):
        value = parts[0]
    else:
        value = Template(parts=tuple(parts)) if parts else StringLit(value="")
    return StagedItem(value=value, name=StringLit(value=name))


def _environment(given: Mapping[str, Any]) -> Environment:
    image = _text(given, "container")
    if image is None:
        return Environment()
    return Environment(container=Container(image=StringLit(value=image)))


def _requirements(
    given: Mapping[str, Any],
) -> tuple[tuple[ExpressionLibrary, ...], Resources]:
    libraries: list[ExpressionLibrary] = []
    amounts: dict[str, Amount] = {}
    for each in _listed(given, "requirements"):
        if each.get("type") == "javascript":
            texts = each.get("expression_lib") or []
            if not isinstance(texts, list):
                raise UnreadableError("'expression_lib' that is no list")
            for text in texts:
                if not isinstance(text, str):
                    raise UnreadableError("a JavaScript library that is no text")
                libraries.append(ExpressionLibrary(language="javascript", text=text))
        elif each.get("type") == "resource":
            amounts.update(_amounts(each))
        else:
            raise UnreadableError(f"the requirement {each.get('type')!r:.60}")
    return tuple(libraries), Resources(**amounts)  # type: ignore[arg-type]


def _amounts(given: Mapping[str, Any]) -> dict[str, Amount]:
    found: dict[str, Amount] = {}
    for key, value in given.items():
        name, _, end = key.rpartition("_")
        if key == "type" or value is None:
            continue
        if name not in _AMOUNTS or end not in ("min", "max") or type(value) not in (int, float):
            raise UnreadableError(f"the resource {key!r:.60}")
        number = IntLit(value=value) if type(value) is int else FloatLit(value=value)
        before = found.get(_AMOUNTS[name], Amount())
        if end == "min":
            found[_AMOUNTS[name]] = Amount(min=number, max=before.max)
        else:
            found[_AMOUNTS[name]] = Amount(min=before.min, max=number)
    return found
