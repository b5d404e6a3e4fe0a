"""Workflows (specification 1.2, "Workflow Definition").

A scatter or conditional around one call is a step that scatters, or has a condition; around several
it is a step that runs a workflow of its own, which is given what it uses and gives what is used of
it. Where there is no call at all it is an expression. Declarations stand where they are used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from WDL import Expr as Syntax
from WDL import Tree
from WDL import Type as Types

from fairwf.ir import types as ir
from fairwf.ir.expressions import Each, Expr, If, Input, Local, NoneLit, Output
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.workflow import Over, Process, ProcessRef, Scatter, Step, Workflow
from fairwf_wdl import metadata
from fairwf_wdl.build import call as apply
from fairwf_wdl.context import Context
from fairwf_wdl.expressions import Translator
from fairwf_wdl.sections import Needed, Referee, before, calls, descend, single, type_of
from fairwf_wdl.surroundings import Elsewhere
from fairwf_wdl.types import ir_type

Thunk = Callable[[], Expr]


class Library(Protocol):
    """The tasks and workflows that calls may name."""

    def of(self, callee: Tree.Task | Tree.Workflow) -> tuple[ProcessRef, Process]:
        """Return a reference to a task or workflow, and itself."""
        ...


class WorkflowReader:
    """Reads one workflow."""

    def __init__(
        self, context: Context, library: Library, workflow: Tree.Workflow, nested_inputs: bool
    ) -> None:
        self.context = context
        self.library = library
        self.workflow = workflow
        self.nested_inputs = nested_inputs
        self.needed = Needed(workflow)
        self._inputs_alone: dict[int, bool] = {}

    def read(self) -> Workflow:
        """Return the workflow.

        Raises:
            UnsupportedError: FWF1403, something that has no meaning in the IR.
        """
        workflow = self.workflow
        body = Body(self, None)
        declared = self._inputs()
        for decl in declared:
            if self._is_input(decl):
                body.names[str(decl.name)] = _input(str(decl.name))
            else:
                body.default(decl)
        private = [node for node in workflow.body if node not in declared]
        defaults = Translator(
            self.context, _Defaults(self.context, {str(d.name) for d in declared})
        )
        for decl in declared:
            default = None
            type_ = ir_type(decl.type)
            if not self._is_input(decl):
                type_ = ir_type(decl.type.copy(optional=True))
            elif decl.expr is not None:
                default = defaults.expression(decl.expr, decl.type)
            said = metadata.port(workflow.parameter_meta, decl.name)
            port = InputPort(id=str(decl.name), type=type_, default=default, **said)
            body.ports.append(self.context.place(port, decl))
        body.fill(private)
        outputs = self._outputs(body)
        made = Workflow(
            id=str(workflow.name),
            inputs=tuple(body.ports),
            outputs=outputs,
            steps=tuple(body.steps),
            **metadata.head(workflow.meta),
        )
        return self.context.place(made, workflow)

    def _inputs(self) -> list[Tree.Decl]:
        """The declarations of the input section; without one, those that lack a value, and
        before 1.0 all that need no call."""
        if self.workflow.inputs is not None:
            return list(self.workflow.inputs)
        declared = [node for node in self.workflow.body if isinstance(node, Tree.Decl)]
        if self.workflow.effective_wdl_version != "draft-2":
            return [decl for decl in declared if decl.expr is None]
        return [decl for decl in declared if self._is_input(decl)]

    def _is_input(self, decl: Tree.Decl) -> bool:
        """Tell whether a declaration's value follows from inputs alone, without any call."""
        if id(decl) not in self._inputs_alone:
            names = [] if decl.expr is None else descend(decl.expr)
            self._inputs_alone[id(decl)] = all(
                isinstance(node.referee, Tree.Decl) and self._is_input(node.referee)
                for node in names
                if isinstance(node, Syntax.Ident)
            )
        return self._inputs_alone[id(decl)]

    def _outputs(self, body: Body) -> tuple[OutputPort, ...]:
        workflow = self.workflow
        ports: list[OutputPort] = []
        if workflow.outputs is None:
            for binding in workflow.effective_outputs:
                value = body.value_of(binding.name, ir_type(binding.value))
                port = OutputPort(id=str(binding.name), type=ir_type(binding.value), value=value)
                ports.append(self.context.place(port, workflow))
            return tuple(ports)
        place = _Outputs(body, workflow.outputs)
        translator = Translator(self.context, place)
        for decl in workflow.outputs:
            assert decl.expr is not None
            value = translator.expression(decl.expr, decl.type)
            said = metadata.port(workflow.parameter_meta, decl.name)
            port = OutputPort(id=str(decl.name), type=ir_type(decl.type), value=value, **said)
            ports.append(self.context.place(port, decl))
        return tuple(ports)


def _input(name: str) -> Thunk:
    return lambda: Input(name=name)


class _Defaults(Elsewhere):
    """Defaults of inputs see the other inputs."""

    def __init__(self, context: Context, names: set[str]) -> None:
        super().__init__(context)
        self.names = names

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return an input."""
        if name not in self.names:
            raise self.context.unsupported(f"{name!r:.60} in the default of an input", at)
        return Input(name=name)


class Scope(Elsewhere):
    """Names and what they stand for. ``names`` are thunks, since the order of a body is free."""

    def __init__(self, reader: WorkflowReader) -> None:
        super().__init__(reader.context)
        self.reader = reader
        self.names: dict[str, Thunk] = {}
        self._declared: dict[int, Tree.Decl] = {}
        self._made: dict[int, Expr] = {}

    @property
    def translator(self) -> Translator:
        """What translates the expressions that stand here."""
        return Translator(self.context, self)

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return what a name stands for."""
        return self.value_of(name, ir_type(at.type))

    def value_of(self, name: str, type_: ir.Type) -> Expr:
        """Return what a name of a type stands for."""
        thunk = self.names.get(name)
        return thunk() if thunk is not None else self.outer(name, type_)

    def outer(self, name: str, type_: ir.Type) -> Expr:
        """Return what a name that is not known here stands for."""
        raise NotImplementedError

    def open_input(self, name: str, port: InputPort) -> Expr:
        """Return the workflow's input for one that a call leaves open."""
        raise NotImplementedError

    def after(self, name: str) -> list[str]:
        """Return the steps to wait for where a call names another."""
        raise NotImplementedError

    def declare(self, decl: Tree.Decl) -> None:
        """Let a name stand for the value of its declaration."""
        self._declared[id(decl)] = decl
        self.names[str(decl.name)] = lambda: self._value(decl)

    def _value(self, decl: Tree.Decl) -> Expr:
        if id(decl) not in self._made:
            for one in before(decl, self._declared):
                if id(one) not in self._made:
                    self._made[id(one)] = self._translated(one)
        return self._made[id(decl)]

    def _translated(self, decl: Tree.Decl) -> Expr:
        if decl.expr is None:
            return NoneLit()
        return self.context.bounded(self.translator.expression(decl.expr, decl.type), decl)

    def default(self, decl: Tree.Decl) -> None:
        """Let a name stand for an input, and without it for what needs calls to be known."""
        name = str(decl.name)
        self.declare(decl)
        computed = self.names[name]
        self.names[name] = lambda: apply("default", Input(name=name), computed())

    def enter(self, section: Tree.WorkflowSection) -> Inner:
        """Return the scope inside of a section that needs no workflow of its own."""
        inner = Inner(self)
        if isinstance(section, Tree.Scatter):
            variable = str(section.variable)
            inner.names[variable] = lambda: Local(name=variable)
        for node in section.body:
            if isinstance(node, Tree.Decl):
                inner.declare(node)
            elif isinstance(node, Tree.WorkflowSection) and not calls(node.body):
                inner.computed(node)
        return inner

    def computed(self, section: Tree.WorkflowSection) -> None:
        """Let the names of a section without calls stand for expressions."""
        for name, referee in self.reader.needed.of(section).items():
            self.names[name] = self._computed(section, name, referee)

    def _computed(self, section: Tree.WorkflowSection, name: str, referee: Referee) -> Thunk:
        def value() -> Expr:
            body = self.enter(section).value_of(name, ir_type(type_of(referee, name)))
            if isinstance(section, Tree.Scatter):
                over = self.translator.value(section.expr)
                made: Expr = Each(name=str(section.variable), over=over, body=body)
            else:
                assert isinstance(section, Tree.Conditional)
                test = self.translator.value(section.expr)
                made = If(test=test, then=body, otherwise=NoneLit())
            return self.context.place(made, section)

        return value


class Inner(Scope):
    """The inside of a section that one step, or an expression, says."""

    def __init__(self, around: Scope) -> None:
        super().__init__(around.reader)
        self.around = around

    def outer(self, name: str, type_: ir.Type) -> Expr:
        """Ask the scope around."""
        return self.around.value_of(name, type_)

    def open_input(self, name: str, port: InputPort) -> Expr:
        """Ask the scope around."""
        return self.around.open_input(name, port)

    def after(self, name: str) -> list[str]:
        """Ask the scope around."""
        return self.around.after(name)


class _Outputs(Inner):
    """The output section, whose names are known to itself alone."""

    def __init__(self, around: Scope, declared: list[Tree.Decl]) -> None:
        super().__init__(around)
        self.declared = declared
        for decl in declared:
            self.declare(decl)

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return another output, or what the workflow's body says."""
        referee = getattr(at, "referee", None)
        if any(referee is decl for decl in self.declared):
            return super().lookup(name, at)
        return self.around.lookup(name, at)


class Body(Scope):
    """What becomes a workflow of the IR: the main one, or that of a section."""

    def __init__(self, reader: WorkflowReader, around: Scope | None) -> None:
        super().__init__(reader)
        self.around = around
        self.ports: list[InputPort] = []
        self.given: dict[str, Expr] = {}
        self.steps: list[Step] = []
        self.waits: list[str] = []
        self._ids: set[str] = set()
        self._where: dict[str, str] = {}

    # --- names

    def outer(self, name: str, type_: ir.Type) -> Expr:
        """Take the value in from the scope around, as an input of this workflow."""
        if self.around is None:
            raise LookupError(name)  # the type checker has seen to it
        value = self.around.value_of(name, type_)
        return self._take(name, InputPort(id=self._fresh_port(name), type=type_), value)

    def open_input(self, name: str, port: InputPort) -> Expr:
        """Return the input of the main workflow that stands for an open input of a call."""
        if name in self.names:
            return self.names[name]()
        type_ = port.type
        if port.default is not None and not isinstance(type_, ir.OptionalType):
            type_ = ir.OptionalType(item=type_)
        if self.around is not None:
            value = self.around.open_input(name, port)
            return self._take(name, InputPort(id=self._fresh_port(name), type=type_), value)
        made = InputPort(id=name, type=type_, doc=port.doc, extensions=port.extensions)
        return self._take(name, made, None)

    def _take(self, name: str, port: InputPort, value: Expr | None) -> Expr:
        self.ports.append(port)
        if value is not None:
            self.given[port.id] = value
        self.names[name] = _input(port.id)
        return Input(name=port.id)

    def _fresh_port(self, name: str) -> str:
        return _fresh(name.replace(".", "_"), {port.id for port in self.ports})

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
        self._ids.update(str(node.name) for node in nodes if isinstance(node, Tree.Call))
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
        self._ids.add(str(call.name))
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
        name = _fresh(kind, self._ids)
        self._ids.add(name)
        needed = self.reader.needed.of(section)
        ports: dict[str, str] = {}
        for each in needed:
            ports[each] = _fresh(each.replace(".", "_"), set(ports.values()))
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
                body._take(variable, port, Local(name=variable))
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


def _fresh(name: str, taken: set[str]) -> str:
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made
