"""One step: its tool or subworkflow, connections, defaults, condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Array,
    Call,
    Expr,
    Local,
    NoneLit,
    Opaque,
    Output,
    StepInput,
)
from fairwf.ir.expressions import Input as InputRef
from fairwf.ir.metadata import Metadata
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf.ir.workflow import Command, Demand, Operation, Process, Scatter, Script, Workflow
from fairwf_galaxy.conditions import CONDITION
from fairwf_galaxy.kept import EMPTY
from fairwf_galaxy.names import WIDENED
from fairwf_galaxy.state import write_state
from fairwf_galaxy.types import maybe_any
from fairwf_galaxy.values import json_value
from fairwf_galaxy.write.annotations import annotation, kept_of
from fairwf_galaxy.write.failures import CannotSayError
from fairwf_galaxy.write.javascript import javascript, member, opaque_text
from fairwf_galaxy.write.metadata import left_out
from fairwf_galaxy.write.user_tool import KeptTool

if TYPE_CHECKING:
    from fairwf.ir.workflow import Step
    from fairwf_galaxy.write.native import WorkflowWriter

_OF_THE_SHED = ("content_id", "tool_version", "tool_shed_repository")
"""Keys by which Galaxy would take the tool of that name, and not the one that the step has."""


class StepWriter:
    """Writes one step of a workflow."""

    def __init__(self, workflow: WorkflowWriter, step: Step) -> None:
        self.workflow = workflow
        self.tell = workflow.tell
        self.step = step
        self.process: Process = workflow.process(step)
        self.kept = {k: v for k, v in kept_of(step).items() if k != WIDENED}
        self.over = self._over()
        tool = workflow.tools.get(step.id)
        self.names: Mapping[str, str] = tool.inputs if tool is not None else {}
        """What connections call the inputs of a user-defined tool."""
        self.inputs = {self.names.get(name, name): value for name, value in step.inputs.items()}
        self.connections: dict[str, Any] = {}
        self.defaults: dict[str, Any] = {}

    def tree(self) -> dict[str, Any]:
        """Return the step.

        Raises:
            CannotSayError: Galaxy cannot say a part of it.
        """
        step = self.step
        for name, value in self.inputs.items():
            self._link(name, value)
        when = self._when() if step.when is not None else None
        tree: dict[str, Any] = {
            **EMPTY,
            **self._runs(),
            **self.kept,
            "annotation": annotation(step, self.tell),
            "id": self.workflow.numbers["step", step.id],
            "input_connections": self.connections,
            "label": self.workflow.labels["step", step.id],
            "when": when if when is not None else self.kept.get("when"),
            "workflow_outputs": [],
        }
        defaults = {**self._kept_defaults(), **self.defaults}
        tree.pop("in", None)
        if defaults:
            tree["in"] = defaults
        if isinstance(tree.get("tool_state"), dict):
            tree["tool_state"] = write_state(tree["tool_state"])
        return tree

    # --- what it runs -----------------------------------------------------------------------

    def _runs(self) -> dict[str, Any]:
        process = self.process
        if isinstance(process, Workflow):
            inner = self.workflow.inner[self.step.id]
            tree = inner.tree()
            return {"type": "subworkflow", "name": tree["name"], "subworkflow": tree}
        if isinstance(process, Operation):
            return self._tool(process)
        if isinstance(process, (Command, Script)):
            return self._user_tool()
        raise CannotSayError(
            "Galaxy's steps run tools and workflows, and no computation alone",
            self.step,
            "compute it in a tool of the workflow",
        )

    def _user_tool(self) -> dict[str, Any]:
        tool = self.workflow.tools[self.step.id]
        said = tool.tree()
        self.kept.pop("tool_representation", None)
        left = [key for key in _OF_THE_SHED if self.kept.pop(key, None) is not None]
        if left:
            text = f"the step runs what its tool does: of the tool it was it says no {left[0]!r}"
            self.tell("FWF3004", text, self.step, "extensions/galaxy")
        runs = {"type": "tool", "name": said.get("name"), "tool_representation": said}
        if isinstance(tool, KeptTool):
            return runs
        outputs = [{"name": name, "type": "data"} for name in tool.outputs.values()]
        return {**runs, "tool_state": {}, "outputs": outputs}

    def _tool(self, process: Operation) -> dict[str, Any]:
        kind = self.kept.get("type")
        tool = process.implementation
        self._undefined(process)
        if kind in ("pause", "pick_value") or (kind == "subworkflow" and tool):
            return {"type": kind, "content_id": tool, "name": process.label}
        if tool is None and not self.kept.get("tool_representation"):
            raise CannotSayError(
                f"the step {self.step.id!r:.60} names no tool of Galaxy",
                self.step,
                "its implementation is the id of a tool, as the Tool Shed has it",
            )
        if process.id:
            self.tell("FWF3004", "a tool has the id of its implementation", process, "id")
        name = process.label or tool or self.step.id
        version = tool.rsplit("/", 1)[1] if tool is not None and "/repos/" in tool else None
        return {
            "type": "tool",
            "name": name,
            "content_id": tool,
            "tool_id": tool,
            "tool_version": version,
            "tool_state": {},
            "outputs": [{"name": port.id, "type": "data"} for port in process.outputs],
        }

    def _undefined(self, process: Operation) -> None:
        """Tell of what only the definition of a tool says, which is no part of a workflow."""
        if process.doc is not None:
            self.tell("FWF3004", "what a tool does, its own page in Galaxy says", process, "doc")
        for node, part in left_out(process.metadata or Metadata()):
            self.tell("FWF3004", "who made a tool, its own page in Galaxy says", node, part)
        for library in process.libraries:
            self.tell("FWF3004", "nothing of a tool in the Tool Shed is computed here", library)
        for port in process.inputs:
            if port.id not in self.step.inputs:
                text = f"nothing is connected to {port.id!r:.60}: only the tool itself says more"
                self.tell("FWF3004", text, port)
                continue
            if port.default is not None:
                text = "defaults of a tool are those of its own definition"
                self.tell("FWF3004", text, port.default)
            for name in ("load_contents", "load_listing"):
                if getattr(port, name):
                    self.tell("FWF3004", "only a tool itself says how it reads files", port, name)
        ports: list[InputPort | OutputPort] = [*process.inputs, *process.outputs]
        for each in ports:
            if isinstance(each, InputPort) and each.id not in self.step.inputs:
                continue
            if not same(each.type, maybe_any()):
                text = "the types of what a tool takes and gives, only its own definition says"
                self.tell("FWF3003", text, each.type)
            for name in ("label", "doc"):
                if getattr(each, name) is not None:
                    self.tell("FWF3004", "ports of tools are described by the tool", each, name)
            for field in each.fields.values():
                self.tell("FWF3004", "Galaxy says nothing of a member's files", field)

    # --- connections ------------------------------------------------------------------------

    def _over(self) -> dict[str, Expr]:
        """Return what the names of a scatter stand for: Galaxy maps over a list of itself."""
        scatter = self.step.scatter
        if isinstance(scatter, Demand):
            raise CannotSayError("Galaxy has no steps for demanded keys", scatter)
        if not isinstance(scatter, Scatter):
            return {}
        return {over.name: over.value for over in scatter.over}

    def _link(self, name: str, value: Expr) -> None:
        source, default = _parts(value)
        if default is not None:
            self.defaults[name] = {"default": json_value(default)}
        if source is not None:
            self._connect(name, source)

    def _connect(self, name: str, source: Expr) -> None:
        if isinstance(source, Local) and source.name in self.over:
            source = self.over[source.name]
        sources = list(source.items) if isinstance(source, Array) else [source]
        found = []
        inner = self.workflow.inner.get(self.step.id)
        key = name
        for each in sources:
            connection = self.workflow.connection(each)
            if inner is not None and ("input", name) in inner.numbers:
                connection["input_subworkflow_step_id"] = inner.numbers["input", name]
                key = inner.input_name(name)
            found.append(connection)
        self.connections[key] = found if isinstance(source, Array) else found[0]

    def _kept_defaults(self) -> dict[str, Any]:
        """Return what stands in ``in`` beside defaults."""
        before = self.kept.get("in")
        return dict(before) if isinstance(before, dict) else {}

    # --- condition --------------------------------------------------------------------------

    def _when(self) -> str:
        when = self.step.when
        assert when is not None
        if isinstance(when, Opaque):
            text = opaque_text(when)
            if text is None:
                raise CannotSayError(
                    "Galaxy's conditions are JavaScript over a step's inputs", when
                )
            for binding in when.bindings:
                self._seen(binding.path[1], binding.value)
            return f"$({text})"
        plain = self._source(when)
        if plain is not None:
            for name, value in self.inputs.items():
                same_place = self._source(value)
                if name in self.connections and same_place == plain and name == CONDITION:
                    return f"$({member(name)})"
            if CONDITION not in self.inputs:
                self._connect(CONDITION, when)
                return f"$({member(CONDITION)})"
            for name, value in self.inputs.items():
                if self._source(value) == plain:
                    return f"$({member(name)})"
        return f"$({javascript(when, self._named)})"

    def _named(self, node: Expr) -> str | None:
        """Return what a condition calls a value: an input of the step, made where there is none."""
        if isinstance(node, StepInput):
            return member(self.names.get(node.name, node.name))
        source = self._source(node)
        if source is None:
            return None
        for name, value in self.inputs.items():
            if self._source(value) == source:
                return member(name)
        name = CONDITION
        while name in self.connections or name in self.inputs:
            if self.connections.get(name) == self.workflow.connection(source[1]):
                return member(name)
            name += "_"
        self._connect(name, node)
        return member(name)

    def _seen(self, name: str, value: Expr) -> None:
        if isinstance(value, NoneLit) or name in self.connections:
            return
        self._link(name, value)

    def _source(self, node: Expr) -> tuple[str, Expr] | None:
        """Return what names a reference, and the reference, scatters resolved."""
        if isinstance(node, Local) and node.name in self.over:
            return self._source(self.over[node.name])
        if isinstance(node, InputRef):
            return _Named((f"input {node.name}", node))
        if isinstance(node, Output):
            return _Named((f"output {node.step}\0{node.port}", node))
        return None


class _Named(tuple[str, Expr]):
    """A reference, equal to another one of the same name."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Named) and self[0] == other[0]

    def __hash__(self) -> int:
        return hash(self[0])


def _parts(value: Expr) -> tuple[Expr | None, Any]:
    """Return the connection and the default of a link."""
    if isinstance(value, Call) and value.function == "default" and len(value.args) == 2:
        return value.args[0], from_literal(value.args[1])
    try:
        literal = from_literal(value)
    except NotLiteralError:
        return value, None
    return None, literal
