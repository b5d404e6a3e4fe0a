"""Workflows: statements followed in their order, calls as steps, channels as streams.

What a choice (``if``) does is put under its condition: steps run ``when`` it holds, and a channel
that both ways name is chosen between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from fairwf.ir.expressions import Array, Attr, Call, Expr, Input, Opaque, Output
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import AnyType, ArrayType, OptionalType, StreamType, Type
from fairwf.ir.workflow import Handler, Over, ProcessRef, Scatter, Step, Workflow
from fairwf.report import InvalidError
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning import bodies, operators
from fairwf_nextflow.meaning.build import call, choose, known, literal
from fairwf_nextflow.meaning.channels import Channels, seen_by
from fairwf_nextflow.meaning.evaluate import as_channel
from fairwf_nextflow.meaning.items import hand_on, scatter
from fairwf_nextflow.meaning.modules import Module
from fairwf_nextflow.meaning.ports import OutputSpec
from fairwf_nextflow.meaning.processes import Made
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import (
    NOTHING,
    Channel,
    Choice,
    Kind,
    Namespace,
    ProcessSymbol,
    Several,
    Symbol,
    UntranslatedError,
    Value,
    WorkflowSymbol,
)
from fairwf_nextflow.meaning.weight import LIMIT, Weights, references, replaced

MAX_DEPTH = 30
_ITEM = OptionalType(item=AnyType())
"""What goes through a channel: anything, ``null`` too."""


@dataclass
class Pipeline:
    """What all workflows of a pipeline share. ``process`` reads one under a name."""

    channels: Channels
    process: Callable[[ProcessSymbol, Sequence[str]], tuple[str, Made]]
    tell: Callable[[Module, tree.Node, str, str], None]
    place: Callable[[msgspec.Struct, Module, tree.Node], None]
    root_param: Callable[[str], Value]
    pattern: Callable[[str], str | None]
    matching: Callable[[str], list[Expr]]
    weights: Weights = field(default_factory=Weights)


class WorkflowPlace:
    """One workflow while it is read: its steps, and the ports that they turn out to need."""

    def __init__(
        self, pipeline: Pipeline, module: Module, path: tuple[str, ...], outer: WorkflowPlace | None
    ) -> None:
        self.pipeline = pipeline
        self.module = module
        self.path = path
        self.outer = outer
        self.steps: list[Step] = []
        self.inputs: dict[str, InputPort] = {}
        self.links: dict[str, Expr] = {}
        self.outputs: list[OutputPort] = []
        self.scope = Scope(self, module)
        self._ids: set[str] = set()
        self._guard: list[Expr] = []
        self._streams: set[tuple[str, str]] = set()

    # --- what a place offers

    def param(self, name: str) -> Value:
        """Return a pipeline parameter."""
        if self.outer is None:
            return self.pipeline.root_param(name)
        value = self.outer.param(name)
        port = f"params.{name}"
        if port not in self.inputs:
            self.inputs[port] = InputPort(id=port, type=OptionalType(item=AnyType()))
            self.links[port] = value.expr
        return Value(Input(name=port), value.kind)

    def pattern_default(self, expr: Input) -> str | None:
        """Return the default of a parameter that is a pattern."""
        return self.pipeline.pattern(expr.name.removeprefix("params."))

    def text(self, value: Value) -> Expr:
        """Return a value inside of a text: a file by its path."""
        return call("file_path", value.expr) if value.kind == "path" else value.expr

    def file(self, path: Value, several: bool, node: tree.Node) -> Value:
        """Return files by their path: those that are known when it is read, and found then."""
        if path.kind in ("path", "paths"):
            return path
        plain, raw = known(path.expr)
        if plain and isinstance(raw, str):
            found = self.pipeline.matching(raw)
            if several:
                return Value(self._given(raw, found, node), "paths")
            if len(found) == 1:
                return Value(found[0], "path")
            if raw.startswith("file:///"):
                return Value(call("to_file", literal(raw.removeprefix("file://"))), "path")
        if isinstance(path.expr, Array):
            return Value(self._each_file(path.expr), "paths")
        if several:
            raise UntranslatedError(node, "which files match is known only when it runs")
        return Value(call("to_file", path.expr), "path")

    def left_out(self, node: tree.Node, what: str) -> None:
        """Tell of a piece that has no counterpart."""
        self.pipeline.tell(self.scope.module, node, what, "FWF1605")

    def _each_file(self, paths: Array) -> Expr:
        items: list[Expr] = []
        for one in paths.items:
            plain, raw = known(one)
            items += (
                self.pipeline.matching(raw)
                if plain and isinstance(raw, str)
                else [call("to_file", one)]
            )
        return Array(items=tuple(items))

    def _given(self, pattern: str, found: Sequence[Expr], node: tree.Node) -> Expr:
        if not found:
            text = f"no file beside the script matches {pattern!r:.120}"
            self.pipeline.tell(self.scope.module, node, text, "FWF1605")
        return Array(items=tuple(found))

    def untranslated(self, module: Module, node: tree.Node, reason: str) -> None:
        """Tell of a piece that stays Groovy."""
        self.pipeline.tell(module, node, reason, "FWF1604")

    def opaque(self, node: tree.Node, error: UntranslatedError, scope: Scope) -> Value:
        """Return a piece that stays Groovy, as a value, and tell of it."""
        self.pipeline.tell(scope.module, error.node, error.reason, "FWF1604")
        return Value(
            Opaque(
                language="groovy",
                text=scope.module.text.text[node.start : node.end],
                bindings=tuple(seen_by(self.pipeline.channels.evaluator, [node], scope)),
            )
        )

    def show(self, channel: Channel, label: str, node: tree.Node) -> None:
        """Make what Nextflow would print or publish an output."""
        type_: Type = (
            ArrayType(items=OptionalType(item=AnyType()))
            if channel.queue
            else OptionalType(item=AnyType())
        )
        value = call("collect", channel.expr) if channel.queue else channel.expr
        port = OutputPort(
            id=self._fresh(label, {one.id for one in self.outputs}), type=type_, value=value
        )
        self.outputs.append(port)
        self.pipeline.place(port, self.module, node)

    def _fresh(self, wanted: str, taken: set[str]) -> str:
        made, number = wanted, 1
        while made in taken:
            number += 1
            made = f"{wanted}_{number}"
        return made

    # --- statements

    def run(self, statements: Sequence[tree.Statement]) -> None:
        """Follow statements; what cannot be said is told, and stays Groovy where it is named."""
        for statement in statements:
            match statement:
                case tree.Conditional():
                    self._conditional(statement)
                case tree.Block(body=body):
                    self.run(body)
                case tree.Evaluate() | tree.Assign():
                    self._plain(statement)
                case tree.Leave(word="return", value=None):
                    return
                case tree.Leave() | tree.Repeat() | tree.Switch() | tree.Guarded():
                    message = "loops, switches and leaving early have no counterpart in a workflow"
                    self.pipeline.tell(self.module, statement, message, "FWF1605")
                case _:
                    continue

    def _plain(self, statement: tree.Evaluate | tree.Assign) -> None:
        evaluator = self.pipeline.channels.evaluator
        try:
            if isinstance(statement, tree.Assign):
                bodies.assign(evaluator, statement, self.scope)
                if isinstance(statement.target, tree.Name):
                    self._settled(statement.target.name, statement)
            elif bodies.is_effect(statement.value, self.scope):
                bodies.tell_of_ends(statement.value, self.scope)
            else:
                symbol = evaluator.symbol(statement.value, self.scope)
                if isinstance(symbol, (ProcessSymbol, WorkflowSymbol)) and isinstance(
                    statement.value, tree.Name
                ):
                    return
        except UntranslatedError as error:
            self._failed(statement, error)

    def _failed(self, statement: tree.Evaluate | tree.Assign, error: UntranslatedError) -> None:
        if not isinstance(statement, tree.Assign) or statement.value is None:
            self.pipeline.tell(self.module, error.node, error.reason, "FWF1604")
        else:
            made = self.opaque(statement.value, error, self.scope)
            targets = (
                statement.target.items
                if isinstance(statement.target, tree.TupleOf)
                else (statement.target,)
            )
            for target in targets:
                if isinstance(target, tree.Name):
                    self.scope.names[target.name] = made

    def _conditional(self, statement: tree.Conditional) -> None:
        evaluator = self.pipeline.channels.evaluator
        try:
            test = operators.truth(evaluator.value(statement.test, self.scope))
        except UntranslatedError as error:
            test = self.opaque(statement.test, error, self.scope).expr
        plain, raw = known(test)
        if plain:
            self.run(statement.then if raw else statement.otherwise)
            return
        before = self.scope.names
        ways: list[dict[str, Symbol]] = []
        for holds, branch in ((test, statement.then), (call("not", test), statement.otherwise)):
            self.scope.names = dict(before)
            self._guard.append(holds)
            self.run(branch)
            self._guard.pop()
            ways.append(self.scope.names)
        self.scope.names = self._merged(statement, test, before, *ways)
        for name, symbol in list(self.scope.names.items()):
            if symbol is not before.get(name):
                self._settled(name, statement)

    def _merged(
        self,
        node: tree.Node,
        test: Expr,
        before: Mapping[str, Symbol],
        then: Mapping[str, Symbol],
        otherwise: Mapping[str, Symbol],
    ) -> dict[str, Symbol]:
        names: dict[str, Symbol] = dict(before)
        for name in {**then, **otherwise}:
            a, b = then.get(name), otherwise.get(name)
            if a is None or b is None or a is b:
                found = a if a is not None else b
                assert found is not None
                names[name] = found
                continue
            try:
                names[name] = self._grown(test, a, b) or self.pipeline.channels.evaluator.chosen(
                    node, test, a, b
                )
            except UntranslatedError as error:
                self.pipeline.tell(self.module, node, f"{name}: {error.reason}", "FWF1604")
                names[name] = a
        return names

    def _grown(self, test: Expr, then: Symbol, otherwise: Symbol) -> Symbol | None:
        """Return a channel to which one way adds others, said without saying it twice."""
        if not isinstance(then, Channel) or not isinstance(otherwise, Channel):
            return None
        added: list[Expr] = []
        expr = then.expr
        while expr is not otherwise.expr:
            if not (isinstance(expr, Call) and expr.function == "mix"):
                return None
            added = [*expr.args[1:], *added]
            expr = expr.args[0]
        if not otherwise.queue:
            return None
        nothing = call("to_stream", Array())
        more = (choose(test, one, nothing) for one in added)
        return Channel(call("mix", otherwise.expr, *more), True, then.item)

    def _settled(self, name: str, node: tree.Node) -> None:
        """Let a large channel be computed by a step of its own, so that it stands in one place."""
        symbol = self.scope.names.get(name)
        if not isinstance(symbol, Channel) or self.pipeline.weights.of(symbol.expr) <= LIMIT:
            return
        ports: dict[tuple[str, str], InputPort] = {}
        given: dict[str, Expr] = {}
        for one in references(symbol.expr):
            key = ("", one.name) if isinstance(one, Input) else (one.step, one.port)
            stream = key in self._streams
            if isinstance(one, Input) and one.name in self.inputs:
                stream = isinstance(self.inputs[one.name].type, StreamType)
            port = self._fresh("_".join(part for part in key if part), set(given))
            type_: Type = StreamType(items=_ITEM) if stream else _ITEM
            ports[key] = InputPort(id=port, type=type_)
            given[port] = one

        def within(one: msgspec.Struct) -> msgspec.Struct | None:
            if isinstance(one, Input):
                return Input(name=ports["", one.name].id)
            return Input(name=ports[one.step, one.port].id) if isinstance(one, Output) else None

        result: Type = StreamType(items=_ITEM) if symbol.queue else _ITEM
        out = OutputPort(id="out", type=result, value=replaced(symbol.expr, within))
        workflow = Workflow(id=name, inputs=tuple(ports.values()), outputs=(out,))
        step = Step(id=self._step_id(name), run=workflow, inputs=given, when=self.guard())
        self._add(step, node)
        if symbol.queue:
            self._streams.add((step.id, "out"))
        self.scope.names[name] = Channel(
            Output(step=step.id, port="out"), symbol.queue, symbol.item
        )

    def guard(self) -> Expr | None:
        """Return the condition that what is read now stands under."""
        return call("and", *self._guard) if self._guard else None

    # --- calls

    def invoke(self, what: Symbol, args: Sequence[Symbol], node: tree.Node) -> Symbol:
        """Call a process or workflow: a step."""
        match what:
            case ProcessSymbol():
                return self._process(what, args, node)
            case WorkflowSymbol():
                return self._workflow(what, args, node)
            case Choice(test=test, then=then, otherwise=otherwise):
                self._guard.append(test)
                one = self.invoke(then, args, node)
                self._guard[-1] = call("not", test)
                other = self.invoke(otherwise, args, node)
                self._guard.pop()
                if isinstance(one, Several) and isinstance(other, Several):
                    return self._chosen_outputs(node, test, one, other)
                return self.pipeline.channels.evaluator.chosen(node, test, one, other)
            case Namespace(name=name):
                raise UntranslatedError(node, f"{name} is called")
        raise UntranslatedError(node, "what is called is neither a process nor a workflow")

    def _chosen_outputs(self, node: tree.Node, test: Expr, one: Several, other: Several) -> Symbol:
        evaluator = self.pipeline.channels.evaluator
        pairs = zip(one.channels.items(), other.channels.values(), strict=False)
        return Several({name: evaluator.chosen(node, test, a, b) for (name, a), b in pairs}, one.of)

    def _spread(self, args: Sequence[Symbol], wanted: int, node: tree.Node) -> list[Channel]:
        found: list[Channel] = []
        for arg in args:
            if isinstance(arg, Several) and len(args) == 1 and len(arg.channels) == wanted:
                found += [as_channel(one, node) for one in arg.channels.values()]
            else:
                found.append(as_channel(arg, node))
        return found

    def _process(self, symbol: ProcessSymbol, args: Sequence[Symbol], node: tree.Node) -> Symbol:
        key, made = self.pipeline.process(symbol, self.path)
        channels = self._spread(args, len(made.inputs), node)
        self._check(symbol.alias, len(made.inputs), len(channels), node)
        over, values = scatter(self.pipeline, channels, made.inputs)
        given: dict[str, Expr] = {}
        for (item, kind), spec in zip(values, made.inputs, strict=True):
            hand_on(self.pipeline, item, kind, spec, given)
        for port, name in made.params.items():
            given[port] = self.param(name).expr
        tests = [one for one in (self.guard(), made.when) if one is not None]
        step = Step(
            id=self._step_id(symbol.alias),
            run=ProcessRef(name=key),
            inputs=given,
            scatter=Scatter(over=(Over(name="item", value=over),), mode="stream")
            if over is not None
            else None,
            when=call("and", *tests) if tests else None,
            handlers=(Handler(event="failure", then="continue"),) if made.needs.ignore else (),
        )
        self._add(step, node)
        maybe = made.when is not None or made.needs.ignore
        outs = {s.name: self._output(step.id, s, over is not None, maybe) for s in made.outputs}
        several = Several(outs, symbol.alias)
        self.scope.names[f"{symbol.alias}.out"] = several
        if made.needs.debug:
            self.show(
                Channel(Output(step=step.id, port="stdout"), over is not None, "string"),
                f"{step.id}.stdout",
                node,
            )
        if made.needs.published:
            self._published(step.id, made, over is not None, node)
        return several

    def _check(self, name: str, wanted: int, given: int, node: tree.Node) -> None:
        if wanted != given:
            message = f"{name} takes {wanted} inputs, {given} are given"
            raise InvalidError.of("FWF1602", message, span=self.scope.module.span(node))

    def _step_id(self, wanted: str) -> str:
        made = self._fresh(wanted, self._ids)
        self._ids.add(made)
        return made

    def _add(self, step: Step, node: tree.Node) -> None:
        self.steps.append(step)
        self.pipeline.place(step, self.module, node)

    def _output(self, step: str, spec: OutputSpec, queue: bool, maybe: bool) -> Channel:
        out: Expr = Output(step=step, port=spec.port)
        if queue:
            self._streams.add((step, spec.port))
        kind: Kind = spec.kinds if spec.tuple_ else spec.kinds[0]
        if (spec.optional or maybe) and not queue:
            out, queue = call("to_stream", call("all_defined", Array(items=(out,)))), True
        if not spec.tuple_:
            if (spec.optional or maybe) and queue:
                out = self.pipeline.channels.names.each(
                    out, lambda x: x, lambda x: call("defined", x)
                )
            return Channel(out, queue, kind)

        def body(x: Expr) -> Expr:
            return Array(items=tuple(Attr(of=x, name=member) for member in spec.members))

        def there(x: Expr) -> Expr:
            inside = (
                [call("defined", Attr(of=x, name=m)) for m in spec.files] if spec.optional else []
            )
            return call("and", *([call("defined", x)] if maybe else []), *inside)

        if not queue:
            return Channel(body(out), False, kind)
        where = there if spec.optional or maybe else None
        return Channel(self.pipeline.channels.names.each(out, body, where), True, kind)

    def _published(self, step: str, made: Made, queue: bool, node: tree.Node) -> None:
        for spec in made.outputs:
            if not spec.files:
                continue
            out: Expr = Output(step=step, port=spec.port)
            if spec.tuple_:
                member = spec.files[0]
                if not queue:
                    out = Attr(of=out, name=member)
                else:
                    maybe = made.when is not None or made.needs.ignore
                    out = self._member(out, member, maybe)
            self.show(Channel(out, queue, "paths"), f"{step}.{spec.name}", node)

    def _member(self, items: Expr, name: str, maybe: bool) -> Expr:
        there = (lambda x: call("defined", x)) if maybe else None
        return self.pipeline.channels.names.each(items, lambda x: Attr(of=x, name=name), there)

    # --- workflows in workflows

    def _workflow(self, symbol: WorkflowSymbol, args: Sequence[Symbol], node: tree.Node) -> Symbol:
        block = symbol.definition
        takes = take_names(block)
        channels = self._spread(args, len(takes), node)
        self._check(symbol.alias, len(takes), len(channels), node)
        if len(self.path) >= MAX_DEPTH:
            raise InvalidError.of(
                "FWF1009", "workflows call each other too deeply", span=self.module.span(node)
            )
        inner = WorkflowPlace(self.pipeline, symbol.module, (*self.path, symbol.alias), self)
        given: dict[str, Expr] = {}
        for name, channel in zip(takes, channels, strict=True):
            inner.take(name, channel, block)
            given[name] = channel.expr
        workflow, emitted = inner.finish(block, symbol.definition.name or "")
        step = Step(
            id=self._step_id(symbol.alias),
            run=workflow,
            inputs={**given, **inner.links},
            when=self.guard(),
        )
        self._add(step, node)
        for port in inner.outputs:
            many = isinstance(port.type, ArrayType)
            value: Expr = Output(step=step.id, port=port.id)
            self.show(
                Channel(call("to_stream", value) if many else value, many),
                f"{step.id}.{port.id}",
                node,
            )
        outs: dict[str, Symbol] = {
            name: Channel(Output(step=step.id, port=name), channel.queue, channel.item)
            for name, channel in emitted.items()
        }
        self._streams |= {(step.id, name) for name, channel in emitted.items() if channel.queue}
        several = Several(outs, symbol.alias)
        self.scope.names[f"{symbol.alias}.out"] = several
        return several

    def take(self, name: str, channel: Channel, node: tree.Node) -> None:
        """Add a port for what the workflow takes."""
        type_: Type = StreamType(items=_ITEM) if channel.queue else _ITEM
        port = InputPort(id=name, type=type_)
        self.inputs[name] = port
        self.pipeline.place(port, self.module, node)
        self.scope.names[name] = Channel(Input(name=name), channel.queue, channel.item)

    def finish(self, block: tree.WorkflowBlock, name: str) -> tuple[Workflow, dict[str, Channel]]:
        """Follow a workflow's statements, and return it with what it gives."""
        self.run(block.main)
        emitted: dict[str, Channel] = {}
        for number, statement in enumerate((*block.emits, *block.publishes)):
            found = self._emit(statement, number)
            if found is not None:
                emitted[self._fresh(found[0], set(emitted))] = found[1]
        ports: list[OutputPort] = []
        for key, channel in emitted.items():
            type_: Type = StreamType(items=_ITEM) if channel.queue else _ITEM
            value = channel.expr
            if self.outer is None and channel.queue:
                type_, value = ArrayType(items=OptionalType(item=AnyType())), call("collect", value)
            port = OutputPort(id=key, type=type_, value=value)
            self.pipeline.place(port, self.module, block)
            ports.append(port)
        taken = {port.id for port in ports}
        shown: list[OutputPort] = []
        for port in self.outputs:
            made = msgspec.structs.replace(port, id=self._fresh(port.id, taken))
            taken.add(made.id)
            self.pipeline.place(made, self.module, block)
            shown.append(made)
        self.outputs = shown
        workflow = Workflow(
            id=name,
            inputs=tuple(self.inputs.values()),
            outputs=(*ports, *shown),
            steps=tuple(self.steps),
        )
        self.pipeline.place(workflow, self.module, block)
        return workflow, emitted

    def _emit(self, statement: tree.Statement, number: int) -> tuple[str, Channel] | None:
        evaluator = self.pipeline.channels.evaluator
        name = "out" if number == 0 else f"out_{number + 1}"
        node: tree.Expression
        match statement:
            case tree.Assign(target=tree.Name(name=given), value=value) if value is not None:
                name, node = given, value
            case tree.Evaluate(value=tree.Binary(operator=">>", left=left)):
                node = left
                name = left.name if isinstance(left, (tree.Name, tree.Property)) else name
            case tree.Evaluate(value=value):
                node = value
                name = value.name if isinstance(value, tree.Name) else name
            case _:
                return None
        try:
            symbol = evaluator.symbol(node, self.scope)
            if isinstance(symbol, (ProcessSymbol, WorkflowSymbol)):
                symbol = self.scope.find(f"{symbol.alias}.out") or NOTHING
            return name, as_channel(symbol, node)
        except UntranslatedError as error:
            self.pipeline.tell(self.module, error.node, error.reason, "FWF1604")
            expr = Opaque(
                language="groovy",
                text=self.module.text.text[node.start : node.end],
                bindings=tuple(seen_by(evaluator, [node], self.scope)),
                gives=StreamType(items=AnyType()),
            )
            return name, Channel(expr, True)


def take_names(block: tree.WorkflowBlock) -> list[str]:
    """Return what a workflow takes."""
    found = []
    for statement in block.takes:
        match statement:
            case tree.Evaluate(value=tree.Name(name=name)) | tree.Label(name=name):
                found.append(name)
            case tree.Assign(target=tree.Name(name=name)):
                found.append(name)
    return found
