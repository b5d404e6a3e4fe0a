"""Scores: indicators weighted and averaged, with the interval of what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec.structs import replace

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
    """An indicator's outcome, with what its entry says.

    ``gain`` is how many of the score's 100 points level 3 would add.
    """

    id: str
    question: str
    principle: str
    priority: Priority
    outcome: Outcome
    levels: tuple[str, str, str]
    fix: str
    crosswalk: tuple[str, ...]
    rule_version: str
    facts_from: Literal["ir", "format", "files"]
    gain: float = 0.0


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """The FAIRness of one subject. ``coverage`` is the share of the weight that was assessed."""

    fairwf_version: str = VERSION
    source: str
    score: Interval
    level: Maturity
    coverage: float
    principles: dict[str, Interval]
    sub_principles: dict[str, Interval]
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
            facts_from=indicator.source,
        )
        for indicator in INDICATORS
    )
    return score_of(subject.shown, findings)


def score_of(source: str, findings: tuple[Finding, ...]) -> Scorecard:
    """Return the scorecard that findings add up to.

    Weights 4, 2, 1 for essential, important, useful; averaged in each sub-principle, over the
    sub-principles of F, A, I, R, and over these four. Bounds take what is not assessed as level 0
    and as 3; what does not apply counts in no group.
    """
    gains = _gains(findings)
    findings = tuple(replace(f, gain=gains.get(f.id, 0.0)) for f in findings)
    groups = {letter: _principle(findings, letter) for letter in PRINCIPLES}
    known = {letter: group for letter, group in groups.items() if group is not None}
    applying = [f for f in findings if f.outcome.status != "not_applicable"]
    weight = sum(WEIGHTS[f.priority] for f in applying)
    done = sum(WEIGHTS[f.priority] for f in applying if f.outcome.status == "assessed")
    return Scorecard(
        source=source,
        score=_interval(_mean(list(known.values())) if known else None),
        level=maturity(findings),
        coverage=round(done / weight, 4) if weight else 0.0,
        principles={letter: _interval(group) for letter, group in known.items()},
        sub_principles={
            name: _interval(_sub_principle(members))
            for letter in PRINCIPLES
            for name, members in _members(findings, letter).items()
        },
        findings=findings,
    )


@dataclass(frozen=True)
class _Group:
    """A score from 0 to 100 whose value is None where nothing in it is known."""

    value: float | None
    lower: float
    upper: float


def _principle(findings: tuple[Finding, ...], letter: str) -> _Group | None:
    """Average over the sub-principles of a letter, each a weighted mean of its indicators."""
    groups = [_sub_principle(members) for members in _members(findings, letter).values()]
    return _mean(groups) if groups else None


def _members(findings: tuple[Finding, ...], letter: str) -> dict[str, list[Finding]]:
    """Return what applies of a principle, by sub-principle."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.principle.startswith(letter) and finding.outcome.status != "not_applicable":
            groups.setdefault(finding.principle, []).append(finding)
    return groups


def _sub_principle(findings: list[Finding]) -> _Group:
    known = [f for f in findings if f.outcome.level is not None]
    points = sum(WEIGHTS[f.priority] * (f.outcome.level or 0) for f in known)
    total = 3 * sum(WEIGHTS[f.priority] for f in findings)
    rated = 3 * sum(WEIGHTS[f.priority] for f in known)
    return _Group(
        value=100 * points / rated if rated else None,
        lower=100 * points / total,
        upper=100 * (points + total - rated) / total,
    )


def _mean(groups: list[_Group]) -> _Group:
    """Return the mean; groups of which nothing is known count in the bounds alone."""
    known = [group.value for group in groups if group.value is not None]
    return _Group(
        value=sum(known) / len(known) if known else None,
        lower=sum(group.lower for group in groups) / len(groups),
        upper=sum(group.upper for group in groups) / len(groups),
    )


def _interval(group: _Group | None) -> Interval:
    if group is None:
        return Interval(value=0.0, lower=0.0, upper=100.0)
    value = group.lower if group.value is None else group.value
    return Interval(value=round(value, 2), lower=round(group.lower, 2), upper=round(group.upper, 2))


def _gains(findings: tuple[Finding, ...]) -> dict[str, float]:
    """Return how many points of the score each assessed indicator could still add.

    The score is a mean of means over what is known, so an indicator's share depends on how many
    others stand beside it.
    """
    letters = {
        letter: [
            group
            for group in _members(findings, letter).values()
            if any(f.outcome.level is not None for f in group)
        ]
        for letter in PRINCIPLES
    }
    present = [groups for groups in letters.values() if groups]
    gains: dict[str, float] = {}
    for groups in present:
        for group in groups:
            known = [f for f in group if f.outcome.level is not None]
            total = 3 * sum(WEIGHTS[f.priority] for f in known)
            for finding in known:
                missing = WEIGHTS[finding.priority] * (3 - (finding.outcome.level or 0))
                gains[finding.id] = round(100 * missing / (total * len(groups) * len(present)), 2)
    return gains


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


def todo(card: Scorecard) -> list[Finding]:
    """Return what to do, the greatest gain first; of equal gains the essential first."""
    left = [finding for finding in card.findings if finding.gain > 0]
    return sorted(left, key=lambda f: (-f.gain, -WEIGHTS[f.priority], f.id))
