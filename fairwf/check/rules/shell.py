"""Values that a shell reads as more than a value."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fairwf.check.findings import Findings
from fairwf.check.infer import infer
from fairwf.check.scope import Scope
from fairwf.check.sites import input_types, placed
from fairwf.ir.command import Argument, Placeholder, Rendering, ScriptPart, Text, Words
from fairwf.ir.expressions import Expr, Input
from fairwf.ir.types import ArrayType, EnumType, OptionalType, StringType, Type, UnionType
from fairwf.ir.types_text import describe
from fairwf.ir.walk import children
from fairwf.ir.workflow import Process, Script

_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "zsh"})


def check_shell(root: Process, findings: Findings) -> None:
    """Tell of texts from inputs that stand unquoted in a text for a shell.

    Whoever gives such an input can make the task run any program, and a blank in it splits it in
    two. Numbers, truth values, words of an enum and files are not told of, nor what stands in
    quotes that the author wrote.
    """
    for place in placed(root):
        process = place.process
        if not isinstance(process, Script) or not _is_shell(process):
            continue
        types = input_types(process)
        scope = Scope("a command", inputs=types, runtime=True)
        for value in _unquoted(process.body):
            given = infer(value, scope)
            names = sorted(n for n in _inputs(value) if n in types and _free(types[n]))
            if names and _free(given):
                said = ", ".join(repr(name) for name in names[:3])
                findings.tell(
                    "FWF2105",
                    value,
                    f"{describe(given)} from {said} stands unquoted in a command for a shell",
                    "quote it, or let the type be an enum of the words that are allowed",
                )


def _is_shell(process: Script) -> bool:
    words = [word.rpartition("/")[2] for word in process.interpreter]
    return any(word in _SHELLS for word in words)


def _unquoted(body: tuple[ScriptPart, ...]) -> Iterator[Expr]:
    open_quote = ""
    for part in body:
        if isinstance(part, Text):
            open_quote = _open_quote(part.text, open_quote)
        elif isinstance(part, Placeholder):
            if part.quote == "none" and not open_quote and part.when_true is None:
                yield part.value
        elif isinstance(part, Words):
            for argument in part.arguments:
                if not _quoted(argument):
                    yield argument.value


def _quoted(argument: Argument) -> bool:
    rendering: Rendering | None = argument.rendering
    while rendering is not None:
        if not rendering.quote:
            return False
        rendering = rendering.items
    return True


def _open_quote(text: str, quote: str) -> str:
    """Return the quote that is open at the end of a text for a shell, given that before it."""
    escaped = comment = False
    before = "\n"
    for character in text:
        if comment:
            comment = character != "\n"
        elif escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and before in " \t\n;":
            comment = True
        before = character
    return quote


def _inputs(value: Expr) -> set[str]:
    found: set[str] = set()
    stack: list[msgspec.Struct] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Input):
            found.add(node.name)
        stack.extend(child for _, child in children(node))
    return found


def _free(given: Type) -> bool:
    """Tell whether a value may be any text."""
    if isinstance(given, OptionalType):
        return _free(given.item)
    if isinstance(given, ArrayType):
        return _free(given.items)
    if isinstance(given, UnionType):
        return any(map(_free, given.members))
    return isinstance(given, StringType) and not isinstance(given, EnumType)
