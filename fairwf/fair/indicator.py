"""Indicators: one declarative entry each, and a function that assesses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fairwf.fair.outcome import Outcome, not_assessed
from fairwf.fair.subject import Subject
from fairwf.report import EnvironmentFault

Priority = Literal["essential", "important", "useful"]

WEIGHTS: dict[Priority, int] = {"essential": 4, "important": 2, "useful": 1}

PRINCIPLES = {"F": "Findable", "A": "Accessible", "I": "Interoperable", "R": "Reusable"}


@dataclass(frozen=True)
class Indicator:
    """An entry.

    ``principle`` is the sub-principle of Wilkinson et al. (Scientific Data 2025); ``reads`` are the
    kinds of subject that can be assessed; ``levels`` say what 1, 2 and 3 ask for, each including
    those before; ``version`` is that of the rule; ``source`` tells whether the facts come from the
    IR (and so are the same for the workflow in any format).
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

    def outcome(self, subject: Subject) -> Outcome:
        """Return the outcome for a subject."""
        if not set(self.reads) & set(subject.kinds):
            return not_assessed("input_kind", f"needs {_kinds(self.reads)}")
        try:
            return self.assess(subject)
        except EnvironmentFault as fault:
            missing = fault.report.errors[0]
            if missing.code != "FWF5003":
                raise
            return not_assessed("tool_missing", f"{missing.message} ({missing.hint})")


def _kinds(reads: str) -> str:
    names = {"W": "a workflow", "R": "a repository folder", "C": "a crate", "X": "a run crate"}
    return " or ".join(names[kind] for kind in reads)
