"""The texts that the engine compiles, and the way back from its positions to ours.

The engine calls every text `<input>`. So each text is pushed down by empty lines until no two
texts of an evaluation, nor the harness, share a line number.

An expression must not end the brackets that it is put into (`1)});evil((`), and the engine's own
`Function` does not look. Each form is therefore parsed, never run, in two different settings that
no text can leave in both:

- expression: inside `(...)` and inside `[...]`. The first closing bracket without a partner would
  have to be `)` for one and `]` for the other.
- body: as a function declaration and as a method in an object literal. After a closing brace
  without a partner the one needs a statement, the other a comma or a second closing brace, and
  neither can start a statement.
"""

import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from fairwf.engine.sandbox.errors import JavaScriptError
from fairwf.engine.sandbox.lasting import lasts

Form = Literal["expression", "body"]

# (settings to parse in, setting to run in); the code has its own lines in between
_SETTINGS: dict[Form, tuple[tuple[tuple[str, str], ...], tuple[str, str]]] = {
    "expression": (
        (("throw 0;(", ")"), ("throw 0;[", "]")),
        ("function(){return (", ")}"),
    ),
    "body": (
        (("throw 0;function fairwf_syntax_check(){", "}"), ("throw 0;[{method(){", "}}]")),
        ("function(){", "}"),
    ),
}
_LINE_END = re.compile("\r\n|[\n\r]")
# The engine ends a line at these, but not inside of strings and comments.
_SOMETIMES_LINE_END = re.compile("[\u2028\u2029]")
_FRAME = re.compile(r"^    at (?:.*\()?<input>:(\d+):(\d+)\)?$")
# Characters that the engine cannot take in a script.
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


@cache
def harness() -> str:
    """The text of `harness.js`."""
    return (Path(__file__).parent / "harness.js").read_text(encoding="utf-8")


@cache
def lasting_context() -> str:
    """The text of `lasting.js`."""
    return (Path(__file__).parent / "lasting.js").read_text(encoding="utf-8")


class Text(msgspec.Struct, frozen=True):
    """One text and the line number that the engine gives its first line."""

    lines: list[str]
    first: int
    library: int | None

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Line and column in the text for those of the engine, which counts columns in bytes."""
        index = line - self.first
        if index < 0:
            return 1, 1
        if index >= len(self.lines):
            return len(self.lines), len(self.lines[-1]) + 1
        before = self.lines[index].encode("utf-8", "surrogatepass")[: column - 1]
        return index + 1, len(before.decode("utf-8", "replace")) + 1


@lru_cache(maxsize=64)
def program(code: str, form: Form, libraries: tuple[str, ...]) -> "Program":
    """The program of these texts; those that were used last are kept."""
    return Program(code, form, libraries)


class Program:
    """The code and libraries of one evaluation, composed for the engine.

    `libraries`: scripts to evaluate in turn. `checked`: the engine has parsed the code in its
    settings before; how a text parses depends on nothing else. `lasts`: evaluations may share a
    context (:mod:`lasting`).
    Raises JavaScriptError(syntax) for a library with a NUL or an unpaired surrogate.
    """

    def __init__(self, code: str, form: Form, libraries: Sequence[str]) -> None:
        self.checked = False
        self.lasts = not libraries and lasts(code)
        self.texts: list[Text] = []
        self.libraries: list[bytes] = []
        self._first = harness().count("\n") + 2
        for index, library in enumerate(libraries):
            moved = self._down(library, index)
            if found := _UNUSABLE.search(library):
                head = _LINE_END.split(library[: found.start()])
                raise JavaScriptError(
                    f"SyntaxError: character U+{ord(found[0]):04X} in a library",
                    "syntax",
                    len(head),
                    len(head[-1]) + 1,
                    index,
                )
            self.libraries.append(moved.encode())
        settings, (before, after) = _SETTINGS[form]
        padding = "\n" * (self._first - 1)
        self._checks = [f"{padding}{start}\n{code}\n{end}" for start, end in settings]
        self._run = (padding, before, f"\n{code}\n{after}]")
        self._runs: dict[tuple[str, ...], bytes] = {}
        self._first += 1
        self._down(code, None)

    def run(self, names: tuple[str, ...]) -> bytes:
        """A script that makes variables of these names; global ones, where code can tell.

        Its value is two functions: one sets the variables to the members of an object, the other
        is the code.
        """
        if names not in self._runs:
            padding, before, code = self._run
            variables = f"var {','.join(names)};" if names else ""
            sets = ";".join(f"{name}=v.{name}" for name in names)
            both = f"[function(v){{'use strict';{sets}}},{before}{code}"
            text = f"{padding}{variables}{both}"
            if self.lasts:
                text = f"{padding}(function(){{{variables}return{both}}})()"
            if _UNUSABLE.search(text):
                text = f"(0,eval)({json.dumps(text)})"
            self._runs[names] = text.encode()
        return self._runs[names]

    def asked(self, values: str, marked: bool, reproducible: bool) -> bytes:
        """What the second part of `harness.js` is asked for first; empty for nothing."""
        if self.checked and not marked and not reproducible:
            return b""
        fields = {
            "checks": [] if self.checked else self._checks,
            "marked": marked,
            "reproducible": reproducible,
        }
        return f'{json.dumps(fields)[:-1]},"values":{values}}}'.encode()

    def _down(self, text: str, library: int | None) -> str:
        lines = _LINE_END.split(text)
        moved = "\n" * (self._first - 1) + text
        self.texts.append(Text(lines, self._first, library))
        self._first += len(lines) + len(_SOMETIMES_LINE_END.findall(text)) + 2
        return moved

    def locate(self, stack: str) -> tuple[int, int, int | None] | None:
        """Line, column and library of the innermost frame of a stack that lies in a text."""
        for frame in stack.split("\n"):
            if match := _FRAME.match(frame):
                # More digits than any text has lines: not a position of the engine.
                if len(match[1]) > 9 or len(match[2]) > 9:
                    continue
                line, column = int(match[1]), int(match[2])
                for text in self.texts:
                    if text.first - 1 <= line <= text.first + len(text.lines):
                        return (*text.place(line, column), text.library)
        return None
