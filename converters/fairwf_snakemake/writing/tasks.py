"""Commands and scripts as rules: the shell line, and what is collected when it has ended."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from fairwf.ir.command import Argument, Placeholder, Rendering, StagedItem, Text
from fairwf.ir.expressions import (
    Call,
    Expr,
    Input,
    IntLit,
    Local,
    NoneLit,
    Output,
    Runtime,
    StringLit,
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
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    DirectoryType,
    FileType,
    OptionalType,
    Type,
    UnionType,
)
from fairwf.ir.workflow import Command, Process, Pure, Script
from fairwf_snakemake.writing.expressions import identifier, python
from fairwf_snakemake.writing.failures import CannotSayError
from fairwf_snakemake.writing.flows import (
    Condition,
    Frame,
    Look,
    Term,
    furnished,
    patterns_of,
    value,
)
from fairwf_snakemake.writing.needs import least
from fairwf_snakemake.writing.rules import Rule

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=@,-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+=@,-]*)*")
OUT, ERR = ".stdout", ".stderr"
"""Where a stream goes that has no name."""


_SELF = {"self": "self_"}


class TaskPlace:
    """Inside of a process: its inputs are what its step gives them."""

    def __init__(
        self,
        process: Process,
        inputs: dict[str, Term],
        frame: Frame,
        look: Look,
        *,
        folder: str = "",
    ) -> None:
        self.process = process
        self.ports: dict[str, InputPort] = {port.id: port for port in process.inputs}
        self.inputs = inputs
        self.frame = frame
        self.look = look
        self.folder = folder
        self.named: dict[str, str] = {}

    def said(self, node: Expr, bound: Mapping[str, str] | None = None) -> str:
        """Return Python for an expression of the process."""
        return python(node, self, bound)

    def input(self, node: Input) -> str:
        """Return a variable where one was made for it, else what the link says."""
        if node.name in self.named:
            return self.named[node.name]
        port = self.ports.get(node.name)
        text = value(self.inputs[node.name], self.look) if node.name in self.inputs else "None"
        if port is None:
            return text
        if port.default is not None:
            otherwise = self.said(port.default)
            handed = text != "None"
            text = f"std.default({text}, lambda: {otherwise})" if handed else otherwise
        return furnished(_without_default(port), text, self.look, self.frame)

    def output(self, node: Output) -> str:
        """Raise: only links see outputs of steps."""
        raise CannotSayError("a task sees no outputs of steps", node)

    def local(self, node: Local) -> str:
        """Raise: names of scatters are seen by links alone."""
        raise CannotSayError(f"the name {node.name!r:.60} has no meaning here", node)

    def runtime(self, node: Runtime) -> str:
        """Return what Snakemake tells a task, or what it is known to be afterwards."""
        resources = getattr(self.process, "resources", None)
        if node.name == "cores":
            cores = least(resources.cores) if resources is not None else None
            return "1" if cores is None else f"max(1, std.math.ceil({self.said(cores)}))"
        if node.name == "ram" and resources is not None and least(resources.memory) is not None:
            memory = least(resources.memory)
            assert memory is not None
            return f"std.math.ceil({self.said(memory)})"
        if node.name == "outdir":
            return f"std.os.path.abspath({self.folder})"
        if node.name == "exitCode":
            return "0"
        raise CannotSayError(f"Snakemake does not tell a task its {node.name}", node)

    def other(self, node: Expr) -> str | None:
        """Nothing else is seen."""
        return None

    def call(self, node: Call, args: Sequence[str]) -> str | None:
        """Return files at paths, which count from the task's folder."""
        kinds = {"to_file": "File", "to_directory": "Directory"}
        if node.function not in kinds:
            return None
        return f"files.at(std.os.path.join({self.folder}, {args[0]}), {kinds[node.function]!r})"


def _without_default(port: InputPort) -> InputPort:
    return replace(port, default=None)


class Shell:
    """The shell line of a task; what it needs is put into the params of the rule."""

    def __init__(self, rule: Rule, place: TaskPlace, condition: Condition | None) -> None:
        self.rule = rule
        self.place = place
        self.when = condition(place.look) if condition is not None else None
        self.taken = {"when"}

    def param(self, name: str, text: str) -> str:
        """Return ``{params.NAME}`` for Python that gives a text."""
        if self.when is not None:
            text = f"{text} if {self.when} else ''"
        said = f"lambda wildcards, input: {text}"
        for known, other in self.rule.params.items():
            if other == said:
                return f"{{params.{known}}}"
        unique = identifier(name, self.taken)
        self.rule.params[unique] = said
        return f"{{params.{unique}}}"

    def word(self, node: Expr, name: str) -> str:
        """Return one quoted word."""
        if isinstance(node, StringLit):
            return self.literal(node.value, name)
        return self.param(name, f"files.line(files.words({self.place.said(node)}))")

    def literal(self, text: str, name: str) -> str:
        """Return one fixed word; lines of the command are indented, so those of a word go apart."""
        if "\n" in text or "\0" in text:
            return self.param(name, repr(shlex.quote(text)))
        return _braces(shlex.quote(text))

    def line(self, arguments: Sequence[Argument], shell: bool) -> str:
        """Return the words of arguments in their order."""
        positions = [_position(one) for one in arguments]
        order = sorted(range(len(arguments)), key=lambda at: (positions[at], at))
        return " ".join(self.argument(arguments[at], shell) for at in order)

    def argument(self, argument: Argument, shell: bool) -> str:
        """Return the words of an argument."""
        how = argument.rendering
        if isinstance(argument.value, StringLit) and how == Rendering():
            return self.literal(argument.value.value, "argument")
        name = argument.value.name if isinstance(argument.value, Input) else "argument"
        if name == "argument" and how.prefix is not None:
            name = how.prefix
        cores = isinstance(argument.value, Runtime) and argument.value.name == "cores"
        if cores and how == Rendering():
            return "{threads}"
        options = "".join(f", {key}={text}" for key, text in self.options(how, shell).items())
        return self.param(
            name, f"files.line(files.words({self.place.said(argument.value)}{options}))"
        )

    def options(self, how: Rendering, shell: bool) -> dict[str, str]:
        """Return how a value is rendered, as keyword arguments."""
        if how.cases:
            text = "an argument whose words depend on the type of its value cannot be said"
            raise CannotSayError(text, how, "use one type, or compute the words")
        found: dict[str, str] = {}
        if how.prefix is not None:
            found["prefix"] = repr(how.prefix)
        if not how.separate:
            found["separate"] = "False"
        if how.item_separator is not None:
            found["separator"] = repr(how.item_separator)
        if how.items is not None:
            found["items"] = _dict(self.options(how.items, shell))
        if how.fields:
            fields = (
                f"({f.name!r}, {_dict(self.options(f.rendering, shell))})" for f in how.fields
            )
            found["fields"] = f"[{', '.join(fields)}]"
        if shell and not how.quote:
            found["quote"] = "False"
        if how.value is not None:
            found["compute"] = f"lambda self_: {self.place.said(how.value, _SELF)}"
        return found

    def placeholder(self, part: Placeholder) -> str:
        """Return Python for the text of a placeholder."""
        options = {
            "separator": repr(part.separator) if part.separator is not None else None,
            "yes": repr(part.when_true) if part.when_true is not None else None,
            "no": repr(part.when_false) if part.when_false is not None else None,
            "quote": "True" if part.quote == "shell" else None,
        }
        if part.default is not None:
            options["otherwise"] = f"lambda: {self.place.said(part.default)}"
        said = "".join(f", {key}={text}" for key, text in options.items() if text is not None)
        return f"files.written({self.place.said(part.value)}{said})"

    def script(self, process: Script) -> str:
        """Return the line that gives an interpreter its text."""
        program = " ".join(self.literal(word, "interpreter") for word in process.interpreter)
        parts: list[str] = []
        for part in process.body:
            if isinstance(part, Text):
                parts.append(repr(part.text))
            elif isinstance(part, Placeholder):
                parts.append(self.placeholder(part))
            else:
                words = []
                for argument in part.arguments:
                    options = self.options(argument.rendering, True).items()
                    said = "".join(f", {key}={text}" for key, text in options)
                    words.append(f"files.words({self.place.said(argument.value)}{said})")
                parts.append(f"files.line({', '.join(words)})")
        text = self.param("script", f"''.join([{', '.join(parts)}])")
        quoted = text.replace("}", ":q}")
        if process.delivery == "argument":
            return f"{program} {quoted}"
        return f"printf %s {quoted} > .script; {program} .script"

    def text(self, process: Command | Script, folder: str) -> str:
        """Return the whole shell text of a task in its folder."""
        lines = [f"mkdir -p {folder} && cd {folder}"]
        inside: list[str] = []
        for name, variable in process.environment.variables.items():
            if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) is None:
                raise CannotSayError(f"a shell knows no variable {name!r:.60}", variable)
            text = self.place.said(variable)
            said = f"files.line(files.words(std.text({text})))"
            exported = (
                self.literal(variable.value, name)
                if isinstance(variable, StringLit)
                else self.param(name, said)
            )
            inside.append(f"export {name}={exported}")
        if process.staging:
            entries = ", ".join(self.staged(one) for one in process.staging)
            inside.append(self.param("staging", f"files.staged({entries})"))
        if isinstance(process, Command):
            line = self.line(process.arguments, False) or "true"
        else:
            line = self.script(process)
        for sign, node, name in (
            ("<", process.stdin, "stdin"),
            (">", stream_name(process, "stdout"), "stdout"),
            ("2>", stream_name(process, "stderr"), "stderr"),
        ):
            if node is not None:
                line = f"{line} {sign} {self.word(node, name)}"
        inside.append(line)
        if self.when is None:
            return "\n".join([*lines, *inside])
        self.rule.params["when"] = f"lambda wildcards, input: 'true' if {self.when} else 'false'"
        return "\n".join([*lines, "if {params.when}; then", *inside, "fi"])

    def staged(self, one: StagedItem) -> str:
        """Return Python for an entry that is put into the folder."""
        name = self.place.said(one.name) if one.name is not None else "None"
        return f"({self.place.said(one.value)}, {name}, {one.writable})"


def _dict(entries: dict[str, str]) -> str:
    return f"{{{', '.join(f'{key!r}: {text}' for key, text in entries.items())}}}"


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _position(argument: Argument) -> int:
    if argument.position is None or isinstance(argument.position, NoneLit):
        return 0
    if not isinstance(argument.position, IntLit):
        text = "an argument whose place is computed cannot be said in a Snakefile"
        raise CannotSayError(text, argument.position, "give it a fixed position")
    return argument.position.number


def stream_name(process: Command | Script, stream: str) -> Expr | None:
    """Return the name of the file that a stream goes into, where it goes into one."""
    named: Expr | None = getattr(process, stream)
    kind = Stdout if stream == "stdout" else Stderr
    if named is None and any(_collects(port.collect, kind) for port in process.outputs):
        return StringLit(value=OUT if stream == "stdout" else ERR)
    return named


def _collects(collect: Collect | None, kind: type[Stdout | Stderr]) -> bool:
    if isinstance(collect, CollectRecord):
        return any(_collects(one, kind) for one in collect.fields.values())
    return isinstance(collect, kind)


def static_name(process: Command | Script, port: OutputPort) -> str | None:
    """Return the name of an output file that is known before the task runs."""
    if port.secondary or not isinstance(port.type, (FileType, DirectoryType)):
        return None
    collect = port.collect
    node: Expr | None = None
    if isinstance(collect, Glob):
        bare = collect.evaluate is None and not collect.load_contents
        if bare and collect.load_listing in (None, "none") and len(collect.patterns) == 1:
            node = collect.patterns[0]
    elif isinstance(collect, (Stdout, Stderr)):
        node = stream_name(process, "stdout" if isinstance(collect, Stdout) else "stderr")
    if not isinstance(node, StringLit):
        return None
    name = node.value
    plain = _PLAIN.fullmatch(name) is not None or name in (OUT, ERR)
    return os.path.normpath(name) if plain else None


def collected(process: Command | Script, port: OutputPort, place: TaskPlace) -> str:
    """Return Python for the value of an output, from the task's ``folder``."""
    if port.collect is None:
        raise CannotSayError(f"nothing says how {port.id!r:.60} is collected", port)
    text = _found(process, port.collect, port.type, port.id, place)
    if port.secondary:
        required = [p for p in port.secondary if p.required is not None]
        names = f"{patterns_of(port.secondary)!r}, {patterns_of(required)!r}"
        text = f"files.beside({text}, {names})"
    if not _takes_none(port.type):
        text = f"files.needed({text}, {f'output {port.id!r}'!r})"
    return text


def _takes_none(type_: Type) -> bool:
    if isinstance(type_, UnionType):
        return any(map(_takes_none, type_.members))
    return isinstance(type_, (OptionalType, AnyType)) or type_.__struct_config__.tag == "none"


def _found(
    process: Command | Script, how: Collect, type_: Type, what: str, place: TaskPlace
) -> str:
    if isinstance(how, Evaluated):
        return place.said(how.value)
    if isinstance(how, CollectRecord):
        fields = {f.name: f.type for f in getattr(type_, "fields", ())}
        members = (
            f"{name!r}: {_found(process, one, fields.get(name, AnyType()), name, place)}"
            for name, one in how.fields.items()
        )
        return f"{{{', '.join(members)}}}"
    if isinstance(how, (Stdout, Stderr)):
        node = stream_name(process, "stdout" if isinstance(how, Stdout) else "stderr")
        assert node is not None
        return f"files.at(std.os.path.join(folder, {place.said(node)}))"
    patterns = ", ".join(map(place.said, how.patterns))
    text = f"files.matching(folder, [{patterns}])"
    if how.load_contents:
        text = f"files.with_contents({text})"
    if how.load_listing not in (None, "none"):
        text = f"files.with_listing({text}, {how.load_listing!r})"
    if how.evaluate is not None:
        return f"(lambda self_: {place.said(how.evaluate, _SELF)})({text})"
    inner = type_.item if isinstance(type_, OptionalType) else type_
    return text if isinstance(inner, ArrayType) else f"files.one_of({text}, {what!r})"


def computed(process: Pure) -> dict[str, Expr] | None:
    """Return the expressions of the outputs of a computation, where each is there by itself."""
    fields = getattr(process.result, "fields", None)
    ids = [port.id for port in process.outputs]
    return dict(fields) if fields is not None and all(i in fields for i in ids) else None


__all__ = ["Shell", "TaskPlace", "collected", "computed", "static_name"]
