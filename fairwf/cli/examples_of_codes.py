"""A wrong and a right example of a diagnostic code: files of ``fairwf/explained``.

A file holds sections, each after a line ``=== SIDE NAME``: the text of a file of the wrong
example, of the right one, or of both. ``=== command ...`` names the command that tells them apart,
by default ``fairwf validate .``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

COMMAND = "fairwf validate ."
_SIDES = ("wrong", "right")


@dataclass
class Examples:
    """The files of both examples by name, and the command that finds what is wrong."""

    command: str = COMMAND
    wrong: dict[str, str] = field(default_factory=dict)
    right: dict[str, str] = field(default_factory=dict)
    both: dict[str, str] = field(default_factory=dict)

    def files(self, side: str) -> Mapping[str, str]:
        """Return all files of one example, by name."""
        return {**self.both, **(self.wrong if side == "wrong" else self.right)}

    def render(self) -> str:
        """Return the examples as text for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for name, text in self.both.items():
            yield f"{name} (in both examples):"
            yield from _indented(text)
        for side in _SIDES:
            own = self.wrong if side == "wrong" else self.right
            if not own:
                yield f"{side}: without the file"
            for name, text in own.items():
                yield f"{side}: {name}"
                yield from _indented(text)
        yield f"found by: {self.command}"


def _indented(text: str) -> Iterator[str]:
    yield from (f"    {line}".rstrip() for line in text.splitlines())
    yield ""


def codes_with_examples() -> list[str]:
    """Return the codes that have examples."""
    folder = files("fairwf").joinpath("explained")
    return sorted(each.name.removesuffix(".txt") for each in folder.iterdir())


@cache
def examples_of(code: str) -> Examples | None:
    """Return the examples of a code; None where it has none."""
    place = files("fairwf").joinpath("explained", f"{code}.txt")
    if not place.is_file():
        return None
    found = Examples()
    into: dict[str, str] | None = None
    name = ""
    for line in place.read_text("utf-8").splitlines(keepends=True):
        if line.startswith("=== "):
            side, _, name = line[4:].strip().partition(" ")
            if side == "command":
                found.command, into = name, None
            else:
                into = getattr(found, side)
                into[name] = ""
        elif into is not None:
            into[name] += line
    return found
