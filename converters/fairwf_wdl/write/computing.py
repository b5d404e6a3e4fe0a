"""Programs in tasks: before the command for what the shell needs, after it for outputs; and tasks
that only compute, for workflows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fairwf.ir.command import ExpressionLibrary, Rendering, StagedItem
from fairwf.ir.expressions import (
    Array,
    Expr,
    Local,
    Opaque,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import Glob
from fairwf.ir.types import NoneType, Type
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.indentation import indented
from fairwf_wdl.write.javascript import (
    END,
    IMAGE,
    Computed,
    Program,
    datum_of,
    rendering_of,
    shape,
)
from fairwf_wdl.write.neutral import as_javascript
from fairwf_wdl.write.patterns import arguments, let
from fairwf_wdl.write.places import Place
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.shell import Expansion, escaped, word
from fairwf_wdl.write.strings import Hole, Piece
from fairwf_wdl.write.types import STRING, Structs, item_of, required

RESULTS = ".fairwf_results.json"
_SELF = Local(name="self")
_MAGIC = re.compile(r"(\[[^\]]*\]|[*?])")
_SAYS = {
    "outdir": "process.cwd()",
    "tmpdir": "require('os').tmpdir()",
    "exitCode": "Number(process.env.fairwf_code)",
}
Datum = Callable[[Said, Any], str]
"""Gives the JavaScript for a value of WDL of a shape."""


def bound(node: Opaque, sayer: Sayer, datum: Datum, own: str | None) -> list[Any]:
    """Return the JavaScript of each name that a text sees; ``own`` is that of ``self``."""
    found = []
    for one in node.bindings:
        found.append((one.path, _value(let(one.value), sayer, datum, own)))
    return found


def _value(node: Expr, sayer: Sayer, datum: Datum, own: str | None) -> str:
    if node == _SELF and own is not None:
        return own
    if isinstance(node, Runtime) and node.name in _SAYS:
        return _SAYS[node.name]
    if isinstance(node, Array):
        return f"[{', '.join(_value(one, sayer, datum, own) for one in node.items)}]"
    if isinstance(node, Record):
        members = (
            f"{json.dumps(k)}: {_value(v, sayer, datum, own)}" for k, v in node.fields.items()
        )
        return f"{{{', '.join(members)}}}"
    try:
        value = from_literal(node)
        if value is None or isinstance(value, (str, int, float, bool)):
            return json.dumps(value)
    except NotLiteralError:
        pass
    loaded = arguments(node, "load_contents", 1)
    contents, listing = sayer.place.loading(node)
    said = sayer.say(node if loaded is None else loaded[0])
    if said.text == "None" or isinstance(said.type, NoneType):
        return "null"
    if said.type is None:
        raise CannotSayError("the type of a value that JavaScript gets is not known", node)
    return datum(said, shape(said.type, contents or loaded is not None, listing))


def of_javascript(node: Expr) -> Opaque:
    """Return an expression as JavaScript.

    Raises:
        CannotSayError: there is none for it.
    """
    found = as_javascript(node)
    if found is None:
        language = getattr(node, "language", None)
        what = f"in {language:.40}" if language else "like this"
        raise CannotSayError(f"WDL has no expressions {what}", node)
    return found


class TaskPrograms:
    """What a task computes in JavaScript before and after its command."""

    def __init__(self, libraries: Sequence[ExpressionLibrary], place: Place, after: Place) -> None:
        self.before = Program(libraries)
        self.after = Program(libraries)
        self.place, self.after_place = place, after
        self._known: dict[Any, Any] = {}
        self._reads: list[str] = []
        self._globs: list[list[Piece]] = []

    def _add(
        self, program: Program, node: Expr, kind: Any, name: str, how: Any, own: str | None
    ) -> None:
        text = of_javascript(node)
        place = self.place if program is self.before else self.after_place

        def datum(said: Said, looks: Any) -> str:
            return datum_of(program.datum(f"write_json({said.text})"), looks)

        # the values that it sees are those that the command has, also after it
        sayer = Sayer(self.place)
        program.results.append(Computed(text, bound(text, sayer, datum, own), kind, name, how))
        told = "JavaScript is computed by Node, which the container has to hold"
        place.tell("FWF3002", told, node)

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def text(self, node: Expr) -> Expansion:
        """Return the variable of the shell that holds the text of an expression."""

        def make() -> Expansion:
            name = f"fairwf_{len(self._reads) + 1}"
            self._add(self.before, node, "text", f".{name}", None, None)
            self._reads.append(f"IFS= read -r -d '' {name} < .{name} || :")
            return Expansion(f"${name}")

        found: Expansion = self._once(("text", repr(node)), make)
        return found

    def words(self, node: Expr, rendering: Rendering) -> list[Piece]:
        """Return the words of the shell that a value gives."""
        how = rendering_of(rendering)

        def make() -> list[Piece]:
            name = f"fairwf_{len(self._reads) + 1}"
            self._add(self.before, node, "words", f".{name}", how, None)
            self._reads.append(f"mapfile -d '' -t {name} < .{name}")
            return [f'"${{{name}[@]}}"']

        found: list[Piece] = self._once(("words", repr(node), repr(rendering)), make)
        return found

    def stage(self, item: StagedItem) -> None:
        """Put what an expression gives into the task's folder."""
        name = item.name
        if name is not None and not isinstance(name, StringLit):
            raise CannotSayError("WDL computes no name of what it computes", item)
        self._add(self.before, item.value, "stage", "", name.value if name else None, None)

    def output(self, node: Expr, wanted: Type, glob: Glob | None) -> Said:
        """Return a value that is computed after the command has run."""

        def make() -> str:
            own = self._found(glob) if glob is not None else None
            name = f"value{len(self.after.results) + 1}"
            self._add(self.after, node, "json", name, shape(wanted), own)
            return name

        key = ("json", repr(node), repr(glob), repr(shape(wanted)))
        return Said(f'read_json("{RESULTS}")["{self._once(key, make)}"]', wanted)

    def _found(self, glob: Glob) -> str:
        """Return the JavaScript of the files that patterns find."""

        def make() -> str:
            name = f".fairwf_found_{len(self._globs) + 1}"
            given: list[Piece] = []
            patterns: list[Piece] = []
            for pattern in glob.patterns:
                patterns += [" ", *self._pattern(let(pattern), given)]
            self._globs.append(
                [
                    "(LC_ALL=C; IFS=$'\\001'; ", *given, "for found in", *patterns,
                    "; do if [ -e \"$found\" ]; then printf '%s\\0' \"$found\"; fi; done) > ", name,
                ]
            )  # fmt: skip
            folder = {"deep": "D", "shallow": "s"}.get(glob.load_listing or "", "d")
            return f"matched('{name}', '{'c' if glob.load_contents else 'f'}', '{folder}')"

        found: str = self._once(
            ("glob", repr(glob.patterns), glob.load_contents, glob.load_listing), make
        )
        return found

    def _pattern(self, pattern: Expr, given: list[Piece]) -> list[Piece]:
        """Return a pattern for bash; computed ones are ``given`` to variables, where they count."""
        parts = pattern.parts if isinstance(pattern, Template) else (pattern,)
        pieces: list[Piece] = []
        for part in parts:
            if isinstance(part, StringLit):
                for number, text in enumerate(_MAGIC.split(part.value)):
                    if text:
                        pieces += [text] if number % 2 else word([text])
                continue
            of = arguments(part, "escape_pattern", 1)
            sayer = Sayer(self.place)
            if of is not None:
                pieces += word([escaped(sayer.text(of[0]).text)])
                continue
            said = sayer.known(sayer.say(part))
            several = item_of(said.type) == STRING
            if not several and required(said.type) != STRING:
                raise CannotSayError("it is not known which pattern this value is", part)
            whole = f'sep("\\x01", {said.text})' if several else said.text
            name = f"pattern_{sum(one == '; ' for one in given) + 1}"
            given += [f"{name}=", *word([escaped(whole)]), "; "]
            pieces.append(f"${{{name}}}")
        return pieces

    def lines_before(self) -> Iterator[list[Piece]]:
        """Yield lines to put before the command."""
        if not self.before.results:
            return
        yield _started(self.before, self.before.source(), "|| exit 1")
        for line in self._reads:
            yield [line]
        if self._reads:
            yield [f"rm -f {' '.join(f'.fairwf_{n + 1}' for n in range(len(self._reads)))}"]

    def lines_after(self) -> Iterator[list[Piece]]:
        """Yield lines to put after the command, whose exit code is kept."""
        if not self.after.results:
            return
        yield ["export fairwf_code=$?"]
        yield from self._globs
        failed = "|| [ $fairwf_code -ne 0 ] || fairwf_code=1"
        yield _started(self.after, self.after.source(RESULTS), failed)
        if self._globs:
            names = " ".join(f".fairwf_found_{n + 1}" for n in range(len(self._globs)))
            yield [f"rm -f {names}"]
        yield ["exit $fairwf_code"]


def _started(program: Program, source: str, then: str) -> list[Piece]:
    pieces: list[Piece] = ["node -"]
    for text in program.data:
        pieces += [" '", Hole(text), "'"]
    end = END
    while f"\n{end}\n" in source:
        end += "_"
    return [*pieces, f" <<'{end}' {then}\n{source}{end}"]


def computing_task(
    name: str,
    node: Opaque,
    wanted: Type,
    sayer: Sayer,
    libraries: Sequence[ExpressionLibrary],
    structs: Structs,
) -> tuple[str, Mapping[str, str]]:
    """Return a task that computes one value, and what its call hands it.

    Raises:
        CannotSayError: a value that it sees has no type in WDL.
    """
    program = Program(libraries)
    given: dict[str, tuple[str, str]] = {}

    def datum(said: Said, looks: Any) -> str:
        type_text = structs.type_text(said.type) if said.type is not None else ""
        key = (type_text, said.text)
        known = next((n for n, one in given.items() if one == key), None)
        if known is None:
            known = f"given{len(given) + 1}"
            given[known] = key
        return datum_of(program.datum(f"write_json({known})"), looks)

    seen = bound(node, sayer, datum, None)
    program.results.append(Computed(node, seen, "json", "value", shape(wanted)))
    pieces: list[Piece] = ["\n", *_started(program, program.source(RESULTS), "|| exit 1"), "\n"]
    inputs = "".join(f"    {kind} {known}\n" for known, (kind, _) in given.items())
    word_ = "runtime" if sayer.version == "1.1" else "requirements"
    text = (
        f"task {name} {{\n"
        + (f"  input {{\n{inputs}  }}\n\n" if inputs else "")
        + f"  command <<<{indented(pieces)}>>>\n\n"
        + f"  output {{\n    {structs.type_text(wanted)} value = "
        + f'read_json("{RESULTS}")["value"]\n  }}\n\n'
        + f'  {word_} {{\n    container: "{IMAGE}"\n  }}\n}}\n'
    )
    return text, {known: said for known, (_, said) in given.items()}
