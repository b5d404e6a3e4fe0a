"""Ports of a process: types, bindings, files, and how outputs are collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir import types as ir
from fairwf.ir.canonical import same
from fairwf.ir.command import Rendering
from fairwf.ir.expressions import Attr, BoolLit, Expr, Input, NoneLit
from fairwf.ir.ports import (
    Collect,
    CollectRecord,
    Evaluated,
    FieldFiles,
    Glob,
    InputPort,
    OutputPort,
    SecondaryFile,
    Stderr,
    Stdout,
)
from fairwf.ir.workflow import Command, Process, Script, Workflow
from fairwf_cwl.bindings import Bound, Names, self_of
from fairwf_cwl.interpolate import has_expression
from fairwf_cwl.names import compact, expand
from fairwf_cwl.ports import primary
from fairwf_cwl.write.commandline import Line, Placed, binding, member_type
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.links import merged
from fairwf_cwl.write.places import Place, ended, matches, names_of, present
from fairwf_cwl.write.texts import Texts
from fairwf_cwl.write.types import Inside, TypeWriter, collected, described
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.versions import OLDEST
from fairwf_cwl.write.yaml_text import Inline

LISTINGS = {"none": "no_listing", "shallow": "shallow_listing", "deep": "deep_listing"}


class PortWriter:
    """Writes the ports of one process, and the texts that see its inputs."""

    def __init__(
        self,
        process: Process,
        texts: Texts,
        values: Values,
        namespaces: Mapping[str, str],
        version: str,
        prefixes: Mapping[str, str],
    ) -> None:
        self.process = process
        self.texts = texts
        self.values = values
        self.namespaces = namespaces
        self.prefixes = prefixes
        self.oldest = version == OLDEST
        self.names = names_of(process)
        self.types = TypeWriter(self._binding, self._files, self._collection)

    def text(
        self,
        expression: Expr,
        names: Names | None = None,
        *,
        strip: bool = True,
        computed: bool = False,
    ) -> str:
        """Return an expression's text; ``names`` are those of the process by default.

        ``computed``: the place takes no plain text.
        """
        return self.texts.write(expression, Place(names or self.names, strip, computed))

    def input(self, port: InputPort, line: Line | None) -> dict[str, Any]:
        """Return an input port; ``line`` is the command line of a tool."""
        placed = line.ports.get(port.id) if line is not None else None
        members = line.members.get(port.id, {}) if line is not None else {}
        rendering = placed.argument.rendering if placed is not None else None
        tree: dict[str, Any] = {}
        if self.is_stdin(port, line):
            tree["type"] = "stdin"
            bound = None
        else:
            tree["type"], bound = self.types.write(port.type, Inside(rendering, port.fields))
        if members:
            self._bind_members(tree["type"], port, members)
        self._describe(tree, port)
        tree.update(self._files(port, port.type))
        if port.default is not None:
            tree["default"] = self.values.literal(port.default)
        if placed is not None:
            self._place_binding(tree, port, placed, bound)
        if self.oldest and port.load_contents:
            tree["inputBinding"] = Inline({**tree.get("inputBinding", {}), "loadContents": True})
        _annotate(tree, port)
        return tree

    def _place_binding(
        self, tree: dict[str, Any], port: InputPort, placed: Placed, bound: dict[str, Any] | None
    ) -> None:
        position = self._position(placed, Bound(lambda: Input(name=port.id), port.type))
        if bound is not None:
            tree["inputBinding"] = Inline({"position": position, **bound})
            return
        for schema in _schemas(tree["type"]):  # the first binding inside the type holds the place
            if "inputBinding" in schema or schema["type"] == "record":
                inner = schema.get("inputBinding", {})
                schema["inputBinding"] = Inline({"position": position, **inner})
                return
        raise CannotSayError("CWL has no place for this binding", placed.argument)

    def _position(self, placed: Placed, bound: Bound | None) -> Any:
        position = placed.position
        if position is None or isinstance(position, int):
            return position or 0
        return self.text(position, self.names.with_self(bound), computed=True)

    def _bind_members(self, tree: Any, port: InputPort, members: Mapping[str, Placed]) -> None:
        for schema in _schemas(tree):
            if schema["type"] != "record":
                continue
            for name, row in schema["fields"].items():
                if name not in members:
                    continue
                placed = members[name]
                type_ = member_type(port.type, name)
                inner, bound = self.types.write(
                    type_, Inside(placed.argument.rendering, _member_fields(port, name))
                )
                value = placed.argument.value
                position = self._position(placed, Bound(lambda value=value: value, type_))  # type: ignore[misc]
                entry = dict(row) if _is_field(row) else {}
                entry["type"] = inner
                if bound is None:
                    raise CannotSayError("CWL has no place for this binding", placed.argument)
                entry["inputBinding"] = Inline({"position": position, **bound})
                schema["fields"][name] = entry

    def is_stdin(self, port: InputPort, line: Line | None) -> bool:
        """Tell whether the type ``stdin`` says the tool's standard input: it takes no binding."""
        process = self.process
        if not isinstance(process, (Command, Script)) or not isinstance(port.type, ir.FileType):
            return False
        if self.oldest:  # the name of the type came with v1.1: the field says it
            return False
        if line is not None and port.id in line.ports:
            return False
        path = Attr(of=Input(name=port.id), name="path")
        return process.stdin is not None and same(process.stdin, path)

    def output(self, port: OutputPort) -> dict[str, Any]:
        """Return an output port."""
        tree: dict[str, Any] = {}
        collect = port.collect
        if isinstance(collect, (Stdout, Stderr)):
            tree["type"] = "stdout" if isinstance(collect, Stdout) else "stderr"
            if not isinstance(port.type, ir.FileType):
                raise CannotSayError("a standard stream is a File", port)
        else:
            inside = Inside(None, port.fields, collected(collect))
            tree["type"] = self.types.write(port.type, inside)[0]
        self._describe(tree, port)
        tree.update(self._files(port, port.type))
        if collect is not None and not isinstance(collect, (Stdout, Stderr, CollectRecord)):
            tree["outputBinding"] = self._collection(collect, port.type)
        if isinstance(self.process, Workflow):
            tree.update(self._link(port))
        elif port.value is not None:
            raise CannotSayError("only outputs of workflows have links", port)
        _annotate(tree, port)
        return tree

    def _link(self, port: OutputPort) -> dict[str, Any]:
        value = port.value if port.value is not None else NoneLit()
        if isinstance(value, NoneLit):
            return {}
        found = merged(value)
        if found is None:
            raise CannotSayError("CWL computes no outputs of workflows", value)
        return {"outputSource" if key == "source" else key: item for key, item in found.items()}

    def _describe(self, tree: dict[str, Any], port: InputPort | OutputPort) -> None:
        if port.label is not None:
            tree["label"] = port.label
        if port.doc is not None:
            tree["doc"] = port.doc

    def _files(self, port: InputPort | OutputPort | FieldFiles, type_: ir.Type) -> dict[str, Any]:
        names = self.names.with_self(self_of())
        tree: dict[str, Any] = {}
        if port.format:
            formats = [self._format(one, names) for one in port.format]
            tree["format"] = formats[0] if len(formats) == 1 else formats
        if port.secondary:
            beside = self.names.with_self(primary(getattr(port, "type", None)))
            tree["secondaryFiles"] = [self._secondary(part, beside) for part in port.secondary]
        if port.streamable:
            tree["streamable"] = True
        if not isinstance(port, OutputPort) and not self.oldest:
            if port.load_contents:
                tree["loadContents"] = True
            if port.load_listing is not None:
                tree["loadListing"] = LISTINGS[port.load_listing]
        return tree

    def _format(self, format_: Expr, names: Names) -> str:
        text = self.text(format_, names)
        if not has_expression(text) and expand(text, self.namespaces) != text:
            raise CannotSayError("the format's IRI looks like a prefixed name", format_)
        return text if has_expression(text) else compact(text, self.prefixes)

    def _secondary(self, part: SecondaryFile, names: Names) -> Any:
        pattern = self.text(part.pattern, names)
        optional = pattern.endswith("?")
        if part.required is None:
            if optional:
                raise CannotSayError("CWL reads the last '?' as a mark", part.pattern)
            return pattern
        required = (
            part.required.value
            if isinstance(part.required, BoolLit)
            else self.text(part.required, names, computed=True)
        )
        if optional:
            raise CannotSayError("CWL reads the last '?' as a mark", part.pattern)
        return Inline({"pattern": pattern, "required": required})

    def _binding(self, rendering: Rendering, type_: ir.Type) -> dict[str, Any]:
        value = None
        if rendering.value is not None:
            value = self.text(rendering.value, self.names.with_self(self_of(present(type_))))
        return binding(rendering, None, value)

    def _collection(self, collect: Collect, type_: ir.Type) -> dict[str, Any]:
        after = ended(self.names).with_self(matches(type_))
        if isinstance(collect, Evaluated):
            return {"outputEval": self.text(collect.value, after, computed=True)}
        if not isinstance(collect, Glob):
            raise CannotSayError("CWL collects no such output", collect)
        tree: dict[str, Any] = {}
        if collect.patterns:
            patterns = [self.text(one) for one in collect.patterns]
            tree["glob"] = patterns[0] if len(patterns) == 1 else patterns
        elif collect.evaluate is None:
            raise CannotSayError("a glob without patterns matches nothing", collect)
        if collect.load_contents:
            tree["loadContents"] = True
        if collect.load_listing is not None:
            tree["loadListing"] = LISTINGS[collect.load_listing]
        if collect.evaluate is not None:
            tree["outputEval"] = self.text(collect.evaluate, after, computed=True)
        return Inline(tree)


def _annotate(tree: dict[str, Any], port: InputPort | OutputPort) -> None:
    """Put back the fields of other vocabularies, and what types say of themselves."""
    foreign = dict(port.extensions.get("cwl", {}))
    for path, said in foreign.pop("types", {}).items():
        tree["type"] = described(tree["type"], path.split("/") if path else [], said)
    tree.update(foreign)


def _schemas(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, dict):
        return [tree]
    return [part for part in tree if isinstance(part, dict)] if isinstance(tree, list) else []


def _is_field(row: Any) -> bool:
    """Tell an object of a field from a type that stands in its place."""
    return isinstance(row, dict) and not (
        row.get("type") in ("array", "enum", "record")
        and row.keys() & {"items", "symbols", "fields"}
    )


def _member_fields(port: InputPort, name: str) -> Mapping[str, FieldFiles]:
    files = port.fields.get(name)
    return files.fields if files is not None else {}
