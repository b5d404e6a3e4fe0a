"""Texts that a workflow settles before it runs: followed through inputs, defaults and steps.

A container's image is often an input of its task, which a step binds to an input of the workflow
with a default: the workflow then names the image as well as if it stood in the task.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Literal

import msgspec

from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Expr,
    If,
    Index,
    Input,
    IntLit,
    NoneLit,
    Output,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import ProcessRef, Pure, Step, Workflow

MOST = 20
"""Texts, and uses of one process, that are followed."""
_DEEPEST = 12

Unsettled = Literal["open", "computed"]
"""``open``: whoever runs the workflow says it; ``computed``: a function makes it."""


class KnownTexts:
    """What expressions of a workflow are, as far as the workflow itself says."""

    def __init__(self, root: msgspec.Struct) -> None:
        workflows = list(nodes(root, Workflow))
        named = {name: run for workflow in workflows for name, run in workflow.processes.items()}
        self._workflows = workflows
        self._steps: dict[int, dict[str, Step]] = {}
        self._uses: dict[int, list[tuple[Workflow, Step]]] = {}
        self._runs: dict[int, msgspec.Struct | None] = {}
        for workflow in workflows:
            self._steps[id(workflow)] = {step.id: step for step in workflow.steps}
            for step in workflow.steps:
                run = named.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run
                self._runs[id(step)] = run
                if run is not None:
                    self._uses.setdefault(id(run), []).append((workflow, step))

    def uses(self, process: msgspec.Struct) -> list[tuple[Workflow, Step]]:
        """Return the steps that run a process, each with its workflow."""
        return self._uses.get(id(process), [])

    def of(self, expression: Expr, process: msgspec.Struct) -> tuple[str, ...] | Unsettled:
        """Return the texts that an expression of a process can be, over all its uses."""
        found = self._of(expression, process, 0)
        if isinstance(found, str):
            return found
        texts = [item.value for item in found if isinstance(item, StringLit)]
        return tuple(dict.fromkeys(texts)) if len(texts) == len(found) and texts else "computed"

    def _of(
        self, expression: Expr, process: msgspec.Struct, depth: int
    ) -> tuple[Expr, ...] | Unsettled:
        """Return literals and records, whose fields are closed over ``process``."""
        if depth > _DEEPEST:
            return "computed"
        deeper = depth + 1
        match expression:
            case StringLit():
                return (expression,)
            case IntLit():
                return (StringLit(value=str(expression.number)),)
            case Record():
                fields = {k: self._of(v, process, deeper) for k, v in expression.fields.items()}
                known = {k: v[0] for k, v in fields.items() if not isinstance(v, str)}
                return (Record(fields=known),)
            case Attr():
                return self._member(self._of(expression.of, process, deeper), expression.name)
            case Index(by=StringLit(value=name)):
                return self._member(self._of(expression.of, process, deeper), name)
            case Template():
                parts = [self._of(part, process, deeper) for part in expression.parts]
                return _joined(parts)
            case If():
                both = (expression.then, expression.otherwise)
                return _either([self._of(part, process, deeper) for part in both])
            case Input():
                return self._input(expression.name, process, deeper)
            case Output():
                return self._output(expression, process, deeper)
            case Call():
                return self._call(expression, process, deeper)
        return "computed"

    def _call(
        self, call: Call, process: msgspec.Struct, depth: int
    ) -> tuple[Expr, ...] | Unsettled:
        args: tuple[Expr, ...] = call.args
        if call.function == "concat":
            return _joined([self._of(part, process, depth) for part in args])
        if call.function == "first_defined" and args and isinstance(args[0], Array):
            args = args[0].items
        elif call.function != "default":
            return "computed"
        every = (self._of(part, process, depth) for part in args)
        return next((one for one in every if one != "open"), "open")

    def _member(self, of: tuple[Expr, ...] | Unsettled, name: str) -> tuple[Expr, ...] | Unsettled:
        if isinstance(of, str):
            return of
        found = [
            item.fields[name] for item in of if isinstance(item, Record) and name in item.fields
        ]
        return tuple(found) if len(found) == len(of) else "computed"

    def _input(
        self, name: str, process: msgspec.Struct, depth: int
    ) -> tuple[Expr, ...] | Unsettled:
        port = next((p for p in getattr(process, "inputs", ()) if p.id == name), None)
        default = port.default if port is not None else None
        own = self._of(default, process, depth) if default is not None else "open"
        found: list[tuple[Expr, ...] | Unsettled] = []
        for workflow, step in self.uses(process)[:MOST]:
            given = step.inputs.get(name)
            there = given is not None and not isinstance(given, NoneLit)
            value = self._of(given, workflow, depth) if there and given is not None else own
            # A default stands in for an input that nobody has to give.
            found.append(own if value == "open" else value)
        return _either(found) if found else own

    def _output(
        self, expression: Output, process: msgspec.Struct, depth: int
    ) -> tuple[Expr, ...] | Unsettled:
        step = self._steps.get(id(process), {}).get(expression.step)
        run = self._runs.get(id(step)) if step is not None else None
        if isinstance(run, Pure) and isinstance(run.result, Record):
            value = run.result.fields.get(expression.port)
            return self._of(value, run, depth) if value is not None else "computed"
        return "computed"


def _either(found: Iterable[tuple[Expr, ...] | Unsettled]) -> tuple[Expr, ...] | Unsettled:
    """Join what several uses give: one that is not settled leaves the whole unsettled."""
    every = list(found)
    for unsettled in ("open", "computed"):
        if unsettled in every:
            return unsettled
    joined = [item for one in every if not isinstance(one, str) for item in one]
    return tuple(joined[:MOST])


def _joined(parts: list[tuple[Expr, ...] | Unsettled]) -> tuple[Expr, ...] | Unsettled:
    every = _either(parts)
    if isinstance(every, str):
        return every
    known = [one for one in parts if not isinstance(one, str)]
    found = []
    for chosen, _ in zip(product(*known), range(MOST), strict=False):
        texts = [item.value for item in chosen if isinstance(item, StringLit)]
        if len(texts) < len(chosen):
            return "computed"
        found.append(StringLit(value="".join(texts)))
    return tuple(found)
