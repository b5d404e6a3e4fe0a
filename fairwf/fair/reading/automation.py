"""Continuous integration: what its configuration really runs (no comments, no names)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fairwf.fair.outcome import Evidence
from fairwf.fair.reading.engines import ENGINES, LINTERS, TESTS
from fairwf.fair.reading.registries import load
from fairwf.fair.subject import Subject
from fairwf.source import SourceMap

_FILES = re.compile(
    r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|\.circleci/config\.yml|\.travis\.yml|"
    r"azure-pipelines\.yml|bitbucket-pipelines\.yml|\.woodpecker(?:\.ya?ml|/[^/]+\.ya?ml)|"
    r"\.ci/[^/]+|Jenkinsfile",
    re.I,
)
_KEYS = frozenset({"run", "script", "before_script", "after_script", "command", "args", "uses"})


@dataclass(frozen=True)
class Automation:
    """A configuration file: its commands, and those that start engines, linters, tests."""

    file: str
    commands: tuple[Evidence, ...]

    @property
    def evidence(self) -> Evidence:
        """The first command."""
        return self.commands[0]

    @property
    def calls(self) -> tuple[Evidence, ...]:
        """Commands that start an engine or a linter."""
        return tuple(c for c in self.commands if ENGINES.search(c.value) or LINTERS.search(c.value))

    @property
    def tests(self) -> tuple[Evidence, ...]:
        """Commands that run a test, or an engine on inputs."""
        return tuple(
            c
            for c in self.commands
            if TESTS.search(c.value)
            or (ENGINES.search(c.value) and re.search(r"test|example|job|\.ya?ml|\.json", c.value))
        )


def automation(subject: Subject) -> list[Automation]:
    """Return the configurations of continuous integration in a folder."""
    found = []
    for path in subject.files:
        name = path.as_posix()
        if not _FILES.fullmatch(name):
            continue
        assert subject.folder is not None
        if path.suffix in (".yml", ".yaml"):
            tree = load(subject.folder, name)
            if isinstance(tree, SourceMap) and name.startswith(".github/"):
                tree = tree.get("jobs")
            commands = tuple(_commands(tree, name)) if isinstance(tree, SourceMap) else ()
        else:
            commands = tuple(_script(subject.text(path), name))
        found.append(Automation(name, (*commands, *_called(subject, commands))))
    return found


_CALL = re.compile(
    r"(?:^|[;&|]\s*|\b(?:ba|z)?sh\s+|\bpython3?\s+)(?:\./)?([\w./-]+\.(?:sh|bash|py))\b"
)
_TARGET = re.compile(r"\b(make|just)\s+(?:-\S+\s+)*([A-Za-z][\w-]*)")
_MOST = 50


def _called(subject: Subject, commands: tuple[Evidence, ...]) -> Iterator[Evidence]:
    """Yield what scripts and recipes of the folder run that a command starts, one step deep."""
    known = {path.as_posix(): path for path in subject.files}
    seen: set[tuple[str, str]] = set()
    for command in commands[:_MOST]:
        called = [(name, "") for name in _CALL.findall(command.value) if name in known]
        for program, target in _TARGET.findall(command.value):
            names = ("Makefile", "makefile") if program == "make" else ("justfile", "Justfile")
            called += [(name, target) for name in names if name in known]
        for name, target in called:
            if (name, target) in seen:
                continue
            seen.add((name, target))
            text = subject.text(known[name])
            yield from _recipe(text, name, target) if target else _script(text, name)


def _recipe(text: str, file: str, target: str) -> Iterator[Evidence]:
    """Yield the commands of a target of a Makefile or justfile."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] not in (" ", "\t", ""):
            inside = bool(re.match(rf"@?{re.escape(target)}\b[^=\n]*:(?!=)", line))
        elif inside:
            yield from _script(line.strip().lstrip("@-"), file, number)


def _commands(tree: Any, file: str) -> Iterator[Evidence]:
    pending: list[Any] = [tree]
    while pending:
        item = pending.pop(0)
        if isinstance(item, SourceMap):
            for key, value in item.items():
                texts = value if isinstance(value, list) else [value]
                if key in _KEYS and all(isinstance(text, str) for text in texts):
                    line = item.value_span(key).line
                    for text in texts:
                        yield from _script(text, file, line)
                else:
                    pending.append(value)
        elif isinstance(item, list):
            pending.extend(item)


def _script(text: str, file: str, line: int | None = None) -> Iterator[Evidence]:
    for number, command in enumerate(text.splitlines(), 1):
        said = command.strip()
        if said and not said.startswith(("#", "//")) and not re.match(r"(?:echo|printf)\b", said):
            yield Evidence(file=file, line=line if line is not None else number, value=said[:200])
