"""Processes: what all have in common, tools, expression tools, operations."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from fairwf.ir.command import ExpressionLibrary, Words
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Attr, Expr, Input, NoneLit
from fairwf.ir.origins import Span
from fairwf.ir.ports import InputPort
from fairwf.ir.resources import ExitCodes, Resources
from fairwf.ir.workflow import Command, Generator, Operation, Process, Pure, Script
from fairwf.source import SourceMap, did_you_mean, plain
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.commandline import CommandLineReader
from fairwf_cwl.context import SECRETS, Context, Kept, Scope, requirement_name, strings
from fairwf_cwl.environment import (
    cacheable,
    devices,
    environment,
    extension_places,
    in_place,
    network,
    resources,
)
from fairwf_cwl.idmaps import entries
from fairwf_cwl.metadata import derive
from fairwf_cwl.names import class_name, expand, is_foreign, short
from fairwf_cwl.portchecks import check_file_fields, check_streams
from fairwf_cwl.portnames import check_id
from fairwf_cwl.ports import Port, PortReader
from fairwf_cwl.returned import check_returned
from fairwf_cwl.staging import staging
from fairwf_cwl.types import Primitive, text_of

RUNTIME = ("outdir", "tmpdir", "cores", "ram", "outdirSize", "tmpdirSize")
OUTPUTS_FILE = "cwl.output.json"


class ProcessReader:
    """Reads one process that is no workflow, and what workflows have in common with it."""

    def __init__(
        self, context: Context, node: SourceMap, scope: Scope, kept: Kept, root: SourceMap
    ) -> None:
        self.context = context
        self.node = node
        self.scope = scope
        self.secrets, self.kept = _without_secrets(kept)
        self.root = root
        self.ports = PortReader(context, scope)
        self.inputs = [self.ports.port(e) for e in entries(node.get("inputs"), "id", "type")]
        self.outputs = [self.ports.port(e) for e in entries(node.get("outputs"), "id", "type")]
        self._javascript = context.expressions.javascript_read
        tool = class_name(node.get("class"), {}) == "CommandLineTool"
        for side, what, streams in (
            (self.inputs, "input", ("stdin",) if tool else ()),
            (self.outputs, "output", ("stdout", "stderr") if tool else ()),
        ):
            self._unique(side, what)
            for port in side:
                check_streams(port, streams, context.report)
                check_file_fields(port, context.report)
        self._check_secrets()

    def _unique(self, ports: list[Port], what: str) -> None:
        seen: set[str] = set()
        for port in ports:
            check_id(port.entry, f"an {what}", self.context.report)
            if port.id in seen:
                self.context.report.add(
                    "FWF2002", f"the id {port.id!r:.80} stands twice", span=port.entry.key_span
                )
            seen.add(port.id)

    def _check_secrets(self) -> None:
        known = [port.id for port in self.inputs]
        for name, span in self.secrets.items():
            if name not in known:
                self.context.report.add(
                    "FWF1106",
                    f"there is no input {name!r:.80} to be kept secret",
                    span=span,
                    hint=did_you_mean(name, known) or f"the inputs are: {', '.join(known[:12])}",
                )

    def input(self, port: Port, names: Names) -> InputPort:
        """Return an input of the process."""
        found = self.ports.input(port, names)
        if port.id not in self.secrets:
            return found
        secret = replace(found, secret=True)
        self.context.origins.set(secret, port.entry.span)
        self.context.origins.set(secret, self.secrets[port.id], "secret")
        return secret

    def names(self, runtime: tuple[str, ...] = RUNTIME) -> Names:
        """Return the names that an expression inside the process sees."""

        def bound(port: Port) -> Bound:
            return Bound(lambda: Input(name=port.id), port.ir_type)

        inputs = {port.id: bound(port) for port in self.inputs}
        names = replace(self.scope.names(), inputs=inputs, runtime=runtime)
        return replace(names, devices=devices(self.context, self.scope, names) if runtime else None)

    def head(self, libraries: tuple[str, ...] | None = None) -> dict[str, Any]:
        """Return the fields that every process has but ports.

        Libraries come along where JavaScript was read since the reader began.
        """
        node, namespaces = self.node, self.scope.namespaces
        foreign = self._extensions()
        texts = self.scope.libraries if libraries is None else libraries
        used = self.context.expressions.javascript_read > self._javascript
        return {
            "id": short(node["id"]) if isinstance(node.get("id"), str) else "",
            "label": node.get("label"),
            "doc": text_of(node.get("doc")),
            "intent": tuple(expand(text, namespaces) for text, _ in strings(node, "intent")),
            "metadata": derive(foreign, namespaces),
            "libraries": tuple(
                ExpressionLibrary(language="javascript", text=text) for text in texts if used
            ),
            "extensions": {"cwl": foreign} if foreign else {},
        }

    def _extensions(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.root.get("$namespaces"):
            found["$namespaces"] = plain(self.root["$namespaces"])
        schemas = [text for text, _ in strings(self.root, "$schemas")]
        if schemas:
            place = self.ports.values.place
            found["$schemas"] = [place(text, self.root.span.file) for text in schemas]
        found.update({field: dict(said) for field, said in self.kept.items()})
        for source in (self.root, self.node):
            found.update({k: plain(v) for k, v in source.items() if is_foreign(k)})
        return found

    def place(self, process: Process) -> Process:
        """Record the origins of the process and its fields."""
        origins, node = self.context.origins, self.node
        origins.set(process, node.span)
        for key, field in (("id", "id"), ("label", "label"), ("doc", "doc")):
            if key in node:
                origins.set(process, node.value_span(key), field)
        if process.metadata is not None:
            origins.set(process.metadata, node.span)
        for library in process.libraries:
            origins.set(library, node.span)
        return process

    # --- kinds --------------------------------------------------------------------------------

    def operation(self, generator: Generator | None = None) -> Operation:
        """Return an Operation; its requirements and hints are kept as they are."""
        names = self.names(())
        inputs = tuple(self.input(port, names) for port in self.inputs)
        outputs = tuple(self.ports.output(port, names) for port in self.outputs)
        head = self.head()
        for key in ("requirements", "hints"):
            if said := self._but_secrets(plain(self.node.get(key))):
                head["extensions"] = {"cwl": {**head["extensions"].get("cwl", {}), key: said}}
        return Operation(inputs=inputs, outputs=outputs, generator=generator, **head)

    def _but_secrets(self, said: Any) -> Any:
        """Return requirements or hints without the names of secret inputs: the ports say them."""

        def secret(name: Any) -> bool:
            return requirement_name(str(name), self.scope.namespaces) == SECRETS

        if isinstance(said, dict):
            return {name: fields for name, fields in said.items() if not secret(name)}
        return [fields for fields in said or () if not secret(fields.get("class"))]

    def pure(self) -> Pure:
        """Return an ExpressionTool."""
        names = self.names()
        inputs = tuple(self.input(port, names) for port in self.inputs)
        outputs = tuple(self.ports.output(port, names) for port in self.outputs)
        text, span = self.node["expression"], self.node.value_span("expression")
        result = self.context.expressions.read(text, span, names)
        if names.javascript:
            check_returned(text, span, self.outputs, self.context.report)
        return Pure(inputs=inputs, outputs=outputs, result=result, **self.head())

    def tool(self) -> Command | Script:
        """Return a CommandLineTool: a script where ShellCommandRequirement is in force."""
        names = self.names()
        context, scope, node = self.context, self.scope, self.node
        inputs = tuple(self.input(port, names) for port in self.inputs)
        outputs = tuple(self.ports.output(port, names) for port in self.outputs)
        arguments = CommandLineReader(context, self.ports, names).read(node, self.inputs)
        fields: dict[str, Any] = {
            "inputs": inputs,
            "outputs": outputs,
            "stdin": self._stdin(names),
            "stdout": self._text("stdout", names),
            "stderr": self._text("stderr", names),
            "staging": staging(context, scope, self.ports, names),
            "environment": self._kept(environment(context, scope, names), Environment()),
            "resources": self._kept(resources(context, scope, names), Resources()),
            "exit_codes": ExitCodes(
                success=self._codes("successCodes"),
                temporary_failure=self._codes("temporaryFailCodes"),
                permanent_failure=self._codes("permanentFailCodes"),
            ),
            "network": network(context, scope, names),
            "cacheable": cacheable(context, scope, names),
            "in_place": in_place(scope),
            "outputs_file": OUTPUTS_FILE,
        }
        context.origins.set(fields["exit_codes"], node.span)
        fields.update(self.head())
        self._places(fields)
        if scope.find("ShellCommandRequirement") is None:
            return Command(arguments=arguments, **fields)
        words = Words(arguments=arguments)
        context.origins.set(words, node.span)
        return Script(interpreter=("/bin/sh", "-c"), delivery="argument", body=(words,), **fields)

    def _places(self, fields: dict[str, Any]) -> None:
        """Keep where cwltool's extensions stand beside what else the IR does not say."""
        places = extension_places(self.scope)
        if places:
            said = fields["extensions"].get("cwl", {})
            joined = {field: {**said.get(field, {}), **names} for field, names in places.items()}
            fields["extensions"] = {"cwl": {**said, **joined}}

    def _kept(self, part: Any, default: Any) -> Any:
        """Give a part an origin even where the document says nothing of it."""
        if part not in self.context.origins:
            self.context.origins.set(part, self.node.span)
        return part

    def _codes(self, field: str) -> tuple[int, ...]:
        return tuple(code for code in self.node.get(field) or () if isinstance(code, int))

    def _text(self, field: str, names: Names) -> Expr | None:
        text = self.node.get(field)
        if not isinstance(text, str):
            return None
        return self.context.expressions.read(text, self.node.value_span(field), names)

    def _stdin(self, names: Names) -> Expr | None:
        said = self._text("stdin", names)
        for port in self.inputs:
            if isinstance(port.type, Primitive) and port.type.stream == "stdin":
                if said is not None:
                    self.context.report.add(
                        "FWF1101",
                        "stdin is given twice: by the field and by an input of type stdin",
                        span=port.entry.key_span,
                    )
                path = Attr(of=Input(name=port.id), name="path")
                said = self.context.expressions.place(path, port.entry.span)
        return said


def _without_secrets(kept: Kept) -> tuple[dict[str, Span], Kept]:
    """Return the names of secret inputs with their places, and what else is kept."""
    names: dict[str, Span] = {}
    others: dict[str, dict[str, Any]] = {}
    for field, said in kept.items():
        for name, node in said.items():
            if name == SECRETS:
                names.update((short(text), span) for text, span in strings(node, "secrets"))
            else:
                others.setdefault(field, {})[name] = node
    return names, others


def broken(context: Context, node: SourceMap) -> Operation:
    """Return what stands for a process that could not be read, so that reading can go on."""
    process = Operation(id="")
    context.origins.set(process, node.span)
    context.expressions.place(NoneLit(), node.span)
    return process
