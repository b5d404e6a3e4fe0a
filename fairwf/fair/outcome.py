"""What an indicator found: a level with its evidence, or why there is none."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal[0, 1, 2, 3]
"""0: absent or not real; 3: all that the indicator asks for."""

NotAssessed = Literal["network", "input_kind", "parser_gap", "needs_run", "tool_missing"]
"""Why an indicator could not be assessed."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact and where it stands. Lines count from 1."""

    file: str
    value: str
    line: int | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result of one indicator.

    ``assessed`` results have a ``level``; every level above 0 cites evidence. ``reason`` says why
    it is no higher, or why it is not assessed or not applicable.
    """

    status: Literal["assessed", "not_applicable", "not_assessed"]
    level: Level | None = None
    reason: str | None = None
    why_not: NotAssessed | None = None
    evidence: tuple[Evidence, ...] = ()


def assessed(level: Level, reason: str, *evidence: Evidence) -> Outcome:
    """Return an outcome with a level.

    Raises:
        ValueError: a level above 0 without evidence.
    """
    if level > 0 and not evidence:
        raise ValueError(f"level {level} without evidence: {reason}")
    return Outcome(status="assessed", level=level, reason=reason, evidence=evidence[:20])


def by_share(
    found: int, total: int, steps: tuple[float, float, float], reason: str, *evidence: Evidence
) -> Outcome:
    """Return the level whose least share ``found`` of ``total`` reaches."""
    share = found / total
    level: Level = 0
    for number, least in enumerate(steps, 1):
        if found and share >= least:
            level = number  # type: ignore[assignment]
    return assessed(level, f"{found} of {total} {reason}", *evidence)


def not_applicable(reason: str) -> Outcome:
    """Return the outcome of an indicator that has no meaning for this subject."""
    return Outcome(status="not_applicable", reason=reason)


def not_assessed(why: NotAssessed, reason: str) -> Outcome:
    """Return the outcome of an indicator that cannot be assessed here."""
    return Outcome(status="not_assessed", why_not=why, reason=reason)
