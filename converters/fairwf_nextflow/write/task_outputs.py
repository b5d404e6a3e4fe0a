"""Outputs of a process: what it emits, and what a workflow makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from fairwf.ir.expressions import (
    Call,
    Each,
    Expr,
    Index,
    IntLit,
    Local,
    NoneLit,
    Output,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.ports import (
    Collect,
    CollectRecord,
    Evaluated,
    Glob,
    OutputPort,
    Stderr,
    Stdout,
)
from fairwf.ir.types import (
    ArrayType,
    FileType,
    OptionalType,
    RecordType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Command, Script
from fairwf_nextflow.meaning.substitution import substituted
from fairwf_nextflow.write.absence import may_be_none
from fairwf_nextflow.write.expressions import Sayer, is_path, required
from fairwf_nextflow.write.failures import CannotSayError
from fairwf_nextflow.write.functions import present
from fairwf_nextflow.write.names import Names
from fairwf_nextflow.write.strings import quoted

STDOUT = ".command.out"
_SELF = "self"
_FILE = FileType()


@dataclass
class Emitted:
    """One declaration; ``value`` computes the output from ``self``, what is emitted."""

    name: str
    text: str
    type: Type | None = None


@dataclass
class Given:
    """How a workflow gets an output: an expression whose locals are names of what is emitted."""

    value: Expr
    emits: list[Emitted] = field(default_factory=list)

    def of(self, step: str, scattered: bool) -> Expr:
        """Return the output in terms of what a step emits, an array where it is scattered."""
        emitted = {one.name: Output(step=step, port=one.name) for one in self.emits}
        plain = isinstance(self.value, Local)
        if not scattered or plain:
            return substituted(self.value, emitted)
        name = "\0k"
        if len(self.emits) == 1:
            (only,) = self.emits
            body = substituted(self.value, {only.name: Local(name=name)})
            return Each(name=name, over=emitted[only.name], body=body)
        count = Call(function="length", args=(next(iter(emitted.values())),))
        items = {key: Index(of=one, by=Local(name=name)) for key, one in emitted.items()}
        over = Call(function="range", args=(count,))
        return Each(name=name, over=over, body=substituted(self.value, items))


class TaskOutputs:
    """The outputs of one process."""

    def __init__(self, task: Command | Script, sayer: Sayer, names: Names) -> None:
        self.task = task
        self.sayer = sayer
        self.names = names
        self.stdout = _name(task.stdout, "stdout.txt", task)
        self.stderr = _name(task.stderr, "stderr.txt", task)
        self.kept_stdout = False
        self.given: dict[str, Given] = {}
        for port in task.outputs:
            self.given[port.id] = self._given(port)

    @property
    def lines(self) -> list[str]:
        """Return all declarations."""
        return [one.text for given in self.given.values() for one in given.emits]

    def _given(self, port: OutputPort) -> Given:
        if port.collect is None:
            raise CannotSayError("it is not said how this output is found", port)
        return self._collected(port.collect, port.type, port.id, port)

    def _collected(self, collect: Collect, type_: Type, wanted: str, port: OutputPort) -> Given:
        match collect:
            case Stdout():
                self.kept_stdout = True
                return self._path(wanted, [self.stdout], "", type_)
            case Stderr():
                return self._path(wanted, [self.stderr], "", type_)
            case Evaluated(value=value):
                return self._value(wanted, value, port)
            case CollectRecord(fields=fields):
                bare = required(type_)
                fields_of = bare.fields if isinstance(bare, RecordType) else ()
                types = {one.name: one.type for one in fields_of}
                inner = {
                    key: self._collected(one, types.get(key, type_), f"{wanted}_{key}", port)
                    for key, one in fields.items()
                }
                emits = [emit for one in inner.values() for emit in one.emits]
                return Given(Record(fields={k: one.value for k, one in inner.items()}), emits)
            case Glob():
                return self._glob(collect, type_, wanted, port)
        raise CannotSayError("Nextflow has no such output", port)

    def _emit(self, wanted: str, text: str, type_: Type | None) -> Given:
        name = self.names.claim(wanted, "out")
        emitted = Emitted(name, f"{text}, emit: {name}", type_)
        return Given(Local(name=name), [emitted])

    def _path(self, wanted: str, patterns: list[Expr], options: str, type_: Type) -> Given:
        pieces = [self.sayer.pieces(one) for one in patterns]
        if len(pieces) == 1:
            whole = pieces[0]
        else:
            whole = ["{"]
            for number, one in enumerate(pieces):
                whole += [*([","] if number else []), *one]
            whole.append("}")
        return self._emit(wanted, f"path {quoted(whole)}{options}", type_)

    def _value(self, wanted: str, value: Expr, port: OutputPort) -> Given:
        said = self.sayer.say(value)
        text = said.text
        if may_be_none(value, StringType()):
            text = f"{present(self.sayer, value).operand} ? {said.operand} : []"
        if isinstance(value, NoneLit):
            text = "[]"
        return self._emit(wanted, f"val({text})", port.type)

    def _glob(self, glob: Glob, type_: Type, wanted: str, port: OutputPort) -> Given:
        patterns = list(glob.patterns)
        if glob.load_contents or glob.load_listing not in (None, "none"):
            raise CannotSayError("Nextflow does not load files into values here", port)
        evaluate = glob.evaluate
        if patterns == [StringLit(value=STDOUT)] and isinstance(required(type_), StringType):
            self.kept_stdout = True
            return self._emit(wanted, "stdout", type_)
        inner = required(type_)
        optional = isinstance(type_, OptionalType)
        if evaluate is None or (_of_reader(evaluate) and is_path(type_)):
            if isinstance(inner, ArrayType):
                return self._path(wanted, patterns, ", arity: '0..*'", type_)
            if isinstance(inner, UnionType) and evaluate is not None:
                # one or several: which is known when it runs
                return self._path(wanted, patterns, ", optional: true" if optional else "", type_)
            if not is_path(type_):
                raise CannotSayError("an output of files has another type", port)
            if optional:
                return self._one_or_none(wanted, patterns, type_)
            return self._path(wanted, patterns, "", type_)
        if any(type(node).__name__ in ("Input", "Runtime") for _, node in walk(evaluate)):
            raise CannotSayError("Nextflow finds outputs before it computes with inputs", port)
        made = self._path(wanted, patterns, ", arity: '0..*'", ArrayType(items=_FILE))
        (emitted,) = made.emits
        value = substituted(evaluate, {_SELF: Local(name=emitted.name)})
        return Given(value, made.emits)

    def _one_or_none(self, wanted: str, patterns: list[Expr], type_: Type) -> Given:
        made = self._path(wanted, patterns, ", arity: '0..*'", ArrayType(items=_FILE))
        (emitted,) = made.emits
        whole = Local(name=emitted.name)
        return Given(Call(function="get", args=(whole, IntLit(value=0))), made.emits)


def _of_reader(evaluate: Expr) -> bool:
    """Tell whether an expression only leaves out inputs, or takes the first of one file."""
    allowed = {
        "length", "greater", "equal", "first", "not", "contains", "concat_arrays",
        "merge_flattened", "range", "add", "to_string",
    }  # fmt: skip
    return all(
        node.function in allowed for _, node in walk(evaluate) if isinstance(node, Call)
    ) and not any(isinstance(node, Record) for _, node in walk(evaluate))


def _name(stream: Expr | None, otherwise: str, task: Command | Script) -> Expr:
    if stream is None:
        return StringLit(value=otherwise)
    if isinstance(stream, (StringLit, Template)):
        return stream
    return Template(parts=(stream,))
