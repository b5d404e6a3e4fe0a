"""Workflows (specification 1.2, "Workflow Definition").

A scatter or conditional around one call is a step that scatters, or has a condition; around several
it is a step that runs a workflow of its own, which is given what it uses and gives what is used of
it. Where there is no call at all it is an expression. Declarations stand where they are used.
"""

from __future__ import annotations

from WDL import Expr as Syntax
from WDL import Tree

from fairwf.ir.expressions import Expr
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.workflow import Workflow
from fairwf_wdl import metadata
from fairwf_wdl.bodies import Body
from fairwf_wdl.context import Context
from fairwf_wdl.expressions import Translator
from fairwf_wdl.scopes import Inner, Library, Reading, Scope, input_thunk
from fairwf_wdl.sections import Needed, descend
from fairwf_wdl.surroundings import Defaults
from fairwf_wdl.types import ir_type


class WorkflowReader:
    """Reads one workflow."""

    def __init__(
        self, context: Context, library: Library, workflow: Tree.Workflow, nested_inputs: bool
    ) -> None:
        self.context = context
        self.workflow = workflow
        self.reading = Reading(context, library, Needed(workflow), nested_inputs)
        self._inputs_alone: dict[int, bool] = {}

    def read(self) -> Workflow:
        """Return the workflow.

        Raises:
            UnsupportedError: FWF1403, something that has no meaning in the IR.
        """
        workflow = self.workflow
        body = Body(self.reading, None)
        declared = self._inputs()
        for decl in declared:
            if self._is_input(decl):
                body.names[str(decl.name)] = input_thunk(str(decl.name))
            else:
                body.default(decl)
        private = [node for node in workflow.body if node not in declared]
        defaults = Translator(self.context, Defaults(self.context, {str(d.name) for d in declared}))
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
