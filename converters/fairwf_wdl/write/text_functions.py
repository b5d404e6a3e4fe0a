"""WDL's way to say the functions of texts (specification 1.2, "Standard Library")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fairwf.ir.expressions import Call, Expr, StringLit
from fairwf.ir.types import Type
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.operators import Speaker
from fairwf_wdl.write.patterns import arguments
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.strings import literal
from fairwf_wdl.write.types import BOOL, FILE, STRING

if TYPE_CHECKING:
    from fairwf_wdl.write.expressions import Sayer


def join(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    """Texts with another between them."""
    items, between = node.args
    return Said(f"sep({sayer.say(between, STRING).text}, {sayer.texts(items).text})", STRING)


_MAGIC = frozenset(".^$*+?()[]{}|\\")


def _escaped(text: str) -> str:
    """A regular expression (POSIX extended) that matches this text alone."""
    return "".join(
        f"[{c}]" if c in _MAGIC - {"^", "\\"} else f"\\{c}" if c in _MAGIC else c for c in text
    )


def _plain(node: Expr, what: str) -> str:
    if isinstance(node, StringLit):
        return node.value
    raise CannotSayError(f"WDL needs {what} as it is, not computed", node)


def replace(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    """A text with another in place of a fixed part."""
    text, old, new = node.args
    pattern = literal(_escaped(_plain(old, "the text to replace")))
    by = _plain(new, "the replacement")
    if re.search(r"\\[A-Za-z0-9\\]", by):
        raise CannotSayError("engines of WDL take a backslash in a replacement for an escape", new)
    return Said(f"sub({sayer.say(text, STRING).text}, {pattern}, {literal(by)})", STRING)


def replace_match(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    """A text with another in place of what matches."""
    return Said(f"sub({', '.join(sayer.say(one, STRING).text for one in node.args)})", STRING)


def edge(before: str, after: str) -> Speaker:
    """Return what tells whether a text has a fixed part between two edges."""

    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        part = _plain(node.args[1], "the text to look for")
        if not part:
            return Said("true", BOOL)
        said = sayer.say(node.args[0], STRING)
        pattern = literal(f"{before}{_escaped(part)}{after}")
        return Said(f'sub({said.text}, {pattern}, "") != {said.operand}', BOOL, 1)

    return say


def strip_suffix(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    """A text without its ending."""
    whole, end = node.args
    of = arguments(whole, "basename", 1)
    if of is not None:
        suffix = sayer.say(end, STRING).text
        return Said(f"basename({sayer.path(of[0]).text}, {suffix})", STRING)
    read = arguments(whole, "read_text", 1)
    if read is not None and end == StringLit(value="\n"):
        return Said(f"read_string({sayer.say(read[0], FILE).text})", STRING)
    pattern = literal(f"{_escaped(_plain(end, 'the ending'))}$")
    return Said(f'sub({sayer.say(whole, STRING).text}, {pattern}, "")', STRING)


def trim(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    """A text without white space around it."""
    said = sayer.say(node.args[0], STRING)
    return Said(f'sub(sub({said.text}, "^[ \\t\\r\\n]+", ""), "[ \\t\\r\\n]+$", "")', STRING)
