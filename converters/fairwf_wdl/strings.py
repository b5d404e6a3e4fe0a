"""The texts of string literals: escapes, and the lines of multi-line strings."""

from __future__ import annotations

import re

from WDL import Expr as Syntax

from fairwf_wdl.context import Context

_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<x>[0-9A-Fa-f]{2})|u(?P<u>[0-9A-Fa-f]{4})"
    r"|U(?P<U>[0-9A-Fa-f]{8})|(?P<one>.))",
    re.DOTALL,
)
_ONE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "a": "\a", "f": "\f", "v": "\v", "\n": ""}


def decoded(part: str, node: Syntax.Base, context: Context) -> str:
    """Return the text of a piece of a literal (specification 1.2, "Strings").

    Raises:
        UnsupportedError: an escape names no character.
    """

    def one(match: re.Match[str]) -> str:
        if match["one"] is not None:
            known: str = match["one"]
            return _ONE.get(known, known if known in "\\\"'~$`" else "\\" + known)
        number = int(match["octal"], 8) if match["octal"] else None
        if number is None:
            number = int(match["x"] or match["u"] or match["U"], 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise context.unsupported(f"{match[0]!r:.20}, which is no character,", node)
        return chr(number)

    return _ESCAPE.sub(one, str(part))


Part = str | Syntax.Placeholder


def multi_line(node: Syntax.MultiLineString) -> list[Part]:
    """Return the pieces of a multi-line string without its indentation (1.2, "Multi-line
    Strings")."""
    parts: list[Part] = [
        _continued(part) if isinstance(part, str) else part for part in node.parts[1:-1]
    ]
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip(" \t").removeprefix("\n")
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip(" \t").removesuffix("\n")
    return dedented(parts)


def _continued(part: str) -> str:
    """Join lines whose end is escaped by an odd number of backslashes."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\\\n[ \t]*", r"\1", part)


def dedented(parts: list[Part]) -> list[Part]:
    """Return pieces without the blanks that all lines begin with (1.2, "Command Section")."""
    whole = "".join(part if isinstance(part, str) else "~{}" for part in parts)
    blanks = [len(line) - len(line.lstrip()) for line in whole.split("\n") if line.strip()]
    common = min(blanks, default=0)
    if not common:
        return parts
    result: list[Part] = []
    begins = True
    for part in parts:
        if not isinstance(part, str):
            result.append(part)
            begins = False
            continue
        lines = part.split("\n")
        cut = [line[common:] if begins or number else line for number, line in enumerate(lines)]
        result.append("\n".join(cut))
        begins = part.endswith("\n")
    return result
