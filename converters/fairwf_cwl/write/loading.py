"""Contents that steps load, for CWL v1.0: there only the inputs of processes are loaded.

A step that runs an ExpressionTool loads them and gives the value that was computed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.expressions import Call, Each, Expr, Input, Local, Output, Record, StepInput
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.rewriting import map_children
from fairwf.ir.walk import nodes, walk
from fairwf.ir.workflow import Pure, Step, Workflow
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.links import loaded, reference

_FUNCTIONS = frozenset({"load_contents", "load_listing"})
RESULT = "value"
"""The output of such a step."""

Types = Mapping[str, ir.Type | None]
Tell = Callable[[str, str, object], None]


def loads(workflow: Workflow) -> bool:
    """Tell whether a step of the workflow loads contents or listings."""
    return any(_loads(value) for step in workflow.steps for value in step.inputs.values())


def with_loading_steps(workflow: Workflow, outputs: Mapping[str, Types], tell: Tell) -> Workflow:
    """Return the workflow with steps that load what other steps loaded for themselves.

    ``outputs`` are the types of the outputs of the steps.

    Raises:
        CannotSayError: the items of a scatter are loaded.
    """
    inputs: Types = {port.id: port.type for port in workflow.inputs}

    def type_of(node: Expr) -> ir.Type:
        found = inputs.get(node.name) if isinstance(node, Input) else None
        if isinstance(node, Output):
            found = outputs.get(node.step, {}).get(node.port)
        return found if found is not None else ir.AnyType()

    taken = {step.id for step in workflow.steps}
    steps: list[Step] = []
    for step in workflow.steps:
        given = dict(step.inputs)
        for name, value in step.inputs.items():
            if not _loads(value):
                continue
            before = _step(fresh(f"{step.id}_{name}", taken), value, type_of, _port(step, name))
            taken.add(before.id)
            steps.append(before)
            given[name] = Output(step=before.id, port=RESULT)
            tell("FWF3002", "a step before loads the contents, which CWL v1.0 cannot here", value)
        steps.append(msgspec.structs.replace(step, inputs=given))
    return msgspec.structs.replace(workflow, steps=tuple(steps))


def _loads(value: Expr) -> bool:
    return any(node.function in _FUNCTIONS for node in nodes(value, Call))


def _port(step: Step, name: str) -> ir.Type:
    ports = getattr(step.run, "inputs", ())
    return next((port.type for port in ports if port.id == name), ir.AnyType())


def _step(name: str, value: Expr, type_of: Callable[[Expr], ir.Type], wanted: ir.Type) -> Step:
    ports: dict[bytes, InputPort] = {}
    links: dict[str, Expr] = {}

    def change(node: msgspec.Struct) -> msgspec.Struct:
        inner, fields = loaded(node)  # type: ignore[arg-type]
        if fields and reference(inner) is not None:
            return Input(name=port(inner, bool(fields.get("loadContents"))))
        if isinstance(node, (Input, Output)):
            return Input(name=port(node, False))
        if isinstance(node, StepInput):
            raise CannotSayError("CWL v1.0 cannot load what a step hands to itself", value)
        return map_children(node, change)

    def port(node: Expr, contents: bool) -> str:
        key = canonical_bytes(node)
        if key not in ports:
            base = node.port if isinstance(node, Output) else getattr(node, "name", "value")
            own = fresh(base, links)
            links[own] = node
            ports[key] = InputPort(id=own, type=type_of(node))
        if contents:
            ports[key] = msgspec.structs.replace(ports[key], load_contents=True)
        return ports[key].id

    result: Expr = change(value)  # type: ignore[assignment]
    if _loads(result) or any(_is_item(node, value) for _, node in walk(result)):
        raise CannotSayError("CWL v1.0 cannot load the items of a scatter in a step", value)
    pure = Pure(
        inputs=tuple(ports.values()),
        outputs=(OutputPort(id=RESULT, type=wanted),),
        result=Record(fields={RESULT: result}),
    )
    return Step(id=name, run=pure, inputs=links)


def _is_item(node: msgspec.Struct, value: Expr) -> bool:
    """Tell whether a node is the item of a scatter, not of a list inside the value."""
    bound = {each.name for each in nodes(value, Each)}
    return isinstance(node, Local) and node.name not in bound
