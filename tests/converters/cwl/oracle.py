"""What `cwl-utils`, the parser of record, sees in a CWL document, in the words of the IR.

:func:`differences` compares it with what our reader sees: ids, types, defaults, links, scatters,
conditions and the effect of requirements. Files are compared by the last part of their location,
named types by their name, since the two resolve them differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairwf.ir import types as ir
from fairwf.ir.expressions import BodyOutput, Expr, Input, Output
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import Type
from fairwf.ir.values import from_literal
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Step, Workflow

_NAMES: dict[type, str] = {
    ir.NoneType: "null",
    ir.BoolType: "boolean",
    ir.StringType: "string",
    ir.FileType: "File",
    ir.DirectoryType: "Directory",
    ir.AnyType: "Any",
}
_KINDS = {
    "CommandLineTool": (Command, Script),
    "ExpressionTool": (Pure,),
    "Workflow": (Workflow,),
    "Operation": (Operation,),
}


def short(identifier: str) -> str:
    """Return the last part of an identifier."""
    return identifier.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def differences(theirs: Any, ours: Process, path: str = "") -> Iterator[str]:
    """Yield what the two see differently, with the path of ids."""
    if not isinstance(ours, _KINDS[theirs.class_]):
        yield f"{path}: a {theirs.class_} became {type(ours).__name__}"
        return
    yield from _ports(theirs.inputs, ours.inputs, f"{path}/inputs")
    yield from _ports(theirs.outputs, ours.outputs, f"{path}/outputs")
    if isinstance(ours, (Command, Script)):
        yield from _requirements(theirs, ours, path)
    if isinstance(ours, Workflow):
        yield from _workflow(theirs, ours, path)


def _ports(
    theirs: Any, ours: tuple[InputPort, ...] | tuple[OutputPort, ...], path: str
) -> Iterator[str]:
    seen = {short(port.id): port for port in theirs}
    if list(seen) != [port.id for port in ours]:
        yield f"{path}: {list(seen)} are {[port.id for port in ours]}"
        return
    for port in ours:
        said = seen[port.id]
        yield from _type(said.type_, port.type, f"{path}/{port.id}/type")
        if isinstance(port, InputPort):
            given = from_literal(port.default) if port.default is not None else None
            if _plain(said.default) != _plain(given):
                yield f"{path}/{port.id}/default: {_plain(said.default)} is {_plain(given)}"
        if bool(getattr(said, "secondaryFiles", None)) != bool(port.secondary):
            yield f"{path}/{port.id}: secondary files"
        if bool(getattr(said, "format", None)) != bool(port.format):
            yield f"{path}/{port.id}: formats"
        if bool(getattr(said, "streamable", None)) != port.streamable:
            yield f"{path}/{port.id}: streamable"


def _type(theirs: Any, ours: Type, path: str) -> Iterator[str]:
    wanted, found = _their_type(theirs), _our_type(ours)
    if not _same(wanted, found):
        yield f"{path}: {wanted} is {found}"


def _their_type(kind: Any) -> Any:
    if isinstance(kind, str):
        if kind in ("stdin", "stdout", "stderr"):
            return "File"
        return ("named", short(kind)) if "#" in kind or "/" in kind else kind
    if isinstance(kind, list):
        members = [_their_type(member) for member in kind]
        flat = [m for part in members for m in (part if isinstance(part, list) else [part])]
        unique = [m for i, m in enumerate(flat) if m not in flat[:i]]
        return unique[0] if len(unique) == 1 else unique
    if kind.type_ == "array":
        return {"array": _their_type(kind.items)}
    if kind.type_ == "enum":
        return {"enum": [short(symbol) for symbol in kind.symbols]}
    fields = [(short(field.name), _their_type(field.type_)) for field in kind.fields or ()]
    return {"record": fields}


def _our_type(kind: Type) -> Any:
    match kind:
        case ir.IntType(bits=bits):
            return "int" if bits == 32 else "long"
        case ir.FloatType(bits=bits):
            return "float" if bits == 32 else "double"
        case ir.OptionalType(item=item):
            inner = _our_type(item)
            return ["null", *(inner if isinstance(inner, list) else [inner])]
        case ir.UnionType(members=members):
            return [_our_type(member) for member in members]
        case ir.ArrayType(items=items):
            return {"array": _our_type(items)}
        case ir.EnumType(symbols=symbols, name=name):
            return {"enum": [short(symbol) for symbol in symbols], "name": name}
        case ir.RecordType(fields=fields, name=name):
            return {"record": [(f.name, _our_type(f.type)) for f in fields], "name": name}
    return _NAMES[type(kind)]


def _same(theirs: Any, ours: Any) -> bool:
    if isinstance(theirs, tuple):
        return isinstance(ours, dict) and ours.get("name") == theirs[1]
    if isinstance(theirs, list) and isinstance(ours, list):
        rest = list(ours)
        for member in theirs:
            match = next((other for other in rest if _same(member, other)), None)
            if match is None:
                return False
            rest.remove(match)
        return not rest
    if isinstance(theirs, dict) and isinstance(ours, dict):
        key = next(iter(theirs))
        if key not in ours:
            return False
        if key == "array":
            return _same(theirs[key], ours[key])
        if key == "enum":
            return bool(theirs[key] == ours[key])
        pairs = zip(theirs[key], ours[key], strict=False)
        return len(theirs[key]) == len(ours[key]) and all(
            a == b and _same(x, y) for (a, x), (b, y) in pairs
        )
    return bool(theirs == ours)


def _plain(value: Any) -> Any:
    """Return a value with files as their names."""
    kind = getattr(value, "class_", None) or type(value).__name__
    if kind in ("File", "Directory") and not isinstance(value, dict):
        return (kind, _place(value.location or getattr(value, "path", None)))
    if isinstance(value, dict):
        if value.get("class") in ("File", "Directory"):
            return (value["class"], _place(value.get("location") or value.get("path")))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _place(location: str | None) -> str | None:
    return None if location is None else location.rstrip("/").rsplit("/", 1)[-1]


# --- requirements -----------------------------------------------------------------------------


def _requirements(theirs: Any, ours: Command | Script, path: str) -> Iterator[str]:
    said = [*(theirs.requirements or ()), *(theirs.hints or ())]
    seen = {kind: _effect(kind, node, ours) for node in said if (kind := _class(node))}
    for kind, effect in seen.items():
        if not effect:
            yield f"{path}: {kind} is nowhere in {type(ours).__name__} {ours.id!r}"


def _class(node: Any) -> str:
    return str(node.get("class") if isinstance(node, dict) else getattr(node, "class_", ""))


def _effect(kind: str, node: Any, ours: Command | Script) -> bool:
    """Tell whether a requirement or hint can be found in the process."""

    def says(field: str) -> Any:
        return node.get(field) if isinstance(node, dict) else getattr(node, field, None)

    resources, environment = ours.resources, ours.environment
    match kind.rsplit("#", 1)[-1].rsplit(":", 1)[-1]:
        case "DockerRequirement":
            return environment.container is not None
        case "SoftwareRequirement":
            return bool(environment.packages) or not says("packages")
        case "EnvVarRequirement":
            return bool(environment.variables) or not says("envDef")
        case "InitialWorkDirRequirement":
            return bool(ours.staging) or not says("listing")
        case "ShellCommandRequirement":
            return isinstance(ours, Script)
        case "ResourceRequirement":
            names = ("cores", "memory", "tmp_space", "out_space")
            asked = [
                f"{name}{end}" for name in ("cores", "ram", "tmpdir", "outdir")
                for end in ("Min", "Max")
            ]  # fmt: skip
            return any(getattr(resources, name) for name in names) or not any(map(says, asked))
        case "ToolTimeLimit" | "TimeLimit":
            return resources.time is not None
        case "CUDARequirement":
            return resources.gpu is not None
        case "WorkReuse":
            return ours.cacheable is not True or says("enableReuse") is True
        case "NetworkAccess":
            return ours.network != "none" or says("networkAccess") is False
        case "InplaceUpdateRequirement":
            return ours.in_place == says("inplaceUpdate")
        case "Secrets":
            named = {short(text).rsplit("/", 1)[-1] for text in says("secrets") or ()}
            return named == {port.id for port in ours.inputs if port.secret}
        case "InlineJavascriptRequirement" | "SchemaDefRequirement" | "LoadListingRequirement":
            return True  # seen in expressions, types and ports
        case "ScatterFeatureRequirement" | "SubworkflowFeatureRequirement":
            return True  # they only declare
        case "StepInputExpressionRequirement" | "MultipleInputFeatureRequirement":
            return True
        case name:
            kept = ours.extensions.get("cwl", {})
            found = [*kept.get("hints", {}), *kept.get("requirements", {})]
            return any(short(key).rsplit(":", 1)[-1] == name for key in found)


# --- workflows --------------------------------------------------------------------------------


def _workflow(theirs: Any, ours: Workflow, path: str) -> Iterator[str]:
    steps = {short(step.id): step for step in theirs.steps}
    if list(steps) != [step.id for step in ours.steps]:
        yield f"{path}/steps: {list(steps)} are {[step.id for step in ours.steps]}"
        return
    for port in ours.outputs:
        said = next(p for p in theirs.outputs if short(p.id) == port.id)
        wanted, found = _sources(said.outputSource), _references(port.value)
        if wanted != found:
            yield f"{path}/outputs/{port.id}: {wanted} are {found}"
    for step in ours.steps:
        yield from _step(steps[step.id], step, f"{path}/steps/{step.id}")


def _sources(said: str | list[str] | None) -> set[str]:
    return {short(text) for text in ([said] if isinstance(said, str) else said or ())}


def _references(value: Expr | None) -> set[str]:
    if value is None:
        return set()
    ports = {node.port for node in nodes(value, Output)}
    return ports | {node.name for node in nodes(value, Input)}


def _step(theirs: Any, ours: Step, path: str) -> Iterator[str]:
    scatter = [theirs.scatter] if isinstance(theirs.scatter, str) else theirs.scatter or []
    over = [part.name for part in getattr(ours.scatter, "over", ())]
    if [short(name) for name in scatter] != over:
        yield f"{path}/scatter: {scatter} are {over}"
    if bool(getattr(theirs, "when", None)) != (ours.when is not None):
        yield f"{path}/when: {theirs.when!r} is {ours.when!r}"
    known = {port.id for port in getattr(ours.run, "inputs", ())}
    links = {part.name: part.value for part in getattr(ours.scatter, "over", ())}
    for entry in theirs.in_:
        name = short(entry.id)
        value = links.get(name, ours.inputs.get(name))
        if ours.loop is not None:
            value = ours.loop.state.get(name)
        if value is None and name in known and (entry.source or entry.default is not None):
            yield f"{path}/in/{name}: nothing is handed on"
        if value is None or entry.valueFrom is not None:
            continue
        wanted, found = _sources(entry.source), _references(value)
        if wanted != found:
            yield f"{path}/in/{name}: {wanted} are {found}"
        if list(nodes(value, BodyOutput)):
            yield f"{path}/in/{name}: an output of a loop"
    if not isinstance(theirs.run, str) and not hasattr(ours.run, "name"):
        yield from differences(theirs.run, ours.run, f"{path}/run")  # type: ignore[arg-type]
