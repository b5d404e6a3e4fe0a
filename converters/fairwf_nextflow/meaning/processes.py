"""Processes as scripts: ports, the body with what is interpolated, directives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from fairwf.ir.command import Placeholder, ScriptPart, StagedItem, Text
from fairwf.ir.expressions import (
    Attr,
    Expr,
    If,
    Input,
    Opaque,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import AnyType, OptionalType, StringType
from fairwf.ir.workflow import Operation, Process, Script
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning import bodies, operators, ports
from fairwf_nextflow.meaning.build import call, javascript, known, template, text
from fairwf_nextflow.meaning.channels import Channels, seen_by
from fairwf_nextflow.meaning.configuration import Configuration, Told
from fairwf_nextflow.meaning.directives import DirectiveReader, Needs
from fairwf_nextflow.meaning.modules import Module
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.scripts import dedented, interpreter_of, placeholders, template_text
from fairwf_nextflow.meaning.symbols import (
    NOTHING,
    Function,
    Namespace,
    ProcessSymbol,
    Symbol,
    UntranslatedError,
    Value,
    value_of,
)
from fairwf_nextflow.meaning.weight import outside

Tell = Callable[[Module, tree.Node, str, str], None]
_LISTED = "(v => Array.isArray(v) ? '[' + v.join(', ') + ']' : v === null ? 'null' : String(v))(v)"


@dataclass
class Made:
    """A process as it was read: what runs, and how a workflow hands on and takes."""

    process: Process
    inputs: Sequence[ports.InputSpec]
    outputs: Sequence[ports.OutputSpec]
    params: Mapping[str, str]
    when: Expr | None
    needs: Needs
    nodes: list[tuple[msgspec.Struct, tree.Node]] = field(default_factory=list)


class ProcessPlace:
    """Where expressions of a process stand."""

    def __init__(
        self, kinds: Callable[[str], Value], told: Callable[[tree.Node, str], None]
    ) -> None:
        self._kinds = kinds
        self._told = told
        self.params: dict[str, str] = {}
        self.staged: ports.Staged | None = None

    def param(self, name: str) -> Value:
        """Return a pipeline parameter: an input of the process."""
        port = f"params.{name}"
        self.params[port] = name
        return Value(Input(name=port), self._kinds(name).kind)

    def text(self, value: Value) -> Expr:
        """Return a value inside of a script: files by their names in the task's folder."""
        if value.shown is not None:
            return value.shown
        if value.kind in ("path", "paths"):
            if isinstance(value.expr, Input) and self.staged is not None:
                shown = self.staged.shown.get(value.expr.name)
                if shown is not None:
                    return call("join", shown, text(" "))
            if value.kind == "path":
                return Attr(of=value.expr, name="basename")
            names = operators_each(value.expr)
            return call("join", names, text(" "))
        if value.kind == "list" or isinstance(value.kind, tuple):
            return javascript(_LISTED, StringType(), v=value.expr)
        return value.expr

    def invoke(self, what: Symbol, args: Sequence[Symbol], node: tree.Node) -> Symbol:
        """Refuse: a process calls no other."""
        raise UntranslatedError(node, "a process calls no other")

    def file(self, path: Value, several: bool, node: tree.Node) -> Value:
        """Return a file by its path in the task's folder."""
        if several:
            raise UntranslatedError(node, "which files match is known only when it runs")
        return path if path.kind in ("path", "paths") else Value(call("to_file", path.expr), "path")

    def left_out(self, node: tree.Node, what: str) -> None:
        """Tell of a piece that has no counterpart."""
        self._told(node, what)


def operators_each(files: Expr) -> Expr:
    """Return the names of files."""
    from fairwf.ir.expressions import Each, Local

    name = "_file"
    over = call("merge_flattened", files)
    return Each(name=name, over=over, body=Attr(of=Local(name=name), name="basename"))


class ProcessReader:
    """Reads processes, each under every name that it is called by."""

    def __init__(
        self,
        channels: Channels,
        configuration: Configuration,
        kinds: Callable[[str], Value],
        tell: Tell,
        templates: Callable[[str, Module], tuple[Module, str] | None],
        registry: str | None,
    ) -> None:
        self._channels = channels
        self._evaluator = channels.evaluator
        self._configuration = configuration
        self._kinds = kinds
        self._tell = tell
        self._templates = templates
        self._registry = registry

    def read(self, symbol: ProcessSymbol, path: Sequence[str]) -> Made:
        """Return a process under the name that it has where it is called.

        Raises:
            UntranslatedError: a declaration of an input or output is not understood.
        """
        return _Reading(self, symbol, path).made()


class _Reading:
    def __init__(self, reader: ProcessReader, symbol: ProcessSymbol, path: Sequence[str]) -> None:
        self.r = reader
        self.process = symbol.definition
        self.module = symbol.module
        self.alias = symbol.alias
        self.evaluator = reader._evaluator
        self.place = ProcessPlace(reader._kinds, self._told)
        self.taken = ports.Taken()
        self.inputs = ports.read_inputs(self.process, self.taken)
        task: dict[str, Symbol] = {
            "cpus": Value(Runtime(name="cores"), "int"),
            "memory": Value(Runtime(name="ram"), "memory"),
            "attempt": Value(Runtime(name="attempt"), "int"),
            "process": Value(text(":".join([*path, self.alias])), "string"),
            "workDir": Value(Runtime(name="outdir"), "string"),
        }
        self.scope = Scope(self.place, self.module, self.inputs.variables)
        names = [self.alias, ":".join([*path, self.alias])]
        self.directives = DirectiveReader(
            self.evaluator,
            reader._configuration,
            self.scope,
            self.process,
            names,
            reader._tell,
            reader._registry,
        )
        self.extensions = self.directives.extensions()
        self.scope.names["task"] = Namespace("task", {**task, "ext": Namespace("task.ext")})
        ext = {key: self._extension(told) for key, told in self.extensions.items()}
        self.scope.names["task"] = Namespace("task", {**task, "ext": Namespace("task.ext", ext)})

    def _extension(self, told: Told) -> Symbol:
        """Return a setting ``ext``: a closure is computed for each task."""
        scope = self.scope.inner({}, told.module)
        try:
            symbol = self.evaluator.symbol(told.node, scope)
            if isinstance(symbol, Function):
                symbol = self.evaluator.apply(symbol, (), told.node, scope)
            return value_of(symbol, told.node)
        except UntranslatedError as error:
            return self._opaque(told.node, error, told.module, scope)

    def _opaque(
        self, node: tree.Node, error: UntranslatedError, module: Module, scope: Scope
    ) -> Value:
        self.r._tell(module, error.node, error.reason, "FWF1604")
        bindings = tuple(seen_by(self.evaluator, [node], scope))
        source = module.text.text[node.start : node.end]
        return Value(Opaque(language="groovy", text=source, bindings=bindings))

    def made(self) -> Made:
        """Return all of it."""
        staged = ports.Staged(self.evaluator.names)
        self.place.staged = staged
        for spec in self.inputs.specs:
            for part in spec.parts:
                if part.qualifier in ("path", "file"):
                    staged.add(part, self._plain_value)
        when = self._when()
        needs = self.directives.read()
        body = self._body()
        reader = ports.OutputReader(self.evaluator.names, staged, self._plain_value, self._told)
        outputs = reader.read(self.process)
        for after in outputs.after:
            body = (*body, Text(text=after) if isinstance(after, str) else _part(after))
        if outputs.after:
            body = (Text(text=""), *body)
        variables: dict[str, Expr] = {}
        stdin: Expr | None = None
        items: list[StagedItem] = list(staged.items)
        for spec in self.inputs.specs:
            for part in spec.parts:
                if part.qualifier == "env" and part.variable:
                    variables[part.variable] = call("to_string", Input(name=part.port))
                elif part.qualifier == "stdin":
                    stdin = text(".command.in")
                    items.append(StagedItem(value=Input(name=part.port), name=text(".command.in")))
        environment = needs.environment
        if variables:
            environment = msgspec.structs.replace(environment, variables=variables)
        given = [port for port, _ in self.inputs.ports]
        given += [self._param_port(port, name) for port, name in self.place.params.items()]
        shown: list[OutputPort] = [port for port, _ in outputs.ports]
        if needs.debug:
            shown.append(
                OutputPort(id="stdout", type=StringType(), collect=ports.read_whole(ports.STDOUT))
            )
        interpreter, body = interpreter_of(body)
        kept = {"nextflow": dict(needs.kept)} if needs.kept else {}
        process: Process
        if self.process.kind == "exec" or not self.process.body:
            why = "runs Groovy (exec)" if self.process.kind == "exec" else "has no script"
            self.r._tell(self.module, self.process, f"the process {self.alias} {why}", "FWF1604")
            process = Operation(
                id=self.process.name, inputs=tuple(given), outputs=tuple(_shapes(shown)),
                implementation=f"nextflow:{self.process.name}", extensions=kept,
            )  # fmt: skip
        else:
            process = Script(
                id=self.process.name,
                inputs=tuple(given),
                outputs=tuple(shown),
                interpreter=interpreter,
                body=body,
                staging=tuple(items),
                environment=environment,
                resources=needs.resources,
                retry=needs.retry,
                network="outgoing",
                stdin=stdin,
                stdout=text(ports.STDOUT) if outputs.stdout or needs.debug else None,
                extensions=kept,
            )
        nodes: list[tuple[msgspec.Struct, tree.Node]] = [(process, self.process)]
        nodes += self.inputs.ports
        nodes += outputs.ports
        return Made(
            process, self.inputs.specs, outputs.specs, dict(self.place.params), when, needs, nodes
        )

    def _param_port(self, port: str, name: str) -> InputPort:
        return InputPort(id=port, type=OptionalType(item=AnyType()))

    def _plain_value(self, node: tree.Expression) -> Value:
        """Return a value; a name that nothing has is a text in outputs of old scripts."""
        try:
            return self.evaluator.value(node, self.scope)
        except UntranslatedError as error:
            return self._opaque(node, error, self.module, self.scope)

    def _told(self, node: tree.Node, message: str) -> None:
        self.r._tell(self.module, node, message, "FWF1605")

    def _when(self) -> Expr | None:
        if self.process.when is None:
            return None
        test = operators.truth(self._plain_value(self.process.when))
        if known(test) == (True, True):
            return None

        return outside(test)

    # --- the body

    def _body(self) -> tuple[ScriptPart, ...]:
        if self.process.kind == "exec":
            return ()
        result = self._script(self.process.body)
        if result is None:
            return ()
        whole = dedented(result)
        parts = whole.parts if isinstance(whole, Template) else (whole,)
        return tuple(_part(one) for one in parts)

    def _script(self, statements: Sequence[tree.Statement]) -> Expr | None:
        """Return the text of a script: that of its last statement."""
        scope = self.scope
        for number, statement in enumerate(statements):
            try:
                match statement:
                    case tree.Assign(target=tree.Name()):
                        bodies.assign(self.evaluator, statement, scope)
                    case tree.Evaluate(value=tree.Str() as node):
                        if number == len(statements) - 1:
                            return self._text(node)
                    case tree.Evaluate(
                        value=tree.Call(function=tree.Name(name="template"), args=(path,))
                    ):
                        return self._template(path)
                    case tree.Conditional() if number < len(statements) - 1:
                        self._between(statement)
                    case tree.Conditional():
                        return self._chosen(statement)
                    case tree.Leave(value=tree.Str() as node):
                        return self._text(node)
                    case tree.Leave(word="return", value=value) if value is not None:
                        return self.evaluator.value(value, scope).expr
                    case tree.Evaluate(value=value) if number == len(statements) - 1:
                        return self.evaluator.value(value, scope).expr
                    case _:
                        self._told(statement, "a statement with an effect in a script is left out")
            except UntranslatedError as error:
                made = self._failed(statement, error, number == len(statements) - 1)
                if made is not None:
                    return made
        return None

    def _failed(
        self, statement: tree.Statement, error: UntranslatedError, last: bool
    ) -> Expr | None:
        match statement:
            case tree.Assign(target=tree.Name(name=name), value=value) if value is not None:
                self.scope.names[name] = self._opaque(value, error, self.module, self.scope)
                return None
            case tree.Assign(target=target, value=value) if value is not None:
                made = self._opaque(value, error, self.module, self.scope)
                for one in target.items if isinstance(target, tree.TupleOf) else ():
                    if isinstance(one, tree.Name):
                        self.scope.names[one.name] = made
                return None
        if last:
            return self._opaque(statement, error, self.module, self.scope).expr
        self._told(error.node, f"left out of a script: {error.reason}")
        return None

    def _between(self, statement: tree.Conditional) -> None:
        """Take what a choice before the script's text assigns."""
        before = dict(self.scope.names)
        test = operators.truth(self.evaluator.value(statement.test, self.scope))
        ways: list[dict[str, Symbol]] = []
        for branch in (statement.then, statement.otherwise):
            self.scope.names = dict(before)
            for one in branch:
                if isinstance(one, tree.Conditional):
                    self._between(one)
                elif isinstance(one, tree.Assign):
                    try:
                        bodies.assign(self.evaluator, one, self.scope)
                    except UntranslatedError as error:
                        self._failed(one, error, False)
                elif isinstance(one, tree.Evaluate) and bodies.is_effect(one.value, self.scope):
                    bodies.tell_of_ends(one.value, self.scope)
                else:
                    self._told(one, "a statement with an effect in a script is left out")
            ways.append(self.scope.names)
        then, otherwise = ways
        self.scope.names = dict(before)
        for name in {**then, **otherwise}:
            a, b = then.get(name), otherwise.get(name)
            if a is b and a is not None:
                self.scope.names[name] = a
            else:
                self.scope.names[name] = self.evaluator.chosen(
                    statement, test, a or NOTHING, b or NOTHING
                )

    def _chosen(self, statement: tree.Conditional) -> Expr | None:
        test = operators.truth(self.evaluator.value(statement.test, self.scope))
        kept = dict(self.scope.names)
        then = self._script(statement.then)
        self.scope.names = dict(kept)
        otherwise = self._script(statement.otherwise)
        self.scope.names = kept
        if known(test)[0]:
            return then if known(test)[1] else otherwise
        return If(test=test, then=then or text(""), otherwise=otherwise or text(""))

    def _text(self, node: tree.Str) -> Expr:
        if self.process.kind == "shell" and node.quote[0] == "'":
            return self._shell(node)
        return self._interpolated(node)

    def _interpolated(self, node: tree.Str) -> Expr:
        """Return a text; what cannot be said in it stays opaque, piece by piece."""
        parts: list[Expr] = []
        for part in node.parts:
            if isinstance(part, str):
                parts.append(text(part))
                continue
            parts.append(self.place.text(self._plain_value(part)))
        return template(*parts)

    def _shell(self, node: tree.Str) -> Expr:
        """Return a text in which ``!{...}`` is interpolated."""
        parts: list[Expr] = []
        for piece in placeholders(self.module.text, node):
            if isinstance(piece, str):
                parts.append(text(piece))
            else:
                parts.append(self.place.text(self._plain_value(piece)))
        return template(*parts)

    def _template(self, path: tree.Expression) -> Expr:
        name = self.evaluator.value(path, self.scope).expr
        if not isinstance(name, StringLit):
            raise UntranslatedError(path, "the name of a template is computed")
        found = self.r._templates(name.value, self.module)
        if found is None:
            raise UntranslatedError(path, f"there is no template {name.value!r:.80}")
        module, _ = found
        whole = self.process.kind == "shell"
        size = len(module.text.text)
        node = tree.Str(0, size, (module.text.text,), "'") if whole else template_text(module.text)
        kept, self.module = self.module, module
        try:
            return self._shell(node) if whole else self._interpolated(node)
        finally:
            self.module = kept


def _part(expr: Expr) -> ScriptPart:
    if isinstance(expr, StringLit):
        return Text(text=expr.value)
    return Placeholder(value=expr)


def _shapes(shown: Sequence[OutputPort]) -> list[OutputPort]:
    return [msgspec.structs.replace(port, collect=None) for port in shown]
