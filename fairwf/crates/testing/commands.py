"""Whether continuous integration runs a definition of tests: a command of its engine, on its path.

What a file of GitHub Actions merely mentions or installs runs nothing, and where variables say what
is tested, nobody knows it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from fairwf.crates.testing.engines import CWLTEST, NF_TEST, PLANEMO, PYTEST_WORKFLOW, Engine

_STARTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    PLANEMO.name: (("planemo", "test"), ("planemo", "t")),
    CWLTEST.name: (("cwltest",),),
    PYTEST_WORKFLOW.name: (("pytest",), ("py.test",)),
    NF_TEST.name: (("nf-test", "test"),),
}
_ASKS = frozenset({"--help", "-h", "--version", "--collect-only", "--co", "--dry-run"})
_BEFORE = frozenset({"sudo", "time", "exec", "command", "uv", "poetry", "run", "pipx", "python",
                     "python3", "-m"})  # fmt: skip
_ENDS = frozenset({"&&", "||", ";", "|", "&", "(", ")", ";;"})
_UNKNOWN = re.compile(r"[$`]")


class _Command(NamedTuple):
    """Words, and the folder in which they run, from the top of the repository."""

    words: tuple[str, ...]
    folder: str


def runs_tests(plan: Any, engine: Engine, definition: str, tested: str | None = None) -> bool:
    """Tell whether a file of GitHub Actions runs a definition of tests.

    Args:
        plan: what the file says.
        engine: the definition's.
        definition: its path from the top of the repository.
        tested: that of the workflow whose tests it has, for an engine that is given workflows.
    """
    meant = [definition, *([tested] if tested and engine is PLANEMO else [])]
    return any(
        _covers(words, command.folder, engine, meant)
        for command in _commands(plan)
        for words in [_arguments(command.words, engine)]
        if words is not None
    )


def _covers(words: tuple[str, ...], folder: str, engine: Engine, meant: list[str]) -> bool:
    """Tell whether arguments name one of the files, a folder that holds it, or nothing at all."""
    if _ASKS.intersection(words):
        return False
    operands = []
    for before, word in zip(("", *words), words, strict=False):
        option, sign, value = word.partition("=")
        if word.startswith("-") and (not sign or engine is not CWLTEST or option != "--test"):
            continue
        value = value if word.startswith("-") else word
        path = _below(folder, value)
        if path is not None and any(_holds(path, file) for file in meant):
            return engine is not CWLTEST or "--test" in (before, option)
        if not before.startswith("-") or "=" in before:
            operands.append(value)
    everything = engine is not CWLTEST and not operands
    return everything and any(_holds(folder, file) for file in meant)


def _holds(path: str, file: str) -> bool:
    """Tell whether a path, which may be a pattern of a shell, is a file or a folder above it."""
    parts = file.split("/")
    above = ["", *("/".join(parts[:end]) for end in range(1, len(parts) + 1))]
    steps = path.count("/")
    return any(place.count("/") == steps and fnmatchcase(place, path) for place in above)


def _below(folder: str, path: str) -> str | None:
    """Return a path from the top of the repository, None where it leads out or is not known."""
    if _UNKNOWN.search(path) or path.startswith(("/", "~")):
        return None
    parts: list[str] = []
    for part in PurePosixPath(folder, path).parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return None
    return "/".join(parts)


def _arguments(words: tuple[str, ...], engine: Engine) -> tuple[str, ...] | None:
    """Return what the engine's own command is given, None where the words are no such command."""
    start = 0
    while start < len(words) and (words[start] in _BEFORE or re.match(r"\w+=", words[start])):
        start += 1
    for names in _STARTS[engine.name]:
        if start < len(words) and words[start].rpartition("/")[2] == names[0]:
            rest = words[start + 1 :]
            if len(names) == 1:
                return rest
            options = next((n for n, word in enumerate(rest) if word[:1] != "-"), len(rest))
            if rest[options : options + 1] == names[1:]:
                return rest[options + 1 :]
    return None


def _commands(plan: Any) -> Iterator[_Command]:
    """Yield the commands of all steps."""
    jobs = plan.get("jobs") if isinstance(plan, Mapping) else None
    for job in jobs.values() if isinstance(jobs, Mapping) else ():
        steps = job.get("steps") if isinstance(job, Mapping) else None
        for step in steps if isinstance(steps, list) else ():
            if isinstance(step, Mapping) and isinstance(step.get("run"), str):
                places = (step, *(_defaults(level) for level in (job, plan)))
                place = next(
                    (p["working-directory"] for p in places if "working-directory" in p), ""
                )
                folder = _below("", place) if isinstance(place, str) else None
                if folder is not None:
                    yield from _lines(step["run"], folder)


def _defaults(level: Mapping[str, Any]) -> Mapping[str, Any]:
    defaults = level.get("defaults")
    run = defaults.get("run") if isinstance(defaults, Mapping) else None
    return run if isinstance(run, Mapping) else {}


def _lines(script: str, folder: str) -> Iterator[_Command]:
    """Yield the simple commands of a script; after ``cd`` to somewhere unknown, none."""
    for line in re.sub(r"\\\n", " ", script).splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.commenters = "#"
        try:
            words = list(lexer)
        except ValueError:  # a quote that goes on in the next line
            continue
        command: list[str] = []
        for word in (*words, ";"):
            if word not in _ENDS:
                command.append(word)
                continue
            if command[:1] == ["cd"]:
                place = _below(folder, command[1]) if len(command) == 2 else None
                if place is None:
                    return
                folder = place
            elif command:
                yield _Command(tuple(command), folder)
            command = []
