"""What happened, as entities: actions of the engine, of steps, and of tools.

Provenance Run Crate 0.5: an OrganizeAction for each workflow that the engine orchestrated, a
ControlAction for each of its steps, and a CreateAction for each execution.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairwf.crates.command_lines import CommandLines
from fairwf.crates.containers import image_entity, image_id
from fairwf.crates.measurements import exit_code, measured, usage
from fairwf.crates.prospective import Plan, PlannedStep, Tool
from fairwf.crates.values import Values
from fairwf.entities.descriptors import agent_id
from fairwf.entities.identifiers import digest, local_id, ref, refs, timestamp
from fairwf.entities.parameters import Parameter
from fairwf.ir.expressions import Expr, Output, StringLit
from fairwf.ir.metadata import Agent
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Script
from fairwf.trace.run import Host, Run, StepApproval, Task, last_attempts

COMPLETED = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"
MOST_ERRORS = 5
"""How many reasons for failures of its parts a step tells."""


@dataclass(eq=False)
class Execution:
    """A task with the tool that it ran, its action's id and the tasks inside it, by step path."""

    id: str
    task: Task | None
    tool: Tool
    inside: dict[tuple[str, ...], list[Execution]] = field(default_factory=dict)


def in_order(tasks: Iterable[Task], plan: Plan) -> list[Task]:
    """Return tasks in the order of the plan and of their items, whenever each of them ran."""
    positions: dict[tuple[str, ...], tuple[float, ...]] = {}

    def key(task: Task) -> tuple[Any, ...]:
        place = positions.get(task.step)
        if place is None:
            place = positions[task.step] = tuple(_positions(task.step, plan))
        items = tuple((0, int(i), i) if i.isdecimal() else (1, 0, i) for i in task.index)
        return place, task.step, items, task.attempt

    return sorted(tasks, key=key)


def _positions(path: tuple[str, ...], plan: Plan) -> Iterator[float]:
    for depth, name in enumerate(path):
        around = plan.at(path[:depth])
        step = around.steps.get(name) if around is not None else None
        yield step.position if step is not None else float("inf")


class History:
    """The executions of a run by the workflow execution that they belong to.

    ``prefix`` begins their ids.
    """

    def __init__(self, run: Run, plan: Plan, prefix: str = "action") -> None:
        self.run = run
        self._prefix = prefix
        self.texts: Mapping[str, tuple[str, str]] = {}
        """Name and description of executions that stand for several, by id."""
        self.main = Execution(local_id("run"), None, plan.main)
        plan.main.executed = True
        self._by_task: dict[str, Execution] = {}
        self._by_place: dict[tuple[tuple[str, ...], tuple[str, ...]], Execution] = {}
        self._ids: set[str] = set()
        self._plan = plan
        tasks = in_order(run.tasks, plan)
        executions = [e for task in tasks if (e := self._execution(task, plan)) is not None]
        for execution in executions:
            task = execution.task
            if task is not None and task.status != "skipped":
                self._parent(task).inside.setdefault(task.step, []).append(execution)
                execution.tool.executed = True

    def _execution(self, task: Task, plan: Plan) -> Execution | None:
        if not task.step:
            self.main.task = task
            self._by_task[task.id] = self.main
            return None
        tool = plan.at(task.step)
        if tool is None:
            return None
        attempt = (f"attempt {task.attempt}",) if task.attempt > 1 else ()
        identifier = local_id(
            self._prefix, *task.step, *(f"item {i}" for i in task.index), *attempt
        )
        if identifier in self._ids:
            identifier = local_id(self._prefix, *task.step, digest(task.id), *attempt)
        self._ids.add(identifier)
        execution = Execution(identifier, task, tool)
        self._by_task[task.id] = execution
        self._by_place[task.step, task.index] = execution
        return execution

    def step(self, path: tuple[str, ...]) -> PlannedStep:
        """Return the step at a path that a task names."""
        around = self._plan.at(path[:-1]) or self._plan.main
        return around.steps[path[-1]]

    def _parent(self, task: Task) -> Execution:
        """Return the workflow execution that a task belongs to: recorded, or by its place."""
        if task.parent is not None and task.parent in self._by_task:
            return self._by_task[task.parent]
        return self.around(task.step, task.index)

    def around(self, step: tuple[str, ...], index: tuple[str, ...]) -> Execution:
        """Return the workflow execution that a step at a place belongs to."""
        for length in range(len(index), -1, -1):
            known = self._by_place.get((step[:-1], index[:length]))
            if known is not None:
                return known
        return self.main

    def all(self) -> Iterator[Execution]:
        """Yield every execution, outer ones first."""
        pending = [self.main]
        while pending:
            execution = pending.pop()
            yield execution
            inside = [e for group in execution.inside.values() for e in group]
            pending.extend(reversed(inside))

    def inputs(self, execution: Execution) -> Mapping[str, Expr]:
        """Return what an execution was given."""
        return execution.task.inputs if execution.task else self.run.inputs

    def outputs(self, execution: Execution) -> Mapping[str, Expr]:
        """Return what an execution gave."""
        return execution.task.outputs if execution.task else self.run.outputs

    def note(self, values: Values) -> None:
        """Record all values, so that shared entities know all their parameters."""
        for execution in self.all():
            tool = execution.tool
            for parameters, given in _sides(self, execution, tool):
                for name, expression in given.items():
                    values.note(parameters.get(name), expression)
            for name, value in _variables(execution).items():
                parameter = tool.variables[name]
                identifier = values.add_property(name, value, parameter.id)
                parameter.examples[identifier] = None
        for tool in self.main.tool.all():
            for parameter in tool.parameters():
                values.settle(parameter)


def _sides(
    history: History, execution: Execution, tool: Tool
) -> tuple[tuple[dict[str, Parameter], Mapping[str, Expr]], ...]:
    return (
        (tool.inputs, history.inputs(execution)),
        (tool.outputs, history.outputs(execution)),
    )


def _variables(execution: Execution) -> dict[str, str]:
    """Return the environment variables that the document sets; others are not its business."""
    process = execution.tool.process
    if execution.task is None or not isinstance(process, (Command, Script)):
        return {}
    stated = process.environment.variables
    found = {n: e.value for n, e in stated.items() if isinstance(e, StringLit)}
    given = execution.task.environment
    return found | {name: given[name] for name in execution.tool.variables if name in given}


class Actions:
    """Makes the entities of a history."""

    def __init__(
        self,
        history: History,
        values: Values,
        engine: str,
        agent: str | None,
        lines: CommandLines,
    ) -> None:
        self._history = history
        self._values = values
        self._engine = engine
        self._agent = ref(agent) if agent else None
        self._lines = lines

    def entities(self) -> Iterator[dict[str, Any]]:
        """Yield all actions and what they alone refer to."""
        for execution in self._history.all():
            steps = [
                self._control(execution, path, group)
                for path, group in sorted(
                    execution.inside.items(),
                    key=lambda item: (len(item[0]), self._history.step(item[0]).position, item[0]),
                )
            ]
            if steps:
                yield self._organize(execution, [step["@id"] for step in steps])
            yield from steps
            yield self._create(execution)
            if execution.task is not None:
                yield from usage(execution.task)
                if execution.task.container:
                    yield image_entity(execution.task.container, execution.task.container_digest)
        for approval in self._history.run.approvals:
            yield self._approval(approval)
        for host in self._history.run.hosts:
            yield from _host(host)

    def _organize(self, execution: Execution, steps: list[str]) -> dict[str, Any]:
        run, task = self._history.run, execution.task
        name = f"{run.engine.name} {run.engine.version or ''}".strip()
        return {
            "@type": "OrganizeAction",
            "@id": f"#organize/{execution.id[1:]}",
            "name": f"Orchestration of {execution.tool.name} by {name}",
            "agent": self._agent,
            "instrument": ref(self._engine),
            "object": refs(steps),
            "result": ref(execution.id),
            **self._outcome(task),
        }

    def _approval(self, approval: StepApproval) -> dict[str, Any]:
        """Return a person's yes to a step: schema.org's act of granting permission."""
        history = self._history
        planned = history.step(approval.step)
        parent = history.around(approval.step, approval.index)
        ran = approval.step in parent.inside
        name = planned.step.label or planned.step.id
        return {
            "@type": "AuthorizeAction",
            "@id": approval_id(approval),
            "name": f"Approval of {name}",
            "description": approval.prompt,
            "agent": ref(agent_id(Agent(name=approval.who))) if approval.who else None,
            "object": ref(control_id(parent.id, approval.step) if ran else planned.id),
            "endTime": timestamp(approval.time),
            "actionStatus": COMPLETED,
        }

    def _control(
        self, parent: Execution, path: tuple[str, ...], group: list[Execution]
    ) -> dict[str, Any]:
        planned = self._history.step(path)
        tasks = [execution.task for execution in group if execution.task]
        starts = [t for task in tasks if (t := timestamp(task.started))]
        last = last_attempts(tasks)
        ends = [t for task in last if (t := timestamp(task.ended))]
        statuses = {status_of(task.status) for task in last}
        complete = statuses == {COMPLETED} and self._taken_up(parent, planned)
        return {
            "@type": "ControlAction",
            "@id": control_id(parent.id, path),
            "name": f"Step {planned.step.label or planned.step.id}",
            "instrument": ref(planned.id),
            "object": refs(execution.id for execution in group),
            "startTime": min(starts, default=None),
            "endTime": max(ends, default=None) if self._over(ends, last, complete) else None,
            "actionStatus": FAILED if FAILED in statuses else COMPLETED if complete else None,
            "error": self._errors(last),
        }

    def _over(self, ends: list[str], last: list[Task], complete: bool) -> bool:
        if len(ends) != len(last):
            return False
        return complete or self._history.run.status in ("completed", "failed")

    def _errors(self, tasks: list[Task]) -> str | None:
        """Return why parts of a step failed."""
        failed = [task for task in tasks if status_of(task.status) == FAILED]
        return reasons(self._lines.text(error_of(task), task) for task in failed)

    def _taken_up(self, parent: Execution, planned: PlannedStep) -> bool:
        """Tell whether all of a step has begun, as far as the record shows that.

        Of a run that was stopped, items of a scatter may be missing without a trace; not where a
        step has run that takes what they give.
        """
        step, run = planned.step, self._history.run
        if run.status == "completed" or not (step.scatter or step.loop):
            return True
        siblings = (self._history.step(path).step for path in parent.inside)
        return any(
            taken.step == step.id
            for other in siblings
            if other is not step
            for value in other.inputs.values()
            for taken in nodes(value, Output)
        )

    def _outcome(self, task: Task | None) -> dict[str, Any]:
        """Return times, status and error of a task, or of the run as a whole."""
        run = self._history.run
        whole = task is None or not task.step
        started, ended = (task.started, task.ended) if task else (None, None)
        status = status_of(run.status if whole or task is None else task.status)
        error = run.error if whole or task is None else error_of(task)
        return {
            "startTime": timestamp(started or (run.started if whole else None)),
            "endTime": timestamp(ended or (run.ended if whole else None)),
            "actionStatus": status,
            "error": self._lines.text(error or _unknown(run.status), task)
            if status == FAILED
            else None,
        }

    def _create(self, execution: Execution) -> dict[str, Any]:
        task, tool = execution.task, execution.tool
        whole = execution is self._history.main
        name, description = self._history.texts.get(execution.id) or (
            f"Run of {tool.name}{_item(task)}",
            self._description(execution),
        )
        shown: dict[str, Any] = {
            "@type": "CreateAction",
            "@id": execution.id,
            "name": name,
            "description": description,
            "agent": self._agent,
            "instrument": ref(tool.id),
            **self._outcome(task),
            "object": self._side(tool.inputs, self._history.inputs(execution)),
            "result": self._side(tool.outputs, self._history.outputs(execution)),
        }
        if task is None:
            hosts = self._history.run.hosts
            return {**shown, "location": refs(_host_id(host.name) for host in hosts)}
        variables = _variables(execution).items()
        shown["environment"] = refs(self._values.add_property(n, v, None) for n, v in variables)
        shown["resourceUsage"] = refs(entity["@id"] for entity in measured(task))
        if task.container:
            shown["containerImage"] = ref(image_id(task.container, task.container_digest))
        if task.exit_code is not None:
            shown["additionalProperty"] = ref(exit_code(task.exit_code)["@id"])
        known = {host.name for host in self._history.run.hosts}
        hosts_used = [task.host] if task.host in known and task.host else []
        shown["location"] = refs(_host_id(name) for name in ([] if whole else hosts_used))
        return shown

    def _side(
        self, parameters: dict[str, Parameter], given: Mapping[str, Expr]
    ) -> list[dict[str, str]]:
        return refs(
            identifier
            for name, expression in given.items()
            for identifier in self._values.ids(parameters.get(name), name, expression)
        )

    def _description(self, execution: Execution) -> str | None:
        task = execution.task
        if task is not None and task.command:
            reused = f" (result reused from {task.reused})" if task.reused else ""
            return f"Command: {self._lines.shown(task)}{reused}"
        if execution.inside or task is None:
            count = sum(len(group) for group in execution.inside.values())
            return f"Orchestrated execution of {count} part{'' if count == 1 else 's'}."
        name = execution.tool.process.label or "/".join(task.step)
        kind = "Evaluation of an expression" if task.kind == "pure" else "Execution"
        return execution.tool.process.doc or f"{kind}: {name}."


def approval_id(approval: StepApproval) -> str:
    """Return the id of an approval."""
    return local_id("approval", *approval.step, *(f"item {i}" for i in approval.index))


def control_id(parent: str, path: tuple[str, ...]) -> str:
    """Return the id of the action of a step, given that of the workflow's execution."""
    return f"#control/{parent[1:]}/{local_id(*path)[1:]}"


def _item(task: Task | None) -> str:
    return f" ({', '.join(task.index)})" if task is not None and task.index else ""


def status_of(status: str) -> str | None:
    """Return the schema.org status of what ended well or badly; None while that is open."""
    if status == "completed":
        return COMPLETED
    return FAILED if status in ("failed", "cancelled") else None


def error_of(task: Task) -> str:
    """Return why a task failed, as far as it is recorded."""
    return task.error or _unknown(task.status, task.exit_code)


def reasons(texts: Iterable[str]) -> str | None:
    """Return reasons for failures as one text: each once, of many the first ones."""
    told = list(dict.fromkeys(texts))
    more = f"; and {len(told) - MOST_ERRORS} more" if len(told) > MOST_ERRORS else ""
    return "; ".join(told[:MOST_ERRORS]) + more or None


def _unknown(status: str, exit_code: int | None = None) -> str:
    return status if exit_code is None else f"{status} with exit code {exit_code}"


def _host_id(name: str) -> str:
    return local_id("host", name)


def _host(host: Host) -> Iterator[dict[str, Any]]:
    facts = {
        "operating system": " ".join(part for part in (host.system, host.release) if part) or None,
        "architecture": host.architecture,
        "processor": host.cpu,
        "processor cores": host.cores,
        "memory in octets": host.memory_bytes,
    }
    known = {name: value for name, value in facts.items() if value is not None}
    ids = {name: local_id("host", host.name, name) for name in known}
    yield {
        "@type": "Place",
        "@id": _host_id(host.name),
        "name": host.name,
        "description": "A computer that tasks of this run were executed on.",
        "additionalProperty": refs(ids.values()),
    }
    for name, value in known.items():
        yield {"@type": "PropertyValue", "@id": ids[name], "name": name, "value": value}
