"""Scores: indicators weighted and averaged, with the interval of what is not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from fairwf.fair.indicator import PRINCIPLES, WEIGHTS, Priority
from fairwf.fair.indicators import INDICATORS
from fairwf.fair.outcome import Outcome
from fairwf.fair.subject import Subject
from fairwf.version import VERSION

Maturity = Literal["M0", "M1", "M2", "M3"]


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A score from 0 to 100; the bounds count what is unknown as level 0 and as level 3."""

    value: float
    lower: float
    upper: float


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator's outcome, with what its entry says."""

    id: str
    question: str
    principle: str
    priority: Priority
    outcome: Outcome
    levels: tuple[str, str, str]
    fix: str
    crosswalk: tuple[str, ...]
    rule_version: str


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """The FAIRness of one subject. ``coverage`` is the share of the weight that was assessed."""

    fairwf_version: str = VERSION
    source: str
    score: Interval
    level: Maturity
    coverage: float
    principles: dict[str, Interval]
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        return f"<Scorecard of {self.source}: {self.score.value:.0f} of 100, {self.level}>"


def assess(subject: Subject) -> Scorecard:
    """Return the scorecard of a subject: the same for the same files, byte for byte."""
    findings = tuple(
        Finding(
            id=indicator.id,
            question=indicator.question,
            principle=indicator.principle,
            priority=indicator.priority,
            outcome=indicator.outcome(subject),
            levels=indicator.levels,
            fix=indicator.fix,
            crosswalk=indicator.crosswalk,
            rule_version=indicator.version,
        )
        for indicator in INDICATORS
    )
    groups = {letter: _principle(findings, letter) for letter in PRINCIPLES}
    known = {letter: interval for letter, interval in groups.items() if interval is not None}
    applying = [f for f in findings if f.outcome.status != "not_applicable"]
    weight = sum(WEIGHTS[f.priority] for f in applying)
    done = sum(WEIGHTS[f.priority] for f in applying if f.outcome.status == "assessed")
    return Scorecard(
        source=subject.shown,
        score=_mean(list(known.values())),
        level=maturity(findings),
        coverage=round(done / weight, 4) if weight else 0.0,
        principles=known,
        findings=findings,
    )


def _principle(findings: tuple[Finding, ...], letter: str) -> Interval | None:
    """Average over the sub-principles of a letter, each a weighted mean of its indicators."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.principle.startswith(letter) and finding.outcome.status != "not_applicable":
            groups.setdefault(finding.principle, []).append(finding)
    if not groups:
        return None
    return _mean([_group(group) for group in groups.values()])


def _group(findings: list[Finding]) -> Interval:
    def share(level: Callable[[Finding], float | None]) -> float | None:
        rated = [(WEIGHTS[f.priority], level(f)) for f in findings]
        known = [(weight, value) for weight, value in rated if value is not None]
        total = sum(weight for weight, _ in known)
        return 100 * sum(w * v for w, v in known) / (3 * total) if total else None

    lower = share(lambda f: f.outcome.level or 0)
    upper = share(lambda f: 3 if f.outcome.level is None else f.outcome.level)
    value = share(lambda f: f.outcome.level)
    assert lower is not None and upper is not None
    middle = (lower + upper) / 2 if value is None else value
    return Interval(value=middle, lower=lower, upper=upper)


def _mean(intervals: list[Interval]) -> Interval:
    if not intervals:
        return Interval(value=0.0, lower=0.0, upper=100.0)
    count = len(intervals)
    return Interval(
        value=round(sum(i.value for i in intervals) / count, 2),
        lower=round(sum(i.lower for i in intervals) / count, 2),
        upper=round(sum(i.upper for i in intervals) / count, 2),
    )


def maturity(findings: tuple[Finding, ...]) -> Maturity:
    """Return the maturity level; what is not assessed counts as 0, what does not apply not at all.

    M1: all essential at 1 or more. M2: all essential at 2 or more, 60 % of important at 1 or more.
    M3: all essential at 3, 80 % of important at 2 or more.
    """

    def levels(priority: Priority) -> list[int]:
        return [
            f.outcome.level or 0
            for f in findings
            if f.priority == priority and f.outcome.status != "not_applicable"
        ]

    essential, important = levels("essential"), levels("important")

    def part(least: int) -> float:
        return sum(x >= least for x in important) / len(important) if important else 1.0

    if essential and min(essential) >= 3 and part(2) >= 0.8:
        return "M3"
    if essential and min(essential) >= 2 and part(1) >= 0.6:
        return "M2"
    return "M1" if essential and min(essential) >= 1 else "M0"


def gain(finding: Finding) -> float:
    """Return how much an indicator could still add, to order what to do first."""
    if finding.outcome.status != "assessed" or finding.outcome.level is None:
        return 0.0
    return float(WEIGHTS[finding.priority] * (3 - finding.outcome.level))
