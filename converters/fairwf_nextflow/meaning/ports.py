"""Inputs and outputs of a process: its qualifiers as ports, and how files are named and found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fairwf.ir.command import StagedItem
from fairwf.ir.expressions import (
    Array,
    Attr,
    Each,
    Expr,
    If,
    Input,
    Local,
    NoneLit,
    Record,
    Template,
)
from fairwf.ir.ports import Collect, CollectRecord, Evaluated, Glob, InputPort, OutputPort
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    DirectoryType,
    FileType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
    UnionType,
)
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning.build import Names, call, choose, known, literal, template, text
from fairwf_nextflow.meaning.files import has_magic
from fairwf_nextflow.meaning.symbols import Kind, UntranslatedError, Value

_ONE = UnionType(members=(FileType(), DirectoryType()))
PATHS = UnionType(members=(FileType(), DirectoryType(), ArrayType(items=_ONE)))
"""A file or folder, or several: which, Nextflow says only when it runs."""
QUALIFIERS = frozenset({"val", "path", "file", "env", "stdin", "stdout", "tuple", "each", "eval"})


@dataclass(frozen=True)
class Part:
    """One qualifier: its name for expressions, its port, and how its file is called."""

    qualifier: str
    variable: str | None
    port: str
    pattern: tree.Expression | None = None
    node: tree.Node | None = None
    arity: str | None = None

    def files(self) -> Type:
        """Return the type of files of so many."""
        return _of_arity(self.arity) or PATHS


@dataclass(frozen=True)
class InputSpec:
    """What one channel gives: a part, or those of a tuple."""

    parts: tuple[Part, ...]
    tuple_: bool
    each: bool = False


@dataclass(frozen=True)
class OutputSpec:
    """What one channel takes: its name, port and, of a tuple, the members and their kinds."""

    name: str
    port: str
    members: tuple[str, ...]
    kinds: tuple[Kind, ...]
    optional: bool
    files: tuple[str, ...] = ()

    @property
    def tuple_(self) -> bool:
        """True of a tuple."""
        return bool(self.members)


def unwrap(
    statement: tree.Statement,
) -> tuple[str, list[tree.Expression], list[tree.Entry], tree.Node] | None:
    """Return qualifier, arguments and options of a declaration; None where it is none."""
    if not isinstance(statement, tree.Evaluate):
        return None
    return qualified(statement.value)


def qualified(
    node: tree.Expression,
) -> tuple[str, list[tree.Expression], list[tree.Entry], tree.Node] | None:
    """Return qualifier, arguments and options of an expression; None where it has none."""
    match node:
        case tree.Call(function=tree.Name(name=name), args=args, named=named) if name in QUALIFIERS:
            return name, list(args), list(named), node
        case tree.Name(name=name) if name in ("stdout", "stdin"):
            return name, [], [], node
        case tree.Call(function=tree.Property(of=of, name=name), args=args, named=named) if (
            len(args) == 1
        ):
            # path('x') optional true: a chain of commands
            if name in ("optional", "emit") and (inner := qualified(of)) is not None:
                key = tree.Str(node.start, node.end, (name,), "'")
                more = tree.Entry(node.start, node.end, key, args[0])
                return inner[0], inner[1], [*inner[2], more, *named], node
    return None


def option(named: list[tree.Entry], *names: str) -> tree.Expression | None:
    """Return a named argument."""
    for entry in named:
        if isinstance(entry.key, tree.Str) and entry.key.plain in names:
            return entry.value
    return None


class Taken:
    """Port names, each given once."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def name(self, wanted: str) -> str:
        """Return a name like the wanted one that is free."""
        plain = re.sub(r"\W+", "_", wanted).strip("_") or "value"
        made, number = plain, 1
        while made in self._names:
            number += 1
            made = f"{plain}_{number}"
        self._names.add(made)
        return made


@dataclass
class Inputs:
    """The inputs of a process."""

    specs: list[InputSpec] = field(default_factory=list)
    ports: list[tuple[InputPort, tree.Node]] = field(default_factory=list)
    variables: dict[str, Value] = field(default_factory=dict)


def read_inputs(process: tree.Process, taken: Taken) -> Inputs:
    """Return the inputs.

    Raises:
        UntranslatedError: a declaration has no qualifier that is known.
    """
    found = Inputs()
    for statement in process.inputs:
        declared = unwrap(statement)
        if declared is None:
            raise UntranslatedError(statement, "an input without val, path, tuple, env or stdin")
        name, args, named, node = declared
        each = False
        if name == "each":
            each = True
            inner = qualified(args[0]) if args else None
            if inner is not None:
                name, args, named, _ = inner
            else:
                name = "val"
        if name == "tuple":
            parts = []
            for arg in args:
                inside = qualified(arg)
                if inside is None:
                    raise UntranslatedError(arg, "a part of a tuple without val or path")
                parts.append(_part(inside[0], inside[1], inside[2], arg, taken))
            spec = InputSpec(tuple(parts), True)
        else:
            spec = InputSpec((_part(name, args, named, node, taken),), False, each)
        found.specs.append(spec)
        for part in spec.parts:
            path = part.qualifier in ("path", "file")
            type_: Type = part.files() if path else OptionalType(item=AnyType())
            found.ports.append((InputPort(id=part.port, type=type_), part.node or node))
            if part.variable:
                found.variables[part.variable] = Value(
                    Input(name=part.port), "paths" if path else "any"
                )
    return found


def _part(
    name: str, args: list[tree.Expression], named: list[tree.Entry], node: tree.Node, taken: Taken
) -> Part:
    pattern = option(named, "stageAs", "name")
    variable: str | None = None
    if args:
        first = args[0]
        if isinstance(first, tree.Name):
            variable = first.name
        elif name in ("path", "file"):
            pattern = first
        elif isinstance(first, tree.Str) and name == "env":
            variable = first.plain
    wanted = variable
    if wanted is None and isinstance(pattern, tree.Str):
        wanted = "".join(part for part in pattern.parts if isinstance(part, str))
    port = taken.name(wanted or name)
    return Part(name, variable, port, pattern, node, _arity(named))


def _arity(named: list[tree.Entry]) -> str | None:
    found = option(named, "arity")
    return found.plain if isinstance(found, tree.Str) else None


def _of_arity(arity: str | None) -> Type | None:
    if arity == "1":
        return _ONE
    if arity in ("0..*", "1..*", "*"):
        return ArrayType(items=_ONE, nonempty=arity[0] == "1")
    return None


# --- names of files in the task's folder


class Staged:
    """How the files of inputs are called in the task's folder."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.items: list[StagedItem] = []
        self.shown: dict[str, Expr] = {}

    def add(self, part: Part, evaluated: Callable[[tree.Expression], Value]) -> None:
        """Stage the files of an input under the names that its pattern says."""
        port = Input(name=part.port)
        pattern: Expr | None = None
        if part.pattern is not None:
            pattern = evaluated(part.pattern).expr
        plain, raw = known(pattern) if pattern is not None else (True, "*")
        whole = call("merge_flattened", port)
        if plain and raw in ("*", "**", ""):
            self.items.append(StagedItem(value=port))
            self.shown[part.port] = self._names.each(whole, lambda x: Attr(of=x, name="basename"))
            return
        index = self._names.fresh()
        made = self._name(
            pattern if pattern is not None else text("*"),
            raw if plain else None,
            whole,
            Local(name=index),
        )
        over = call("range", call("length", whole))
        from fairwf.ir.expressions import Index

        one = Record(fields={"entry": Index(of=whole, by=Local(name=index)), "entryname": made})
        self.items.append(StagedItem(value=Each(name=index, over=over, body=one)))
        self.shown[part.port] = Each(name=index, over=over, body=made)

    def _name(self, pattern: Expr, raw: object, whole: Expr, index: Expr) -> Expr:
        from fairwf.ir.expressions import Index

        alone = call("equal", call("length", whole), literal(1))
        number = call("to_string", call("add", index, literal(1)))
        counted = If(test=alone, then=text(""), otherwise=number)
        if not isinstance(raw, str):
            return pattern
        base = Attr(of=Index(of=whole, by=index), name="basename")
        folder, slash, name = raw.rpartition("/")
        parts: list[Expr] = []
        for piece in re.split(r"([*?]+)", folder):
            parts.append(number if piece[:1] in ("*", "?") else text(piece))
        parts.append(text(slash))
        if name == "*":
            parts.append(base)
        elif "*" in name or "?" in name:
            parts += [
                counted if p[:1] in ("*", "?") else text(p) for p in re.split(r"([*?]+)", name)
            ]
        else:
            parts += [text(name), counted]
        return template(*parts)

    def all(self) -> Expr | None:
        """Return the names of all, None where nothing is staged."""
        if not self.shown:
            return None
        return call("concat_arrays", *self.shown.values())


# --- outputs


@dataclass
class Outputs:
    """The outputs of a process."""

    specs: list[OutputSpec] = field(default_factory=list)
    ports: list[tuple[OutputPort, tree.Node]] = field(default_factory=list)
    stdout: bool = False
    after: list[Expr | str] = field(default_factory=list)


class OutputReader:
    """Reads the outputs of a process."""

    def __init__(
        self,
        names: Names,
        staged: Staged,
        evaluated: Callable[[tree.Expression], Value],
        tell: Callable[[tree.Node, str], None],
    ) -> None:
        self._names = names
        self._staged = staged
        self._evaluated = evaluated
        self._tell = tell
        self._taken = Taken()
        self.found = Outputs()

    def read(self, process: tree.Process) -> Outputs:
        """Return the outputs.

        Raises:
            UntranslatedError: a declaration has no qualifier that is known.
        """
        for number, statement in enumerate(process.outputs):
            declared = unwrap(statement)
            if declared is None:
                raise UntranslatedError(
                    statement, "an output without val, path, tuple, env, eval or stdout"
                )
            name, args, named, node = declared
            emit = option(named, "emit")
            alias = (
                emit.name
                if isinstance(emit, tree.Name)
                else emit.plain
                if isinstance(emit, tree.Str)
                else None
            )
            optional = self._true(option(named, "optional"))
            self._one(alias, number, name, args, named, node, optional)
        return self.found

    def _true(self, node: tree.Expression | None) -> bool:
        if node is None:
            return False
        return not (isinstance(node, tree.Constant) and node.value is False)

    def _one(
        self,
        alias: str | None,
        number: int,
        name: str,
        args: list[tree.Expression],
        named: list[tree.Entry],
        node: tree.Node,
        optional: bool,
    ) -> None:
        port = self._taken.name(alias or ("out" if number == 0 else f"out_{number + 1}"))
        if name != "tuple":
            collect, type_, kind = self._collected(name, args, named, node, optional)
            self._add(
                alias,
                port,
                collect,
                type_,
                (),
                (kind,),
                optional,
                node,
                (port,) if name in ("path", "file") else (),
            )
            return
        members, fields, types, kinds, files = [], {}, [], [], []
        inside = Taken()
        for arg in args:
            declared = qualified(arg)
            if declared is None:
                raise UntranslatedError(arg, "a part of a tuple without val or path")
            one, inner, options, _ = declared
            wanted = inner[0].name if inner and isinstance(inner[0], tree.Name) else one
            member = inside.name(wanted)
            collect, type_, kind = self._collected(one, inner, options, arg, optional)
            members.append(member)
            fields[member] = collect
            types.append(RecordField(name=member, type=type_))
            kinds.append(kind)
            if one in ("path", "file"):
                files.append(member)
        whole = RecordType(fields=tuple(types))
        self._add(
            alias,
            port,
            CollectRecord(fields=fields),
            whole,
            tuple(members),
            tuple(kinds),
            optional,
            node,
            tuple(files),
        )

    def _add(
        self,
        alias: str | None,
        port: str,
        collect: Collect,
        type_: Type,
        members: tuple[str, ...],
        kinds: tuple[Kind, ...],
        optional: bool,
        node: tree.Node,
        files: tuple[str, ...],
    ) -> None:
        self.found.specs.append(OutputSpec(alias or port, port, members, kinds, optional, files))
        self.found.ports.append((OutputPort(id=port, type=type_, collect=collect), node))

    def _collected(
        self,
        name: str,
        args: list[tree.Expression],
        named: list[tree.Entry],
        node: tree.Node,
        optional: bool,
    ) -> tuple[Collect, Type, Kind]:
        match name:
            case "val":
                value = self._evaluated(args[0])
                return Evaluated(value=value.expr), OptionalType(item=AnyType()), value.kind
            case "stdout":
                self.found.stdout = True
                return read_whole(STDOUT), StringType(), "string"
            case "env" | "eval":
                return self._printed(name, args, node)
        return self._path(args, named, node, optional)

    def _printed(
        self, name: str, args: list[tree.Expression], node: tree.Node
    ) -> tuple[Collect, Type, Kind]:
        """What a variable holds, or a command prints, at the end: the script writes it down."""
        file = f".fairwf.{name}.{len(self.found.after)}"
        first = args[0]
        if name == "env":
            variable = first.name if isinstance(first, tree.Name) else getattr(first, "plain", None)
            if not isinstance(variable, str) or not re.fullmatch(r"\w+", variable):
                raise UntranslatedError(node, "the name of a variable is computed")
            self.found.after.append(f'printf %s "${variable}" > {file}\n')
        else:
            command = self._evaluated(first).expr
            parts = command.parts if isinstance(command, Template) else (command,)
            self.found.after += ["( ", *parts, f" ) > {file}\n"]
        ended = call(
            "replace_match",
            call("read_text", call("first", Local(name="self"))),
            text("\n+$"),
            text(""),
        )
        return Glob(patterns=(text(file),), evaluate=ended), StringType(), "string"

    def _path(
        self, args: list[tree.Expression], named: list[tree.Entry], node: tree.Node, optional: bool
    ) -> tuple[Collect, Type, Kind]:
        if not args:
            raise UntranslatedError(node, "a path without a name")
        patterns: list[Expr] = []
        given = False  # a file by its name is an output, even where the task was given it
        for arg in args:
            for one in arg.items if isinstance(arg, tree.ListOf) else (arg,):
                value = self._evaluated(one)
                given = given or _is_given(value)
                patterns += self._patterns(value)
        raws = [known(one)[1] for one in patterns]
        one_alone = _arity(named) == "1"
        several = isinstance(_of_arity(_arity(named)), ArrayType) or (
            not one_alone
            and (
                len(patterns) > 1 or any(not isinstance(raw, str) or has_magic(raw) for raw in raws)
            )
        )
        kind: Kind = "paths" if several else "path"
        one_type: Type = _ONE
        if not several:
            type_: Type = OptionalType(item=one_type) if optional else one_type
            return Glob(patterns=tuple(patterns)), type_, kind
        found: Expr = Local(name="self")
        staged = self._staged.all()
        if staged is not None and not given and not self._true(option(named, "includeInputs")):
            found = self._names.each(
                found,
                lambda x: x,
                lambda x: call("not", call("contains", staged, Attr(of=x, name="basename"))),
            )
        counted = _of_arity(_arity(named))
        if isinstance(counted, ArrayType):
            return Glob(patterns=tuple(patterns), evaluate=found), counted, "paths"
        many = call("greater", call("length", found), literal(1))
        evaluate = choose(many, found, call("first", found))
        whole: Type = PATHS
        if optional:
            evaluate = choose(call("equal", call("length", found), literal(0)), NoneLit(), evaluate)
            whole = OptionalType(item=PATHS)
        return Glob(patterns=tuple(patterns), evaluate=evaluate), whole, kind

    def _patterns(self, value: Value) -> Iterator[Expr]:
        if _is_given(value) and isinstance(value.expr, Input):
            yield self._staged.shown.get(value.expr.name, value.expr)
            return
        plain, raw = known(value.expr)
        if plain and isinstance(raw, str):
            for one in braces(raw):
                yield text(one.removeprefix("./"))
        elif isinstance(value.expr, Array):
            for one_ in value.expr.items:
                yield from self._patterns(Value(one_))
        else:
            yield value.expr


def _is_given(value: Value) -> bool:
    return value.kind == "paths" and isinstance(value.expr, Input)


STDOUT = ".command.out"


def read_whole(name: str) -> Glob:
    """Return the text of a file that the task wrote."""
    return Glob(
        patterns=(text(name),), evaluate=call("read_text", call("first", Local(name="self")))
    )


def braces(pattern: str) -> list[str]:
    """Return a pattern as those without alternatives in braces; at most 64."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if found is None:
        return [pattern]
    made: list[str] = []
    for one in found[1].split(","):
        made += braces(pattern[: found.start()] + one + pattern[found.end() :])
        if len(made) > 64:
            return [pattern]
    return made
