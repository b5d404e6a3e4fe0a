"""A scorecard for a terminal: the score, then what to do first."""

from __future__ import annotations

from fairwf.fair.indicator import PRINCIPLES
from fairwf.fair.score import Finding, Interval, Scorecard, todo

_BAR = 20


def as_text(card: Scorecard) -> str:
    """Return the scorecard as plain text."""
    lines = [
        f"FAIRness of {card.source}",
        "",
        f"  score     {_interval(card.score)}",
        f"  maturity  {card.level}",
        f"  coverage  {card.coverage:.0%} of the weight was assessed",
        "",
    ]
    for letter, interval in card.principles.items():
        filled = round(_BAR * interval.value / 100)
        bar = "#" * filled + "." * (_BAR - filled)
        lines.append(f"  {PRINCIPLES[letter]:<14} {bar} {_interval(interval)}")
    first = todo(card)
    if first:
        lines += ["", "What to do first:"]
    for number, finding in enumerate(first, 1):
        lines += _advice(number, finding)
    lines += ["", "Indicators:"]
    lines += [_row(finding) for finding in card.findings]
    return "\n".join(lines) + "\n"


def _interval(interval: Interval) -> str:
    if interval.upper - interval.lower == 100:
        return "not known (0 to 100)"
    if interval.lower == interval.upper:
        return f"{interval.value:.0f} of 100"
    return f"{interval.value:.0f} of 100 ({interval.lower:.0f} to {interval.upper:.0f})"


def _advice(number: int, finding: Finding) -> list[str]:
    level = finding.outcome.level or 0
    following = (*finding.levels, "")[level]
    what = f"{finding.id}, {finding.priority}, level {level} of 3, +{finding.gain:.1f} points"
    return [
        f"  {number}. {finding.fix} ({what})",
        f"     now: {finding.outcome.reason}; next: {following}",
    ]


def _row(finding: Finding) -> str:
    outcome = finding.outcome
    if outcome.status == "assessed":
        place = ""
        if outcome.evidence:
            first = outcome.evidence[0]
            place = f" [{first.file}{f':{first.line}' if first.line else ''}]"
        return f"  {outcome.level}  {finding.id:<7} {finding.question} {outcome.reason}{place}"
    return f"  -  {finding.id:<7} {finding.question} {outcome.status}: {outcome.reason}"
