"""The script that a tool step runs, of its wrapper and its state."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from fairwf.ir.command import Placeholder, ScriptPart, Text
from fairwf.ir.environment import Container, Environment, Package
from fairwf.ir.expressions import Expr, StringLit
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.types import ArrayType, FileType, OptionalType, Type
from fairwf.ir.workflow import Script
from fairwf_galaxy.discovery import glob_of
from fairwf_galaxy.quoting import quoted
from fairwf_galaxy.types import PARAMETERS, collection, maybe_any
from fairwf_galaxy.wrappers.cheetah import template
from fairwf_galaxy.wrappers.evaluate import Evaluation
from fairwf_galaxy.wrappers.failures import WrapperError
from fairwf_galaxy.wrappers.values import Bound, Made, State
from fairwf_galaxy.wrappers.xml import Element

_VARIABLE = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_WORD = re.compile(r"\W+", re.ASCII)


class StepFacts(NamedTuple):
    """What a step says of its tool: its state, what is connected, the outputs that are used."""

    state: Mapping[str, Any]
    connected: Collection[str]
    outputs: Collection[str]


def script_of(root: Element, facts: StepFacts) -> Script:
    """Return what the tool runs for a step.

    Raises:
        WrapperError: the wrapper says something that is not evaluated.
    """
    command = root.find("command")
    if command is None or not (command.text or "").strip():
        raise WrapperError("the wrapper has no command")
    if command.get("interpreter"):
        raise WrapperError("the command runs a script of the wrapper's folder")
    if root.find("configfiles") is not None:
        raise WrapperError("the wrapper writes configuration files")
    state = State(facts.connected)
    inputs = root.find("inputs")
    names: dict[str, Bound] = state.members(inputs, facts.state) if inputs is not None else {}
    strange = [name for name in facts.connected if name not in state.kinds]
    if strange:
        raise WrapperError(f"the wrapper has no input {strange[0]!r:.60}")
    outputs = _outputs(root, facts.outputs)
    for port in outputs:
        names.setdefault(port.id, Made(_file(port.id)))
    body = Evaluation(names).run(template(command.text or ""))
    return Script(
        id=root.get("id", ""),
        label=root.get("name"),
        doc=(root.findtext("description") or "").strip() or None,
        inputs=tuple(_port(name, node) for name, node in state.kinds.items()),
        outputs=tuple(outputs),
        interpreter=("/bin/bash",),
        body=tuple(_quoted(body)),
        environment=_environment(root),
    )


def _port(name: str, node: Element) -> InputPort:
    kind = node.get("type", "text")
    type_: Type | None
    if kind == "data":
        type_ = ArrayType(items=FileType()) if node.get("multiple") == "true" else FileType()
    elif kind == "data_collection":
        type_ = collection(node.get("collection_type", "list"))
    else:
        type_ = PARAMETERS[kind]() if kind in PARAMETERS else None
    if type_ is None:
        return InputPort(id=name, type=maybe_any())
    if node.get("optional") == "true":
        type_ = OptionalType(item=type_)
    return InputPort(id=name, type=type_)


def _outputs(root: Element, used: Collection[str]) -> list[OutputPort]:
    found: list[OutputPort] = []
    for node in root.iterfind("outputs/*"):
        name = node.get("name", "")
        if name not in used and (node.tag != "data" or node.find("filter") is not None):
            continue
        if node.tag == "collection" and name in used:
            found.append(_collection(node, name))
        elif node.tag == "data" and node.find("discover_datasets") is None:
            path = node.get("from_work_dir") or _file(name)
            if path.startswith("/") or ".." in path.split("/"):
                raise WrapperError(f"the output {name!r:.60} lies outside of the tool's folder")
            glob = Glob(patterns=(StringLit(value=path),))
            found.append(OutputPort(id=name, type=FileType(), collect=glob))
        elif name in used:
            raise WrapperError(f"how the output {name!r:.60} is found")
    missing = [name for name in used if name not in {port.id for port in found}]
    if missing:
        raise WrapperError(f"the wrapper has no output {missing[0]!r:.60}")
    return found


def _collection(node: Element, name: str) -> OutputPort:
    globs = [glob_of(dict(each.attrib)) for each in node.findall("discover_datasets")]
    if node.get("type") != "list" or not globs or None in globs:
        raise WrapperError(f"how the output {name!r:.60} is found")
    patterns: tuple[Expr, ...] = tuple(StringLit(value=glob) for glob in globs if glob)
    return OutputPort(id=name, type=ArrayType(items=FileType()), collect=Glob(patterns=patterns))


def _file(output: str) -> str:
    return f"{_WORD.sub('_', output)}.output"


def _environment(root: Element) -> Environment:
    packages, container = [], None
    for node in root.iterfind("requirements/*"):
        text = (node.text or "").strip()
        if node.tag == "container" and node.get("type") == "docker" and text:
            container = Container(image=StringLit(value=text), required=False)
        elif node.tag == "requirement" and node.get("type") == "package" and text:
            version = node.get("version")
            packages.append(Package(name=text, versions=(version,) if version else ()))
    variables: dict[str, Expr] = {}
    for node in root.iterfind("environment_variables/*"):
        name, text = node.get("name", ""), (node.text or "").strip()
        if not _VARIABLE.match(name) or "$" in text or node.get("inject"):
            raise WrapperError(f"the variable {name!r:.60} of the environment")
        variables[name] = StringLit(value=text)
    return Environment(container=container, packages=tuple(packages), variables=variables)


def _trimmed(parts: list[ScriptPart]) -> list[ScriptPart]:
    """Return the parts without blanks around the whole, lines of Galaxy's joined as it does."""
    result = list(parts)
    for index, part in enumerate(result):
        if isinstance(part, Text):
            text = part.text.replace("\r\n", "\n")
            text = text.lstrip() if index == 0 else text
            text = text.rstrip() if index == len(result) - 1 else text
            result[index] = Text(text=text.replace("\n", " "))
    return [part for part in result if not (isinstance(part, Text) and not part.text)]


def _quoted(parts: list[ScriptPart]) -> list[ScriptPart]:
    """Return the parts with all values quoted: names of files are data of strangers.

    Raises:
        WrapperError: it is not known how the shell would read a value.
    """
    found = quoted(_trimmed(parts), lambda part: replace(part, quote="shell"))
    if any(isinstance(part, Placeholder) and part.quote != "shell" for part in found):
        raise WrapperError("a value of the command stands where it cannot be quoted")
    return found
