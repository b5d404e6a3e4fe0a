"""How the outputs of a task are found (specification 1.2, "Task Outputs")."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import msgspec

from fairwf.ir.expressions import (
    Call,
    Expr,
    If,
    Index,
    Input,
    IntLit,
    Local,
    Opaque,
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
from fairwf.ir.types import ArrayType, DirectoryType, FileType, RecordType, Type
from fairwf.ir.walk import walk
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import arguments, let
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.strings import literal
from fairwf_wdl.write.task_places import MAGIC, known_by, one_pattern
from fairwf_wdl.write.types import (
    PATHS,
    STRING,
    is_optional,
    is_pair,
    item_of,
    member_names,
    required,
)

if TYPE_CHECKING:
    from fairwf_wdl.write.tasks import TaskWriter

_SELF = Local(name="self")
_HERE, _HERE_TOO = (StringLit(value="."),), (StringLit(value="./"),)


class TaskOutputs:
    """Says the outputs of one task."""

    def __init__(self, writer: TaskWriter) -> None:
        self.writer = writer

    def section(self) -> str:
        """Return the section, empty without outputs."""
        lines = []
        values = {port.id: _named_value(port) for port in self.writer.task.outputs}
        after = self.writer.after
        for port in self.writer.task.outputs:
            value = values[port.id]
            if value is not None:
                said = Said(self.writer.output_names[port.id], port.type)
                after.outputs.setdefault(known_by(value), said)
        for port in self.writer.task.outputs:
            after.own = known_by(values[port.id])
            try:
                type_ = self.writer.place.structs.type_text(port.type)
            except CannotSayError as error:
                raise CannotSayError(error.message, port, error.hint) from None
            text = self._collected(port)
            lines.append(f"    {type_} {self.writer.output_names[port.id]} = {text}\n")
        after.own = None
        return f"  output {{\n{''.join(lines)}  }}\n" if lines else ""

    def _collected(self, port: OutputPort) -> str:
        if any(one.collect is None for one in self.writer.task.outputs):
            return self._reported(port)
        assert port.collect is not None
        return self._collect(port.collect, port.type, port)

    def _reported(self, port: OutputPort) -> str:
        """An output that the program itself writes into a file of JSON."""
        if self.writer.task.outputs_file is None:
            raise CannotSayError("WDL says how each output is found", port)
        name = literal(self.writer.task.outputs_file)
        text = f"read({name})[{json.dumps(port.id)}]"
        return self.writer.after.computed(Opaque(language="javascript", text=text), port.type).text

    def _collect(self, collect: Collect, type_: Type, at_: msgspec.Struct) -> str:
        match collect:
            case Stdout() | Stderr():
                stream = "stdout" if isinstance(collect, Stdout) else "stderr"
                if self.writer.is_native(stream):
                    return f"{stream}()"
                return Sayer(self.writer.after).say(getattr(self.writer.task, stream), STRING).text
            case Evaluated():
                return self._evaluated(collect.value, type_, None)
            case CollectRecord():
                return self._record(collect, type_)
            case Glob() if collect.evaluate is not None:
                return self._evaluated(collect.evaluate, type_, collect)
        if collect.patterns in (_HERE, _HERE_TOO):
            raise CannotSayError("a task of WDL does not give its own folder", collect)
        try:
            return self._globbed(collect, type_)
        except CannotSayError as error:
            many = isinstance(required(type_), ArrayType)
            zero = IntLit(value=0)
            found: Expr = Call(function="get", args=(_SELF, zero)) if not many else _SELF
            try:
                return self.writer.programs.output(found, type_, collect).text
            except CannotSayError:
                raise error from None

    def _evaluated(self, value: Expr, type_: Type, glob: Glob | None) -> str:
        self.writer.after.glob = glob
        try:
            return Sayer(self.writer.after).say(value, type_).text
        finally:
            self.writer.after.glob = None

    def _record(self, collect: CollectRecord, type_: Type) -> str:
        kind = required(type_)
        if not isinstance(kind, RecordType):
            raise CannotSayError("the type of this record is not known", collect)
        types = {field.name: field.type for field in kind.fields}
        said = {name: self._collect(one, types[name], one) for name, one in collect.fields.items()}
        if is_pair(kind):
            return f"({said['left']}, {said['right']})"
        names = member_names(kind)
        members = ", ".join(f"{names[name]}: {said.get(name, 'None')}" for name in types)
        return f"{self.writer.place.structs.struct(kind)} {{ {members} }}"

    def _globbed(self, glob: Glob, type_: Type) -> str:
        (pattern,) = one_pattern(glob)
        said = Sayer(self.writer.after)
        if isinstance(pattern, (Input, Index)) and item_of(said.say(pattern).type) is not None:
            raise CannotSayError("WDL looks for one pattern in one output", glob)
        kind = required(type_)
        found = f"glob({said.say(pattern, STRING).text})" if _unescaped(pattern) is None else ""
        if isinstance(kind, ArrayType) and isinstance(required(kind.items), FileType):
            plain = _unescaped(pattern)
            if not found and plain is not None:
                found = f"glob({said.say(pattern, STRING).text})"
            return found
        if not isinstance(kind, PATHS):
            raise CannotSayError("WDL finds files and arrays of files alone", glob)
        plain = _unescaped(pattern)
        if plain is not None:
            return said.say(plain, STRING).text
        if isinstance(kind, DirectoryType):
            raise CannotSayError("WDL finds no directories by a pattern", glob)
        self.writer.tell(
            "FWF3002", "the first file that matches is taken; several are no error", glob
        )
        if is_optional(type_):
            return f"if length({found}) > 0 then {found}[0] else None"
        return f"{found}[0]"


def _named_value(port: OutputPort) -> Expr | None:
    """Return the value that others may call by the name of an output: a file that it finds."""
    collect = port.collect
    if isinstance(collect, Evaluated):
        value = let(collect.value)
        made = {one.function for _, one in walk(value) if isinstance(one, Call)}
        return value if isinstance(value, (Call, If)) and "to_file" in made else None
    if not isinstance(collect, Glob) or collect.evaluate is not None or len(collect.patterns) != 1:
        return None
    path = _unescaped(collect.patterns[0])
    if path is None or not isinstance(required(port.type), FileType):
        return None
    file = Call(function="to_file", args=(path,))
    return Call(function="if_exists", args=(file,)) if is_optional(port.type) else file


def _unescaped(pattern: Expr) -> Expr | None:
    """Return the path that a pattern matches alone, None where it may match others."""
    if isinstance(pattern, StringLit):
        text = re.sub(r"\[([*?\[\\])\]", r"\1", pattern.value)
        rest = re.sub(r"\[([*?\[\\])\]", "", pattern.value)
        return None if MAGIC.search(rest) else StringLit(value=text)
    of = arguments(pattern, "escape_pattern", 1)
    if of is not None:
        return of[0]
    if isinstance(pattern, Template):
        parts = [_unescaped(part) for part in pattern.parts]
        known = [part for part in parts if part is not None]
        return Template(parts=tuple(known)) if len(known) == len(parts) else None
    return None
