"""Functions that read files become contents that are loaded with the file (CWL's loadContents)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from fairwf.check.infer import infer
from fairwf.check.scope import Scope
from fairwf.check.sites import Definitions, step_scope, workflow_scope
from fairwf.features import READING, Feature
from fairwf.ir.codec import Root
from fairwf.ir.command import Argument
from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Each,
    Expr,
    If,
    Index,
    Input,
    IntLit,
    Local,
    NoneLit,
    Output,
    Runtime,
    StepInput,
    StringLit,
    Template,
)
from fairwf.ir.names import fresh
from fairwf.ir.ports import Evaluated, Glob
from fairwf.ir.rewriting import map_children
from fairwf.ir.types import AnyType, ArrayType, FileType, OptionalType, Type
from fairwf.ir.walk import nodes, walk
from fairwf.ir.workflow import Command, Process, Pure, Script, Step, Workflow
from fairwf.lower.computed_links import LinkToStep
from fairwf.lower.context import Context
from fairwf.lower.substitution import is_process, over_workflows, substitute, with_steps
from fairwf.report import Fate

MATCHES = "\0matches"
"""Stands for what a glob found, beside the names of ports."""
_PICKED = ("first_defined", "only_defined", "all_defined")
_KEPT = frozenset({"first", "last", "get", "slice", "reverse", "flatten", *_PICKED})
"""Functions whose result holds files of their first argument alone."""
_HINT = "larger files: let a task print what is needed into a file of its own"


@dataclass(frozen=True)
class ReadToContents:
    """``read_text`` and its kin compute with the contents of the file, loaded where it arrives.

    An input port, an output's glob or a link of a step loads them: each file of its value, of up to
    64 KiB. A link that reads what it computes becomes a step. What a loop reads, or a task reads of
    a file inside a record, is left alone.
    """

    name: str = "read_to_contents"
    removes: Feature = Feature.FILE_READING
    adds: frozenset[Feature] = frozenset(
        {Feature.PURE, Feature.SUBWORKFLOW, Feature.LINK_EXPRESSION}
    )
    fate: Fate = "approximated"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with files that are loaded, for a target that has contents."""
        if "load_contents" not in context.capabilities.functions:
            return workflow

        def links(at: Workflow, definitions: Definitions) -> Workflow:
            whole = workflow_scope(at, definitions)
            steps = tuple(_step(step, step_scope(step, whole), context) for step in at.steps)
            return with_steps(at, steps, context)

        def tasks(node: msgspec.Struct) -> msgspec.Struct:
            return _task(node, context) if isinstance(node, (Command, Script, Pure)) else node

        stepped = _ReadingLinks(Feature.FILE_READING)(workflow, context)
        return context.rewrite(over_workflows(stepped, links, context), tasks)


class _ReadingLinks(LinkToStep):
    """Links that read files which they compute, or arrays of files, become steps before."""

    def chosen(self, value: Expr, scope: Scope) -> bool:
        return any(
            call.function in READING and call.args and not _is_file(call.args[0], scope)
            for call in nodes(value, Call)
        )


def _is_file(node: Expr, scope: Scope) -> bool:
    """Tell whether a link gives one file, or something of which nothing is known."""
    if not isinstance(node, (Input, Output, Local)):
        return isinstance(node, StepInput)
    return isinstance(_present(infer(node, scope)), (FileType, AnyType))


def _present(type_: Type) -> Type:
    return type_.item if isinstance(type_, OptionalType) else type_


# --- tasks --------------------------------------------------------------------------------------

Roots = Mapping[str, str | None]
"""The port, or :data:`MATCHES`, that a local name's files come from."""


def _task(task: Command | Script | Pure, context: Context) -> Process:
    files = {port.id for port in task.inputs if _holds_files(port.type)}
    work = _Task(files, context)
    changed: Process = work.visit(task, {})  # type: ignore[assignment]
    if not work.loaded:
        return changed
    inputs = tuple(
        context.replace(port, load_contents=True) if port.id in work.loaded else port
        for port in changed.inputs
    )
    return context.replace(changed, inputs=inputs)


def _holds_files(type_: Type) -> bool:
    while isinstance(type_, (ArrayType, OptionalType)):
        type_ = type_.items if isinstance(type_, ArrayType) else type_.item
    return isinstance(type_, FileType)


class _Task:
    """Reads of one task; ``loaded`` are the ports whose files are to be loaded."""

    def __init__(self, files: set[str], context: Context) -> None:
        self.files = files
        self.context = context
        self.loaded: set[str] = set()
        self.matched = False

    def visit(self, node: msgspec.Struct, roots: Roots) -> msgspec.Struct:
        if isinstance(node, Each):
            over: Expr = self.visit(node.over, roots)  # type: ignore[assignment]
            inner = {**roots, node.name: self.root(node.over, roots)}
            rest = map_children(
                node, lambda child: child if child is node.over else self.visit(child, inner)
            )
            if over is node.over and rest is node:
                return node
            return self.context.replace(node, over=over, body=rest.body, where=rest.where)
        if isinstance(node, Evaluated):
            glob = _of_named(node, self.context)
            return node if glob is None else self._glob(glob, roots)
        if isinstance(node, Glob) and node.evaluate is not None:
            return self._glob(node, roots)
        if isinstance(node, Argument):
            roots = {**roots, "self": self.root(node.value, roots)}
        elif isinstance(node, Call) and node.function in READING and len(node.args) == 1:
            root = self.root(node.args[0], roots)
            if root is not None:
                self.matched |= root == MATCHES
                self.loaded |= {root} - {MATCHES}
                file: Expr = self.visit(node.args[0], roots)  # type: ignore[assignment]
                return _said(node, lambda: self.context.copy(file), self.context)
        return map_children(node, lambda child: self.visit(child, roots), self.context.origins)

    def _glob(self, glob: Glob, roots: Roots) -> Glob:
        outer, self.matched = self.matched, False
        evaluate = self.visit(glob.evaluate, {**roots, "self": MATCHES})  # type: ignore[arg-type]
        matched, self.matched = self.matched, outer
        if evaluate is glob.evaluate:
            return glob
        load = glob.load_contents or matched
        return self.context.replace(glob, evaluate=evaluate, load_contents=load)

    def root(self, node: Expr, roots: Roots) -> str | None:
        """Return where the files of a value come from, all of them."""
        while True:
            if isinstance(node, Input):
                return node.name if node.name in self.files else None
            if isinstance(node, Local):
                return roots.get(node.name)
            if isinstance(node, Index):
                node = node.of
            elif isinstance(node, Call) and node.function in _KEPT and node.args:
                node = node.args[0]
            elif isinstance(node, Array) and len(node.items) == 1:
                node = node.items[0]
            elif isinstance(node, Each) and node.body == Local(name=node.name):
                node = node.over
            else:
                return None


def _of_named(node: Evaluated, context: Context) -> Glob | None:
    """Return an output that reads files by their names as one that looks for these files."""
    made = [call for call in nodes(node.value, Call) if call.function == "to_file"]
    paths: list[Expr] = []
    for call in made:
        if _is_relative(call.args[0]) and call.args[0] not in paths:
            paths.append(call.args[0])
    reads = any(call.function in READING for call in nodes(node.value, Call))
    lacking = any(call.function == "if_exists" for call in nodes(node.value, Call))
    if not paths or not reads or (lacking and len(paths) > 1):
        return None

    def found(at: msgspec.Struct) -> msgspec.Struct | None:
        if isinstance(at, Call) and at.function == "if_exists" and len(at.args) == 1:
            inner = at.args[0]
            if isinstance(inner, Call) and inner.function == "to_file" and inner.args[0] in paths:
                item = Call(function="get", args=(Local(name="self"), IntLit(value=0)))
                return context.made(item, at)
        if isinstance(at, Call) and at.function == "to_file" and at.args[0] in paths:
            by = IntLit(value=paths.index(at.args[0]))
            return context.made(Index(of=Local(name="self"), by=by), at)
        return None

    value = substitute(node.value, found, context)
    patterns = tuple(_pattern(context.copy(path)) for path in paths)
    return context.made(Glob(patterns=patterns, evaluate=value), node)


def _is_relative(path: Expr) -> bool:
    """Tell whether a path may name a file in the task's folder; what is not there is not found."""
    first = path.parts[0] if isinstance(path, Template) and path.parts else path
    if isinstance(first, StringLit):
        return bool(first.value) and not first.value.startswith("/")
    inner = first.args[0] if isinstance(first, Call) and first.args else first
    return not any(
        node == Runtime(name="outdir")
        or (isinstance(node, Attr) and node.name in ("path", "dirname"))
        or (isinstance(node, Call) and node.function in (*READING, "file_path"))
        for _, node in walk(inner)
    )


def _pattern(path: Expr) -> Expr:
    """Return a pattern that matches a path alone."""
    if isinstance(path, Template):
        return Template(parts=tuple(map(_pattern, path.parts)))
    if isinstance(path, StringLit):
        return StringLit(value=re.sub(r"[*?\[\\]", r"[\g<0>]", path.value))
    text = path if isinstance(path, Input) else Call(function="to_string", args=(path,))
    return Call(function="escape_pattern", args=(text,))


# --- links --------------------------------------------------------------------------------------


def _step(step: Step, scope: Scope, context: Context) -> Step:
    if step.loop is not None:
        return step
    inputs = {name: _link(value, scope, context) for name, value in step.inputs.items()}
    changes: dict[str, object] = {}
    if any(inputs[name] is not value for name, value in step.inputs.items()):
        changes["inputs"] = inputs
    if step.when is not None:
        when = _link(step.when, scope, context, step, inputs)
        if when is not step.when:
            changes |= {"when": when, "inputs": inputs}
    if not changes:
        return step
    return _with_loaded_items(context.replace(step, **changes), scope, context)


def _with_loaded_items(step: Step, scope: Scope, context: Context) -> Step:
    """Return the step with the items of its scatter loaded everywhere, where they are somewhere."""
    values = [*step.inputs.values(), *([step.when] if step.when is not None else [])]
    calls = [call for value in values for call in nodes(value, Call)]
    loaded = {
        call.args[0].name
        for call in calls
        if call.function == "load_contents" and isinstance(call.args[0], Local)
    }

    def load(node: msgspec.Struct) -> msgspec.Struct | None:
        if isinstance(_loaded(node), Local):
            return node
        if isinstance(node, Local) and node.name in loaded:
            return context.made(_loading(node, scope, context), node)
        return None

    if not loaded:
        return step
    inputs = {name: substitute(value, load, context) for name, value in step.inputs.items()}
    when = substitute(step.when, load, context) if step.when is not None else None
    return context.replace(step, inputs=inputs, when=when)


def _loaded(node: msgspec.Struct) -> msgspec.Struct | None:
    if isinstance(node, If):
        node = node.then
    if isinstance(node, Call) and node.function == "load_contents":
        return node.args[0]
    return None


def _link(
    value: Expr,
    scope: Scope,
    context: Context,
    step: Step | None = None,
    handed: dict[str, Expr] | None = None,
) -> Expr:
    """Return a value with the files that it reads loaded; for a condition, those ``handed`` on."""

    def load(node: Expr) -> Callable[[], Expr] | None:
        if isinstance(node, StepInput) and step is not None and handed is not None:
            given = step.inputs.get(node.name)
            if not isinstance(given, (Input, Output, Local)) or not _is_file(given, scope):
                return None
            handed[node.name] = _loading(given, scope, context)
            return lambda: context.copy(node)
        if isinstance(node, (Input, Output, Local)) and _is_file(node, scope):
            return lambda: _loading(node, scope, context)
        return None

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        if is_process(node):
            return node
        if isinstance(node, Call) and node.function in READING and len(node.args) == 1:
            made = load(node.args[0])
            if made is not None:
                return _said(node, made, context)
        return map_children(node, visit, context.origins)

    result: Expr = visit(value)  # type: ignore[assignment]
    return result


def _loading(node: Expr, scope: Scope, context: Context) -> Expr:
    loaded = Call(function="load_contents", args=(context.copy(node),))
    if not isinstance(infer(node, scope), OptionalType):
        return loaded
    test = Call(function="defined", args=(context.copy(node),))
    return If(test=test, then=loaded, otherwise=NoneLit())


# --- what is computed with the contents -----------------------------------------------------------


def _said(call: Call, file: Callable[[], Expr], context: Context) -> Expr:
    """Return what a function reads, in terms of the contents of a file that was loaded."""
    taken = {node.name for _, node in walk(file()) if isinstance(node, (Local, Each))}
    name = fresh("line", taken)

    def contents() -> Expr:
        return Attr(of=file(), name="contents")

    if call.function == "read_text":
        made = contents()
    elif call.function == "read_json":
        made = Call(function="parse_json", args=(contents(),))
    else:
        line: Expr = Call(function="strip_suffix", args=(Local(name=name), StringLit(value="\r")))
        if call.function == "read_tsv":
            line = Call(function="split", args=(line, StringLit(value="\t")))
        made = Each(name=name, over=_pieces(contents), body=line)
    context.told(
        "approximated",
        call,
        f"what {call.function} reads is loaded with the file, which must not have more than 64 KiB",
        _HINT,
    )
    return context.made(made, call)


def _pieces(contents: Callable[[], Expr]) -> Expr:
    """Return the lines of a text; the last line end ends the last line."""

    def split() -> Expr:
        return Call(function="split", args=(contents(), StringLit(value="\n")))

    count = Call(function="length", args=(split(),))
    last = Call(function="subtract", args=(count, IntLit(value=1)))
    ends = Call(
        function="or",
        args=(
            Call(function="equal", args=(contents(), StringLit(value=""))),
            Call(function="ends_with", args=(contents(), StringLit(value="\n"))),
        ),
    )
    short = Call(function="slice", args=(split(), IntLit(value=0), last))
    return If(test=ends, then=short, otherwise=split())
