"""Commands and scripts as user-defined tools (``class: GalaxyUserTool``).

Such a tool is a shell command with JavaScript, so variables, staging and streams become lines of
the shell. Its outputs are files of its folder.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from fairwf.ir.canonical import same
from fairwf.ir.expressions import Expr, File, Runtime, StringLit, Template
from fairwf.ir.ports import Stderr, Stdout
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import FileType, StringType
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Command, Script, Step
from fairwf_galaxy.interpolation import Piece, UnfinishedError, written
from fairwf_galaxy.user_tools import CLASS, UnreadableError, user_tool
from fairwf_galaxy.write.annotations import kept_of
from fairwf_galaxy.write.failures import CannotSayError, Tell
from fairwf_galaxy.write.kinds import kind_of
from fairwf_galaxy.write.metadata import left_out
from fairwf_galaxy.write.shell import ShellWriter
from fairwf_galaxy.write.tool_ports import STREAMS, ToolPorts, inside

STAND_IN = "debian:12-slim"
"""The image of a tool that names none, which Galaxy demands."""

_DIRECT = frozenset({"sh", "/bin/sh", "dash", "/bin/dash"})
"""Shells whose scripts Galaxy's own shell runs."""
_SHELLS = _DIRECT | {f"{place}{name}" for place in ("", "/bin/", "/usr/bin/")
                     for name in ("bash", "zsh", "ksh")}  # fmt: skip
"""Shells: they know variables of a job."""
_ID = re.compile(r"[^a-z0-9]+")
_VARIABLE = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


class UserToolWriter:
    """Writes the tool of one step."""

    def __init__(self, process: Command | Script, tell: Tell, step: str) -> None:
        self.process = process
        self.tell = tell
        self.step = step
        self.ports = ToolPorts(process, tell)
        self.inputs, self.outputs = self.ports.inputs, self.ports.outputs
        self.shell = ShellWriter(process.inputs, self.inputs)

    def tree(self) -> dict[str, Any]:
        """Return the tool.

        Raises:
            CannotSayError: Galaxy cannot say a part of it.
        """
        process = self.process
        self._left_out()
        name = self._name()
        tree: dict[str, Any] = {
            "class": CLASS,
            "id": self._id(name),
            "name": name,
            "version": "0.1.0",
        }
        if process.doc:
            tree["description"] = process.doc
        tree["container"] = self._container()
        if requirements := self._requirements():
            tree["requirements"] = requirements
        outputs = [self.ports.output(port) for port in process.outputs]
        files: list[dict[str, Any]] = []
        before = [*self._variables(), *self._staging(files)]
        line = self._line(files)
        tree["shell_command"] = self._written([*before, *self._after(line)], process)
        if files:
            tree["configfiles"] = files
        tree["inputs"] = [self.ports.input(port) for port in process.inputs]
        tree["outputs"] = outputs
        return tree

    # --- what it is called ------------------------------------------------------------------

    def _name(self) -> str:
        name = (self.process.label or self.process.id or self.step).strip()
        if self.process.label and self.process.label != name:
            self.tell("FWF3003", "names of tools have no blanks around", self.process, "label")
        return name if len(name) >= 5 else f"{name} tool".strip()

    def _id(self, name: str) -> str:
        source = self.process.id or name
        plain = _ID.sub("-", source.lower()).strip("-") or "tool"
        if not plain[0].isalpha():
            plain = f"tool-{plain}"
        return (plain if len(plain) >= 3 else f"{plain}-tool")[:200]

    def _left_out(self) -> None:
        process = self.process
        if process.outputs_file is not None:
            text = "outputs are found as the tool says: no file that lists them is looked for"
            self.tell("FWF3002", text, process, "outputs_file")
        facts = process.metadata
        if facts is not None:
            for node, part in left_out(facts):
                self.tell("FWF3004", "a user-defined tool does not say who made it", node, part)
        for each in process.inputs:
            for name in ("load_contents", "load_listing"):
                if getattr(each, name):
                    text = "Galaxy gives a tool the paths of files, not what they hold"
                    self.tell("FWF3004", text, each, name)
            for field in each.fields.values():
                self.tell("FWF3004", "Galaxy says nothing of a member's files", field)
        for one in process.outputs:
            for field in one.fields.values():
                self.tell("FWF3004", "Galaxy says nothing of a member's files", field)
            if one.doc is not None:
                self.tell("FWF3004", "outputs of tools have a label alone", one, "doc")

    # --- where it runs ----------------------------------------------------------------------

    def _container(self) -> str:
        environment = self.process.environment
        container = environment.container
        if container is None:
            text = (
                f"Galaxy runs such a tool in a container alone, and none is named: "
                f"{STAND_IN} stands for it"
            )
            self.tell("FWF1704", text, self.process)
            return STAND_IN
        for name in ("dockerfile", "load", "import_from", "image_id", "output_directory"):
            if getattr(container, name) is not None:
                text = "Galaxy's tools name an image of a registry alone"
                self.tell("FWF3004", text, container, name)
        for one in container.alternatives:
            self.tell("FWF3004", "Galaxy's tools have one image", one)
        if not container.required:
            text = "Galaxy runs such a tool in its container always"
            self.tell("FWF3003", text, container, "required")
        if not isinstance(container.image, StringLit) or not container.image.value.strip():
            raise CannotSayError("Galaxy's tools name their image outright", container)
        image = container.image.value
        if container.digest and "@" not in image:
            return f"{image}@{container.digest}"
        return image

    def _requirements(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        texts = []
        for library in self.process.libraries:
            if library.language != "javascript":
                text = f"Galaxy has no libraries in {library.language}"
                self.tell("FWF3004", text, library)
            else:
                texts.append(library.text)
        if texts:
            found.append({"type": "javascript", "expression_lib": texts})
        amounts = self._amounts(self.process.resources)
        if amounts:
            found.append({"type": "resource", **amounts})
        return found

    def _amounts(self, resources: Resources) -> dict[str, Any]:
        said: dict[str, Any] = {}
        names = {"cores": "cores", "memory": "ram", "tmp_space": "tmpdir"}
        for field in ("cores", "memory", "tmp_space", "out_space"):
            amount: Amount | None = getattr(resources, field)
            for end in ("min", "max"):
                value = getattr(amount, end) if amount is not None else None
                if value is None:
                    continue
                try:
                    number = from_literal(value)
                except NotLiteralError:
                    number = None
                if field in names and type(number) in (int, float):
                    said[f"{names[field]}_{end}"] = number
                else:
                    self.tell("FWF3004", "Galaxy's tools cannot ask for it", value)
        return said

    def _variables(self) -> list[Piece]:
        lines: list[Piece] = []
        for name, value in self.process.environment.variables.items():
            if not _VARIABLE.match(name):
                raise CannotSayError(f"a shell has no variable {name!r:.60}", value)
            lines += [Piece(f"export {name}="), *self.shell.word(value), Piece("\n")]
        return lines

    def _staging(self, files: list[dict[str, Any]]) -> list[Piece]:
        lines: list[Piece] = []
        for item in self.process.staging:
            type_ = kind_of(item.value, self.shell.ports)
            literal = item.name.value if isinstance(item.name, StringLit) else None
            if isinstance(type_, FileType) and not isinstance(item.value, File):
                how = "cp" if item.writable else "ln -sf"
                target = [Piece(".")] if item.name is None else self.shell.word(item.name)
                source = self.shell.word(item.value)
                lines += self._folder(item.name)
                lines += [Piece(f"{how} "), *source, Piece(" "), *target, Piece("\n")]
            elif isinstance(type_, StringType) and literal is not None and inside(literal):
                content = self._written(self.shell.content(item.value), item)
                lines += self._folder(item.name)
                flat = literal.replace("/", "__")
                if flat != literal:
                    lines.append(Piece(f"mv {shlex.quote(flat)} {shlex.quote(literal)}\n"))
                if any(file["filename"] == flat for file in files):
                    raise CannotSayError("two files would have one name", item)
                files.append({"filename": flat, "content": content})
            else:
                raise CannotSayError("Galaxy stages files of inputs, and texts with a name", item)
        return lines

    def _folder(self, name: Expr | None) -> list[Piece]:
        """Return a line that makes the folder of a name, none where it has none."""
        if isinstance(name, StringLit):
            folder, found, _ = name.value.rpartition("/")
            return [Piece(f"mkdir -p -- {shlex.quote(folder)}\n")] if found and folder else []
        if not isinstance(name, Template):
            return []
        return [Piece('mkdir -p -- "$(dirname -- '), *self.shell.word(name), Piece(')"\n')]

    # --- the command ------------------------------------------------------------------------

    def _line(self, files: list[dict[str, Any]]) -> list[Piece]:
        process = self.process
        if isinstance(process, Command):
            line = self.shell.line(process.arguments)
        else:
            line = self._script(process, files)
        for sign, value in (("<", process.stdin), (">", process.stdout), ("2>", process.stderr)):
            name = self._stream(sign, value)
            if name is not None:
                line += [Piece(f" {sign} "), *name]
        return line

    def _script(self, process: Script, files: list[dict[str, Any]]) -> list[Piece]:
        body = self.shell.script(process)
        words = process.interpreter
        direct = words[:1] and words[0] in _DIRECT
        if direct and list(words[1:]) == ([] if process.delivery == "file" else ["-c"]):
            plain = (process.stdin, process.stdout, process.stderr) == (None, None, None)
            if plain and not self.ports.collected:
                return body
            return [Piece("(\n"), *body, Piece("\n)")]
        shell = bool(words[:1]) and words[0] in _SHELLS
        if process.delivery != "file" and shell and words[-1] == "-c":
            words = words[:-1]
        elif process.delivery != "file":
            raise CannotSayError(
                "Galaxy has no scripts that are given as an argument, but to a shell",
                process,
                "give the script to its interpreter as a file",
            )
        found = (node for part in process.body for _, node in walk(part))
        strange = [node for node in found if isinstance(node, Runtime) and not shell]
        if strange:
            raise CannotSayError(
                f"Galaxy's jobs tell a shell alone of {strange[0].name!r}",
                strange[0],
                "give it to the script as an argument or a variable",
            )
        name = "script_of_the_tool"
        files.append({"filename": name, "content": self._written(body, process)})
        return [Piece(f"{shlex.join((*words, name))}")]

    def _stream(self, sign: str, value: Expr | None) -> list[Piece] | None:
        if value is not None:
            return self.shell.word(value)
        wanted = {">": Stdout, "2>": Stderr}.get(sign)
        if wanted and any(isinstance(port.collect, wanted) for port in self.process.outputs):
            return [Piece(STREAMS[sign])]
        return None

    def _after(self, line: list[Piece]) -> list[Piece]:
        if not self.ports.collected:
            return line
        return [*line, *(Piece(f" && {each}") for each in self.ports.collected)]

    def _written(self, parts: list[Piece], node: Any) -> str:
        try:
            return written(parts)
        except UnfinishedError as error:
            raise CannotSayError(f"Galaxy would read {error} there", node) from None


class KeptTool:
    """A tool that was read and means what it did: it is written as it stands."""

    def __init__(self, given: Mapping[str, Any], process: Command | Script) -> None:
        self.given = given
        self.inputs = {port.id: port.id for port in process.inputs}
        self.outputs = {port.id: port.id for port in process.outputs}

    def tree(self) -> dict[str, Any]:
        """Return the tool."""
        return dict(self.given)


def tool_writer(process: Command | Script, step: Step, tell: Tell) -> UserToolWriter | KeptTool:
    """Return what writes the tool of a step."""
    given = kept_of(step).get("tool_representation")
    if isinstance(given, Mapping):
        try:
            if same(user_tool(given), process):
                return KeptTool(given, process)
        except UnreadableError:
            pass  # it is another tool than the one that was read
    return UserToolWriter(process, tell, step.id)
