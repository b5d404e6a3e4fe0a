"""The plan as entities: workflows, tools, steps, parameters and their connections.

Provenance Run Crate 0.5, "Requirements". A tool is an entity of its own in each step, since a
connection belongs to one step, and the entities of a shared tool would claim those of all its
steps. A tool that never ran cannot be part of a workflow there (parts need an action), so it is
reached by its step alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairwf.crates.containers import packages_of, tool_packages
from fairwf.entities.descriptors import agent_entities, authored, license_entities
from fairwf.entities.identifiers import local_id, ref, refs
from fairwf.entities.parameters import Parameter
from fairwf.ir.canonical import content_hash
from fairwf.ir.expressions import Expr, Input, Local, Output, State
from fairwf.ir.metadata import Metadata
from fairwf.ir.ports import InputPort
from fairwf.ir.types import StringType
from fairwf.ir.walk import walk
from fairwf.ir.workflow import (
    Command,
    Demand,
    Process,
    ProcessRef,
    Scatter,
    Script,
    Step,
    Workflow,
)

Path_ = tuple[str, ...]


@dataclass(eq=False)
class PlannedStep:
    """A step, the tool that it runs, and the connections into it."""

    id: str
    step: Step
    tool: Tool
    position: int = 0
    connections: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Tool:
    """A process at a place of the workflow. ``executed``: an action has it as its instrument."""

    id: str
    path: Path_
    process: Process
    inputs: dict[str, Parameter]
    outputs: dict[str, Parameter]
    variables: dict[str, Parameter] = field(default_factory=dict)
    steps: dict[str, PlannedStep] = field(default_factory=dict)
    connections: list[str] = field(default_factory=list)
    executed: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return self.process.label or self.process.id or (self.path[-1] if self.path else "workflow")

    @property
    def orchestrates(self) -> bool:
        """True for a workflow of which a part ran."""
        return any(step.tool.executed for step in self.steps.values())

    def parameters(self) -> Iterator[Parameter]:
        """Yield its parameters: inputs, outputs, environment variables."""
        yield from self.inputs.values()
        yield from self.outputs.values()
        yield from self.variables.values()

    def all(self) -> Iterator[Tool]:
        """Yield it and every tool inside."""
        yield self
        for step in self.steps.values():
            yield from step.tool.all()


class Plan:
    """The entities of a workflow (or of a tool that ran alone)."""

    def __init__(self, process: Process, main_id: str) -> None:
        self.connections: list[dict[str, Any]] = []
        self.main = self._tool(process, (), main_id, {})

    def at(self, path: Path_) -> Tool | None:
        """Return the tool that the step at a path runs."""
        tool = self.main
        for name in path:
            step = tool.steps.get(name)
            if step is None:
                return None
            tool = step.tool
        return tool

    def _tool(
        self, process: Process, path: Path_, identifier: str, scope: Mapping[str, Process]
    ) -> Tool:
        tool = Tool(
            identifier,
            path,
            process,
            {p.id: Parameter(local_id("parameter", *path, "in", p.id), p) for p in process.inputs},
            {
                p.id: Parameter(local_id("parameter", *path, "out", p.id), p)
                for p in process.outputs
            },
        )
        if isinstance(process, (Command, Script)):
            for name in process.environment.variables:
                port = InputPort(id=name, type=StringType(), doc=f"Environment variable {name}.")
                tool.variables[name] = Parameter(local_id("parameter", *path, "env", name), port)
        if isinstance(process, Workflow):
            inner = {**scope, **process.processes}
            for step in process.steps:
                run = inner.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run
                if run is not None:
                    self._step(tool, step, run, inner)
            _order(tool)
            for planned in tool.steps.values():
                self._connect_step(tool, planned)
            for output in process.outputs:
                if output.value is not None:
                    target = tool.outputs[output.id]
                    tool.connections += self._connect(tool, None, output.value, target, ())
        return tool

    def _step(self, tool: Tool, step: Step, run: Process, scope: Mapping[str, Process]) -> None:
        path = (*tool.path, step.id)
        kind = "workflow" if isinstance(run, Workflow) else "tool"
        inner = self._tool(run, path, local_id(kind, *path), scope)
        tool.steps[step.id] = PlannedStep(local_id("step", *path), step, inner)

    def _connect_step(self, tool: Tool, planned: PlannedStep) -> None:
        for name, expression in planned.step.inputs.items():
            target = planned.tool.inputs.get(name)
            if target is not None:
                place = (*planned.tool.path, "in", name)
                planned.connections += self._connect(tool, planned.step, expression, target, place)

    def _connect(
        self, tool: Tool, step: Step | None, expression: Expr, target: Parameter, place: Path_
    ) -> list[str]:
        made: list[str] = []
        where = place or (*tool.path, "out", target.name)
        for source in dict.fromkeys(_sources(tool, step, expression)):
            identifier = local_id("connection", *where, str(len(made) + 1))
            self.connections.append(
                {
                    "@type": "ParameterConnection",
                    "@id": identifier,
                    "sourceParameter": ref(source),
                    "targetParameter": ref(target.id),
                }
            )
            made.append(identifier)
        return made


def _sources(tool: Tool, step: Step | None, expression: Expr) -> Iterator[str]:
    """Yield the parameters that an expression reads, through scatters and loops."""
    seen: set[str] = set()
    pending = [expression]
    while pending:
        for _, node in walk(pending.pop()):
            if isinstance(node, Input) and node.name in tool.inputs:
                yield tool.inputs[node.name].id
            elif isinstance(node, Output):
                source = tool.steps.get(node.step)
                if source is not None and node.port in source.tool.outputs:
                    yield source.tool.outputs[node.port].id
            elif isinstance(node, (Local, State)) and step is not None and node.name not in seen:
                seen.add(node.name)
                pending += _bound(step, node)


def _bound(step: Step, node: Local | State) -> list[Expr]:
    if isinstance(node, Local) and isinstance(step.scatter, Scatter):
        return [over.value for over in step.scatter.over if over.name == node.name]
    if isinstance(node, State) and step.loop is not None:
        return [e for s in (step.loop.state, step.loop.next) if (e := s.get(node.name))]
    return []


def _order(tool: Tool) -> None:
    """Give each step its position: after what it waits for, else in the document's order."""
    waits = {name: _waits(step.step) & tool.steps.keys() for name, step in tool.steps.items()}
    users: dict[str, list[str]] = {name: [] for name in waits}
    for name, needed in waits.items():
        for other in needed:
            users[other].append(name)
    ready = [name for name, needed in waits.items() if not needed]
    done: dict[str, None] = {}
    while ready:
        name = ready.pop(0)
        done[name] = None
        for user in users[name]:
            waits[user].discard(name)
            if not waits[user] and user not in done and user not in ready:
                ready.append(user)
    for position, name in enumerate([*done, *(n for n in tool.steps if n not in done)]):
        tool.steps[name].position = position


def _waits(step: Step) -> set[str]:
    return {n.step for _, n in walk(step) if isinstance(n, Output)}.union(step.after) - {step.id}


def tool_entity(tool: Tool, main_file: str) -> dict[str, Any]:
    """Return the entity of a tool or subworkflow; the main workflow's is made elsewhere."""
    process, metadata = tool.process, tool.process.metadata
    version = (metadata.version if metadata else None) or content_hash(process)
    stated = authored(metadata)
    title = metadata.title if metadata else None
    shown: dict[str, Any] = {
        **stated,
        "@type": "SoftwareApplication",
        "@id": tool.id,
        "name": tool.name,
        "alternateName": title if title != tool.name else None,
        "description": process.doc,
        "url": stated.get("url") or ref(main_file),
        "version": None,
    }
    if isinstance(process, Workflow):
        shown["@type"] = ["SoftwareSourceCode"]
        if tool.orchestrates:
            shown["@type"] = ["SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
            shown |= orchestration(tool)
        shown["version"] = version
    else:
        shown["softwareVersion"] = version
        shown |= tool_packages(tool.process)
    return {**shown, **interface(tool)}


def _stated(metadata: Metadata | None) -> Iterator[dict[str, Any]]:
    """Yield the entities that the metadata of a tool name: people, its licence."""
    if metadata is not None:
        yield from agent_entities((*metadata.creators, *metadata.contributors))
        if metadata.license:
            yield from license_entities(metadata.license)


def interface(tool: Tool) -> dict[str, Any]:
    """Return the properties that name a tool's parameters."""
    return {
        "input": refs(p.id for p in tool.inputs.values()),
        "output": refs(p.id for p in tool.outputs.values()),
        "environment": refs(p.id for p in tool.variables.values()),
    }


def orchestration(tool: Tool) -> dict[str, Any]:
    """Return the properties that name a workflow's parts, steps and connections."""
    ordered = sorted(tool.steps.values(), key=lambda step: step.position)
    return {
        "hasPart": refs(step.tool.id for step in ordered if step.tool.executed),
        "step": refs(step.id for step in ordered),
        "connection": refs(tool.connections),
    }


def plan_entities(plan: Plan, main_file: str) -> Iterator[dict[str, Any]]:
    """Yield everything of the plan but the main workflow itself."""
    for tool in plan.main.all():
        if tool is not plan.main:
            yield tool_entity(tool, main_file)
            yield from _stated(tool.process.metadata)
        yield from packages_of(tool.process)
        if tool.orchestrates:
            for step in tool.steps.values():
                yield _step_entity(step)
        for parameter in tool.parameters():
            yield parameter.entity()
    yield from plan.connections


def _step_entity(planned: PlannedStep) -> dict[str, Any]:
    step = planned.step
    how = [_how(step.scatter)] if step.scatter else []
    return {
        "@type": "HowToStep",
        "@id": planned.id,
        "name": step.label or step.id,
        "alternateName": step.id if step.label and step.label != step.id else None,
        "description": " ".join([*([step.doc] if step.doc else []), *how]),
        "position": planned.position,
        "workExample": ref(planned.tool.id),
        "connection": refs(planned.connections),
    }


def _how(scatter: Scatter | Demand) -> str:
    if isinstance(scatter, Demand):
        names = ", ".join(key.name for key in scatter.keys)
        return f"Runs for each demanded {names}." if names else "Runs when it is demanded."
    names = ", ".join(over.name for over in scatter.over)
    return f"Runs for each item of {names} ({scatter.mode.replace('_', ' ')})."
