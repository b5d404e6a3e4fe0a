"""Parameters of a pipeline as input ports: from the script, the configuration and the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fairwf.formats import read_file
from fairwf.ir.expressions import Array, Directory, Expr, File, Input, NoneLit
from fairwf.ir.origins import Origins, Span
from fairwf.ir.ports import InputPort
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    StringType,
    Type,
    UnionType,
)
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.grammar.walk import walk
from fairwf_nextflow.meaning import files
from fairwf_nextflow.meaning.build import known
from fairwf_nextflow.meaning.configuration import ConfigPlace, Configuration, Told
from fairwf_nextflow.meaning.evaluate import Evaluator
from fairwf_nextflow.meaning.modules import Loader, Module
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import Kind, UntranslatedError, Value

MAX_SCHEMA = 4 * 1024 * 1024
_FILE_CALLS = ("file", "files", "fromPath", "fromFilePairs")
_TYPES: Mapping[str, tuple[Type, Kind]] = {
    "string": (StringType(), "string"),
    "String": (StringType(), "string"),
    "integer": (IntType(), "int"),
    "Integer": (IntType(), "int"),
    "number": (FloatType(), "float"),
    "Float": (FloatType(), "float"),
    "boolean": (BoolType(), "bool"),
    "Boolean": (BoolType(), "bool"),
    "Path": (UnionType(members=(FileType(), DirectoryType())), "path"),
}
PATHS = UnionType(members=(FileType(), DirectoryType()))


@dataclass
class Parameter:
    """A parameter: what says its default, its type where it is known, and where it stands."""

    name: str
    told: Told | None = None
    declared: tree.TypeName | None = None
    schema: Mapping[str, Any] | None = None
    required: bool = False
    span: Span | None = None
    own: bool = False


class Parameters:
    """All parameters of a pipeline, and the ports of those that count."""

    def __init__(
        self, loader: Loader, configuration: Configuration, place: ConfigPlace, evaluator: Evaluator
    ) -> None:
        self._loader = loader
        self._configuration = configuration
        self._evaluator = evaluator
        self._place = place
        self._found: dict[str, Parameter] = {}
        self._used: list[str] = []
        self._ports: dict[str, tuple[InputPort, Kind]] = {}
        self._patterns: dict[str, str] = {}
        self._file_uses: dict[str, str] = {}

    def read(self, main: Module) -> None:
        """Take what the script, the configuration and the schema declare."""
        for statement in main.script.statements:
            match statement:
                case tree.Params(params=declared):
                    for one in declared:
                        told = Told(one.default, main) if one.default is not None else None
                        self._add(one.name, told, one.type, main.span(one), own=True)
                case tree.Assign(
                    target=tree.Property(of=tree.Name(name="params"), name=name), value=value
                ) if value is not None:
                    self._add(name, Told(value, main), None, main.span(statement), own=True)
        for name, told in self._configuration.params.items():
            self._add(name, told, None, told.module.span(told.node))
        for name, told in [(p.name, p.told) for p in self._found.values()]:
            if told is not None:
                self._configuration.params.setdefault(name, told)
        self._schema()
        self._file_uses = file_uses(main)

    def _add(
        self,
        name: str,
        told: Told | None,
        type_: tree.TypeName | None,
        span: Span,
        own: bool = False,
    ) -> None:
        one = self._found.setdefault(name, Parameter(name, span=span))
        one.own = one.own or own
        if told is not None:
            one.told = told  # what the configuration says counts more than the script
        if type_ is not None:
            one.declared = type_

    def _schema(self) -> None:
        if self._loader.source.path is None:
            return
        path = self._loader.beside("nextflow_schema.json")
        if path is None or path.stat().st_size > MAX_SCHEMA:
            return
        shown = self._loader.shown(path)
        try:
            whole = json.loads(read_file(path, shown))
        except (ValueError, RecursionError):
            self._loader.report.add("FWF1606", "the schema of parameters is no JSON", file=shown)
            return
        for group in _groups(whole):
            required = group.get("required")
            properties = group.get("properties")
            if not isinstance(properties, dict):
                continue
            for name, said in properties.items():
                if isinstance(said, dict):
                    one = self._found.setdefault(
                        name, Parameter(name, span=Span(shown, 1, 1, 1, 2))
                    )
                    one.schema = said
                    one.required = isinstance(required, list) and name in required
                    one.own = one.own or said.get("hidden") is not True

    # --- ports

    def value(self, name: str) -> Value:
        """Return a parameter as a value, and note that it counts."""
        if name not in self._used:
            self._used.append(name)
        _, kind = self._port(name)
        return Value(Input(name=name), kind)

    def pattern(self, name: str) -> str | None:
        """Return the default of a parameter that is a path or pattern."""
        self._port(name)
        return self._patterns.get(name)

    def ports(self, origins: Origins) -> tuple[InputPort, ...]:
        """Return the ports of the parameters that are used or declared."""
        names = [name for name, one in self._found.items() if one.own or name in self._used]
        names += [name for name in self._used if name not in names]
        made = []
        for name in names:
            port, _ = self._port(name)
            one = self._found.get(name)
            origins.set(port, one.span if one else None)
            made.append(port)
        return tuple(made)

    def _port(self, name: str) -> tuple[InputPort, Kind]:
        if name not in self._ports:
            self._ports[name] = self._made(self._found.get(name) or Parameter(name))
        return self._ports[name]

    def _made(self, one: Parameter) -> tuple[InputPort, Kind]:
        default = self._default(one)
        said = one.schema or {}
        plain, raw = known(default) if default is not None else (False, None)
        doc = said.get("description") if isinstance(said.get("description"), str) else None
        type_, kind = self._type(one, raw if plain else None)
        use = self._file_uses.get(one.name)
        form = str(said.get("format", ""))
        if one.declared is not None and one.declared.name in ("List", "Path") and not use:
            return self._declared_files(one, doc)
        if use or form in ("file-path", "directory-path", "path", "file-path-pattern"):
            pattern = raw if isinstance(raw, str) else None
            return self._files(one, use, form, pattern, doc)
        if raw is None:
            default = None
            if not one.required and not isinstance(type_, OptionalType):
                type_ = OptionalType(item=type_)
        return InputPort(id=one.name, type=type_, default=default, doc=doc), kind

    def _type(self, one: Parameter, raw: object) -> tuple[Type, Kind]:
        said = one.schema or {}
        if one.declared is not None:
            return _declared(one.declared, said)
        symbols = said.get("enum")
        if isinstance(symbols, list) and symbols and all(isinstance(s, str) for s in symbols):
            return EnumType(symbols=tuple(dict.fromkeys(symbols))), "string"
        kind = said.get("type")
        if isinstance(kind, str) and kind in _TYPES:
            return _TYPES[kind]
        if kind == "array":
            return _of_schema(said), "paths" if _of_files(said) else "list"
        for type_, name in (
            (bool, "boolean"),
            (int, "integer"),
            (float, "number"),
            (str, "string"),
        ):
            if isinstance(raw, type_):
                return _TYPES[name]
        return OptionalType(item=AnyType()), "any"

    def _files(
        self, one: Parameter, use: str | None, form: str, pattern: str | None, doc: str | None
    ) -> tuple[InputPort, Kind]:
        found = files.matching(pattern, self._loader.root, self._loader.tree) if pattern else []
        if pattern:
            self._patterns[one.name] = pattern
        several = use in ("fromPath", "fromFilePairs", "files") or form == "file-path-pattern"
        type_: Type = PATHS
        default: Expr | None
        if several:
            items = FileType() if all(isinstance(f, File) for f in found) else PATHS
            type_ = ArrayType(items=items)
            default = Array(items=tuple(found)) if found else None
        else:
            default = found[0] if len(found) == 1 else _elsewhere(pattern)
            if isinstance(default, File):
                type_ = FileType()
            elif isinstance(default, Directory) or form == "directory-path":
                type_ = DirectoryType()
        if default is None and not one.required:
            type_ = OptionalType(item=type_)
        return InputPort(
            id=one.name, type=type_, default=default, doc=doc
        ), "paths" if several else "path"

    def _declared_files(self, one: Parameter, doc: str | None) -> tuple[InputPort, Kind]:
        """Return a parameter whose declared type may hold files, with files as its default."""
        assert one.declared is not None
        type_, kind = _declared(one.declared, one.schema or {})
        default = self._default(one)
        if default is not None and kind in ("path", "paths"):
            default = self._located(default, type_)
            if default is None and one.told is not None:
                text = f"the default of {one.name!r} leads out of the folder, and is left out"
                span = one.told.module.span(one.told.node)
                self._loader.report.add("FWF1605", text, span=span, hint="give it as an input")
        if isinstance(default, NoneLit):
            default = None
        return InputPort(id=one.name, type=type_, default=default, doc=doc), kind

    def _located(self, given: Expr, type_: Type) -> Expr | None:
        inner = type_.item if isinstance(type_, OptionalType) else type_
        if isinstance(given, Array):
            items_type = inner.items if isinstance(inner, ArrayType) else inner
            found = [self._located(item, items_type) for item in given.items]
            items = tuple(item for item in found if item is not None)
            return Array(items=items) if len(items) == len(found) else None
        plain, raw = known(given)
        if not plain or not isinstance(raw, str):
            return given if isinstance(given, (File, Directory, NoneLit)) else None
        there = files.matching(raw, self._loader.root, self._loader.tree)
        made = there[0] if len(there) == 1 else _elsewhere(raw)
        if isinstance(made, File) and isinstance(inner, DirectoryType):
            return Directory(location=made.location)
        return made

    def _default(self, one: Parameter) -> Expr | None:
        if one.told is None:
            given = (one.schema or {}).get("default")
            from fairwf_nextflow.meaning.build import literal

            return literal(given) if isinstance(given, (str, int, float, bool)) else None
        try:
            return self._evaluator.value(one.told.node, Scope(self._place, one.told.module)).expr
        except UntranslatedError as error:
            span = one.told.module.span(error.node)
            text = f"the default of {one.name!r} is left out: {error.reason}"
            self._loader.report.add("FWF1605", text, span=span, hint="give it as an input")
            return None


def _declared(name: tree.TypeName, said: Mapping[str, Any]) -> tuple[Type, Kind]:
    """Return a declared type; what a schema says of it beside is more exact."""
    symbols = said.get("enum")
    type_: Type
    kind: Kind
    if isinstance(symbols, list) and symbols and all(isinstance(s, str) for s in symbols):
        type_, kind = EnumType(symbols=tuple(dict.fromkeys(symbols))), "string"
    elif name.name == "List":
        inner: Type = OptionalType(item=AnyType())
        kind = "list"
        if name.arguments:
            items = said.get("items")
            inner, one = _declared(name.arguments[0], items if isinstance(items, dict) else {})
            kind = "paths" if one == "path" else "list"
        type_ = ArrayType(items=inner)
    elif name.name == "Path":
        form = said.get("format")
        kind = "path"
        type_ = PATHS
        if form in ("file-path", "directory-path"):
            type_ = FileType() if form == "file-path" else DirectoryType()
    elif name.name == "Map":
        type_, kind = AnyType(), "map"
    else:
        type_, kind = _TYPES.get(name.name, (AnyType(), "any"))
    if name.optional:
        return OptionalType(item=type_), "any" if kind not in ("path", "paths") else kind
    return type_, kind


def _of_schema(said: Mapping[str, Any]) -> Type:
    if said.get("type") == "array":
        items = said.get("items")
        return ArrayType(items=_of_schema(items if isinstance(items, dict) else {}))
    if _of_files({"items": said}):
        return FileType()
    found = _TYPES.get(str(said.get("type")))
    return found[0] if found is not None else OptionalType(item=AnyType())


def _of_files(said: Mapping[str, Any]) -> bool:
    items = said.get("items")
    return isinstance(items, dict) and items.get("format") in ("file-path", "path")


def _elsewhere(pattern: str | None) -> Expr | None:
    """Return a file that is not there, or lies elsewhere, where a path names one alone."""
    if (
        not pattern
        or files.has_magic(pattern)
        or pattern.startswith("/")
        or ".." in pattern.split("/")
    ):
        return None
    if "://" in pattern:
        return File(location=pattern)
    return File(location=pattern.removeprefix("./"))


def _groups(whole: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(whole, dict):
        return
    yield whole
    for key in ("definitions", "$defs"):
        inner = whole.get(key)
        if isinstance(inner, dict):
            yield from (one for one in inner.values() if isinstance(one, dict))


def file_uses(main: Module) -> dict[str, str]:
    """Return the parameters that the script takes files of, and by which function.

    Those of which it also makes texts are left out.
    """
    modules: dict[int, Module] = {}

    def gather(module: Module) -> None:
        if id(module) in modules:
            return
        modules[id(module)] = module
        for symbol in module.symbols.values():
            inner = getattr(symbol, "module", None)
            if isinstance(inner, Module):
                gather(inner)

    gather(main)
    used: dict[str, str] = {}
    allowed: set[int] = set()
    others: set[str] = set()
    for module in modules.values():
        every = list(walk(module.script.statements))
        for node in every:
            for inner in _tests(node):
                allowed.update(id(one) for one in walk(inner) if isinstance(one, tree.Property))
            if isinstance(node, tree.Assign):
                allowed.add(id(node.target))
            if isinstance(node, tree.Call) and node.args:
                function = node.function
                name = getattr(function, "name", "")
                if name in _FILE_CALLS and (one := _param(node.args[0])) is not None:
                    used[one] = name
                    allowed.add(id(node.args[0]))
                if name in ("info", "println", "warn"):
                    allowed.update(id(inner) for inner in walk(node))
        for node in every:
            name = _param(node)
            if name is not None and id(node) not in allowed:
                others.add(name)
    return {name: by for name, by in used.items() if name not in others}


def _tests(node: tree.Node) -> Iterator[tree.Node]:
    match node:
        case tree.Ternary(test=test, then=then):
            if then is not None:
                yield test
        case tree.Conditional(test=test):
            yield test
        case tree.Unary(operator="!", operand=operand):
            yield operand


def _param(node: tree.Node) -> str | None:
    match node:
        case tree.Property(of=tree.Name(name="params"), name=name):
            return name
    return None


__all__ = ["PATHS", "Parameters", "file_uses"]
