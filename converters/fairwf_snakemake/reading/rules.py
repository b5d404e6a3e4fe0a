"""Rules to steps over demanded keys."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.command import StagedItem
from fairwf.ir.expressions import (
    Array,
    Call,
    Directory,
    Each,
    Expr,
    File,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    NoneLit,
    Opaque,
    Output,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.names import fresh
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.rewriting import map_children
from fairwf.ir.types import Type
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Demand, DemandKey, Step
from fairwf_snakemake.reading import sections
from fairwf_snakemake.reading.bodies import BodyReader
from fairwf_snakemake.reading.context import Context
from fairwf_snakemake.reading.definitions import Definition
from fairwf_snakemake.reading.expressions import Scope
from fairwf_snakemake.reading.patterns import Made, keyed, parts_of, pieces, posix, text_of
from fairwf_snakemake.snakefile.static import NotStaticError

FILE = ir.FileType()


@dataclass
class Outputs:
    """What a rule makes: ports by the names that Snakemake gives them, and its keys."""

    keys: list[str] = field(default_factory=list)
    constraints: dict[str, str] = field(default_factory=dict)
    ports: list[tuple[str, str, Mapping[str, Any], ast.AST]] = field(default_factory=list)
    members: dict[str, list[int]] = field(default_factory=dict)
    unknown: str | None = None


def outputs_of(context: Context, definition: Definition) -> Outputs:
    """Return what a rule makes."""
    found = Outputs()
    found.constraints.update(context.program.constraints)
    found.constraints.update(definition.constraints)
    directive = definition.rule.directives.get("wildcard_constraints")
    if directive is not None:
        found.constraints.update(_constraints(context, definition, directive))
    directive = definition.rule.directives.get("output")
    if directive is None:
        return found
    taken: set[str] = set()
    stated: dict[str, str] = {}
    try:
        rows = list(sections.outputs(context.translator, definition, directive))
    except sections.NotKnownError as error:
        found.unknown = error.message
        span = definition.span(error.node)
        context.report.add(
            "FWF1504",
            f"the output of rule {definition.name!r} is not known: {error.message}",
            span=span,
        )
        return found
    for name, pattern, flags, node, several in rows:
        pattern = adapted(definition, pattern)
        base = name or "output"
        alone = not several and (name is not None or len(rows) == 1)
        port = fresh(base if alone else f"{base}_{len(found.members.get(base, ())) + 1}", taken)
        taken.add(port)
        found.members.setdefault(base, []).append(len(found.ports))
        keyed(pattern, stated)
        found.ports.append((port, pattern, flags, node))
        for key in (p[0] for p in pieces(pattern)[0] if isinstance(p, tuple)):
            if key not in found.keys:
                found.keys.append(key)
    found.constraints.update(stated)
    return found


def adapted(definition: Definition, path: str) -> str:
    """Return a path with the prefixes that a module gives it."""
    for prefix, by in definition.replaced.items():
        if path.startswith(prefix):
            path = by + path[len(prefix) :]
            break
    if definition.prefix and not path.startswith("/"):
        path = definition.prefix + path
    return path


def _constraints(context: Context, definition: Definition, directive: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, node in sections.arguments(directive):
        try:
            value = context.program.evaluator.value(node, definition.names)
        except NotStaticError:
            continue
        if name == "**" and isinstance(value, dict):
            found.update({str(k): str(v) for k, v in value.items()})
        elif name is not None:
            found[name] = str(value)
    return found


def made_by(definition: Definition, outputs: Outputs) -> list[Made]:
    """Return what a rule makes, for finding the makers of paths."""
    return [
        Made(definition.name, port, pattern, outputs.constraints, bool(flags.get("directory")))
        for port, pattern, flags, _ in outputs.ports
    ]


def demanded(context: Context, paths: Expr, own: Mapping[str, str]) -> tuple[Expr, bool]:
    """Return the files at paths (one path, or an array), and whether one may be a folder.

    Where one rule certainly makes a path, it is asked for by its keys, else by the path.
    """
    parts = parts_of(paths)
    if parts is None and isinstance(paths, (Key, Local)):
        parts = [paths]
    if parts is not None:
        makers, keys = context.makers.of(parts, own)
        if makers and isinstance(paths, StringLit):
            lies = context.program.files.workdir / paths.value
            if lies.is_file() and context.cyclic(paths.value):
                return File(location=paths.value), False
        folder = any(made.directory for made in makers)
        if keys is not None:
            made = makers[0]
            by = Record(fields={name: text_of(key) for name, key in keys.items()})
            return Index(of=Output(step=made.rule, port=made.port), by=by), folder
        return Call(function="demand_path", args=(paths,)), folder
    match paths:
        case Array(items=items):
            pairs = [demanded(context, item, own) for item in items]
            return Array(items=tuple(p for p, _ in pairs)), any(f for _, f in pairs)
        case Each(body=body):
            inner, folder = demanded(context, body, own)
            return msgspec.structs.replace(paths, body=inner), folder
        case Call(function="flatten" | "concat_arrays", args=args):
            pairs = [demanded(context, item, own) for item in args]
            return (
                msgspec.structs.replace(paths, args=tuple(p for p, _ in pairs)),
                any(f for _, f in pairs),
            )
        case If(then=then, otherwise=otherwise):
            yes, a = demanded(context, then, own)
            no, b = demanded(context, otherwise, own)
            return msgspec.structs.replace(paths, then=yes, otherwise=no), a or b
    over = arrays(paths)
    body = Call(function="demand_path", args=(Local(name="path"),))
    return Each(name="path", over=over, body=body), False


def many(paths: Expr) -> bool:
    """Tell whether paths are an array."""
    if isinstance(paths, If):
        return many(paths.then) or many(paths.otherwise)
    return not isinstance(paths, (StringLit, Template, Key, Local))


def arrays(paths: Expr) -> Expr:
    """Return paths as an array in every case."""
    match paths:
        case StringLit() | Template() | Key() | Local():
            return Array(items=(paths,))
        case If(then=then, otherwise=otherwise):
            return msgspec.structs.replace(paths, then=arrays(then), otherwise=arrays(otherwise))
        case Array(items=items) if any(many(item) for item in items):
            # Snakemake takes lists in lists apart, as those in ``rules.x.output``
            flat = [arrays(item) for item in items]
            if all(isinstance(one, Array) for one in flat):
                inner = [item for one in flat if isinstance(one, Array) for item in one.items]
                return Array(items=tuple(inner))
            return Call(function="concat_arrays", args=tuple(flat))
        case Array() | Each() | Call(function="flatten" | "concat_arrays" | "merge_flattened"):
            return paths
    return Call(function="merge_flattened", args=(paths,))


class RuleReader:
    """Reads one rule."""

    def __init__(self, context: Context, definition: Definition, outputs: Outputs) -> None:
        self.context = context
        self.definition = definition
        self.outputs = outputs
        self.keys = frozenset(outputs.keys)
        self.scope = Scope(definition.names, self.keys)
        self.inputs: list[InputPort] = []
        self.links: dict[str, Expr] = {}
        self.taken: set[str] = {port for port, *_ in outputs.ports}
        self.staging: list[StagedItem] = []
        self.views: dict[str, dict[str, Expr]] = {"input": {}, "output": {}, "log": {}}
        self.outer: dict[str, dict[str, Expr]] = {"input": {}, "output": {}}
        self.extensions: dict[str, Any] = {}
        self.dynamic: list[str] = []
        self.demanded: dict[str, Expr] = {}
        self._handed: dict[bytes, Expr] = {}
        self._folders: set[bytes] = set()

    # --- what the process sees --------------------------------------------------------------------

    def port(self, name: str, type_: Type, value: Expr) -> Input:
        """Return a new input port of the process that gets a value."""
        clean = re.sub(r"\W", "_", name) or "value"
        port = fresh(clean, self.taken)
        self.taken.add(port)
        self.inputs.append(InputPort(id=port, type=type_))
        self.links[port] = value
        return Input(name=port)

    def inside(self, expression: Expr, name: str) -> Expr:
        """Return an expression of the step as the process sees it."""

        def swap(node: msgspec.Struct) -> msgspec.Struct:
            if isinstance(node, Key):
                return self.handed(node.name, ir.StringType(), node)
            if isinstance(node, Input):
                return self.handed(node.name, self.type_of(node), node)
            return map_children(node, swap)

        whole = any(isinstance(n, (Output, Opaque)) for _, n in walk(expression))
        if whole:
            return self.handed(name, self.type_of(expression), expression)
        return swap(expression)  # type: ignore[return-value]

    def handed(self, name: str, type_: Type, value: Expr) -> Expr:
        """Return an input port that gets a value, the same for the same value."""
        key = canonical_bytes(value)
        if key not in self._handed:
            self._handed[key] = self.port(name, type_, value)
        found = self._handed[key]
        assert isinstance(found, Input)
        return Input(name=found.name)

    def type_of(self, value: Expr) -> Type:
        """Return the type of a value, as far as it is plain."""
        match value:
            case StringLit() | Template() | Key():
                return ir.StringType()
            case IntLit():
                return ir.IntType()
            case Array(items=items):
                kinds = {canonical_bytes(self.type_of(item)): self.type_of(item) for item in items}
                one = next(iter(kinds.values())) if len(kinds) == 1 else ir.AnyType()
                return ir.ArrayType(items=one)
            case Each(body=body):
                return ir.ArrayType(items=self.type_of(body))
            case Input(name=name):
                return self.context.config_type(name)
            case Call(function="merge_flattened"):
                return ir.ArrayType(items=ir.AnyType())
        kind = type(value).__name__
        if kind == "BoolLit":
            return ir.BoolType()
        if kind == "FloatLit":
            return ir.FloatType()
        return ir.OptionalType(item=ir.AnyType())

    # --- sections ---------------------------------------------------------------------------------

    def items(self, name: str, scope: Scope | None = None) -> list[sections.Item]:
        """Return the items of a section."""
        directive = self.definition.rule.directives.get(name)
        if directive is None:
            return []
        scope = scope or self.scope
        if name in ("params", "resources", "threads"):
            scope = replace(scope, views=self.outer)
        found = sections.items(self.context.translator, self.definition, directive, scope)
        for item in found:
            if item.why is not None:
                self.dynamic.append(f"{name}: {item.why}")
                self.context.report.add(
                    "FWF1504",
                    f"{name} of rule {self.definition.name!r}: {item.why}",
                    span=self.definition.span(item.node),
                )
        return found

    def read_inputs(self) -> None:
        """Read ``input``: a port for each item, staged under the path that Snakemake knows."""
        found = self.items("input")
        flags: dict[str, Any] = {}
        alone = sum(item.name is None for item in found) == 1
        number = 0
        for item in found:
            number += item.name is None
            name = item.name or ("input" if alone else f"input_{number}")
            paths = self._adapted(item.value)
            if many(paths):
                paths = arrays(paths)
            files, folder = demanded(self.context, paths, self.outputs.constraints)
            one = not many(paths)
            kind: Type = ir.AnyType() if folder else FILE
            self.context.place(files, self.definition.span(item.node))
            port = self.port(name, kind if one else ir.ArrayType(items=kind), files)
            self.demanded[port.name] = files
            if item.flags:
                flags[port.name] = sorted(item.flags)
            inside = self.inside(paths, f"{name}_paths")
            self._stage(port, inside, one)
            key = item.name or f"#{number}"
            self.views["input"][key], self.outer["input"][key] = inside, paths
        if flags:
            self.extensions["input_flags"] = flags

    def _adapted(self, paths: Expr) -> Expr:
        definition = self.definition
        if not definition.prefix and not definition.replaced:
            return paths
        match paths:
            case StringLit(value=value):
                return StringLit(value=adapted(definition, value))
            case Template(parts=(StringLit(value=value), *rest)):
                return Template(parts=(StringLit(value=adapted(definition, value)), *rest))
            case Array(items=items):
                return Array(items=tuple(map(self._adapted, items)))
            case Each(body=body):
                return msgspec.structs.replace(paths, body=self._adapted(body))
            case Call(function="flatten" | "concat_arrays", args=args):
                return msgspec.structs.replace(paths, args=tuple(map(self._adapted, args)))
        return paths

    def _stage(self, port: Input, paths: Expr, one: bool) -> None:
        if one:
            if isinstance(paths, StringLit) and paths.value.startswith("/"):
                return
            self.staging.append(StagedItem(value=Input(name=port.name), name=paths))
            return
        pair = Local(name="pair")
        entry = Record(
            fields={
                "entry": Index(of=pair, by=IntLit(value=0)),
                "entryname": Index(of=Local(name="pair"), by=IntLit(value=1)),
            }
        )
        over = Call(function="zip", args=(Input(name=port.name), paths))
        # A path that is given twice is staged once.
        unique = Call(function="unique", args=(over,))
        self.staging.append(StagedItem(value=Each(name="pair", over=unique, body=entry)))

    def read_outputs(self) -> tuple[list[OutputPort], dict[str, Expr]]:
        """Read ``output``: the ports of the process, and what the step produces."""
        ports: list[OutputPort] = []
        produces: dict[str, Expr] = {}
        flags: dict[str, Any] = {}
        for port, pattern, marks, node in self.outputs.ports:
            path = keyed(pattern)
            inside = self.inside(path, "path")
            kind: Type = ir.DirectoryType() if marks.get("directory") else FILE
            made = self.context.place(
                OutputPort(id=port, type=kind, collect=Glob(patterns=(self._plain(inside),))),
                self.definition.span(node),
            )
            ports.append(made)
            produces[port] = path
            if marks:
                flags[port] = {str(k): v if _json(v) else True for k, v in marks.items()}
            self.folder(inside)
        for base, indexes in self.outputs.members.items():
            for index in indexes:
                key = base if base != "output" and len(indexes) == 1 else f"#{index}"
                pattern = self.outputs.ports[index][1]
                self.views["output"][key] = self.inside(keyed(pattern), "path")
                self.outer["output"][key] = keyed(pattern)
            if base != "output" and len(indexes) > 1:
                items = tuple(self.inside(keyed(self.outputs.ports[i][1]), "path") for i in indexes)
                self.views["output"][base] = Array(items=items)
                for index in indexes:
                    del self.views["output"][f"#{index}"]
        if flags:
            self.extensions["output_flags"] = flags
        return ports, produces

    @staticmethod
    def _plain(path: Expr) -> Expr:
        if isinstance(path, StringLit) and not re.search(r"[*?\[]", path.value):
            return path
        return Call(function="escape_pattern", args=(path,))

    def folder(self, inside: Expr) -> None:
        """Have the folder of an output made before the task starts, as Snakemake does."""
        parts = parts_of(inside) or [inside]
        at = max(
            (i for i, part in enumerate(parts) if isinstance(part, str) and "/" in part), default=-1
        )
        last = [part for part in parts[at + 1 :] if not isinstance(part, str)]
        made: Expr = Directory(basename="folder", listing=())
        if not all(self._flat(part) for part in last):  # a wildcard may hold a slash
            name: Expr = Call(function="dirname", args=(inside,))
            test = Call(function="contains_text", args=(inside, StringLit(value="/")))
            made = If(test=test, then=made, otherwise=NoneLit())
        elif at < 0:
            return
        else:
            text = parts[at]
            assert isinstance(text, str)
            name = text_of([*parts[:at], text.rpartition("/")[0]])
            if isinstance(name, StringLit) and (name.value in ("", ".") or name.value[0] == "/"):
                return
        key = canonical_bytes(name)
        if key not in self._folders:
            self._folders.add(key)
            self.staging.append(StagedItem(value=made, name=name, writable=True))

    def _flat(self, part: Expr) -> bool:
        """Tell whether a wildcard can hold no slash."""
        for key, link in self.links.items():
            if isinstance(part, Input) and key == part.name and isinstance(link, Key):
                where = self.outputs.constraints.get(link.name)
                return where is not None and re.fullmatch(r"[\w+*?|\\()\[\]-]*", where) is not None
        return False

    # --- the step ---------------------------------------------------------------------------------

    def read(self, priority: int, target: bool) -> Step:
        """Return the step of the rule; the target rule runs unasked."""
        definition = self.definition
        rule = definition.rule
        self.read_inputs()
        ports, produces = self.read_outputs()
        body = BodyReader(self)
        process = body.read(ports)
        extensions = self._extensions()
        demand = None
        if produces or not target or self.outputs.unknown:
            demand = Demand(keys=tuple(self._keys()), priority=priority)
        span = rule.span
        step = Step(
            id=definition.name,
            run=self.context.place(process, span),
            inputs=self.links,
            scatter=demand,
            produces=produces,
            extensions={"snakemake": extensions} if extensions else {},
            doc=rule.doc,
        )
        return self.context.place(step, span)

    def _keys(self) -> list[DemandKey]:
        found: list[DemandKey] = []
        for name in self.outputs.keys:
            pattern = self.outputs.constraints.get(name)
            where = None if pattern is None else posix(pattern)
            if pattern is not None and where is None:
                self.context.report.add(
                    "FWF1504",
                    f"the constraint {pattern!r:.80} of {name!r} is no POSIX expression",
                    span=self.definition.rule.span,
                )
                self.extensions.setdefault("wildcard_constraints", {})[name] = pattern
            found.append(DemandKey(name=name, type=ir.StringType(), where=where))
        return found

    def _extensions(self) -> dict[str, Any]:
        definition = self.definition
        if definition.rule.checkpoint:
            self.extensions["checkpoint"] = True
        if definition.unsure:
            self.extensions["conditional"] = True
        if definition.name in self.context.program.local:
            self.extensions["localrule"] = True
        if self.dynamic:
            self.extensions["dynamic"] = list(self.dynamic)
        for name in KEPT:
            directive = definition.rule.directives.get(name)
            if directive is not None and directive.call is not None:
                given = [ast.unparse(a) for a in directive.call.args]
                given += [f"{k.arg}={ast.unparse(k.value)}" for k in directive.call.keywords]
                self.extensions[name] = ", ".join(given)
        return self.extensions


KEPT = ("message", "priority", "benchmark", "shadow", "group", "cache", "handover", "localrule",
        "template_engine", "version", "default_target", "name")  # fmt: skip


def _json(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, str))
