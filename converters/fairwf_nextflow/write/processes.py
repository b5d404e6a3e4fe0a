"""Processes: one module each, with inputs, outputs, directives and the script."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence

from fairwf.ir.command import Placeholder, StagedItem, Text
from fairwf.ir.command import Words as WordsPart
from fairwf.ir.expressions import Expr, Input, StringLit, Template
from fairwf.ir.types import (
    ArrayType,
    DirectoryType,
    FileType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.workflow import Command, Script
from fairwf_nextflow.write.directives import directive_lines
from fairwf_nextflow.write.expressions import holds_paths, is_optional, is_path, required
from fairwf_nextflow.write.failures import CannotSayError, Telling
from fairwf_nextflow.write.functions import present
from fairwf_nextflow.write.names import KEYWORDS, Names, claimed
from fairwf_nextflow.write.strings import Hole, Piece, block, literal, quoted
from fairwf_nextflow.write.task_names import TaskSayer, staged_as
from fairwf_nextflow.write.task_outputs import STDOUT, Given, TaskOutputs
from fairwf_nextflow.write.words import SAFE, Words

QUOTED = """\
// A value as one word of the shell.
def quoted(value) {
    return "'" + value.toString().replace("'", "'\\\\''") + "'"
}

"""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHELLS = ("sh", "bash", "dash")


class ProcessWriter:
    """Writes one process. ``varying`` are the inputs that stand in one tuple, in their order."""

    def __init__(
        self, task: Command | Script, name: str, varying: Sequence[str], tell: Telling
    ) -> None:
        self.task = task
        self.name = name
        self.tell = tell
        variables = Names({name})
        self.names = claimed((port.id for port in task.inputs), variables, "input")
        self.varying = [port.id for port in task.inputs if port.id in varying]
        self.fixed = [port.id for port in task.inputs if port.id not in varying]
        self.sayer = TaskSayer(task, self.names)
        self.words = Words(self.sayer)
        self.staged = {found[0]: found[1] for item in task.staging if (found := _pattern(item))}
        self.own_staging = [item for item in task.staging if _pattern(item) is None]
        self.outputs = TaskOutputs(task, self.sayer, Names(reserved=KEYWORDS))

    @property
    def given(self) -> dict[str, Given]:
        """Return how a workflow gets each output."""
        return self.outputs.given

    def text(self) -> str:
        """Return the module.

        Raises:
            CannotSayError: Nextflow cannot say a part of it.
        """
        task = self.task
        body = self._body()
        parts = [
            "".join(f"    {line}\n" for line in directive_lines(task, self.sayer, self.tell)),
            self._section("input", self._inputs()),
            self._section("output", self.outputs.lines),
            body,
        ]
        doc = _comment(task.doc or task.label)
        whole = "\n".join(part for part in parts if part)
        text = f"{doc}process {self.name} {{\n{whole}}}\n"
        return QUOTED + text if "quoted(" in text else text

    def _section(self, name: str, lines: Sequence[str]) -> str:
        return f"    {name}:\n" + "".join(f"    {one}\n" for one in lines) if lines else ""

    # --- inputs

    def _inputs(self) -> list[str]:
        lines = []
        if len(self.varying) > 1:
            lines.append(f"tuple {', '.join(self._declared(one, True) for one in self.varying)}")
        else:
            lines += [self._declared(one, False) for one in self.varying]
        return lines + [self._declared(one, False) for one in self.fixed]

    def _declared(self, id_: str, inside: bool) -> str:
        port = next(one for one in self.task.inputs if one.id == id_)
        name = self.names[id_]
        if holds_paths(port.type):
            message = "Nextflow stages files that are inputs of their own, not those in records"
            raise CannotSayError(message, port, "give each file as an input of its own")
        if not is_path(port.type):
            return f"val({name})" if inside else f"val {name}"
        options = ""
        pattern = self.staged.get(id_, f"{name}?/*")
        if pattern != "*":
            options += f", stageAs: {literal(pattern)}"
        if isinstance(port.type, ArrayType):
            options += f", arity: '{'1' if port.type.nonempty else '0'}..*'"
        elif _is_one(port.type):
            options += ", arity: '1'"
        return f"path({name}{options})" if inside or options else f"path {name}"

    # --- the script

    def _body(self) -> str:
        pieces = self._pieces()
        lines = block(_closed([*self._shebang(), *pieces]))
        if _indents(pieces):
            lines = "".join(f"    {x}" if x.strip() else x for x in lines.splitlines(True))
            return f'    script:\n    """\n{lines}    """\n'
        return f'    script:\n    """\n{lines}"""\n'

    def _shebang(self) -> list[Piece]:
        task = self.task
        if isinstance(task, Command) or task.interpreter in ((), ("/bin/bash", "-ue")):
            return []
        words = list(task.interpreter)
        if words[-1:] == ["-c"] and task.delivery == "argument":
            words.pop()
        if self._foreign():
            return []
        for word in words:
            if not SAFE.fullmatch(word):
                message = f"Nextflow cannot name an interpreter with the word {word!r:.60}"
                raise CannotSayError(message, task, "put what it needs into a script of its own")
        if words and not words[0].startswith("/"):
            words = ["/usr/bin/env", *(["-S"] if len(words) > 1 else []), *words]
        return [f"#!{' '.join(words)}\n"]

    def _foreign(self) -> bool:
        """Tell whether another program than a shell gets the script, and a shell must prepare."""
        task = self.task
        assert isinstance(task, Script)
        name = task.interpreter[0].rsplit("/", 1)[-1] if task.interpreter else "sh"
        if name == "env" and len(task.interpreter) > 1:
            name = task.interpreter[1]
        return name not in _SHELLS and bool(self._setup() or self._redirections())

    def _pieces(self) -> list[Piece]:
        task = self.task
        setup = [piece for line in self._setup() for piece in (*line, "\n")]
        streams = self._redirections()
        if isinstance(task, Command):
            return [*setup, *self.words.line(task.arguments), *streams, "\n"]
        inner = self._script()
        if self._foreign():
            if task.delivery == "argument":
                raise CannotSayError("Nextflow hands scripts to programs as files alone", task)
            line = f"{shlex.join(task.interpreter)} .fairwf_script"
            return [*setup, *_put(inner), line, *streams, "\n"]
        if streams:
            setup += ["exec", *streams, "\n"]
        return [*setup, *inner]

    def _setup(self) -> list[list[Piece]]:
        lines: list[list[Piece]] = []
        for name, value in self.task.environment.variables.items():
            if not _VARIABLE.fullmatch(name):
                raise CannotSayError(f"the shell has no variable {name!r:.60}", value)
            lines.append([f"export {name}=", *self.words.word(value)])
        return lines + [self._staged_line(item) for item in self.own_staging]

    def _staged_line(self, item: StagedItem) -> list[Piece]:
        value = item.value
        type_ = None
        if isinstance(value, Input):
            type_ = next((p.type for p in self.task.inputs if p.id == value.name), None)
        if is_path(type_):
            copy = "cp -RL" if item.writable else "ln -s"
            target = self.words.word(item.name) if item.name is not None else ["."]
            source = self.words.word(value)
            if not item.writable:
                return ['ln -s "$PWD"/', *source, " ", *target]
            return [f"{copy} ", *source, " ", *target]
        text = isinstance(value, (StringLit, Template)) or isinstance(type_, StringType)
        if text and item.name is not None:
            return ["printf %s ", *self.words.word(value), " > ", *self.words.word(item.name)]
        raise CannotSayError("Nextflow stages files and texts alone", item)

    def _redirections(self) -> list[Piece]:
        task, pieces = self.task, list[Piece]()
        if task.stdin is not None:
            pieces += [" < ", *self.words.word(task.stdin)]
        own = task.stdout == StringLit(value=STDOUT)
        own = own or any(line.startswith("stdout") for line in self.outputs.lines)
        if (task.stdout is not None or self.outputs.kept_stdout) and not own:
            pieces += [" > ", *self.words.word(self.outputs.stdout)]
        kept = any("Stderr" in type(port.collect).__name__ for port in task.outputs)
        if task.stderr is not None or kept:
            pieces += [" 2> ", *self.words.word(self.outputs.stderr)]
        return pieces

    def _script(self) -> list[Piece]:
        assert isinstance(self.task, Script)
        pieces: list[Piece] = []
        for part in self.task.body:
            if isinstance(part, Text):
                pieces.append(part.text)
            elif isinstance(part, WordsPart):
                pieces += self.words.line(part.arguments)
            else:
                pieces += self._placeholder(part)
        return _requoted(pieces)

    def _placeholder(self, part: Placeholder) -> list[Piece]:
        value = part.value
        if part.quote == "shell" and part.separator is None:
            return self.words.word(value)
        fixed = self.words.fixed(value, part.quote == "shell")
        if fixed is not None:
            return fixed
        said = self.sayer.say(value)
        shown = self.sayer.text_of(value)
        text = shown if shown is not None else said.text
        if part.separator is not None:
            name, before = self.sayer.bind("\0item", getattr(required(said.type), "items", None))
            self.sayer.locals = before
            inner = f'{self.sayer.listed(value)}.collect {{ {name} -> "${{{name}}}" }}'
            text = f"{inner}.join({literal(part.separator)})"
        elif part.when_true is not None or part.when_false is not None:
            yes, no = literal(part.when_true or ""), literal(part.when_false or "")
            text = f"{self.sayer.test(value).operand} ? {yes} : {no}"
        if part.default is not None or is_optional(said.type):
            default: Expr = part.default if part.default is not None else StringLit(value="")
            test = present(self.sayer, value).operand
            text = f"{test} ? {quoted([Hole(text)])} : {self.sayer.say(default).operand}"
        return [Hole(text)]


def _put(script: list[Piece]) -> list[Piece]:
    """Return lines of the shell that put a script into a file, whatever is in it."""
    if any(isinstance(piece, Hole) for piece in script):
        # no word ends a here-document for sure where values are put into it
        return ["printf %s ", Hole(f"quoted({quoted(_closed(script))})"), " > .fairwf_script\n"]
    whole = "".join(piece for piece in _closed(script) if isinstance(piece, str))
    end = f"END_{hashlib.sha256(whole.encode()).hexdigest()[:16]}"
    return [f"cat > .fairwf_script << '{end}'\n", whole, f"{end}\n"]


def _is_one(type_: Type) -> bool:
    """Tell whether a value is one file or folder for sure."""
    if isinstance(type_, UnionType):
        return bool(type_.members) and all(_is_one(one) for one in type_.members)
    return isinstance(type_, (FileType, DirectoryType))


def _pattern(item: StagedItem) -> tuple[str, str] | None:
    """Return the input that is staged by its declaration, and its pattern."""
    if item.name is None and not item.writable and isinstance(item.value, Input):
        return item.value.name, "*"
    return staged_as(item.value) if item.name is None and not item.writable else None


_QUOTES = ".toString().replace(\"'\", \"'\\\\''\")"


def _requoted(pieces: list[Piece]) -> list[Piece]:
    """Say the function for what it gives, which the reader puts in its place."""
    found: list[Piece] = list(pieces)
    for number in range(1, len(found) - 1):
        before, hole, after = found[number - 1 : number + 2]
        if not isinstance(hole, Hole) or not isinstance(before, str) or not isinstance(after, str):
            continue
        if hole.text.endswith(_QUOTES) and before.endswith("'") and after.startswith("'"):
            found[number - 1], found[number + 1] = before[:-1], after[1:]
            found[number] = Hole(f"quoted({hole.text.removesuffix(_QUOTES)})")
    return found


def _closed(pieces: list[Piece]) -> list[Piece]:
    """Return a text that ends with a line's end."""
    if pieces and isinstance(pieces[-1], str):
        return [*pieces[:-1], pieces[-1].rstrip() + "\n"]
    return [*pieces, "\n"]


def _indents(pieces: list[Piece]) -> bool:
    """Tell whether lines may be moved to the right: no text of several lines is in them."""
    shown = "".join(piece if isinstance(piece, str) else "\1" for piece in pieces)
    if "<<" in shown:
        return False
    lines = shown.split("\n")
    whole = all(line.count("'") % 2 == 0 and line.count('"') % 2 == 0 for line in lines)
    return whole and any(line.strip() and not line[0].isspace() for line in lines)


def _comment(doc: str | None) -> str:
    if not doc:
        return ""
    lines = doc.replace("*/", "* /").strip().splitlines()
    return "/*\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"
