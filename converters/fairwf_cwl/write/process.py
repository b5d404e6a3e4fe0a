"""Processes as CWL objects with a stable order of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fairwf.ir.expressions import Input
from fairwf.ir.walk import escape, nodes
from fairwf.ir.workflow import Command, Operation, Process, ProcessRef, Pure, Script, Step, Workflow
from fairwf_cwl.context import SECRETS
from fairwf_cwl.environment import COMPUTING
from fairwf_cwl.names import compact, declared, short
from fairwf_cwl.schema import GENERATOR
from fairwf_cwl.write.commandline import Line
from fairwf_cwl.write.files import Sheet
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.links import merged
from fairwf_cwl.write.loops import as_written, entries_of
from fairwf_cwl.write.ports import PortWriter
from fairwf_cwl.write.requirements import Requirements, requires_secrets
from fairwf_cwl.write.scripting import Scripting
from fairwf_cwl.write.steps import StepWriter
from fairwf_cwl.write.texts import Texts
from fairwf_cwl.write.tool import command_fields, ending_fields, line_of
from fairwf_cwl.write.yaml_text import Commented, Inline, Listed

_CLASSES = {
    Command: "CommandLineTool",
    Script: "CommandLineTool",
    Pure: "ExpressionTool",
    Operation: "Operation",
    Workflow: "Workflow",
}
_ELSEWHERE = (
    (
        ("environment", "resources", "staging", "network", "cacheable", "libraries"),
        ("requirements", "hints"),
    ),
    (("arguments", "body"), ("arguments", "baseCommand")),
)
"""Fields of the IR, and the keys of CWL that say them, of which one is there."""


class ProcessWriter:
    """Writes one process and those inside it."""

    def __init__(
        self,
        process: Process,
        outer: Scripting | None,
        sheet: Sheet,
        path: str,
        namespaces: Mapping[str, str],
        *,
        alone: bool = False,
    ) -> None:
        self.process = process
        self.scripting = Scripting.of(process, outer, alone)
        self.sheet = sheet
        self.values = sheet.values
        self.comments = sheet.comments
        self.path = path
        self.namespaces = namespaces
        self.texts = Texts(self.scripting.javascript, self.scripting.libraries)
        self.prefixes = {
            prefix: iri for prefix, iri in sheet.prefixes.items() if namespaces.get(prefix) == iri
        }
        self.ports = PortWriter(
            process, self.texts, sheet.values, namespaces, sheet.version, self.prefixes
        )
        self.requirements = Requirements(sheet.version)
        if self.scripting.written:
            texts = Listed(self.scripting.libraries)
            body = {"expressionLib": texts} if texts else {}
            self.requirements.add("InlineJavascriptRequirement", body)

    def tree(self) -> Commented:
        """Return the process as an object.

        Raises:
            CannotSayError: CWL cannot say a part of it; it should have been lowered.
        """
        process = self.process
        made = isinstance(process, Operation) and process.generator is not None
        tree = Commented({"class": GENERATOR if made else _CLASSES[type(process)]})
        if process.id:
            if short(process.id) != process.id:
                raise CannotSayError(f"CWL cannot write the id {process.id!r:.60}", process)
            tree["id"] = process.id
        if process.label is not None:
            tree["label"] = process.label
        if process.doc is not None:
            tree["doc"] = process.doc
        if process.intent:
            tree["intent"] = [compact(iri, self.prefixes) for iri in process.intent]
        foreign = dict(process.extensions.get("cwl", {}))
        if "$namespaces" in foreign:
            tree["$namespaces"] = foreign.pop("$namespaces")
        if "$schemas" in foreign:
            said = foreign.pop("$schemas")
            schemas = said if isinstance(said, list) else [said]
            tree["$schemas"] = [self.values.location(str(one)) for one in schemas]
        body = self._body()
        self.requirements.listings(process)
        secret = [port.id for port in process.inputs if port.secret]
        if secret:
            self.requirements.add(SECRETS, Inline({"secrets": secret}), requires_secrets(process))
        self._put_requirements(tree, foreign)
        self.comments.place(self.path, tree, "class")
        inputs = body.pop("inputs")
        tree["inputs"] = inputs
        tree["outputs"] = body.pop("outputs")
        tree.update(body)
        tree.update(foreign)
        self._places(tree)
        return tree

    def _places(self, tree: Commented) -> None:
        """Remember where the keys of the process stand, and what the IR calls otherwise."""
        for key in tree:
            self.comments.place(f"{self.path}/{escape(key)}", tree, key)
        for fields, keys in _ELSEWHERE:
            for key in [key for key in keys if key in tree][:1]:
                for field in fields:
                    self.comments.place(f"{self.path}/{field}", tree, key)
        self.comments.place(f"{self.path}/", tree, None)

    def _put_requirements(self, tree: Commented, foreign: dict[str, Any]) -> None:
        requirements: Any = self.requirements.requirements
        hints: Any = self.requirements.hints
        if "requirements" in foreign:
            requirements = self._joined(requirements, foreign.pop("requirements"))
        if "hints" in foreign:
            hints = self._joined(hints, foreign.pop("hints"))
        if requirements:
            tree["requirements"] = requirements
        if hints:
            tree["hints"] = hints

    def _joined(self, own: dict[str, Any], said: Any) -> Any:
        """Our own requirements or hints, and those that the IR cannot say and keeps by name."""
        if isinstance(self.process, Operation) and isinstance(said, list):
            return [*said, *({"class": name, **fields} for name, fields in own.items())]
        if not isinstance(said, dict):
            raise CannotSayError("requirements and hints of extensions are objects", self.process)
        places = (*COMPUTING, SECRETS)
        return {**own, **{name: row for name, row in said.items() if name not in places}}

    def _body(self) -> dict[str, Any]:
        process = self.process
        if isinstance(process, (Command, Script)):
            return self._tool(process)
        if isinstance(process, Pure):
            body = self._ports()
            body["expression"] = self.ports.text(process.result, computed=True)
            return body
        if isinstance(process, Workflow):
            return self._workflow(process)
        body = self._ports()
        if process.generator is not None:
            run = process.generator.run
            if isinstance(run, ProcessRef):
                raise CannotSayError("a reference to a shared process was not resolved", process)
            body["run"] = self._run(run, f"{self.path}/generator/run")
        return body

    def _ports(self, line: Line | None = None) -> dict[str, Any]:
        inputs, outputs = Commented(), Commented()
        listed: list[Commented] | None = [] if _look_at_others(self.process) else None
        for port in self.process.inputs:
            self._name(port.id, port, inputs)
            tree = self.ports.input(port, line)
            path = f"{self.path}/inputs/{escape(port.id)}"
            inputs[port.id] = _shortened(tree)
            if listed is None:
                self.comments.place(path, inputs, port.id)
            else:
                listed.append(Commented({"id": port.id, **tree}))
                self.comments.place(path, listed[-1], "id")
        for out in self.process.outputs:
            self._name(out.id, out, outputs)
            outputs[out.id] = _shortened(self.ports.output(out))
            self.comments.place(f"{self.path}/outputs/{escape(out.id)}", outputs, out.id)
        return {"inputs": inputs if listed is None else listed, "outputs": outputs}

    def _name(self, name: str, node: object, known: Mapping[str, Any]) -> None:
        if not name or short(name) != name or name.startswith("$") or name in known:
            raise CannotSayError(f"CWL cannot write the id {name!r:.60}", node)

    def _tool(self, task: Command | Script) -> dict[str, Any]:
        line = line_of(task)
        ports = self._ports(line)
        body = {
            **command_fields(line, self.ports),
            **ports,
            **ending_fields(task, line, self.ports),
        }
        self.requirements.task(task, self.ports.text, self.values)
        return body

    # --- workflows ----------------------------------------------------------------------------

    def _workflow(self, workflow: Workflow) -> dict[str, Any]:
        if workflow.processes:
            raise CannotSayError("shared processes were not resolved", workflow)
        writer = StepWriter(workflow, self.texts, self.values)
        steps = Commented()
        for step in workflow.steps:
            self._name(step.id, step, steps)
            path = f"{self.path}/steps/{escape(step.id)}"
            steps[step.id] = self._step(writer, step, path)
            self.comments.place(path, steps, step.id)
        self._workflow_requirements(workflow, steps)
        body = self._ports()
        body["steps"] = steps
        return body

    def _step(self, writer: StepWriter, step: Step, path: str) -> Commented:
        _only_what_cwl_has(step)
        inner = writer.tree(step)
        tree = Commented()
        if step.label is not None:
            tree["label"] = step.label
        if step.doc is not None:
            tree["doc"] = step.doc
        foreign = dict(step.extensions.get("cwl", {}))
        hints = foreign.pop("hints", None)
        if hints:
            tree["hints"] = hints
        for key in ("scatter", "scatterMethod", "when", "loop", "outputMethod"):
            if key in inner:
                tree[key] = inner[key]
        if step.loop is not None:
            as_written(tree, self.sheet.version)
        tree["in"] = Commented(
            {
                name: Inline(entry) if isinstance(entry, dict) else entry
                for name, entry in inner["in"].items()
            }
        )
        for name, said in foreign.pop("in", {}).items():
            entry = tree["in"].get(name, {})
            whole = entry if isinstance(entry, dict) else {"source": entry}
            tree["in"][name] = Inline({**whole, **said})
        tree["out"] = inner["out"]
        if isinstance(step.run, ProcessRef):
            raise CannotSayError("a reference to a shared process was not resolved", step)
        tree["run"] = self._run(step.run, f"{path}/run")
        tree.update(foreign)
        for key in tree:
            if key != "run":
                self.comments.place(f"{path}/{escape(key)}", tree, key)
        for name in tree["in"]:
            self.comments.place(f"{path}/in/{escape(name)}", tree["in"], name)
        self.comments.place(f"{path}/", tree, None)
        return tree

    def _run(self, process: Process, path: str) -> Commented | str:
        """Return what a step runs, or the file that it is written into."""
        said = declared(process.extensions.get("cwl", {}).get("$namespaces"))
        if self.sheet.files is None:
            known = {**self.namespaces, **said}
            return ProcessWriter(process, self.scripting, self.sheet, path, known).tree()

        def alone(sheet: Sheet) -> Commented:
            own = replace(sheet, prefixes=said)
            writer = ProcessWriter(process, self.scripting, own, path, said, alone=True)
            return writer.tree()

        return self.sheet.files.run(process, self.scripting, path, self.sheet, alone)

    def _workflow_requirements(self, workflow: Workflow, steps: dict[str, Any]) -> None:
        ins = [entry for tree in steps.values() for entry in tree["in"].values()]
        several = [entry.get("source") if isinstance(entry, dict) else entry for entry in ins]
        links = [merged(port.value) for port in workflow.outputs if port.value is not None]
        several += [link["source"] for link in links if link is not None]
        following = [e for tree in steps.values() for e in entries_of(tree)]
        several += [e.get("outputSource", e.get("loopSource")) for e in following]
        computed = any(isinstance(e, dict) and "valueFrom" in e for e in (*ins, *following))
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
    for field in ("handlers", "approval", "wait", "produces"):
        if getattr(step, field):
            raise CannotSayError(f"CWL has no {field!r} of a step", step)
    for field in ("resources", "environment", "retry"):
        if getattr(step, field) is not None:
            raise CannotSayError(f"the {field} of the step were not given to what it runs", step)


def _look_at_others(process: Process) -> bool:
    """Tell whether secondary files of an input depend on other inputs.

    The reference runner sorts the inputs of a map by name, and which of them comes first then
    decides where a file that belongs to two lies. A list keeps its order.
    """
    return any(
        isinstance(node, Input)
        for port in process.inputs
        for part in port.secondary
        for node in nodes(part.pattern, Input)
    )


def _shortened(tree: dict[str, Any]) -> Any:
    """Return the type alone where a port says nothing else and the type is one word."""
    return tree["type"] if list(tree) == ["type"] and isinstance(tree["type"], str) else tree
