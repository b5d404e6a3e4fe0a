"""Commands and scripts as tasks (specification 1.2, "Task Definition")."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from fairwf.ir.command import Argument, Placeholder, Rendering, StagedItem, Text
from fairwf.ir.command import Words as ScriptWords
from fairwf.ir.expressions import (
    Call,
    Directory,
    Expr,
    File,
    If,
    Input,
    NoneLit,
    StringLit,
    Template,
)
from fairwf.ir.ports import (
    InputPort,
)
from fairwf.ir.rewriting import rewrite
from fairwf.ir.types import ArrayType, RecordType
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Command, Script
from fairwf_wdl.write.annotations import meta_section, parameter_section
from fairwf_wdl.write.arguments import Words
from fairwf_wdl.write.computing import TaskPrograms
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.indentation import indented
from fairwf_wdl.write.names import Names, claimed
from fairwf_wdl.write.needs import Needs
from fairwf_wdl.write.patterns import bare, let
from fairwf_wdl.write.places import Telling
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.shell import escaped, expanded, within, word
from fairwf_wdl.write.strings import Hole, Piece, literal
from fairwf_wdl.write.task_outputs import TaskOutputs
from fairwf_wdl.write.task_places import WRITTEN, OutputPlace, TaskPlace
from fairwf_wdl.write.types import (
    FLOAT,
    PATHS,
    STRING,
    Structs,
    is_optional,
    required,
)

_STREAMS = {"stdout": ("stdout.txt", ".stdout.txt"), "stderr": ("stderr.txt", ".stderr.txt")}
_HOME = re.compile(r"\b(?:HOME|TMPDIR)\b|^env$|^printenv$")
_BASH = ("bash",)


def input_lines(
    ports: Sequence[InputPort],
    names: dict[str, str],
    sayer: Sayer,
    indent: str = "  ",
    env: Sequence[str] = (),
) -> str:
    """Return the input section of a task or workflow, empty without inputs."""
    lines = []
    for port in ports:
        word_ = "env " if port.id in env else ""
        try:
            text = f"{word_}{sayer.place.structs.type_text(port.type)} {names[port.id]}"
        except CannotSayError as error:
            raise CannotSayError(error.message, port, error.hint) from None
        none = isinstance(port.default, NoneLit)
        if port.default is not None and (not none or is_optional(port.type)):
            text += f" = {sayer.say(port.default, port.type).text}"
        lines.append(f"{indent}  {text}\n")
    return f"{indent}input {{\n{''.join(lines)}{indent}}}\n" if lines else ""


class TaskWriter:
    """Writes one task."""

    def __init__(
        self, task: Command | Script, name: str, version: str, structs: Structs, tell: Telling
    ) -> None:
        self.task = task
        self.name = name
        names = Names({name})
        self.inputs = {port.id: port for port in task.inputs}
        self.names = claimed(self.inputs, names, "input")
        self.output_names = claimed((port.id for port in task.outputs), names, "output")
        self.staged: dict[str, StagedItem] = {}
        for item in task.staging:
            if isinstance(item.name, StringLit) and WRITTEN.fullmatch(f"/{item.name.value}"):
                self.staged[item.name.value] = item
        self.moved = moved_by(task)
        self.place = TaskPlace(self, version, structs, tell)
        self.after = OutputPlace(self, version, structs, tell)
        self.programs = TaskPrograms(task.libraries, self.place, self.after)
        self.sayer = Sayer(self.place)
        self.words = Words(self.sayer)
        self.tell = tell
        self.native = (
            isinstance(task, Script) and task.interpreter == _BASH and (task.delivery == "file")
        )

    def text(self) -> str:
        """Return the task.

        Raises:
            CannotSayError: WDL cannot say a part of it.
        """
        task = self.task
        env = [name for name in task.environment.variables if self._declares(name)]
        outputs = TaskOutputs(self).section()  # first, since they may be computed after the command
        parts = [
            input_lines(task.inputs, self.names, self.sayer, env=env),
            f"  command <<<{self._body(env)}>>>\n",
            outputs,
            Needs(self.sayer).section(task),
            meta_section(task),
            parameter_section(task.inputs + task.outputs, {**self.names, **self.output_names}),
        ]
        return f"task {self.name} {{\n" + "\n".join(part for part in parts if part) + "}\n"

    def _declares(self, variable: str) -> bool:
        """Tell whether a variable is an input that the section of inputs marks with ``env``."""
        port = self.inputs.get(variable)
        if port is None or self.names[variable] != variable or self.place.version == "1.1":
            return False
        value = self.task.environment.variables[variable]
        return bare(value, STRING) == Input(name=variable)

    # --- the command

    def _body(self, env: Sequence[str]) -> str:
        setup = [*self._variables(env), *self._staging()]
        body: list[Piece] = []
        after = list(self.programs.lines_after())
        if isinstance(self.task, Command):
            body += ["\n", *self.words.line(_quoted(self.task.arguments)), *self._redirections()]
            body.append("\n")
        else:
            body = self._script(bool(setup) or bool(after))
            if after:  # it may end the shell
                body = ["\n(", *body, "\n)\n"]
        pieces: list[Piece] = []
        for line in (*self.programs.lines_before(), *setup):
            pieces.extend(["\n", *line])
        pieces += body
        for line in after:
            pieces.extend([*line, "\n"])
        return indented(pieces)

    def _variables(self, env: Sequence[str]) -> list[list[Piece]]:
        lines: list[list[Piece]] = []
        if not self.native and _uses_home(self.task):
            lines.append(['export HOME="$PWD" TMPDIR="${TMPDIR:-/tmp}"'])
        for name, value in self.task.environment.variables.items():
            if name in env:
                continue
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise CannotSayError(f"the shell has no variable {name!r:.60}", value)
            lines.append([f"export {name}=", *self._word(value)])
        return lines

    def _word(self, value: Expr) -> list[Piece]:
        try:
            return self._said_word(value)
        except CannotSayError as error:
            try:
                return word([self.programs.text(let(value))])
            except CannotSayError:
                raise error from None

    def _said_word(self, value: Expr) -> list[Piece]:
        pieces = self.words.shell_pieces(value)
        if pieces is None:
            said = self.sayer.known(self.sayer.say(bare(let(value), STRING)))
            kind = required(said.type)
            if kind is None:
                raise CannotSayError("it is not known how this value becomes a text", value)
            pieces = [self.words.one(said, kind, value)]
        return word(pieces)

    def _staging(self) -> list[list[Piece]]:
        lines: list[list[Piece]] = []
        for item in self.task.staging:
            if item not in self.staged.values():
                try:
                    lines.append(self._staged(item))
                except CannotSayError as error:
                    try:
                        self.programs.stage(item)
                    except CannotSayError:
                        raise error from None
        return lines

    def _staged(self, item: StagedItem) -> list[Piece]:
        value = let(item.value)
        said = self.sayer.say(bare(value, STRING))
        kind = required(said.type)
        if is_optional(said.type) or isinstance(value, (File, Directory)):
            raise CannotSayError("WDL stages a file or text that is known to be there", item)
        if isinstance(kind, PATHS):
            source = word([escaped(said.text)])
            base = Call(function="basename", args=(value,))
            target = self._word(item.name if item.name is not None else base)
            copy: list[Piece] = ["cp -RL ", *source, " ", *target]
            if item.writable:
                return copy
            return ["ln -L ", *source, " ", *target, " 2> /dev/null || ", *copy]
        if kind == STRING and item.name is not None:
            return ["printf %s ", *self._word(value), " > ", *self._word(item.name)]
        raise CannotSayError("WDL stages files and texts alone", item)

    def _redirections(self) -> list[Piece]:
        pieces: list[Piece] = []
        for sign, stream in (("<", "stdin"), (">", "stdout"), ("2>", "stderr")):
            value = getattr(self.task, stream)
            if value is not None and not (stream != "stdin" and self.is_native(stream)):
                pieces.extend([f" {sign} ", *self._word(value)])
        return pieces

    def is_native(self, stream: str) -> bool:
        """Tell whether a stream goes where WDL puts it."""
        value = getattr(self.task, stream)
        return value is None or (
            self.native and isinstance(value, StringLit) and value.value in _STREAMS[stream]
        )

    def stream_of(self, name: str) -> str | None:
        """Return the stream that goes to a file of this name where WDL puts it."""
        for stream, names in _STREAMS.items():
            value = getattr(self.task, stream)
            if name in names and self.native and value == StringLit(value=name):
                return stream
        return None

    def _script(self, set_up: bool) -> list[Piece]:
        task = self.task
        assert isinstance(task, Script)
        pieces: list[Piece] = []
        redirections = self._redirections()
        if self.native:
            if redirections:
                pieces.extend(["\nexec", *redirections])
            if set_up or redirections:
                pieces.append("\n")
            return [*pieces, *expanded(self._inner())]
        inner = within(self._inner())
        line = word_line(task.interpreter)
        if task.delivery == "argument":
            return [*pieces, "\n", line, " ", *inner, *redirections, "\n"]
        name = ".fairwf_script"
        return [
            *pieces, "\nprintf %s ", *inner, f" > {name}\n{line} {name}", *redirections, "\n",
        ]  # fmt: skip

    def _inner(self) -> list[Piece]:
        assert isinstance(self.task, Script)
        pieces: list[Piece] = []
        for part in self.task.body:
            if isinstance(part, Text):
                pieces.append(part.text)
            elif isinstance(part, ScriptWords):
                pieces.extend(self.words.line(part.arguments))
            else:
                pieces.extend(self._placeholder(part))
        return pieces

    def _placeholder(self, part: Placeholder) -> list[Piece]:
        if part.quote == "shell":
            said = self.sayer.say(bare(let(part.value), STRING))
            kind = required(said.type)
            if kind is None or is_optional(said.type) or part.separator is not None:
                raise CannotSayError("WDL cannot quote a value that may be none", part)
            return word([self.words.one(said, kind, part)])
        value = let(part.value)
        if isinstance(value, Template) and len(value.parts) == 2:
            known = self.place.file_at(Call(function="to_file", args=(value,)))
            if known is not None:
                return [Hole(known.text)]
        if part.separator is not None:
            return [Hole(f"sep={literal(part.separator)} {self._array(value).operand}")]
        options = ""
        if part.when_true is not None or part.when_false is not None:
            options = (
                f"true={literal(part.when_true or '')} false={literal(part.when_false or '')} "
            )
            return [Hole(f"{options}{self.sayer.say(value).operand}")]
        if isinstance(part.default, StringLit):
            options = f"default={literal(part.default.value)} "
        if isinstance(value, If) and not options:
            added = self.sayer.added(value)
            if added is not None:
                return [added]
        inner = bare(value, STRING)
        said = self.sayer.placed(inner)
        kind = required(said.type)
        if inner is value and kind == FLOAT:
            self.tell("FWF3003", "WDL writes a float with six digits after the point", part)
        if isinstance(kind, (ArrayType, RecordType)) or kind is None:
            raise CannotSayError("WDL writes no arrays or records without a separator", part)
        if part.default is not None and not options:
            raise CannotSayError("WDL cannot compute the default of a placeholder", part)
        return [Hole(f"{options}{said.operand if options else said.text}")]

    def _array(self, value: Expr) -> Said:
        inner = bare(value, ArrayType(items=STRING))
        return self.sayer.say(inner)


def moved_by(task: Command | Script) -> dict[str, Expr]:
    """Return the names in the task's folder of the files and folders that are staged into it."""
    types = {port.id: port.type for port in task.inputs}
    found: dict[str, Expr] = {}
    for item in task.staging:
        of = let(item.value)
        if isinstance(of, Input) and isinstance(types.get(of.name), PATHS):
            base = Call(function="basename", args=(of,))
            found[of.name] = item.name if item.name is not None else base
    return found


def _uses_home(task: Command | Script) -> bool:
    """Tell whether a task names what every task has: a home, which is its folder, and a place for
    temporary files. What a program asks of its environment in silence is its own affair."""
    texts = [
        part.text if isinstance(part, Text) else part.value
        for _, part in walk(task)
        if isinstance(part, (Text, StringLit))
    ]
    return any(_HOME.search(text) for text in texts)


def _quoted(arguments_: Sequence[Argument]) -> list[Argument]:
    """Return the arguments of a command, which no shell reads, whatever its renderings say."""

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        bare_ = isinstance(node, Rendering) and not node.quote
        return msgspec.structs.replace(node, quote=True) if bare_ else node

    return [rewrite(one, visit) for one in arguments_]


def word_line(words: Sequence[str]) -> str:
    """Return words for the shell."""
    return " ".join(str(piece) for one in words for piece in word([one]))
