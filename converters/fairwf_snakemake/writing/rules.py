"""Rules and functions of a Snakefile, and their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Needs:
    """What a rule depends on: named inputs, each a text of Python; one text has one name."""

    entries: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, text: str) -> str:
        """Return the name under which an input stands; it is added where it is new."""
        for known, said in self.entries.items():
            if said == text:
                return known
        unique, number = name, 2
        while unique in self.entries:
            unique, number = f"{name}_{number}", number + 1
        self.entries[unique] = text
        return unique


@dataclass
class Rule:
    """A rule, in the order in which its parts are written."""

    name: str
    doc: Sequence[str] = ()
    checkpoint: bool = False
    local: bool = False
    needs: Needs = field(default_factory=Needs)
    outputs: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    directives: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    shell: str | None = None
    run: Sequence[str] = ()
    constraints: Sequence[str] = ()

    def text(self) -> str:
        """Return the rule as a Snakefile has it."""
        lines = [f"{'checkpoint' if self.checkpoint else 'rule'} {self.name}:"]
        if self.doc:
            lines.append(f"    {_docstring(self.doc)}")
        lines += _section("input", self.needs.entries)
        lines += _section("output", self.outputs)
        lines += _section("params", self.params)
        if self.constraints:
            lines += _section("wildcard_constraints", dict.fromkeys(self.constraints, 'r"\\d+"'))
        for name, value in self.directives.items():
            lines += [f"    {name}:", f"        {value}"]
        lines += _section("resources", self.resources)
        if self.shell is not None:
            lines += ["    shell:", *(f"        {line}".rstrip() for line in _shell(self.shell))]
        elif self.run:
            lines += ["    run:", *(f"        {line}" for line in self.run)]
        return "\n".join(lines) + "\n"


def _section(name: str, entries: Mapping[str, str]) -> list[str]:
    if not entries:
        return []
    return [f"    {name}:", *(f"        {key}={value}," for key, value in entries.items())]


def _docstring(paragraphs: Sequence[str]) -> str:
    text = "\n\n".join(paragraphs)
    odd = any(not c.isprintable() and c != "\n" for c in text)
    if odd or "\\" in text or '"""' in text or text.endswith('"'):
        return repr(text)
    return '"""' + text.replace("\n", "\n    ") + '"""'


def _shell(text: str) -> list[str]:
    """Return a command as a raw text of several lines where it can stand so, else quoted."""
    odd = any(not c.isprintable() and c not in "\n\t" for c in text)
    if odd or '"""' in text or text.endswith(("\\", '"')):
        return [repr(text)]
    if "\n" not in text and '"' not in text and "\\" not in text:
        return [f'"{text}"']
    return ['r"""', *text.split("\n"), '"""']
