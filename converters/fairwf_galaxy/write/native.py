"""A workflow in the native form, ``.ga``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir.expressions import Expr, Input, Output
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.workflow import Command, Process, ProcessRef, Script, Step, Workflow
from fairwf_galaxy.kept import EMPTY
from fairwf_galaxy.names import INPUT_NAMES, UNMARKED, WIDENED, outer_name
from fairwf_galaxy.state import write_state
from fairwf_galaxy.write.annotations import annotation, kept_of
from fairwf_galaxy.write.failures import CannotSayError, Tell
from fairwf_galaxy.write.layout import place
from fairwf_galaxy.write.metadata import metadata
from fairwf_galaxy.write.states import input_state
from fairwf_galaxy.write.steps import StepWriter
from fairwf_galaxy.write.user_tool import KeptTool, UserToolWriter, tool_writer

MARKERS = {"a_galaxy_workflow": "true", "format-version": "0.1"}
_OURS = frozenset({WIDENED, UNMARKED})


class WorkflowWriter:
    """Writes one workflow; ``definitions`` are the processes that its steps may refer to."""

    def __init__(
        self, workflow: Workflow, tell: Tell, definitions: Mapping[str, Process] | None = None
    ) -> None:
        self.workflow = workflow
        self.tell = tell
        self.definitions = {**(definitions or {}), **workflow.processes}
        self.kept = kept_of(workflow)
        self.inputs = {port.id: port for port in workflow.inputs}
        self.by_id = {step.id: step for step in workflow.steps}
        self.numbers: dict[tuple[str, str], int] = {}
        self.inner: dict[str, WorkflowWriter] = {}
        """The writers of subworkflows by the step's id."""
        self.tools: dict[str, UserToolWriter | KeptTool] = {}
        """The writers of user-defined tools by the step's id."""
        self._moved = self._number()
        self.labels = self._labels()

    def tree(self) -> dict[str, Any]:
        """Return the workflow.

        Raises:
            CannotSayError: Galaxy cannot say a part of it.
        """
        workflow, kept = self.workflow, dict(self.kept)
        for name in ("creator", "license", "release", "tags"):
            kept.pop(name, None)
        self._head()
        facts = metadata(workflow.metadata, self.kept, self.tell)
        for step in workflow.steps:
            process = self.process(step)
            if isinstance(process, Workflow):
                self.inner[step.id] = WorkflowWriter(process, self.tell, self.definitions)
            elif isinstance(process, (Command, Script)):
                self.tools[step.id] = tool_writer(process, step, self.tell)
        steps: dict[str, dict[str, Any]] = {}
        for port in workflow.inputs:
            steps[str(self.numbers["input", port.id])] = self._input(port)
        for step in workflow.steps:
            steps[str(self.numbers["step", step.id])] = StepWriter(self, step).tree()
        self._outputs(steps)
        place(steps)
        if self._moved and isinstance(kept.get("comments"), list):
            kept["comments"] = [_renumbered(each, self._moved) for each in kept["comments"]]
        return {
            **MARKERS,
            "name": workflow.label or workflow.id or "Workflow",
            "annotation": annotation(workflow, self.tell, labelled=True),
            **facts,
            **{key: value for key, value in kept.items() if key not in MARKERS},
            "steps": dict(sorted(steps.items(), key=lambda each: int(each[0]))),
        }

    def process(self, step: Step) -> Process:
        """Return what a step runs."""
        if isinstance(step.run, ProcessRef):
            return self.definitions[step.run.name]
        return step.run

    def connection(self, source: Expr) -> dict[str, Any]:
        """Return a connection to what a reference names.

        Raises:
            CannotSayError: it is no plain reference.
        """
        if isinstance(source, Input) and source.name in self.inputs:
            return {"id": self.numbers["input", source.name], "output_name": "output"}
        if isinstance(source, Output) and source.step in self.by_id:
            number = self.numbers["step", source.step]
            return {"id": number, "output_name": self.output(source.step, source.port)}
        raise CannotSayError(
            "Galaxy connects inputs and outputs of steps as they are, without a computation",
            source,
            "compute it in a tool of the workflow",
        )

    def output(self, step: str, port: str) -> str:
        """Return what connections call an output of a step."""
        if step in self.tools:
            return self.tools[step].outputs.get(port, port)
        inner = self.inner.get(step)
        return inner.outside(port) if inner is not None else port

    def outside(self, name: str) -> str:
        """Return what a step that runs this workflow calls one of its outputs."""
        for port in self.workflow.outputs:
            if port.id == name and isinstance(port.value, (Input, Output)):
                source = self.connection(port.value)
                label = self._output_label(port)
                return outer_name(source["id"], source["output_name"], label)
        return name

    def input_name(self, name: str) -> str:
        """Return what connections call an input of this workflow, where it is a subworkflow."""
        label = self.labels["input", name]
        kept = kept_of(self.inputs[name])
        said = kept.get("name", INPUT_NAMES.get(str(kept.get("type")), "Input dataset"))
        return label or f"{self.numbers['input', name]}:{said}"

    def _output_label(self, port: OutputPort) -> str | None:
        kept = kept_of(port)
        if kept.get(UNMARKED):
            return None
        label = kept.get("label", port.id)
        return label if isinstance(label, str) and label else None

    # --- parts ------------------------------------------------------------------------------

    def _head(self) -> None:
        workflow = self.workflow
        if workflow.label == "":
            self.tell("FWF3004", "an empty name is none", workflow, "label")
        if workflow.id:
            if workflow.label:
                self.tell(
                    "FWF3004", "Galaxy workflows have a name alone, and no id", workflow, "id"
                )
            else:
                self.tell("FWF3003", "the id becomes the name of the workflow", workflow, "id")
        for name, process in workflow.processes.items():
            self.tell("FWF3002", f"{name!r:.60} stands in each step that runs it", process)

    def _number(self) -> dict[int, int]:
        """Give each input and step its number; return those that changed, by the number before."""
        parts: list[tuple[str, InputPort | Step]] = []
        parts.extend(("input", port) for port in self.workflow.inputs)
        parts.extend(("step", step) for step in self.workflow.steps)
        numbers = [kept_of(node).get("id") for _, node in parts]
        good = all(type(n) is int and 0 <= n < 10**6 for n in numbers)
        moved: dict[int, int] = {}
        if not good or len(set(numbers)) < len(numbers):
            for new, old in enumerate(numbers):
                if type(old) is int and old != new:
                    moved.setdefault(old, new)
            numbers = list(range(len(parts)))
        for (kind, node), number in zip(parts, numbers, strict=True):
            assert isinstance(number, int)
            self.numbers[kind, node.id] = number
        return moved

    def _labels(self) -> dict[tuple[str, str], str | None]:
        """Return the label of each input and step; Galaxy has one namespace for both."""
        labels: dict[tuple[str, str], str | None] = {}
        taken: set[str] = set()
        parts: list[tuple[str, InputPort | Step]] = []
        parts.extend(("input", port) for port in self.workflow.inputs)
        parts.extend(("step", step) for step in self.workflow.steps)
        for kind, node in parts:
            kept = kept_of(node)
            label: str | None
            if "label" in kept:
                label = kept["label"] if isinstance(kept["label"], str) else None
            else:
                label = fresh(node.id, taken)
                if label != node.id:
                    text = f"labels of inputs and steps are of one list: it is {label!r:.60} there"
                    self.tell("FWF3002", text, node)
                taken.add(label)
            labels[kind, node.id] = label
        return labels

    def _input(self, port: InputPort) -> dict[str, Any]:
        kept = kept_of(port)
        kind, state = input_state(port, kept, self.tell)
        label = self.labels["input", port.id]
        number = self.numbers["input", port.id]
        step: dict[str, Any] = {
            **EMPTY,
            "inputs": [{"description": "", "name": label}] if label else [],
            "name": INPUT_NAMES.get(kind, "Input"),
            **{key: value for key, value in kept.items() if key not in _OURS},
            "annotation": annotation(port, self.tell),
            "id": number,
            "label": label,
            "type": kind,
            "workflow_outputs": [],
        }
        if "tool_state" in kept or state:
            step["tool_state"] = write_state(state)
        return step

    def _outputs(self, steps: Mapping[str, dict[str, Any]]) -> None:
        seen: list[tuple[int, str]] = []
        for port in self.workflow.outputs:
            kept = kept_of(port)
            if kept.get(UNMARKED):
                continue
            if port.value is None:
                raise CannotSayError("the output has no value", port)
            source = self.connection(port.value)
            key = (source["id"], source["output_name"])
            if key in seen:
                text = "Galaxy has one label for each output of a step"
                self.tell("FWF3004", f"{text}; {port.id!r:.60} is left out", port)
                continue
            seen.append(key)
            if port.label is not None:
                self.tell("FWF3004", "Galaxy's outputs have an id alone", port, "label")
            if port.doc is not None:
                self.tell("FWF3004", "Galaxy's outputs have no annotation", port, "doc")
            entry = {k: v for k, v in kept.items() if k != "label"}
            entry["label"] = kept.get("label", port.id)
            entry["output_name"] = source["output_name"]
            steps[str(source["id"])].setdefault("workflow_outputs", []).append(entry)


def _renumbered(comment: Any, moved: Mapping[int, int]) -> Any:
    children = comment.get("child_steps") if isinstance(comment, Mapping) else None
    if not isinstance(children, list):
        return comment
    return {**comment, "child_steps": [moved.get(one, one) for one in children]}
