"""Engines of tests: how their definitions look, and where their version is stated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_GIT = "https://github.com/"


@dataclass(frozen=True)
class Engine:
    """A program that runs tests. ``package`` is its name in lists of requirements."""

    name: str
    iri: str
    url: str
    package: str


PLANEMO = Engine(
    "Planemo",
    "https://w3id.org/ro/terms/test#PlanemoEngine",
    f"{_GIT}galaxyproject/planemo",
    "planemo",
)
CWLTEST = Engine(
    "cwltest",
    f"{_GIT}common-workflow-language/cwltest",
    f"{_GIT}common-workflow-language/cwltest",
    "cwltest",
)
PYTEST_WORKFLOW = Engine(
    "pytest-workflow",
    f"{_GIT}LUMC/pytest-workflow",
    f"{_GIT}LUMC/pytest-workflow",
    "pytest-workflow",
)
NF_TEST = Engine("nf-test", "https://www.nf-test.com/", "https://www.nf-test.com/", "nf-test")

_BOUND = r"(?:===?|~=|>=|<=|!=|<|>|=)\s*[\w.*+-]+"


def engine_of(name: str, tree: Any) -> Engine | None:
    """Return the engine that a file is a definition of tests for, by what it holds.

    Args:
        name: the file's name.
        tree: what YAML or JSON of it says; None for other files.
    """
    if name.endswith(".nf.test"):
        return NF_TEST
    tests = cases(tree)
    if any("tool" in t and t.keys() & {"job", "output", "should_fail"} for t in tests):
        return CWLTEST
    if any(isinstance(t.get("outputs"), (Mapping, list)) and "job" in t for t in tests):
        return PLANEMO
    if any(isinstance(t.get("command"), str) and "name" in t for t in tests):
        return PYTEST_WORKFLOW
    return None


def cases(tree: Any) -> list[Mapping[str, Any]]:
    """Return the single tests of a definition."""
    return [t for t in tree if isinstance(t, Mapping)] if isinstance(tree, list) else []


def stated_version(engine: Engine, texts: Iterable[str]) -> str | None:
    """Return the version of an engine that requirements ask for: ``0.75``, ``>=0.70,<1``."""
    word = re.compile(
        rf"(?<![\w.-]){re.escape(engine.package)}(?:\[[\w,. -]*\])?\s*"
        rf"({_BOUND}(?:\s*,\s*{_BOUND})*)"
    )
    for text in texts:
        match = word.search(text)
        if match:
            bounds = re.sub(r"\s", "", match[1])
            exact = re.fullmatch(r"={1,3}([\w.+-]+)", bounds)
            return exact[1] if exact else bounds
    return None
