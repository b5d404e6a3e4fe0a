"""Bodies of workflows: calls and sections as steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from WDL import Tree
from WDL import Type as Types

from fairwf.ir import types as ir
from fairwf.ir.expressions import Expr, Input, Local, Output
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.workflow import Over, Scatter, Step, Workflow
from fairwf_wdl.build import call as apply
from fairwf_wdl.scopes import Reading, Scope, Thunk, input_thunk
from fairwf_wdl.sections import Referee, calls, single, type_of
from fairwf_wdl.types import ir_type


class Body(Scope):
    """What becomes a workflow of the IR: the main one, or that of a section."""

    def __init__(self, reader: Reading, around: Scope | None) -> None:
        super().__init__(reader)
        self.around = around
        self.ports: list[InputPort] = []
        self.given: dict[str, Expr] = {}
        self.steps: list[Step] = []
        self.waits: list[str] = []
        self._ids: set[str] = set()
        self._open: dict[str, str] = {}
        self._where: dict[str, str] = {}

    # --- names

    def outer(self, name: str, type_: ir.Type) -> Expr:
        """Take the value in from the scope around, as an input of this workflow."""
        if self.around is None:
            raise LookupError(name)  # the type checker has seen to it
        value = self.around.value_of(name, type_)
        return self.take(name, InputPort(id=self._fresh_port(name), type=type_), value)

    def open_input(self, name: str, port: InputPort) -> Expr:
        """Return the input of the main workflow that stands for an open input of a call."""
        if name in self._open:
            return Input(name=self._open[name])
        type_ = port.type
        if port.default is not None and not isinstance(type_, ir.OptionalType):
            type_ = ir.OptionalType(item=type_)
        if self.around is not None:
            value = self.around.open_input(name, port)
            made = InputPort(id=self._fresh_port(name), type=type_)
            self.given[made.id] = value
        else:
            made = InputPort(id=name, type=type_, doc=port.doc, extensions=port.extensions)
        self.ports.append(made)
        self._open[name] = made.id
        return Input(name=made.id)

    def take(self, name: str, port: InputPort, value: Expr) -> Expr:
        """Let a name stand for an input of this workflow, which is given a value."""
        self.ports.append(port)
        self.given[port.id] = value
        self.names[name] = input_thunk(port.id)
        return Input(name=port.id)

    def _fresh_port(self, name: str) -> str:
        return fresh(name.replace(".", "_"), {port.id for port in self.ports})

    def after(self, name: str) -> list[str]:
        """Return the step that a call is in; outside of this workflow, the whole of it waits."""
        if name in self._where:
            return [self._where[name]]
        if self.around is not None:
            self.waits.extend(self.around.after(name))
        return []

    # --- steps

    def fill(self, nodes: list[Tree.WorkflowNode]) -> None:
        """Make the steps of a body."""
        todo: list[Callable[[], None]] = []
        self._ids.update(str(call.name) for call in calls(nodes))
        for node in nodes:
            if isinstance(node, Tree.Decl):
                self.declare(node)
            elif isinstance(node, Tree.Call):
                todo.append(self._plain(node))
            elif isinstance(node, Tree.WorkflowSection):
                if not calls(node.body):
                    self.computed(node)
                    continue
                found = single(node, self.reader.needed)
                if found is None:
                    todo.append(self._nested(node))
                else:
                    todo.append(self._single(*found))
        for make in todo:
            make()
        if self.around is None:
            # what nobody uses is not computed, but has to be right
            for node in nodes:
                if isinstance(node, Tree.Decl):
                    self.names[str(node.name)]()

    def _gives(self, call: Tree.Call) -> None:
        self._where[str(call.name)] = str(call.name)
        for binding in call.effective_outputs:
            port = binding.name.removeprefix(call.name + ".")
            self.names[binding.name] = _output(str(call.name), str(port))

    def _plain(self, call: Tree.Call) -> Callable[[], None]:
        self._gives(call)
        return lambda: self.steps.append(self.context.place(self._step(call, self), call))

    def _single(self, chain: list[Tree.WorkflowSection], call: Tree.Call) -> Callable[[], None]:
        self._gives(call)

        def make() -> None:
            scope: Scope = self
            tests: list[Expr] = []
            scatter: Scatter | None = None
            for section in chain:
                if isinstance(section, Tree.Scatter):
                    scatter = self._scatter(section, scope)
                elif isinstance(section, Tree.Conditional):
                    tests.append(scope.translator.value(section.expr))
                scope = scope.enter(section)
            when = apply("and", *tests) if len(tests) > 1 else next(iter(tests), None)
            step = self._step(call, scope, scatter=scatter, when=when)
            self.steps.append(self.context.place(step, call))

        return make

    def _scatter(self, section: Tree.Scatter, scope: Scope) -> Scatter:
        over = Over(name=str(section.variable), value=scope.translator.value(section.expr))
        return self.context.place(Scatter(over=(over,)), section)

    def _step(self, call: Tree.Call, scope: Scope, **more: Any) -> Step:
        assert call.callee is not None
        reference, process = self.reader.library.of(call.callee)
        inputs: dict[str, Expr] = {}
        for name, node in call.inputs.items():
            decl = call.callee.available_inputs[name]
            wanted = decl.type if decl.expr is None else decl.type.copy(optional=True)
            if decl.type.optional and decl.expr is not None and node.type.optional:
                self.context.report.add(
                    "FWF1408",
                    f"where {name} is None, its default counts",
                    span=self.context.span(node),
                    hint="give the input no default, or hand it a value",
                )
            inputs[str(name)] = scope.translator.expression(node, wanted)
        for port in process.inputs:
            if port.id in call.inputs:
                continue
            optional = port.default is not None or isinstance(port.type, ir.OptionalType)
            if not optional or self.reader.nested_inputs:
                inputs[port.id] = scope.open_input(f"{call.name}.{port.id}", port)
        after = list(dict.fromkeys(one for name in call.after for one in scope.after(name)))
        return Step(id=str(call.name), run=reference, inputs=inputs, after=tuple(after), **more)

    def _nested(self, section: Tree.WorkflowSection) -> Callable[[], None]:
        """A workflow of its own for a section; what it gives is known before it is made."""
        kind = f"scatter_{section.variable}" if isinstance(section, Tree.Scatter) else "if"
        name = fresh(kind, self._ids)
        self._ids.add(name)
        needed = self.reader.needed.of(section)
        ports: dict[str, str] = {}
        for each in needed:
            ports[each] = fresh(each.replace(".", "_"), set(ports.values()))
            self.names[each] = _output(name, ports[each])
        for call in calls(section.body):
            self._where[str(call.name)] = name

        def make() -> None:
            body = Body(self.reader, self)
            more: dict[str, Any] = {}
            if isinstance(section, Tree.Scatter):
                variable = str(section.variable)
                over = section.expr.type
                item = over.item_type if isinstance(over, Types.Array) else Types.Any()
                port = InputPort(id=variable, type=ir_type(item))
                body.take(variable, port, Local(name=variable))
                more["scatter"] = self._scatter(section, self)
            else:
                assert isinstance(section, Tree.Conditional)
                more["when"] = self.translator.value(section.expr)
            body.fill(section.body)
            outputs = tuple(
                self._given_out(body, each, referee, ports[each])
                for each, referee in needed.items()
            )
            workflow = Workflow(inputs=tuple(body.ports), outputs=outputs, steps=tuple(body.steps))
            step = Step(
                id=name,
                run=self.context.place(workflow, section),
                inputs=body.given,
                after=tuple(dict.fromkeys(body.waits)),
                **more,
            )
            self.steps.append(self.context.place(step, section))

        return make

    def _given_out(self, body: Body, name: str, referee: Referee, port: str) -> OutputPort:
        type_ = ir_type(type_of(referee, name))
        made = OutputPort(id=port, type=type_, value=body.value_of(name, type_))
        return self.context.place(made, referee)


def _output(step: str, port: str) -> Thunk:
    return lambda: Output(step=step, port=port)
