"""What expressions of a task may use: in its command and needs, and in its outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from fairwf.ir.command import Rendering
from fairwf.ir.expressions import (
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
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import (
    Glob,
)
from fairwf.ir.rewriting import rewrite
from fairwf.ir.types import ArrayType, Type
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import arguments, bare, joined_rows, unpathed, written_lines
from fairwf_wdl.write.places import Place, Telling
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.shell import Expansion
from fairwf_wdl.write.strings import Piece, literal
from fairwf_wdl.write.types import (
    FILE,
    INT,
    STRING,
    Structs,
)

if TYPE_CHECKING:
    from fairwf_wdl.write.tasks import TaskWriter

WRITTEN = re.compile(r"/\.written/\d+\.[a-z]+")
"""Where the reader stages what functions of WDL write for a command."""
MAGIC = re.compile(r"[*?\[\\]")
_SELF = Local(name="self")


def one_pattern(glob: Glob) -> tuple[Expr, ...]:
    """Return the only pattern of a glob."""
    if len(glob.patterns) != 1:
        raise CannotSayError(
            "WDL looks for one pattern in one output", glob, "give each pattern its own output"
        )
    return glob.patterns


class TaskPlace(Place):
    """The command of a task, and what it needs."""

    in_task = True

    def __init__(self, writer: TaskWriter, version: str, structs: Structs, tell: Telling) -> None:
        super().__init__(version, structs, tell)
        self.writer = writer

    def lookup(self, node: Expr) -> Said:
        """Return an input, or what the engine knows of the task."""
        if isinstance(node, Input) and node.name in self.writer.inputs:
            return Said(self.writer.names[node.name], self.writer.inputs[node.name].type)
        if isinstance(node, Runtime) and self.version != "1.1":
            match node.name:
                case "cores":
                    return Said("floor(task.cpu)", INT)
                case "ram":
                    return Said("task.memory / 1048576", INT, 1)
                case "attempt":
                    return Said("task.attempt + 1", INT, 1)
        return super().lookup(node)

    def loading(self, node: Expr) -> tuple[bool, str | None]:
        """Tell what an input loads of its files and folders."""
        port = self.writer.inputs.get(node.name) if isinstance(node, Input) else None
        return (port.load_contents, port.load_listing) if port is not None else (False, None)

    def shell_text(self, node: Expr) -> Expansion | None:
        """Return the variable of the shell for the text of what JavaScript gives."""
        return self.writer.programs.text(node)

    def shell_words(self, node: Expr, rendering: Rendering) -> list[Piece] | None:
        """Return the words of the shell for what JavaScript gives."""
        return self.writer.programs.words(node, rendering)

    def staged_at(self, node: Expr) -> Expr | None:
        """Return the name of an input whose path is that in the task's folder, where it is staged
        (CWL v1.2 "InitialWorkDirRequirement")."""
        of = bare(node, STRING)
        return self.writer.moved.get(of.name) if isinstance(of, Input) else None

    def file_at(self, node: Call) -> Said | None:
        """Return a file that a function of WDL has written, or that of a stream."""
        parts: tuple[Expr, ...] = getattr(node.args[0], "parts", ())
        if len(parts) == 2 and parts[0] == Runtime(name="outdir"):
            match = WRITTEN.fullmatch(getattr(parts[1], "value", ""))
            return self.written_at(match[0]) if match is not None else None
        return None

    def written_at(self, name: str) -> Said | None:
        """Return the function that writes a staged file."""
        item = self.writer.staged.get(name[1:])
        if item is None:
            return None
        content = item.value
        if isinstance(content, If) and isinstance(content.otherwise, NoneLit):
            content = content.then  # the branch around it says when it is needed
        return self.written(content, StringLit(value=name), item)

    def written(self, content: Expr, name: StringLit | None, node: msgspec.Struct) -> Said:
        """Return the function of WDL that writes a text into a file."""
        found = writing(Sayer(self), content, name.value if name is not None else "")
        if found is None:
            raise CannotSayError("WDL writes no file with this text", node)
        return found


def writing(sayer: Sayer, content: Expr, name: str) -> Said | None:
    """Return ``write_lines`` and the like, where they give this text."""
    json = arguments(content, "to_json", 1)
    if json is not None:
        return Said(f"write_json({sayer.say(unpathed(json[0])).text})", FILE)
    lines = written_lines(content)
    if lines is None:
        return None
    rows = joined_rows(lines) if name.endswith(".tsv") else None
    if rows is None:
        return Said(f"write_lines({sayer.texts(lines).text})", FILE)
    entries = arguments(rows, "entries", 1)
    if entries is not None:
        return Said(f"write_map({sayer.say(entries[0]).text})", FILE)
    return Said(f"write_tsv({_table(sayer, rows)})", FILE)


def _table(sayer: Sayer, rows: Expr) -> str:
    nested = ArrayType(items=ArrayType(items=STRING))
    return sayer.say(bare(rows, nested)).text


def known_by(node: Expr | None) -> str:
    """Return what tells a value from others: a text is the same with its parts made texts."""

    def visit(at: msgspec.Struct) -> msgspec.Struct:
        if not isinstance(at, Template):
            return at
        parts = [(arguments(part, "to_string", 1) or (part,))[0] for part in at.parts]
        return msgspec.structs.replace(at, parts=tuple(parts))

    return "" if node is None else repr(rewrite(node, visit))


class OutputPlace(TaskPlace):
    """The outputs of a task."""

    may_lack = True
    glob: Glob | None = None
    own: str | None = None
    """The value of the output that is being said, which does not name itself."""

    def __init__(self, writer: TaskWriter, version: str, structs: Structs, tell: Telling) -> None:
        super().__init__(writer, version, structs, tell)
        self.outputs: dict[str, Said] = {}

    def named(self, node: Expr) -> Said | None:
        """Return the name of another output that is this file."""
        if not self.outputs or not isinstance(node, (Call, If)):
            return None
        key = known_by(node)
        return self.outputs.get(key) if key != self.own else None

    def computed(self, node: Expr, wanted: Type | None) -> Said:
        """Return what JavaScript gives after the command."""
        if wanted is None:
            raise CannotSayError("the type of this value is not known", node)
        return self.writer.programs.output(node, wanted, self.glob)

    def lookup(self, node: Expr) -> Said:
        """Return what a pattern has found, an input, or what the engine knows of the task."""
        if node == _SELF and self.glob is not None:
            (pattern,) = one_pattern(self.glob)
            return Said(self._found(pattern), ArrayType(items=FILE))
        if isinstance(node, Runtime) and node.name == "exitCode" and self.version != "1.1":
            return Said("task.return_code", INT)
        return super().lookup(node)

    def _found(self, pattern: Expr) -> str:
        return f"glob({Sayer(self).say(pattern, STRING).text})"

    def item(self, node: Index) -> Said | None:
        """Return the only file that a pattern without magic finds."""
        if node.of != _SELF or node.by != IntLit(value=0) or self.glob is None:
            return None
        (pattern,) = one_pattern(self.glob)
        if isinstance(pattern, StringLit) and not MAGIC.search(pattern.value):
            stream = self.writer.stream_of(pattern.value)
            return Said(f"{stream}()" if stream else literal(pattern.value), FILE)
        return None

    def repeated(self, node: Each) -> Said:
        """Return the files that a pattern finds."""
        item = Local(name=node.name)
        is_file = Call(
            function="equal", args=(Attr(of=item, name="class"), StringLit(value="File"))
        )
        if node.over == _SELF and node.body == item and node.where in (None, is_file):
            return self.lookup(_SELF)
        return super().repeated(node)

    def file_at(self, node: Call) -> Said | None:
        """Return a stream, or a file that a function of WDL has written."""
        (path,) = node.args
        stream = self.writer.stream_of(path.value) if isinstance(path, StringLit) else None
        return Said(f"{stream}()", FILE) if stream else super().file_at(node)
