"""Names of processes, variables and parameters in the strict syntax."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LEGAL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OTHERS = re.compile(r"[^A-Za-z0-9_]+")

KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """abstract as assert boolean break byte case catch char class const continue def default do
        double else enum extends false final finally float for goto if implements import in
        instanceof int interface long native new null package private protected public return short
        static strictfp super switch synchronized this threadsafe throw throws transient true try
        var void volatile while""",
    )
)
"""What no name may be: keywords of Groovy."""
RESERVED = KEYWORDS | frozenset(
    re.findall(
        r"\w+",
        """args baseDir channel Channel each emit env eval exec file include input it launchDir log
        main moduleDir nextflow out output params path process projectDir publish quoted script
        shell stdin stdout stub take task template tuple val when with workflow""",
    )
)
"""Names that mean something in a script already."""


def identifier(text: str, otherwise: str = "x", reserved: frozenset[str] = RESERVED) -> str:
    """Return the name that is nearest to a text."""
    name = text if _LEGAL.fullmatch(text) else _OTHERS.sub("_", text).strip("_")
    if not name:
        name = otherwise
    if not name[0].isalpha():
        name = f"{otherwise}_{name}"
    return f"{name}_" if name in reserved else name


class Names:
    """The names of one scope."""

    def __init__(self, taken: Iterable[str] = (), reserved: frozenset[str] = RESERVED) -> None:
        self.taken = set(taken)
        self.reserved = reserved

    def claim(self, wanted: str, otherwise: str = "x") -> str:
        """Return a name like the one that is wanted, and take it."""
        name = first = identifier(wanted, otherwise, self.reserved)
        number = 1
        while name in self.taken:
            number += 1
            name = f"{first}_{number}"
        self.taken.add(name)
        return name


def claimed(wanted: Iterable[str], names: Names, otherwise: str = "x") -> dict[str, str]:
    """Return a name for each text; those that are names already are served first."""
    texts = list(wanted)
    first = [text for text in texts if identifier(text, "x", names.reserved) == text]
    found = {text: names.claim(text, otherwise) for text in first}
    for text in texts:
        if text not in found:
            found[text] = names.claim(text, otherwise)
    return {text: found[text] for text in texts}
