"""Commands and scripts as tasks (specification 1.2, "Task Definition")."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import msgspec

from fairwf.ir.command import Argument, Placeholder, Rendering, StagedItem, Text
from fairwf.ir.command import Words as ScriptWords
from fairwf.ir.expressions import (
    Attr,
    Call,
    Directory,
    Each,
    Expr,
    File,
    If,
    Index,
    Input,
    IntLit,
    Local,
    NoneLit,
    Opaque,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import (
    Collect,
    CollectRecord,
    Evaluated,
    Glob,
    InputPort,
    OutputPort,
    Stderr,
    Stdout,
)
from fairwf.ir.rewriting import rewrite
from fairwf.ir.types import ArrayType, DirectoryType, FileType, RecordType, Type
from fairwf.ir.workflow import Command, Script
from fairwf_wdl.write.annotations import meta_section, parameter_section
from fairwf_wdl.write.arguments import Words
from fairwf_wdl.write.computing import TaskPrograms
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.indentation import indented
from fairwf_wdl.write.names import Names, claimed
from fairwf_wdl.write.needs import Needs
from fairwf_wdl.write.patterns import arguments, bare, joined_rows, let, unpathed, written_lines
from fairwf_wdl.write.places import Place, Telling
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.shell import Expansion, escaped, word
from fairwf_wdl.write.strings import Hole, Piece, literal, quoted
from fairwf_wdl.write.types import (
    FILE,
    FLOAT,
    INT,
    PATHS,
    STRING,
    Structs,
    is_optional,
    is_pair,
    member_names,
    required,
)

_WRITTEN = re.compile(r"/\.written/\d+\.[a-z]+")
_MAGIC = re.compile(r"[*?\[\\]")
_STREAMS = {"stdout": ("stdout.txt", ".stdout.txt"), "stderr": ("stderr.txt", ".stderr.txt")}
_SELF = Local(name="self")
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

    def file_at(self, node: Call) -> Said | None:
        """Return a file that a function of WDL has written, or that of a stream."""
        parts: tuple[Expr, ...] = getattr(node.args[0], "parts", ())
        if len(parts) == 2 and parts[0] == Runtime(name="outdir"):
            match = _WRITTEN.fullmatch(getattr(parts[1], "value", ""))
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


class OutputPlace(TaskPlace):
    """The outputs of a task."""

    may_lack = True
    glob: Glob | None = None

    def computed(self, node: Expr, wanted: Type | None) -> Said:
        """Return what JavaScript gives after the command."""
        if wanted is None:
            raise CannotSayError("the type of this value is not known", node)
        return self.writer.programs.output(node, wanted, self.glob)

    def lookup(self, node: Expr) -> Said:
        """Return what a pattern has found, an input, or what the engine knows of the task."""
        if node == _SELF and self.glob is not None:
            (pattern,) = self.writer.one_pattern(self.glob)
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
        (pattern,) = self.writer.one_pattern(self.glob)
        if isinstance(pattern, StringLit) and not _MAGIC.search(pattern.value):
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
            if isinstance(item.name, StringLit) and _WRITTEN.fullmatch(f"/{item.name.value}"):
                self.staged[item.name.value] = item
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
        outputs = self._outputs()  # first, since they may be computed after the command
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
            return [*pieces, *self._inner()]
        inner = self._within(self._inner())
        line = word_line(task.interpreter)
        if task.delivery == "argument":
            return [*pieces, "\n", line, " ", *inner, *redirections, "\n"]
        name = ".fairwf_script"
        return [
            *pieces, "\nprintf %s ", *inner, f" > {name}\n{line} {name}", *redirections, "\n",
        ]  # fmt: skip

    def _within(self, pieces: list[Piece]) -> list[Piece]:
        """Return the text of a script as one word."""
        found: list[Piece] = ["'"]
        for piece in pieces:
            if isinstance(piece, str):
                found.append(piece.replace("'", "'\\''"))
            else:
                found.append(escaped(quoted([piece])))
        return [*found, "'"]

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
        said = self.sayer.say(inner)
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

    # --- the outputs

    def _outputs(self) -> str:
        lines = []
        for port in self.task.outputs:
            try:
                type_ = self.place.structs.type_text(port.type)
            except CannotSayError as error:
                raise CannotSayError(error.message, port, error.hint) from None
            value = self._collected(port)
            lines.append(f"    {type_} {self.output_names[port.id]} = {value}\n")
        return f"  output {{\n{''.join(lines)}  }}\n" if lines else ""

    def _collected(self, port: OutputPort) -> str:
        if any(one.collect is None for one in self.task.outputs):
            return self._reported(port)
        assert port.collect is not None
        return self._collect(port.collect, port.type, port)

    def _reported(self, port: OutputPort) -> str:
        """An output that the program itself writes into a file of JSON."""
        if self.task.outputs_file is None:
            raise CannotSayError("WDL says how each output is found", port)
        name = literal(self.task.outputs_file)
        text = f"read({name})[{json.dumps(port.id)}]"
        return self.after.computed(Opaque(language="javascript", text=text), port.type).text

    def _collect(self, collect: Collect, type_: Type, at_: msgspec.Struct) -> str:
        match collect:
            case Stdout() | Stderr():
                stream = "stdout" if isinstance(collect, Stdout) else "stderr"
                if self.is_native(stream):
                    return f"{stream}()"
                return Sayer(self.after).say(getattr(self.task, stream), STRING).text
            case Evaluated():
                return self._evaluated(collect.value, type_, None)
            case CollectRecord():
                return self._record(collect, type_)
            case Glob() if collect.evaluate is not None:
                return self._evaluated(collect.evaluate, type_, collect)
        try:
            return self._globbed(collect, type_)
        except CannotSayError as error:
            many = isinstance(required(type_), ArrayType)
            zero = IntLit(value=0)
            found: Expr = Call(function="get", args=(_SELF, zero)) if not many else _SELF
            try:
                return self.programs.output(found, type_, collect).text
            except CannotSayError:
                raise error from None

    def _evaluated(self, value: Expr, type_: Type, glob: Glob | None) -> str:
        self.after.glob = glob
        try:
            return Sayer(self.after).say(value, type_).text
        finally:
            self.after.glob = None

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
        return f"{self.place.structs.struct(kind)} {{ {members} }}"

    def one_pattern(self, glob: Glob) -> tuple[Expr, ...]:
        """Return the only pattern of a glob."""
        if len(glob.patterns) != 1:
            raise CannotSayError(
                "WDL looks for one pattern in one output", glob, "give each pattern its own output"
            )
        return glob.patterns

    def _globbed(self, glob: Glob, type_: Type) -> str:
        (pattern,) = self.one_pattern(glob)
        said = Sayer(self.after)
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
        self.tell("FWF3002", "the first file that matches is taken; several are no error", glob)
        if is_optional(type_):
            return f"if length({found}) > 0 then {found}[0] else None"
        return f"{found}[0]"


def _quoted(arguments_: Sequence[Argument]) -> list[Argument]:
    """Return the arguments of a command, which no shell reads, whatever its renderings say."""

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        bare_ = isinstance(node, Rendering) and not node.quote
        return msgspec.structs.replace(node, quote=True) if bare_ else node

    return [rewrite(one, visit) for one in arguments_]


def _unescaped(pattern: Expr) -> Expr | None:
    """Return the path that a pattern matches alone, None where it may match others."""
    if isinstance(pattern, StringLit):
        text = re.sub(r"\[([*?\[\\])\]", r"\1", pattern.value)
        rest = re.sub(r"\[([*?\[\\])\]", "", pattern.value)
        return None if _MAGIC.search(rest) else StringLit(value=text)
    of = arguments(pattern, "escape_pattern", 1)
    if of is not None:
        return of[0]
    if isinstance(pattern, Template):
        parts = [_unescaped(part) for part in pattern.parts]
        known = [part for part in parts if part is not None]
        return Template(parts=tuple(known)) if len(known) == len(parts) else None
    return None


def word_line(words: Sequence[str]) -> str:
    """Return words for the shell."""
    return " ".join(str(piece) for one in words for piece in word([one]))
