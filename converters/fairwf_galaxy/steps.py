"""A step of the native form: its tool or subworkflow, connections, condition, map-over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from fairwf.ir.expressions import Array, Call, Expr, Local
from fairwf.ir.origins import Span
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import AnyType, ArrayType, OptionalType, Type
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Operation, Over, Process, Scatter, Script, Step, Workflow
from fairwf.source import SourceMap, plain
from fairwf_galaxy.conditions import CONDITION, condition
from fairwf_galaxy.kept import kept as kept_of_step
from fairwf_galaxy.kept import sorted_keys
from fairwf_galaxy.names import WIDENED, label_of
from fairwf_galaxy.types import bare, depth, fits, maybe_any, unknown
from fairwf_galaxy.user_tools import CLASS, UnreadableError, user_tool
from fairwf_galaxy.values import ir_value
from fairwf_galaxy.wrappers import StepFacts, WrapperError, script_of

if TYPE_CHECKING:
    from fairwf_galaxy.workflows import WorkflowReader

_OF_THE_TOOL = ("tool_state", "name", "inputs", "outputs", "tool_uuid", "errors")
"""Keys that say which tool it is and how: its wrapper has said it."""
_SAID = {"annotation", "input_connections", "subworkflow", "workflow_outputs", "tool_id", "label"}


class StepReader:
    """Reads one step that is no input."""

    def __init__(self, workflow: WorkflowReader, number: int, step: SourceMap, span: Span) -> None:
        self.workflow = workflow
        self.shapes = workflow.shapes
        self.origins = workflow.origins
        self.number = number
        self.what = f"step {number}"
        self.step = step
        self.span = span
        self.named: dict[str, str] = {}
        """Inputs of a subworkflow by the names that connections have for those without a label."""

    def read(self) -> Step:
        """Return the step, and tell the workflow the types of what it gives."""
        process, ports = self._process()
        links, types = self._links(ports)
        kept_in = self._defaults(links)
        when_text = self.shapes.get_text(self.step, "when", self.what)
        usual = {"content_id": self.step.get("tool_id"), "name": process.label}
        if isinstance(process, Operation):
            usual["name"] = self.step.get("name") or None
        kept = kept_of_step(self.step, _SAID, usual)
        if isinstance(process, Workflow) and self.step.get("tool_id") is not None:
            kept["tool_id"] = plain(self.step["tool_id"])
        state = self.workflow.states[self.number]
        kept.pop("tool_state", None)
        if state:
            kept["tool_state"] = state
        if label_of(self.step) != self.workflow.ids[self.number]:
            kept["label"] = plain(self.step.get("label"))
        kept["id"] = self.number
        kept.pop("in", None)
        if kept_in:
            kept["in"] = sorted_keys(kept_in)
        when: Expr | None = None
        if when_text:
            when = condition(when_text, links)
            self.origins.set(when, self.step.value_span("when"))
            kept.pop("when", None)
            declared = {port.id for port in process.inputs}
            if CONDITION in links and CONDITION not in declared:
                links.pop(CONDITION)
        if isinstance(process, Operation):
            process = self._wrapped(links, kept) or self._operation(links)
        if isinstance(process, Workflow):
            process = self._widened(process, types)
        if isinstance(process, Script):
            self._gathered(process, links, types)
        scatter = self._map_over(process, links, types)
        step = Step(
            id=self.workflow.ids[self.number],
            run=process,
            inputs=links,
            scatter=scatter,
            when=when,
            doc=self.shapes.get_text(self.step, "annotation", self.what) or None,
            extensions={"galaxy": dict(sorted(kept.items()))},
        )
        self.origins.set(step, self.span)
        self.origins.set(step, self.step.value_span("label"), "id")
        self._gives(process, scatter is not None, when is not None)
        return step

    # --- what it runs ---------------------------------------------------------------------

    def _process(self) -> tuple[Process, dict[int, str]]:
        """Return the process, and the ids of a subworkflow's inputs by their numbers."""
        if self.workflow.kinds[self.number] != "subworkflow":
            return self._user_tool() or Operation(), {}
        given = self.step.get("subworkflow")
        if given is None:
            return Operation(), {}
        from fairwf_galaxy.workflows import WorkflowReader

        span = self.step.value_span("subworkflow")
        flow = self.shapes.map(given, "'subworkflow'", span)
        asked = self.workflow.asked.get(self.number, {})
        inner = WorkflowReader(flow, self.shapes, self.origins, asked, self.workflow.tools)
        process = inner.read()
        self.workflow.inner[self.number] = inner.gives
        names = inner.inputs.items()
        for number, port in names:
            said = inner.said_name(number)
            self.named.setdefault(f"{number}:{said}", port.id)
        return process, {number: port.id for number, port in names}

    def _user_tool(self) -> Script | None:
        """Return the user-defined tool of the step; None where it has none that can be read."""
        given = self.step.get("tool_representation")
        if not isinstance(given, SourceMap) or given.get("class") != CLASS:
            return None
        span = self.step.value_span("tool_representation")
        try:
            script = user_tool(plain(given))
        except UnreadableError as error:
            text = f"the tool of {self.what} stays abstract, for {error} is not understood"
            self.shapes.report.add("FWF1705", text, span=span)
            return None
        self.origins.set(script, span)
        return script

    def _wrapped(self, links: dict[str, Expr], kept: dict[str, Any]) -> Script | None:
        """Return what the wrapper of the tool runs; None where there is none that can be used."""
        tools, tool = self.workflow.tools, self.step.get("tool_id")
        if tools is None or not isinstance(tool, str):
            return None
        span = self.step.value_span("tool_id")
        try:
            found = tools.wrapper(tool)
            if found is None:
                text = f"there is no wrapper of {tool!r:.120} in the folder"
                self.shapes.report.add("FWF1705", f"{self.what} stays abstract: {text}", span=span)
                return None
            state = self.workflow.states[self.number]
            script = script_of(found[1], StepFacts(state, tuple(links), self._used()))
        except WrapperError as error:
            text = f"{self.what} stays abstract: {error}"
            self.shapes.report.add("FWF1705", text, span=span)
            return None
        version = found[1].get("version")
        if "/repos/" in tool and version != tool.rsplit("/", 1)[-1]:
            text = f"{self.what}: the wrapper that was found is of version {version!r:.40}"
            self.shapes.report.add("FWF1703", text, span=span)
        for key in _OF_THE_TOOL:
            kept.pop(key, None)
        self.origins.set(script, span)
        return script

    def _used(self) -> tuple[str, ...]:
        return tuple(self.workflow.asked.get(self.number, ()))

    def _operation(self, links: dict[str, Expr]) -> Operation:
        names = list(links)
        tool = self.shapes.get_text(self.step, "tool_id", self.what)
        name = self.shapes.get_text(self.step, "name", self.what)
        address = self.shapes.get_text(self.step, "content_id", self.what)
        kind = self.workflow.kinds[self.number]
        if tool is None and kind == "tool" and not self.step.get("tool_representation"):
            self.shapes.tell(f"{self.what} names no tool ('tool_id')", self.span)
        operation = Operation(
            implementation=tool or (address if kind == "subworkflow" else None) or None,
            label=name or None,
            inputs=tuple(InputPort(id=each, type=maybe_any()) for each in names),
            outputs=tuple(OutputPort(id=each, type=maybe_any()) for each in self._given()),
        )
        self.origins.set(operation, self.span)
        self.origins.set(operation, self.step.value_span("tool_id"), "implementation")
        return operation

    def _given(self) -> list[str]:
        """Return the names of all outputs that a tool is said or seen to have."""
        names: dict[str, None] = {}
        listed = self.shapes.get_list(self.step, "outputs", self.what)
        for each, _ in self.shapes.maps(listed, f"'outputs' of {self.what}"):
            name = self.shapes.get_text(each, "name", f"an output of {self.what}")
            if name:
                names[name] = None
        for name in self.workflow.asked.get(self.number, ()):
            names[name] = None
        return list(names)

    # --- connections ----------------------------------------------------------------------

    def _links(self, ports: dict[int, str]) -> tuple[dict[str, Expr], dict[str, Type]]:
        links: dict[str, Expr] = {}
        types: dict[str, Type] = {}
        given = self.shapes.get_map(self.step, "input_connections", self.what)
        for name, value in given.items():
            span = given.value_span(name)
            listed = isinstance(value, list)
            sources, found, port = [], [], name
            for one in value if listed else [value]:
                entry = self.shapes.map(one, f"the connection {name!r:.60} of {self.what}", span)
                inner = entry.get("input_subworkflow_step_id")
                port = ports.get(inner, port) if type(inner) is int else self.named.get(port, port)
                source = self._source(entry, name, span)
                if source is not None:
                    sources.append(source[0])
                    found.append(source[1])
            if not sources:
                continue
            if listed and len(sources) > 1:
                links[port] = Array(items=tuple(sources))
                types[port] = ArrayType(items=found[0])
            else:
                links[port], types[port] = sources[0], found[0]
            self.origins.set(links[port], span)
        return links, types

    def _defaults(self, links: dict[str, Expr]) -> dict[str, Any]:
        """Add the defaults of inputs to their links; return what else stands in ``in``."""
        left: dict[str, Any] = {}
        given = self.shapes.get_map(self.step, "in", self.what)
        for name, entry in given.items():
            if not isinstance(entry, SourceMap) or entry.get("default") is None:
                left[name] = plain(entry)
                continue
            literal = to_literal(ir_value(plain(entry["default"])))
            span = given.value_span(name)
            if name in links:
                links[name] = Call(function="default", args=(links[name], literal))
            else:
                links[name] = literal
            self.origins.set(links[name], span)
            rest = {key: plain(value) for key, value in entry.items() if key != "default"}
            if rest:
                left[name] = rest
        return left

    def _source(self, entry: SourceMap, name: str, span: Span) -> tuple[Expr, Type] | None:
        number, port = entry.get("id"), entry.get("output_name", "output")
        if isinstance(number, str) and number.isdigit():
            number = int(number)
        if type(number) is not int or not isinstance(port, str):
            if entry:
                text = f"the connection {name!r:.60} of {self.what} names no step and output"
                self.shapes.tell(text, span, "it has 'id' (a number) and 'output_name'")
            return None
        if number not in self.workflow.ids:
            text = (
                f"the connection {name!r:.60} of {self.what} is to step {number}, "
                "which is not there"
            )
            self.shapes.tell(text, span)
            return None
        expression = self.workflow.source(number, port)
        self.origins.set(expression, span)
        known = self.workflow.types.get((number, self.workflow.port(number, port)))
        return expression, known if known is not None else maybe_any()

    def _widened(self, process: Workflow, types: dict[str, Type]) -> Workflow:
        """Return a subworkflow that takes what it is given, also where Galaxy might refuse it."""
        ports = list(process.inputs)
        for index, port in enumerate(ports):
            given, text = types.get(port.id), ""
            new: Type = AnyType()
            if given is None and port.default is None and not isinstance(port.type, OptionalType):
                text, new = "gets no value", OptionalType(item=port.type)
            elif given is not None and not fits(given, port.type):
                text = "gets a collection or value of another type"
            if not text:
                continue
            self.shapes.report.add(
                "FWF1703",
                f"the input {port.id!r:.80} of the subworkflow of {self.what} {text}",
                span=self.step.key_span("input_connections"),
            )
            kept = {**port.extensions.get("galaxy", {}), WIDENED: True}
            default = port.default if given is None else None
            ports[index] = replace(
                port, type=new, default=default, extensions={"galaxy": dict(sorted(kept.items()))}
            )
            self.origins.inherit(ports[index], port)
        if all(new is old for new, old in zip(ports, process.inputs, strict=True)):
            return process
        result = replace(process, inputs=tuple(ports))
        self.origins.inherit(result, process)
        return result

    def _gathered(self, process: Script, links: dict[str, Expr], types: dict[str, Type]) -> None:
        """Make arrays of one of single datasets where a tool takes several."""
        for port in process.inputs:
            wanted, given = bare(port.type), types.get(port.id)
            if given is None or not isinstance(wanted, ArrayType) or unknown(given):
                continue
            link = links[port.id]
            if type(bare(given)) is type(bare(wanted.items)) and not isinstance(link, Array):
                links[port.id] = Array(items=(link,))
                types[port.id] = ArrayType(items=given)
                self.origins.inherit(links[port.id], link)

    # --- map-over -------------------------------------------------------------------------

    def _map_over(
        self, process: Process, links: dict[str, Expr], types: dict[str, Type]
    ) -> Scatter | None:
        """Return the scatter that Galaxy does of itself where a list meets a single dataset."""
        if isinstance(process, Operation):
            return None
        over = []
        for port in process.inputs:
            given = types.get(port.id)
            if given is None or unknown(given) or unknown(port.type):
                continue
            if depth(given) == depth(port.type) + 1:
                over.append(port.id)
        if not over:
            return None
        scatter = Scatter(over=tuple(Over(name=name, value=links[name]) for name in over))
        for name in over:
            local = Local(name=name)
            self.origins.inherit(local, links[name])
            links[name] = local
        self.origins.set(scatter, self.step.key_span("input_connections"))
        return scatter

    def _gives(self, process: Process, mapped: bool, skipped: bool) -> None:
        for port in process.outputs:
            type_: Type = port.type
            if mapped:
                type_ = ArrayType(items=OptionalType(item=bare(type_)) if skipped else type_)
            elif skipped and not isinstance(type_, OptionalType):
                type_ = OptionalType(item=type_)
            self.workflow.types[self.number, port.id] = type_
