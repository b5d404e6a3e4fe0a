"""Ids that CWL cannot write get others: its references are built of ids, with "/" and "#" between.

Every reference follows; the report names each port, step and process that has a new id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from fairwf.ir.expressions import BodyOutput, Each, Input, Local, Output, Record, StepInput
from fairwf.ir.origins import Origins
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.rewriting import map_children
from fairwf.ir.workflow import (
    Command,
    Operation,
    Process,
    ProcessRef,
    Pure,
    Scatter,
    Script,
    Step,
    Workflow,
)
from fairwf_cwl.names import short
from fairwf_cwl.write.javascript_text import CannotSayError

Told = Callable[[msgspec.Struct, str, str], None]
"""Told of a node, its id, and the new one."""

S = TypeVar("S", bound=msgspec.Struct)

_PROCESSES = (Command, Operation, ProcessRef, Pure, Script, Workflow)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_STRANGE = re.compile(r"[^\w.+-]+")


def with_cwl_ids(process: Process, origins: Origins, told: Told, distinct: bool) -> Process:
    """Return the process, and all inside, with ids that CWL can write.

    ``distinct``: no step has the id of an input or output of its workflow. CWL has them unique, but
    runners take them, so what a CWL document says stays.

    Raises:
        CannotSayError: the outputs of a computation that is no record cannot be renamed.
    """
    return _Renaming(origins, told, distinct).process(process, {})


def new_ids(ids: Iterable[str], others: Iterable[str] = ()) -> dict[str, str]:
    """Return new ids for those of siblings that CWL cannot write, or that are among ``others``."""
    known, around = list(ids), frozenset(others)
    kept = {name for name in known if writable(name) and name not in around}
    taken = kept | around
    found: dict[str, str] = {}
    for name in known:
        if name in kept or name in found:
            continue
        base = new = _STRANGE.sub("_", name).strip("_") or "x"
        number = 2
        while new in taken:
            new, number = f"{base}_{number}", number + 1
        found[name] = new
        taken.add(new)
    return found


def writable(name: str) -> bool:
    """Tell whether CWL can write an id, and refer to it.

    To cwltool a question mark at the end is the empty query of an address, a word with a colon at
    the beginning its scheme, and blanks around an id are none of it.
    """
    plain = not name.startswith("$") and not name.endswith("?") and "#" not in name
    plain = plain and name == name.strip() and not _SCHEME.match(name)
    return bool(name) and short(name) == name and plain


class _Renaming:
    def __init__(self, origins: Origins, told: Told, distinct: bool) -> None:
        self.origins = origins
        self.told = told
        self.distinct = distinct

    def process(self, process: Process, shared: Mapping[str, Process]) -> Process:
        """Return a process with other ids where they are needed."""
        inputs, outputs = _ports(process.inputs), _ports(process.outputs)
        changed = self._workflow(process, shared) if isinstance(process, Workflow) else process
        if inputs:
            changed = self._visited(changed, lambda node: _input(node, inputs))
        if outputs and isinstance(changed, Pure):
            changed = self._result(changed, outputs)
        changes: dict[str, Any] = {}
        if inputs:
            changes["inputs"] = tuple(self._named(port, inputs) for port in changed.inputs)
        if outputs:
            changes["outputs"] = tuple(self._named(port, outputs) for port in changed.outputs)
        if process.id and not writable(process.id):
            changes["id"] = new_ids([process.id])[process.id]
            self.told(process, process.id, changes["id"])
        return self._replaced(changed, **changes)

    def _result(self, process: Pure, outputs: Mapping[str, str]) -> Pure:
        result = process.result
        if not isinstance(result, Record):
            name = next(iter(outputs))
            raise CannotSayError(f"CWL cannot write the id {name!r:.60}", process)
        fields = {outputs.get(name, name): value for name, value in result.fields.items()}
        return self._replaced(process, result=self._replaced(result, fields=fields))

    def _workflow(self, workflow: Workflow, shared: Mapping[str, Process]) -> Workflow:
        known = {**shared, **workflow.processes}
        around = (*_ids(workflow.inputs), *_ids(workflow.outputs)) if self.distinct else ()
        steps = new_ids((step.id for step in workflow.steps), around)
        ports: dict[str, dict[str, str]] = {}
        for step in workflow.steps:
            run = _resolved(step.run, known)
            ports[step.id] = _ports(run.outputs) if run is not None else {}

        def output(node: msgspec.Struct) -> msgspec.Struct:
            if not isinstance(node, Output):
                return node
            port = ports.get(node.step, {}).get(node.port, node.port)
            return self._replaced(node, step=steps.get(node.step, node.step), port=port)

        named = [self._step(step, steps, known) for step in workflow.steps]
        changed = self._replaced(
            workflow,
            steps=tuple(named),
            processes={n: self.process(p, known) for n, p in workflow.processes.items()},
        )
        return self._visited(changed, output)

    def _step(self, step: Step, steps: Mapping[str, str], known: Mapping[str, Process]) -> Step:
        run = _resolved(step.run, known)
        inputs = _ports(run.inputs) if run is not None else {}
        outputs = _ports(run.outputs) if run is not None else {}
        changes: dict[str, Any] = {}
        if not isinstance(step.run, ProcessRef):
            changes["run"] = self.process(step.run, known)
        if inputs:
            changes["inputs"] = {inputs.get(n, n): value for n, value in step.inputs.items()}
        if step.id in steps:
            self.told(step, step.id, steps[step.id])
            changes["id"] = steps[step.id]
        if not steps.keys().isdisjoint(step.after):
            changes["after"] = tuple(steps.get(name, name) for name in step.after)
        changed = self._replaced(step, **changes)

        def handed(node: msgspec.Struct) -> msgspec.Struct:
            if isinstance(node, StepInput) and node.name in inputs:
                return self._replaced(node, name=inputs[node.name])
            if isinstance(node, BodyOutput) and node.port in outputs:
                return self._replaced(node, port=outputs[node.port])
            return node

        if inputs and changed.when is not None:
            changed = self._replaced(changed, when=self._visited(changed.when, handed))
        if (inputs or outputs) and changed.loop is not None:
            changed = self._replaced(changed, loop=self._visited(changed.loop, handed))
        return self._items(changed)

    def _items(self, step: Step) -> Step:
        scatter = step.scatter
        names = new_ids(p.name for p in scatter.over) if isinstance(scatter, Scatter) else {}
        if not names or not isinstance(scatter, Scatter):
            return step

        def renamed(node: Any, bound: frozenset[str] = frozenset()) -> Any:
            if isinstance(node, Local) and node.name in names and node.name not in bound:
                return self._replaced(node, name=names[node.name])
            inner = bound | {node.name} if isinstance(node, Each) else bound
            return map_children(node, lambda child: renamed(child, inner), self.origins)

        for part in scatter.over:
            if part.name in names:
                self.told(part, part.name, names[part.name])
        over = tuple(self._named(p, names, "name") for p in scatter.over)
        return self._replaced(
            step,
            scatter=self._replaced(scatter, over=over),
            inputs={name: renamed(value) for name, value in step.inputs.items()},
            when=renamed(step.when) if step.when is not None else None,
        )

    def _named(self, node: S, names: Mapping[str, str], field: str = "id") -> S:
        old = getattr(node, field)
        if old not in names:
            return node
        if field == "id":
            self.told(node, old, names[old])
        return self._replaced(node, **{field: names[old]})

    def _visited(self, node: S, change: Callable[[msgspec.Struct], msgspec.Struct]) -> S:
        """Return the tree with references changed, but those in processes inside."""

        def visit(at: msgspec.Struct) -> msgspec.Struct:
            if isinstance(at, _PROCESSES) and at is not node:
                return at
            return change(map_children(at, visit, self.origins))

        return visit(node)  # type: ignore[return-value]

    def _replaced(self, node: S, **changes: Any) -> S:
        if not changes:
            return node
        new = msgspec.structs.replace(node, **changes)
        self.origins.inherit(new, node)
        return new


def _ports(ports: tuple[InputPort, ...] | tuple[OutputPort, ...]) -> dict[str, str]:
    return new_ids(port.id for port in ports)


def _ids(ports: tuple[InputPort, ...] | tuple[OutputPort, ...]) -> list[str]:
    """Return the ids that ports will have."""
    new = _ports(ports)
    return [new.get(port.id, port.id) for port in ports]


def _input(node: msgspec.Struct, names: Mapping[str, str]) -> msgspec.Struct:
    if isinstance(node, Input) and node.name in names:
        return msgspec.structs.replace(node, name=names[node.name])
    return node


def _resolved(run: Process | ProcessRef, known: Mapping[str, Process]) -> Process | None:
    for _ in range(len(known) + 1):
        if not isinstance(run, ProcessRef):
            return run
        if run.name not in known:
            return None
        run = known[run.name]
    return None
