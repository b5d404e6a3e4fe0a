"""Processes as CWL objects with a stable order of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir import types as ir
from fairwf.ir.canonical import same
from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import Attr, BoolLit, Expr, Input, NoneLit, StringLit
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
from fairwf.ir.workflow import Command, Operation, Process, ProcessRef, Pure, Script, Step, Workflow
from fairwf_cwl.expressions import Bound, Names, self_of
from fairwf_cwl.interpolate import has_expression
from fairwf_cwl.names import declared, expand, short
from fairwf_cwl.process import OUTPUTS_FILE
from fairwf_cwl.write.commandline import Line, LineWriter, Placed, binding
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.links import merged
from fairwf_cwl.write.places import ended, matches, names_of, present, words_of
from fairwf_cwl.write.requirements import Requirements
from fairwf_cwl.write.scripting import Scripting
from fairwf_cwl.write.steps import StepWriter
from fairwf_cwl.write.texts import Texts
from fairwf_cwl.write.types import Inside, TypeWriter, collected, described
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.yaml_text import Commented, Inline

_LISTINGS = {"none": "no_listing", "shallow": "shallow_listing", "deep": "deep_listing"}
_CLASSES = {
    Command: "CommandLineTool",
    Script: "CommandLineTool",
    Pure: "ExpressionTool",
    Operation: "Operation",
    Workflow: "Workflow",
}


class Comments:
    """The document's comments; each is put before the nearest place that the result has."""

    def __init__(self, comments: Mapping[str, tuple[str, ...]]) -> None:
        self.left = dict(comments)
        self.places: dict[str, tuple[Commented, str]] = {}

    def place(self, path: str, tree: Commented, key: str) -> None:
        """Remember where a node of the IR stands."""
        self.places.setdefault(path, (tree, key))

    def put(self) -> None:
        """Put every comment in its place."""
        for path, texts in self.left.items():
            while path and path not in self.places:
                path = path.rsplit("/", 1)[0]
            tree, key = self.places[path]
            tree.before[key] = (*tree.before.get(key, ()), *texts)


class ProcessWriter:
    """Writes one process and those inside it."""

    def __init__(
        self,
        process: Process,
        outer: Scripting | None,
        values: Values,
        comments: Comments,
        path: str,
        namespaces: Mapping[str, str],
    ) -> None:
        self.process = process
        self.scripting = Scripting.of(process, outer)
        self.values = values
        self.comments = comments
        self.path = path
        self.namespaces = namespaces
        self.texts = Texts(self.scripting.javascript, self.scripting.libraries)
        self.names = names_of(process)
        self.types = TypeWriter(self._binding, self._files, self._collection)
        self.requirements = Requirements()
        if self.scripting.written:
            texts = list(self.scripting.libraries)
            body = {"expressionLib": texts} if texts else {}
            self.requirements.add("InlineJavascriptRequirement", body)

    def tree(self) -> Commented:
        """Return the process as an object.

        Raises:
            CannotSayError: CWL cannot say a part of it; it should have been lowered.
        """
        process = self.process
        tree = Commented({"class": _CLASSES[type(process)]})
        if process.id:
            if short(process.id) != process.id:
                raise CannotSayError(f"CWL cannot write the id {process.id!r:.60}", process)
            tree["id"] = process.id
        if process.label is not None:
            tree["label"] = process.label
        if process.doc is not None:
            tree["doc"] = process.doc
        if process.intent:
            tree["intent"] = list(process.intent)
        foreign = dict(process.extensions.get("cwl", {}))
        if "$namespaces" in foreign:
            tree["$namespaces"] = foreign.pop("$namespaces")
        if "$schemas" in foreign:
            said = foreign.pop("$schemas")
            schemas = said if isinstance(said, list) else [said]
            tree["$schemas"] = [self.values.location(str(one)) for one in schemas]
        body = self._body()
        self._put_requirements(tree, foreign)
        self.comments.place(self.path, tree, "class")
        inputs = body.pop("inputs")
        tree["inputs"] = inputs
        tree["outputs"] = body.pop("outputs")
        tree.update(body)
        tree.update(foreign)
        return tree

    def _put_requirements(self, tree: Commented, foreign: dict[str, Any]) -> None:
        requirements: Any = self.requirements.requirements
        hints: Any = self.requirements.hints
        if isinstance(self.process, Operation) and "requirements" in foreign:
            requirements = foreign.pop("requirements")
        if "hints" in foreign:
            said = foreign.pop("hints")
            hints = said if isinstance(self.process, Operation) else {**hints, **said}
        if requirements:
            tree["requirements"] = requirements
        if hints:
            tree["hints"] = hints

    def _body(self) -> dict[str, Any]:
        process = self.process
        if isinstance(process, (Command, Script)):
            return self._tool(process)
        if isinstance(process, Pure):
            body = self._ports()
            body["expression"] = self.text(process.result)
            return body
        if isinstance(process, Workflow):
            return self._workflow(process)
        return self._ports()

    def text(self, expression: Expr, names: Names | None = None, strip: bool = True) -> str:
        """Return an expression's text, where ``names`` are those of the process by default."""
        return self.texts.write(expression, names or self.names, strip=strip)

    # --- ports --------------------------------------------------------------------------------

    def _ports(self, line: Line | None = None) -> dict[str, Any]:
        inputs, outputs = Commented(), Commented()
        for port in self.process.inputs:
            self._name(port.id, port, inputs)
            inputs[port.id] = _shortened(self._input(port, line))
            self.comments.place(f"{self.path}/inputs/{_escaped(port.id)}", inputs, port.id)
        for out in self.process.outputs:
            self._name(out.id, out, outputs)
            outputs[out.id] = _shortened(self._output(out))
            self.comments.place(f"{self.path}/outputs/{_escaped(out.id)}", outputs, out.id)
        return {"inputs": inputs, "outputs": outputs}

    def _name(self, name: str, node: object, known: Mapping[str, Any]) -> None:
        if not name or short(name) != name or name.startswith("$") or name in known:
            raise CannotSayError(f"CWL cannot write the id {name!r:.60}", node)

    def _input(self, port: InputPort, line: Line | None) -> dict[str, Any]:
        placed = line.ports.get(port.id) if line is not None else None
        members = line.members.get(port.id, {}) if line is not None else {}
        rendering = placed.argument.rendering if placed is not None else None
        tree: dict[str, Any] = {}
        if self._is_stdin(port):
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
        return self.text(position, self.names.with_self(bound))

    def _bind_members(self, tree: Any, port: InputPort, members: Mapping[str, Placed]) -> None:
        for schema in _schemas(tree):
            if schema["type"] != "record":
                continue
            for name, row in schema["fields"].items():
                if name not in members:
                    continue
                placed = members[name]
                type_ = _member_type(port.type, name)
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

    def _is_stdin(self, port: InputPort) -> bool:
        process = self.process
        if not isinstance(process, (Command, Script)) or not isinstance(port.type, ir.FileType):
            return False
        path = Attr(of=Input(name=port.id), name="path")
        return process.stdin is not None and same(process.stdin, path)

    def _output(self, port: OutputPort) -> dict[str, Any]:
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
            tree["secondaryFiles"] = [self._secondary(part, names) for part in port.secondary]
        if port.streamable:
            tree["streamable"] = True
        if not isinstance(port, OutputPort):
            if port.load_contents:
                tree["loadContents"] = True
            if port.load_listing is not None:
                tree["loadListing"] = _LISTINGS[port.load_listing]
        return tree

    def _format(self, format_: Expr, names: Names) -> str:
        text = self.text(format_, names)
        if not has_expression(text) and expand(text, self.namespaces) != text:
            raise CannotSayError("the format's IRI looks like a prefixed name", format_)
        return text

    def _secondary(self, part: SecondaryFile, names: Names) -> Any:
        pattern = self.text(part.pattern, names)
        optional = pattern.endswith("?") and not has_expression(pattern)
        if part.required is None:
            if optional:
                raise CannotSayError("CWL reads the last '?' as a mark", part.pattern)
            return pattern
        required = (
            part.required.value
            if isinstance(part.required, BoolLit)
            else self.text(part.required, names)
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
            if isinstance(collect.value, NoneLit):
                return {}
            return {"outputEval": self.text(collect.value, after)}
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
            tree["loadListing"] = _LISTINGS[collect.load_listing]
        if collect.evaluate is not None:
            tree["outputEval"] = self.text(collect.evaluate, after)
        return Inline(tree)

    # --- tools --------------------------------------------------------------------------------

    def _tool(self, task: Command | Script) -> dict[str, Any]:
        arguments = words_of(task)
        if arguments is None:
            raise CannotSayError("CWL has no scripts but command lines for a shell", task)
        if task.outputs_file != OUTPUTS_FILE:
            raise CannotSayError(f"a CWL tool may write {OUTPUTS_FILE}", task)
        line = LineWriter(task.inputs).line(arguments)
        ports = self._ports(line)
        body: dict[str, Any] = {}
        if line.base:
            words = [str(a.value.value) for a in line.base if isinstance(a.value, StringLit)]
            body["baseCommand"] = words[0] if len(words) == 1 else words
        if line.plain:
            body["arguments"] = [self._argument(*row) for row in line.plain]
        body.update(ports)
        self._streams(task, body)
        codes = task.exit_codes
        for name, row in (
            ("successCodes", codes.success),
            ("temporaryFailCodes", codes.temporary_failure),
            ("permanentFailCodes", codes.permanent_failure),
        ):
            if row:
                body[name] = list(row)
        self.requirements.task(task, lambda e, strip=True: self.text(e, strip=strip), self.values)
        return body

    def _argument(self, argument: Argument, position: Any) -> Any:
        value = None if isinstance(argument.value, NoneLit) else self.text(argument.value)
        if not isinstance(position, int) and position is not None:
            position = self.text(position)
        bare = binding(argument.rendering, None, None)
        if not bare and not position and value is not None:
            return value
        return Inline(binding(argument.rendering, position or None, value))

    def _streams(self, task: Command | Script, body: dict[str, Any]) -> None:
        stdin_port = any(self._is_stdin(port) for port in task.inputs)
        if task.stdin is not None and not stdin_port:
            body["stdin"] = self.text(task.stdin)
        if task.stdout is not None:
            body["stdout"] = self.text(task.stdout)
        if task.stderr is not None:
            body["stderr"] = self.text(task.stderr)

    # --- workflows ----------------------------------------------------------------------------

    def _workflow(self, workflow: Workflow) -> dict[str, Any]:
        if workflow.processes:
            raise CannotSayError("shared processes were not resolved", workflow)
        writer = StepWriter(workflow, self.texts, self.values)
        steps = Commented()
        for step in workflow.steps:
            self._name(step.id, step, steps)
            steps[step.id] = self._step(writer, step)
            self.comments.place(f"{self.path}/steps/{_escaped(step.id)}", steps, step.id)
        self._workflow_requirements(workflow, steps)
        body = self._ports()
        body["steps"] = steps
        return body

    def _step(self, writer: StepWriter, step: Step) -> dict[str, Any]:
        _only_what_cwl_has(step)
        inner = writer.tree(step)
        tree: dict[str, Any] = {}
        if step.label is not None:
            tree["label"] = step.label
        if step.doc is not None:
            tree["doc"] = step.doc
        foreign = dict(step.extensions.get("cwl", {}))
        hints = foreign.pop("hints", None)
        if hints:
            tree["hints"] = hints
        for key in ("scatter", "scatterMethod", "when"):
            if key in inner:
                tree[key] = inner[key]
        tree["in"] = {
            name: Inline(entry) if isinstance(entry, dict) else entry
            for name, entry in inner["in"].items()
        }
        tree["out"] = inner["out"]
        if isinstance(step.run, ProcessRef):
            raise CannotSayError("a reference to a shared process was not resolved", step)
        path = f"{self.path}/steps/{_escaped(step.id)}/run"
        said = declared(step.run.extensions.get("cwl", {}).get("$namespaces"))
        tree["run"] = ProcessWriter(
            step.run, self.scripting, self.values, self.comments, path, {**self.namespaces, **said}
        ).tree()
        tree.update(foreign)
        return tree

    def _workflow_requirements(self, workflow: Workflow, steps: dict[str, Any]) -> None:
        ins = [entry for tree in steps.values() for entry in tree["in"].values()]
        several = [entry.get("source") if isinstance(entry, dict) else entry for entry in ins]
        links = [merged(port.value) for port in workflow.outputs if port.value is not None]
        several += [link["source"] for link in links if link is not None]
        computed = any(isinstance(e, dict) and "valueFrom" in e for e in ins)
        for name, needed in (
            ("ScatterFeatureRequirement", any("scatter" in tree for tree in steps.values())),
            ("StepInputExpressionRequirement", computed),
            ("MultipleInputFeatureRequirement", any(isinstance(s, list) for s in several)),
            (
                "SubworkflowFeatureRequirement",
                any(isinstance(step.run, Workflow) for step in workflow.steps),
            ),
        ):
            if needed:
                self.requirements.add(name, {})


def _only_what_cwl_has(step: Step) -> None:
    for field in ("loop", "after", "handlers", "approval", "wait", "produces"):
        if getattr(step, field):
            raise CannotSayError(f"CWL has no {field!r} of a step", step)
    for field in ("resources", "environment", "retry"):
        if getattr(step, field) is not None:
            raise CannotSayError(f"the {field} of the step were not given to what it runs", step)


def _annotate(tree: dict[str, Any], port: InputPort | OutputPort) -> None:
    """Put back the fields of other vocabularies, and what types say of themselves."""
    foreign = dict(port.extensions.get("cwl", {}))
    for path, said in foreign.pop("types", {}).items():
        tree["type"] = described(tree["type"], path.split("/") if path else [], said)
    tree.update(foreign)


def _shortened(tree: dict[str, Any]) -> Any:
    """Return the type alone where a port says nothing else and the type is one word."""
    return tree["type"] if list(tree) == ["type"] and isinstance(tree["type"], str) else tree


def _escaped(name: str) -> str:
    from fairwf.ir.walk import escape

    return escape(name)


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


def _member_type(type_: ir.Type, name: str) -> ir.Type:
    bare = present(type_)
    for part in bare.members if isinstance(bare, ir.UnionType) else (bare,):
        if isinstance(part, ir.RecordType):
            for member in part.fields:
                if member.name == name:
                    return member.type
    raise CannotSayError(f"the record has no member {name!r:.60}", type_)


def _member_fields(port: InputPort, name: str) -> Mapping[str, FieldFiles]:
    files = port.fields.get(name)
    return files.fields if files is not None else {}
