"""A workflow of the native form: its inputs, steps and outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fairwf.ir.expressions import Expr, Input, Output
from fairwf.ir.origins import Origins, Span
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import AnyType, Type
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Step, Workflow
from fairwf.source import SourceMap, plain
from fairwf_galaxy.defaults import fitting
from fairwf_galaxy.kept import kept as kept_of_step
from fairwf_galaxy.kept import sorted_keys
from fairwf_galaxy.metadata import KEYS, read_metadata
from fairwf_galaxy.names import (
    INPUT_KINDS,
    INPUT_NAMES,
    UNMARKED,
    label_of,
    outer_name,
    output_id,
    unlabelled,
)
from fairwf_galaxy.shapes import Shapes
from fairwf_galaxy.state import read_state
from fairwf_galaxy.steps import StepReader
from fairwf_galaxy.types import input_type, maybe_any
from fairwf_galaxy.wrappers import Library

_SAID = frozenset(
    {"a_galaxy_workflow", "format-version", "class", "name", "annotation", "steps", *KEYS}
)
"""What the IR says of a workflow; all other keys are kept as they are."""


class WorkflowReader:
    """Reads one workflow.

    ``outside`` are the outputs that a workflow around it asks for, ``tools`` the wrappers.
    """

    def __init__(
        self,
        given: SourceMap,
        shapes: Shapes,
        origins: Origins,
        outside: Iterable[str] = (),
        tools: Library | None = None,
    ) -> None:
        self.given = given
        self.tools = tools
        self.outside = outside
        self.shapes = shapes
        self.origins = origins
        self.ids: dict[int, str] = {}
        self.states: dict[int, dict[str, Any]] = {}
        self.kinds: dict[int, str] = {}
        self.inputs: dict[int, InputPort] = {}
        self.types: dict[tuple[int, str], Type] = {}
        """What is known of the values that steps give, by number and name of the output."""
        self.asked: dict[int, dict[str, None]] = {}
        """The outputs that connections and workflow outputs name, by the step's number."""
        self.gives: dict[str, str] = {}
        """The ids of outputs by the names that a workflow around this one has for them."""
        self.inner: dict[int, dict[str, str]] = {}
        """The same of subworkflows, by the step's number."""

    def read(self) -> Workflow:
        """Return the workflow; faults are told."""
        steps = self._steps()
        self._name(steps)
        self._asked(steps)
        for number, step, span in steps:
            if self.kinds[number] in INPUT_KINDS:
                self.inputs[number] = self._input(number, step, span)
                self.types[number, "output"] = self.inputs[number].type
        read: list[Step] = []
        for number, step, span in self._ordered(steps):
            read.append(StepReader(self, number, step, span).read())
        by_id = {step.id: step for step in read}
        ordered = [by_id[self.ids[n]] for n, _, _ in steps if n not in self.inputs]
        facts, left = read_metadata(self.given, self.shapes)
        if facts is not None:
            self.origins.set(facts, self.given.span)
        kept = {k: plain(v) for k, v in self.given.items() if k not in _SAID and v is not None}
        kept.update(left)
        kept = sorted_keys(kept)
        name = self.shapes.get_text(self.given, "name", "the workflow")
        self._check_report()
        workflow = Workflow(
            label=name or None,
            doc=self.shapes.get_text(self.given, "annotation", "the workflow") or None,
            inputs=tuple(self.inputs.values()),
            steps=tuple(ordered),
            outputs=self._outputs(steps),
            metadata=facts,
            extensions={"galaxy": kept} if kept else {},
        )
        self.origins.set(workflow, self.given.span)
        return workflow

    def source(self, number: int, port: str) -> Expr:
        """Return the reference to what a step gives."""
        if number in self.inputs:
            return Input(name=self.inputs[number].id)
        return Output(step=self.ids[number], port=self.port(number, port))

    def said_name(self, number: int) -> str:
        """Return what the input of a number calls itself."""
        name = self.given["steps"][str(number)].get("name")
        return name if isinstance(name, str) else INPUT_NAMES[self.kinds[number]]

    def port(self, number: int, name: str) -> str:
        """Return the id of an output that a connection names."""
        return self.inner.get(number, {}).get(name, name)

    def _steps(self) -> list[tuple[int, SourceMap, Span]]:
        if "steps" not in self.given:
            self.shapes.tell("the workflow has no 'steps'", self.given.span)
        found = []
        steps = self.shapes.get_map(self.given, "steps", "the workflow")
        for key, value in steps.items():
            span = steps.value_span(key)
            if not (key.isascii() and key.isdigit() and len(key) < 7):
                text = f"the key {key!r:.40} of a step is no number"
                self.shapes.tell(text, steps.key_span(key), "steps are numbered from 0")
                continue
            step = self.shapes.map(value, f"step {key}", span)
            if step.get("id", int(key)) != int(key):
                text = f"step {key} says that its 'id' is {plain(step['id'])!r:.40}"
                self.shapes.tell(text, step.value_span("id"), "both are the same number")
            found.append((int(key), step, span))
        numbers = [number for number, _, _ in found]
        if len(set(numbers)) < len(numbers):
            self.shapes.tell("two steps have the same number", self.given.key_span("steps"))
            found = list({number: (number, step, span) for number, step, span in found}.values())
        return sorted(found, key=lambda each: each[0])

    def _name(self, steps: list[tuple[int, SourceMap, Span]]) -> None:
        taken: set[str] = set()
        for number, step, _ in steps:
            self.shapes.get_text(step, "label", f"step {number}")
            self.kinds[number] = self._kind(number, step)
            self.states[number] = read_state(step, f"step {number}", self.shapes) or {}
            label = label_of(step)
            if label is not None and label not in taken:
                self.ids[number] = label
                taken.add(label)
            elif label is not None:
                self.shapes.report.add(
                    "FWF1703",
                    f"the label {label!r:.80} of step {number} stands twice",
                    span=step.value_span("label"),
                    hint="give each step a label of its own",
                )
        for number, step, _ in steps:
            if number not in self.ids:
                self.ids[number] = unlabelled(step, self.states[number], taken)
                taken.add(self.ids[number])

    def _kind(self, number: int, step: SourceMap) -> str:
        kind = self.shapes.get_text(step, "type", f"step {number}")
        if kind is None and "type" not in step:
            kind = "tool" if step.get("tool_id") else None
        if kind in (*INPUT_KINDS, "tool", "subworkflow", "pause", "pick_value"):
            return str(kind)
        if kind is not None:
            text = f"step {number} is of the unknown type {kind!r:.40}"
            self.shapes.tell(text, step.value_span("type"))
        elif "type" not in step:
            self.shapes.tell(f"step {number} has no 'type'", step.span)
        return "tool"

    def _input(self, number: int, step: SourceMap, span: Span) -> InputPort:
        what, state = f"step {number}", self.states[number]
        type_ = input_type(self.kinds[number], state)
        if type_ is None:
            kind = state.get("collection_type")
            text = f"step {number} has the unknown collection_type {kind!r:.60}"
            self.shapes.report.add("FWF1703", text, span=step.value_span("tool_state"))
            type_ = AnyType()
        default = state.get("default")
        if self.kinds[number] == "parameter_input" and _strange(default, type_):
            text = f"the default of step {number}, {plain(default)!r:.60}, is no value of its type"
            hint = "Galaxy may refuse it, or take it as another value"
            span_ = step.value_span("tool_state")
            self.shapes.report.add("FWF1703", text, span=span_, hint=hint)
        label = label_of(step)
        usual = {
            "name": INPUT_NAMES.get(self.kinds[number]),
            "inputs": [{"description": "", "name": label}],
        }
        kept = kept_of_step(step, {"label", "annotation"}, usual)
        if "tool_state" in kept:
            kept["tool_state"] = state
        if label != self.ids[number]:
            kept["label"] = plain(step.get("label"))
        kept["id"] = number
        kept = dict(sorted(kept.items()))
        port = InputPort(
            id=self.ids[number],
            type=type_,
            default=_default(default, type_),
            doc=self.shapes.get_text(step, "annotation", what) or None,
            extensions={"galaxy": kept},
        )
        self.origins.set(port, span)
        self.origins.set(port, step.value_span("label"), "id")
        return port

    def _ordered(
        self, steps: list[tuple[int, SourceMap, Span]]
    ) -> list[tuple[int, SourceMap, Span]]:
        """Return the steps that are no inputs so that each stands behind those it waits for.

        Types of values are known in this order; steps of a cycle come last, as they are.
        """
        left = [each for each in steps if each[0] not in self.inputs]
        waits = {number: self._waits(step) for number, step, _ in left}
        done: set[int] = set()
        ordered: list[tuple[int, SourceMap, Span]] = []
        places = {each[0]: each for each in left}
        users: dict[int, list[int]] = {}
        for number, sources in waits.items():
            for source in sources:
                users.setdefault(source, []).append(number)
        open_ = {n: len(sources & places.keys()) for n, sources in waits.items()}
        ready = [n for n, count in open_.items() if count == 0]
        while ready:
            number = ready.pop(0)
            done.add(number)
            ordered.append(places[number])
            for user in users.get(number, ()):
                open_[user] -= 1
                if open_[user] == 0:
                    ready.append(user)
        return ordered + [each for each in left if each[0] not in done]

    def _asked(self, steps: list[tuple[int, SourceMap, Span]]) -> None:
        named: list[tuple[Any, Any]] = []
        for number, step, _ in steps:
            for one in _connections(step):
                named.append((one.get("id"), one.get("output_name")))
            outputs = step.get("workflow_outputs")
            for one in outputs if isinstance(outputs, list) else ():
                if isinstance(one, SourceMap):
                    named.append((number, one.get("output_name")))
        for source, port in named:
            if type(source) is int and isinstance(port, str):
                self.asked.setdefault(source, {})[port] = None

    def _waits(self, step: SourceMap) -> set[int]:
        return {one["id"] for one in _connections(step) if type(one.get("id")) is int}

    def _outputs(self, steps: list[tuple[int, SourceMap, Span]]) -> tuple[OutputPort, ...]:
        found: list[OutputPort] = []
        taken: set[str] = set()
        entries = []
        for number, step, _ in steps:
            listed = self.shapes.get_list(step, "workflow_outputs", f"step {number}")
            for each, span in self.shapes.maps(listed, f"'workflow_outputs' of step {number}"):
                entries.append((number, each, span, label_of(each)))
        taken.update(label for _, _, _, label in entries if label)
        seen: set[str] = set()
        for number, each, span, label in entries:
            self.shapes.get_text(each, "label", "an output")
            port = self.shapes.get_text(each, "output_name", "an output") or "output"
            kept = kept_of_step(each, {"label", "output_name"})
            if label is None or label in seen:
                name = output_id(self.ids[number], port, taken | seen)
                kept["label"] = label
                kept = dict(sorted(kept.items()))
            else:
                name = label
            seen.add(name)
            self.gives.setdefault(outer_name(number, port, label), name)
            output = OutputPort(
                id=name,
                type=self.types.get((number, self.port(number, port)), maybe_any()),
                value=self.source(number, port),
                extensions={"galaxy": kept} if kept else {},
            )
            self.origins.set(output, span)
            found.append(output)
        found.extend(self._unmarked(taken | seen))
        return tuple(found)

    def _unmarked(self, taken: set[str]) -> Iterator[OutputPort]:
        """Yield outputs that no step marks as such, and that a workflow around this one uses."""
        for asked in self.outside:
            number, _, port = asked.partition(":")
            if asked in self.gives or not port or not number.isdigit():
                continue
            source = int(number)
            if source not in self.ids:
                continue
            name = output_id(self.ids[source], port, taken)
            taken.add(name)
            self.gives[asked] = name
            output = OutputPort(
                id=name,
                type=self.types.get((source, self.port(source, port)), maybe_any()),
                value=self.source(source, port),
                extensions={"galaxy": {UNMARKED: True}},
            )
            self.origins.set(output, self.given.span)
            yield output

    def _check_report(self) -> None:
        report = self.shapes.get_map(self.given, "report", "the workflow")
        self.shapes.get_text(report, "markdown", "'report'")
        self.shapes.get_list(self.given, "comments", "the workflow")


def _connections(step: SourceMap) -> Iterator[SourceMap]:
    connections = step.get("input_connections")
    for value in connections.values() if isinstance(connections, SourceMap) else ():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, SourceMap):
                yield one


def _strange(value: Any, type_: Type) -> bool:
    """Tell whether a default is given and no value of the input's type."""
    return value not in (None, "", [], {}) and not fitting(value, type_)[0]


def _default(value: Any, type_: Type) -> Expr | None:
    """Return a default that fits the type of an input; what does not stays in the state."""
    if value is None or isinstance(value, dict):
        return None
    fits, fixed = fitting(value, type_)
    return to_literal(fixed) if fits else None
