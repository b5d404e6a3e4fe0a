"""Tasks as scripts (specification 1.2, "Task Definition").

Private declarations stand where they are used. Files that ``write_*`` makes for the command are
staged into a hidden folder, so that no pattern of the task finds them.
"""

from __future__ import annotations

import re

from WDL import Expr as Syntax
from WDL import Tree
from WDL import Type as Types

from fairwf.ir.command import Placeholder, ScriptPart, StagedItem, Text
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import (
    Attr,
    Call,
    Each,
    Expr,
    Input,
    IntLit,
    Local,
    NoneLit,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.joining import joined
from fairwf.ir.ports import Collect, Evaluated, Glob, InputPort, OutputPort, Stderr, Stdout
from fairwf.ir.workflow import Script
from fairwf_wdl import metadata
from fairwf_wdl.build import at as element
from fairwf_wdl.build import call, if_defined, text
from fairwf_wdl.context import Context
from fairwf_wdl.expressions import Translator
from fairwf_wdl.requirements import Needs, needs
from fairwf_wdl.sections import before, descend
from fairwf_wdl.strings import dedented
from fairwf_wdl.surroundings import Defaults, Elsewhere
from fairwf_wdl.types import PATHS, ir_type

WRITTEN = ".written"
"""The folder, inside of a task's own, of what ``write_*`` makes."""
_MAGIC = re.compile(r"[*?\[\\]")


class TaskReader:
    """Reads one task."""

    def __init__(self, context: Context, task: Tree.Task) -> None:
        self.context = context
        self.task = task
        declared = task.inputs
        if declared is None:
            # before 1.0 there was no input section: all that is declared may be given
            every = task.effective_wdl_version == "draft-2"
            declared = [decl for decl in task.postinputs if every or decl.expr is None]
        self.inputs = {str(decl.name): decl for decl in declared}
        self.private = {str(decl.name): decl for decl in task.postinputs if decl not in declared}
        self.outputs = {str(decl.name): decl for decl in task.outputs}
        self.staged: list[StagedItem] = []
        self.streams: set[str] = set()
        self.needs = Needs()
        self._known: dict[str, Expr] = {}
        self.defaults = Translator(context, Defaults(context, self.inputs))
        self.inside = Translator(context, _Inside(context, self))
        self._globs = any(
            isinstance(node, Syntax.Apply) and node.function_name == "glob"
            for decl in task.outputs
            for node in ([] if decl.expr is None else descend(decl.expr))
        )

    def read(self) -> Script:
        """Return the script.

        Raises:
            UnsupportedError: FWF1403, something that has no meaning in the IR.
        """
        task = self.task
        inputs = tuple(self._input(decl) for decl in self.inputs.values())
        self.needs = needs(task.runtime, self.inside)
        body = self._body()
        outputs = tuple(self._output(decl) for decl in task.outputs)
        head = metadata.head(task.meta)
        if self.needs.rest:
            own = {**head.get("extensions", {}).get("wdl", {}), "runtime": self.needs.rest}
            head["extensions"] = {"wdl": own}
        variables = {
            name: self.inside.coercion.text(Input(name=name), decl.type)
            for name, decl in self.inputs.items()
            if decl.decor.get("env")
        }
        script = Script(
            id=str(task.name),
            inputs=inputs,
            outputs=outputs,
            interpreter=("bash",),
            body=body,
            staging=tuple(self.staged),
            environment=Environment(container=self.needs.container, variables=variables),
            resources=self.needs.resources,
            retry=self.needs.retry,
            exit_codes=self.needs.exit_codes,
            network="outgoing",
            stdout=self._stream("stdout"),
            stderr=self._stream("stderr"),
            **head,
        )
        return self.context.place(script, task)

    def _input(self, decl: Tree.Decl) -> InputPort:
        default = None
        if decl.expr is not None:
            default = self.defaults.expression(decl.expr, decl.type)
        said = metadata.port(self.task.parameter_meta, decl.name)
        port = InputPort(id=str(decl.name), type=ir_type(decl.type), default=default, **said)
        return self.context.place(port, decl)

    # --- the command

    def _body(self) -> tuple[ScriptPart, ...]:
        parts: list[ScriptPart] = []
        for part in dedented([*self.task.command.parts]):
            if isinstance(part, Syntax.Placeholder):
                parts.append(self._placeholder(part))
            elif part:
                parts.append(Text(text=str(part)))
        return tuple(parts)

    def _placeholder(self, node: Syntax.Placeholder) -> Placeholder:
        options, type_ = node.options, node.expr.type
        value = self.inside.value(node.expr)
        default = text(options["default"]) if "default" in options else None
        if isinstance(type_, Types.Array):
            texts = self.inside.texts(type_.item_type)
            value = if_defined(self.context, value, texts) if type_.optional else texts(value)
        elif isinstance(type_, Types.Float):
            inner = type_.copy(optional=False)

            def written(known: Expr) -> Expr:
                return self.inside.coercion.text(known, inner)

            optional = type_.optional
            value = if_defined(self.context, value, written) if optional else written(value)
        elif isinstance(value, Call) and value.function in ("to_file", "to_directory"):
            value = value.args[0]
        elif not isinstance(
            type_, (Types.String, Types.Int, Types.Boolean, Types.File, Types.Directory, Types.Any)
        ):
            raise self.context.unsupported(
                f"a placeholder of the type {type_}", node, "write its members one by one"
            )
        said = {option: str(value) for option, value in options.items()}
        placeholder = Placeholder(
            value=value,
            separator=said.get("sep"),
            when_true=said.get("true"),
            when_false=said.get("false"),
            default=default,
        )
        return self.context.place(placeholder, node)

    def stage(self, suffix: str, content: Expr, at: Syntax.Base) -> Expr:
        """Return the path of a file that is written before the command starts."""
        name = f"{WRITTEN}/{len(self.staged) + 1}{suffix}"
        item = StagedItem(value=content, name=text(name))
        self.staged.append(self.context.place(item, at))
        return call("to_file", joined(Runtime(name="outdir"), text("/" + name)))

    def private_value(self, name: str) -> Expr:
        """Return what a private declaration stands for."""
        if name not in self._known:
            every = {id(decl) for decl in self.private.values()}
            for decl in before(self.private[name], every):
                if str(decl.name) not in self._known:
                    self._known[str(decl.name)] = self._private(decl)
        return self._known[name]

    def _private(self, decl: Tree.Decl) -> Expr:
        if decl.expr is None:
            return NoneLit()
        # not ``inside`` itself, which knows the branch that the first use stands in
        place = Translator(self.context, self.inside.surroundings)
        return self.context.bounded(place.expression(decl.expr, decl.type), decl)

    # --- the outputs

    def _stream(self, which: str) -> Expr | None:
        return text(self.stream_name(which)) if which in self.streams else None

    def stream_name(self, which: str) -> str:
        """Return the name of the file of a stream; one that patterns do not find."""
        name = f"{which}.txt"
        said = any(isinstance(part, str) and name in part for part in self.task.command.parts)
        return f".{name}" if self._globs or said else name

    def _output(self, decl: Tree.Decl) -> OutputPort:
        assert decl.expr is not None
        said = metadata.port(self.task.parameter_meta, decl.name)
        collect = self.context.place(self._collect(decl, decl.expr), decl.expr)
        port = OutputPort(id=str(decl.name), type=ir_type(decl.type), collect=collect, **said)
        return self.context.place(port, decl)

    def _collect(self, decl: Tree.Decl, node: Syntax.Base) -> Collect:
        if isinstance(node, Syntax.Apply) and isinstance(decl.type, Types.File):
            if node.function_name == "stdout":
                return Stdout()
            if node.function_name == "stderr":
                return Stderr()
        if isinstance(node, Syntax.String) and isinstance(decl.type, PATHS):
            literal = node.literal
            name = "" if literal is None else str(literal.value)
            if name and not _MAGIC.search(name) and not name.startswith("/"):
                return Glob(patterns=(text(name),))
        if isinstance(decl.type, PATHS) and _is_text(node.type):
            names = _Outputs(self.context, self, streams_by_name=True)
            path = Translator(self.context, names).value(node)
            if not names.patterns:
                return Glob(patterns=(_escaped(path),))
        try:
            place = _Outputs(self.context, self)
            value = Translator(self.context, place).expression(node, decl.type)
        except _SecondPatternError:
            place = _Outputs(self.context, self, streams_by_name=True)
            value = Translator(self.context, place).expression(node, decl.type)
        if not place.patterns:
            return Evaluated(value=value)
        return Glob(patterns=tuple(place.patterns), evaluate=value)

    def information(self, member: str, at: Syntax.Base, after: bool) -> Expr:
        """Return a member of the variable ``task``."""
        match member:
            case "name":
                return text(self.task.name)
            case "cpu":
                return call("to_float", Runtime(name="cores"))
            case "memory":
                ram = call("multiply", Runtime(name="ram"), IntLit(value=1024 * 1024))
                return call("to_int", ram)
            case "attempt":
                return call("subtract", Runtime(name="attempt"), IntLit(value=1))
            case "return_code" if after:
                return Runtime(name="exitCode")
            case "container":
                container = self.needs.container
                if container is None or container.image is None:
                    return NoneLit()
                return container.image
            case "end_time":
                return NoneLit()
        raise self.context.unsupported(f"task.{member}", at)


class _Inside(Elsewhere):
    """The command, what it needs, and private declarations."""

    in_task = True
    may_lack = False

    def __init__(self, context: Context, reader: TaskReader) -> None:
        super().__init__(context)
        self.reader = reader
        self._written: dict[int, Expr] = {}

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return an input or what a private declaration stands for."""
        if name in self.reader.inputs:
            return Input(name=name)
        if name in self.reader.private:
            return self.reader.private_value(name)
        raise self.context.unsupported(f"{name!r:.60} here", at)

    def written(self, suffix: str, content: Expr, at: Syntax.Base) -> Expr:
        """Return a file that is there when the command starts."""
        if id(at) not in self._written:
            self._written[id(at)] = self.reader.stage(suffix, content, at)
        return self._written[id(at)]

    def task(self, member: str, at: Syntax.Base) -> Expr:
        """Return a member of the variable ``task``."""
        return self.reader.information(member, at, after=False)


class _SecondPatternError(Exception):
    """An output asks for the file of a stream and for other files."""


class _Outputs(_Inside):
    """The outputs: the files that the command has left, and other outputs."""

    may_lack = True

    def __init__(self, context: Context, reader: TaskReader, streams_by_name: bool = False) -> None:
        super().__init__(context, reader)
        self.patterns: list[Expr] = []
        self._streams_by_name = streams_by_name
        self._of_stream = False

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return another output, or what the command sees."""
        other = self.reader.outputs.get(name)
        if other is None or other.expr is None:
            return super().lookup(name, at)
        return Translator(self.context, self).expression(other.expr, other.type)

    def written(self, suffix: str, content: Expr, at: Syntax.Base) -> Expr:
        """Return a file that is made when the outputs are collected."""
        return call("literal_file", text(f"written{suffix}"), content)

    def stream(self, which: str, at: Syntax.Base) -> Expr:
        """Return the file of a stream."""
        self.reader.streams.add(which)
        name = text(self.reader.stream_name(which))
        if self._streams_by_name:
            return call("to_file", name)
        if self.patterns and self.patterns != [name]:
            raise _SecondPatternError
        self.patterns, self._of_stream = [name], True
        return element(Local(name="self"), 0)

    def glob(self, pattern: Expr, at: Syntax.Base) -> Expr:
        """Return the matches, which are ``self`` in the output."""
        if self._of_stream:
            raise _SecondPatternError
        if self.patterns and self.patterns != [pattern]:
            raise self.context.unsupported(
                "two different patterns in one output", at, "give each an output of its own"
            )
        self.patterns = [pattern]
        name = self.context.fresh()
        is_file = call("equal", Attr(of=Local(name=name), name="class"), text("File"))
        return Each(name=name, over=Local(name="self"), body=Local(name=name), where=is_file)

    def task(self, member: str, at: Syntax.Base) -> Expr:
        """Return a member of the variable ``task``."""
        return self.reader.information(member, at, after=True)


def _is_text(type_: Types.Base) -> bool:
    return isinstance(type_, Types.String) and not type_.optional


def _escaped(path: Expr) -> Expr:
    """Return a pattern that matches a path alone."""
    if isinstance(path, Template):
        return Template(parts=tuple(map(_escaped, path.parts)))
    if isinstance(path, StringLit):
        return text(_MAGIC.sub(r"[\g<0>]", path.value))
    return call("escape_pattern", path if isinstance(path, Input) else call("to_string", path))
