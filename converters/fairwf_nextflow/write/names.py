"""Names of processes, variables and parameters in the strict syntax."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LEGAL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OTHERS = re.compile(r"[^A-Za-z0-9_]+")

RESERVED = frozenset(
    "abstract as assert boolean break byte case catch char class const continue def default do"
    " double each else emit enum env eval exec extends false file final finally float for goto if"
    " implements import in include input instanceof int interface long main native new nextflow"
    " null out output package params path private process protected public publish return script"
    " shell short static stdin stdout strictfp stub super switch synchronized take task template"
    " this threadsafe throw throws transient true try tuple val var void volatile when while with"
    " workflow channel Channel log projectDir launchDir moduleDir baseDir it quoted args".split()
)


def identifier(text: str, otherwise: str = "x") -> str:
    """Return the name that is nearest to a text."""
    name = text if _LEGAL.fullmatch(text) else _OTHERS.sub("_", text).strip("_")
    if not name:
        name = otherwise
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
    first = [text for text in texts if identifier(text) == text]
    found = {text: names.claim(text, otherwise) for text in first}
    for text in texts:
        if text not in found:
            found[text] = names.claim(text, otherwise)
    return {text: found[text] for text in texts}
