"""Identifiers of WDL (specification 1.2, "Reserved Keywords")."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LEGAL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OTHERS = re.compile(r"[^A-Za-z0-9_]+")

RESERVED = frozenset(
    [
        "Array",
        "Boolean",
        "Directory",
        "File",
        "Float",
        "Int",
        "Map",
        "None",
        "Object",
        "Pair",
        "String",
        "after",
        "alias",
        "as",
        "call",
        "command",
        "else",
        "env",
        "false",
        "hints",
        "if",
        "in",
        "import",
        "input",
        "left",
        "meta",
        "object",
        "output",
        "parameter_meta",
        "requirements",
        "right",
        "runtime",
        "scatter",
        "struct",
        "task",
        "then",
        "true",
        "version",
        "workflow",
    ]
)
"""The keywords of 1.1 and 1.2."""


def is_identifier(text: str) -> bool:
    """Tell whether a text is a name in WDL as it is."""
    return _LEGAL.fullmatch(text) is not None and text not in RESERVED


def is_key(text: str) -> bool:
    """Tell whether a text is a key of a metadata section as it is."""
    return _LEGAL.fullmatch(text) is not None


def identifier(text: str, otherwise: str = "x") -> str:
    """Return the name that is nearest to a text."""
    if is_identifier(text):
        return text
    name = _OTHERS.sub("_", text).strip("_")
    if not name:
        return otherwise
    if not name[0].isalpha():
        name = f"{otherwise}_{name}"
    return f"{name}_" if name in RESERVED else name


class Names:
    """The names of one scope."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def claim(self, wanted: str, otherwise: str = "x") -> str:
        """Return a name like the one that is wanted, and take it."""
        name = first = identifier(wanted, otherwise)
        number = 1
        while name in self.taken:
            number += 1
            name = f"{first}_{number}"
        self.taken.add(name)
        return name


def claimed(wanted: Iterable[str], names: Names, otherwise: str = "x") -> dict[str, str]:
    """Return a name for each text; those that are names already are served first."""
    texts = list(wanted)
    found = {text: names.claim(text, otherwise) for text in texts if is_identifier(text)}
    for text in texts:
        if text not in found:
            found[text] = names.claim(text, otherwise)
    return {text: found[text] for text in texts}
