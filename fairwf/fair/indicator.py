"""Indicators: one declarative entry each, and a function that assesses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fairwf.fair.network.client import UnreachableError
from fairwf.fair.outcome import NotAssessed, Outcome, assessed, not_applicable, not_assessed
from fairwf.fair.subject import Subject
from fairwf.report import EnvironmentFault

Priority = Literal["essential", "important", "useful"]

WEIGHTS: dict[Priority, int] = {"essential": 4, "important": 2, "useful": 1}

PRINCIPLES = {"F": "Findable", "A": "Accessible", "I": "Interoperable", "R": "Reusable"}


@dataclass(frozen=True)
class Indicator:
    """An entry.

    ``principle`` is the sub-principle of Wilkinson et al. (Scientific Data 2025); ``reads`` are the
    kinds of subject that can be assessed (W workflow, R repository, C crate, X run crate, N only
    with a network); ``levels`` say what 1, 2 and 3 ask for, each including those before;
    ``version`` is that of the rule; ``source`` tells where the facts come from: ``ir`` is the same
    for the workflow in any format, ``format`` depends on the language, ``files`` on what lies
    around. ``needs_workflow``: without a readable workflow there is nothing to assess;
    ``instances``: it also reads one expanded execution. ``note`` says where the rule differs from
    its first draft, and why.
    """

    id: str
    question: str
    principle: str
    priority: Priority
    reads: str
    levels: tuple[str, str, str]
    crosswalk: tuple[str, ...]
    fix: str
    assess: Callable[[Subject], Outcome]
    source: Literal["ir", "format", "files"] = "files"
    version: str = "1"
    needs_workflow: bool = False
    instances: bool = False
    note: str = ""

    def outcome(self, subject: Subject) -> Outcome:
        """Return the outcome for a subject."""
        if self.reads == "N":
            return self._asked(subject)
        if not set(self.reads) & set(subject.kinds):
            why: NotAssessed = "needs_run" if self.reads == "X" else "input_kind"
            return not_assessed(why, f"needs {_kinds(self.reads)}")
        if subject.hollow is not None:
            return assessed(0, subject.hollow)
        if self.needs_workflow and subject.document is None:
            first = subject.report.errors[0].message if subject.report.errors else "unknown"
            if subject.gap:
                return not_assessed("parser_gap", first)
            return assessed(0, f"the workflow cannot be read: {first}")
        if self.needs_workflow and subject.is_instance and not self.instances:
            return not_applicable("one expanded execution has tasks and files, not this")
        try:
            return self.assess(subject)
        except EnvironmentFault as fault:
            missing = fault.report.errors[0]
            if missing.code != "FWF5003":
                raise
            return not_assessed("tool_missing", f"{missing.message} ({missing.hint})")

    def _asked(self, subject: Subject) -> Outcome:
        """Return the outcome of what only a network can answer."""
        if subject.network is None:
            return not_assessed("network", "only a network can answer: --allow-network asks it")
        if subject.hollow is not None:
            return assessed(0, subject.hollow)
        try:
            return self.assess(subject)
        except UnreachableError as error:
            return not_assessed("network", str(error))
        except EnvironmentFault as fault:
            missing = fault.report.errors[0]
            return not_assessed("tool_missing", f"{missing.message} ({missing.hint})")


def _kinds(reads: str) -> str:
    names = {"W": "a workflow", "R": "a repository folder", "C": "a crate", "X": "a run crate"}
    return " or ".join(names[kind] for kind in reads)
