"""Workflows of the IR as those of WDL (specification 1.2, "Workflow Definition").

A step is a call in the scatter and condition that it has; what a step only computes is declared. A
step that runs a workflow without a name is a section; one with a name is a document of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairwf.features import is_literal
from fairwf.ir.expressions import Expr, Input, Local, NoneLit, Output
from fairwf.ir.ports import InputPort
from fairwf.ir.types import ArrayType, Type
from fairwf.ir.workflow import (
    Operation,
    Over,
    Process,
    Pure,
    Scatter,
    Step,
    Workflow,
)
from fairwf_wdl.write.annotations import meta_section, parameter_section
from fairwf_wdl.write.calls import call
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.names import Names, claimed
from fairwf_wdl.write.patterns import let, uses
from fairwf_wdl.write.places import Telling
from fairwf_wdl.write.planning import (
    Callees,
    Planned,
    has_outputs,
    is_section,
    loads_of,
    member_of,
    opened_inputs,
    overridden_by,
    resolved,
)
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.scopes import OPEN, Scope, wrapped
from fairwf_wdl.write.tasks import input_lines
from fairwf_wdl.write.types import BOOL, Structs, is_optional, item_of, required

MAX_SECTIONS = 40


class WorkflowWriter:
    """Writes one workflow."""

    def __init__(
        self,
        workflow: Workflow,
        name: str,
        version: str,
        structs: Structs,
        tell: Telling,
        callees: Callees,
        shared: Mapping[str, Process],
    ) -> None:
        self.workflow = workflow
        self.name = name
        self.callees = callees
        self.shared = shared
        self.tell = tell
        self.names = Names({name})
        opened = opened_inputs(workflow)
        self.ports = tuple(port for port in workflow.inputs if port.id not in opened)
        self.opened = [port for port in workflow.inputs if port.id in opened]
        self.input_names = claimed((port.id for port in self.ports), self.names, "input")
        self._call_names: dict[int, str] = {}
        self._claim_calls(workflow, shared, 0)
        self.output_names = claimed((port.id for port in workflow.outputs), self.names, "output")
        self.scope = Scope(version, structs, tell, self.names)
        self.scope.helpers, self.scope.libraries = callees, workflow.libraries
        self.scope.loads = loads_of(workflow)

    def _claim_calls(self, workflow: Workflow, shared: Mapping[str, Process], depth: int) -> None:
        if depth > MAX_SECTIONS:
            raise CannotSayError("workflows are nested too deeply", workflow)
        shared = {**shared, **workflow.processes}
        for step in workflow.steps:
            if is_section(step):
                assert isinstance(step.run, Workflow)
                self._claim_calls(step.run, shared, depth + 1)
            elif not isinstance(resolved(step.run, shared), Pure):
                self._call_names[id(step)] = self.names.claim(step.id, "step")

    def text(self) -> str:
        """Return the workflow.

        Raises:
            CannotSayError: WDL cannot say a part of it.
        """
        workflow, scope = self.workflow, self.scope
        for port in self.ports:
            scope.inputs[port.id] = Said(self.input_names[port.id], port.type)
        for port in self.opened:
            scope.inputs[port.id] = Said(OPEN + port.id, port.type)
        self._steps(workflow, scope, self.shared, [])
        outputs = []
        for out in workflow.outputs:
            type_ = _typed(scope, out)
            if out.value is None:
                raise CannotSayError("this output has no value", out)
            value = scope.sayer.say(out.value, out.type).text
            outputs.append(f"    {type_} {self.output_names[out.id]} = {value}\n")
        body = "".join(f"  {line}\n" for line in scope.lines)
        parts = [
            input_lines(self.ports, self.input_names, scope.sayer),
            body,
            f"  output {{\n{''.join(outputs)}  }}\n" if outputs else "",
            meta_section(self._with_nested()),
            parameter_section(
                (*self.ports, *workflow.outputs), {**self.input_names, **self.output_names}
            ),
        ]
        return f"workflow {self.name} {{\n" + "\n".join(part for part in parts if part) + "}\n"

    def _with_nested(self) -> Workflow:
        """The workflow, saying in its metadata that a job file may give open inputs of calls."""
        workflow = self.workflow
        if all(not is_optional(port.type) and port.default is None for port in self.opened):
            return workflow
        own = dict(workflow.extensions.get("wdl", {}))
        meta = dict(own.get("meta") or {})
        if meta.get("allowNestedInputs") is True or meta.get("allow_nested_inputs") is True:
            return workflow
        own["meta"] = {**meta, "allowNestedInputs": True}
        return msgspec.structs.replace(workflow, extensions={**workflow.extensions, "wdl": own})

    # --- steps

    def _steps(
        self, workflow: Workflow, scope: Scope, shared: Mapping[str, Process], after: list[str]
    ) -> list[Planned]:
        shared = {**shared, **workflow.processes}
        planned = [self._planned(step, scope, shared) for step in workflow.steps]
        by_id = {one.step.id: one for one in planned}
        for one in planned:
            self._register(one, scope)
        for one in planned:
            waits = [name for id_ in one.step.after for name in by_id[id_].calls()]
            self._step(one, scope, shared, [*after, *waits])
        return planned

    def _planned(self, step: Step, scope: Scope, shared: Mapping[str, Process]) -> Planned:
        process = overridden_by(step, resolved(step.run, shared))
        one = Planned(step, process)
        if is_section(step):
            assert isinstance(process, Workflow)
            inner = {**shared, **process.processes}
            one.inner = [self._planned(each, scope, inner) for each in process.steps]
            known = {each.step.id: each for each in one.inner}
            for port in process.outputs:
                value = port.value
                if isinstance(value, Output) and value.step in known:
                    one.outputs[port.id] = known[value.step].outputs[value.port]
                else:
                    one.outputs[port.id] = self.names.claim(port.id, "value")
        elif isinstance(process, Pure):
            for port in process.outputs:
                one.outputs[port.id] = self.names.claim(f"{step.id}_{port.id}", "value")
        elif isinstance(process, Operation):
            raise CannotSayError("WDL has no step that cannot run yet", step)
        else:
            one.name = self._call_names[id(step)]
            one.callee = self.callees.callee(process, step.id)
            for id_, name in one.callee.outputs.items():
                one.outputs[id_] = f"{one.name}.{name}"
        return one

    def _wraps(self, step: Step, scope: Scope) -> list[ArrayType | None]:
        wraps: list[ArrayType | None] = []
        if isinstance(step.scatter, Scatter):
            count = len(step.scatter.over) if step.scatter.mode == "nested_crossproduct" else 1
            wraps.extend(ArrayType(items=BOOL) for _ in range(count))
        if step.when is not None:
            wraps.append(None)
        return wraps

    def _register(self, one: Planned, scope: Scope) -> None:
        wraps = self._wraps(one.step, scope)
        for port in one.process.outputs:
            type_ = wrapped(port.type, wraps)
            scope.outputs[one.step.id, port.id] = Said(one.outputs[port.id], type_)

    def _step(
        self, one: Planned, scope: Scope, shared: Mapping[str, Process], after: list[str]
    ) -> None:
        step = one.step
        if step.loop is not None or step.handlers or step.approval or step.wait:
            raise CannotSayError("WDL has no such step", step)
        sections: list[tuple[str, dict[str, Said]]] = []
        if isinstance(step.scatter, Scatter):
            sections = self._scattered(step.scatter, scope)
        elif step.scatter is not None:
            raise CannotSayError("WDL has no step that runs on demand", step)
        self._inside(one, scope, scope, sections, shared, after)

    def _inside(
        self,
        one: Planned,
        scope: Scope,
        outer: Scope,
        sections: list[tuple[str, dict[str, Said]]],
        shared: Mapping[str, Process],
        after: list[str],
    ) -> None:
        if sections:
            (head, names), *rest = sections
            with scope.block(head) as inner:
                inner.locals.update(names)
                self._inside(one, inner, outer, rest, shared, after)
            return
        step = one.step
        if step.when is None:
            self._run(one, scope, outer, shared, after)
            return
        scope.given = step.inputs
        test = scope.sayer.say(step.when, BOOL)
        scope.given = None
        with scope.block(f"if ({test.text})") as inner:
            self._run(one, inner, outer, shared, after)

    def _scattered(self, scatter: Scatter, scope: Scope) -> list[tuple[str, dict[str, Said]]]:
        arrays = [scope.over(over.value, scattered=True) for over in scatter.over]
        if len(arrays) == 1 or scatter.mode == "nested_crossproduct":
            found = []
            for over, array in zip(scatter.over, arrays, strict=True):
                variable = scope.variable(over.name)
                names = {over.name: Said(variable, item_of(array.type))}
                found.append((f"scatter ({variable} in {array.text})", names))
            return found
        if scatter.mode == "stream":
            raise CannotSayError("WDL has no streams", scatter)
        return [self._together(scatter.over, arrays, scatter.mode, scope)]

    def _together(
        self, over: tuple[Over, ...], arrays: list[Said], mode: str, scope: Scope
    ) -> tuple[str, dict[str, Said]]:
        """One scatter over tuples of items: pairs whose left is a pair, and so on."""
        function = "zip" if mode == "dot" else "cross"
        text = arrays[0].text
        for array in arrays[1:]:
            text = f"{function}({text}, {array.text})"
        variable = scope.variable("_".join(one.name for one in over)[:40])
        names = {}
        for number, (one, array) in enumerate(zip(over, arrays, strict=True)):
            deep = len(arrays) - 1 - number
            path = ".left" * deep + (".right" if number else "")
            names[one.name] = Said(variable + path, item_of(array.type))
        return f"scatter ({variable} in {text})", names

    def _run(
        self,
        one: Planned,
        scope: Scope,
        outer: Scope,
        shared: Mapping[str, Process],
        after: list[str],
    ) -> None:
        if one.callee is not None:
            call(one, one.callee, scope, after)
        elif isinstance(one.process, Pure):
            inner = self._bound(one, scope, outer)
            for port in one.process.outputs:
                _declared(inner, one.outputs[port.id], member_of(one.process.result, port.id), port)
        else:
            assert isinstance(one.process, Workflow)
            self._section(one, one.process, scope, outer, shared, after)

    def _section(
        self,
        one: Planned,
        workflow: Workflow,
        scope: Scope,
        outer: Scope,
        shared: Mapping[str, Process],
        after: list[str],
    ) -> None:
        inner = self._bound(one, scope, outer)
        known = {**shared, **workflow.processes}
        by_id = {each.step.id: each for each in one.inner}
        for each in one.inner:
            self._register(each, inner)
        computed = [
            port
            for port in workflow.outputs
            if not (isinstance(port.value, Output) and port.value.step in by_id)
        ]
        late = [port for port in computed if port.value is None or has_outputs(port.value)]
        for port in computed:
            if port not in late and port.value is not None:
                _declared(inner, one.outputs[port.id], port.value, port)
        for each in one.inner:
            waits = [name for id_ in each.step.after for name in by_id[id_].calls()]
            self._step(each, inner, known, [*after, *waits])
        for port in late:
            if port.value is None:
                raise CannotSayError("this output has no value", port)
            _declared(inner, one.outputs[port.id], port.value, port)

    def _bound(self, one: Planned, scope: Scope, outer: Scope) -> Scope:
        """The scope of a process whose inputs stand for what the step hands it."""
        inner = scope.alone()
        inner.libraries = one.process.libraries or scope.libraries
        inner.loads = loads_of(one.process)
        for port in one.process.inputs:
            value = one.step.inputs.get(port.id)
            value = None if isinstance(value, NoneLit) else value
            if value is None and port.default is None:
                inner.inputs[port.id] = Said("None", port.type)
                continue
            inner.inputs[port.id] = self._handed(port, value, scope, outer)
        return inner

    def _handed(self, port: InputPort, value: Expr | None, scope: Scope, outer: Scope) -> Said:
        if value is None:
            assert port.default is not None
            return scope.declare(port.id, scope.sayer.say(port.default, port.type), port.type)
        try:
            said = scope.sayer.say(value)
        except CannotSayError:
            said = scope.sayer.say(value, port.type)
        if said.text.startswith(OPEN):
            return said
        if is_optional(said.type) and port.default is not None:
            if not is_literal(port.default):
                raise CannotSayError("WDL cannot compute the default of a step's input", port)
            default = scope.sayer.say(port.default, required(port.type)).text
            kind = required(port.type) or port.type
            return scope.declare(
                port.id, Said(f"select_first([{said.text}, {default}])", kind), kind
            )
        if said.type is not None and is_optional(said.type) == is_optional(port.type):
            simple = isinstance(let(value), (Input, Output, Local))
            if simple and required(said.type) == required(port.type):
                return said
        place = scope if _uses_locals(value, scope, outer) else outer
        return place.declare(port.id, place.sayer.say(value, port.type), port.type)


def _typed(scope: Scope, port: object) -> str:
    try:
        return scope.structs.type_text(port.type)  # type: ignore[attr-defined]
    except CannotSayError as error:
        raise CannotSayError(error.message, port, error.hint) from None  # type: ignore[arg-type]


def _declared(scope: Scope, name: str, value: Expr, port: object) -> None:
    type_: Type = port.type  # type: ignore[attr-defined]
    text = scope.sayer.say(value, type_).text
    scope.define(name, _typed(scope, port), text)


def _uses_locals(value: Expr, scope: Scope, outer: Scope) -> bool:
    """Tell whether a value depends on the items of the scatters in between."""
    between = scope.locals.keys() - outer.locals.keys()
    return any(uses(value, Local(name=name)) for name in between)
