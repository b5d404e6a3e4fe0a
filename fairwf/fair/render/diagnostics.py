"""A scorecard as diagnostics, on the lines of the user's files (for SARIF, JUnit, GitHub)."""

from __future__ import annotations

from pathlib import Path

from fairwf.fair.score import Scorecard
from fairwf.ir.origins import Span
from fairwf.report import Report


def as_report(card: Scorecard) -> Report:
    """Return a note for each indicator below level 3, an entry at its evidence where it has one."""
    report = Report()
    for finding in card.findings:
        outcome = finding.outcome
        if outcome.status != "assessed" or outcome.level == 3:
            continue
        level = outcome.level or 0
        message = f"{finding.id} level {level} of 3: {outcome.reason}"
        span = None
        if outcome.evidence and outcome.evidence[-1].line:
            last = outcome.evidence[-1]
            assert last.line is not None
            span = Span(_path(card, last.file), last.line, 1, last.line, 1)
        file = None if span else card.source
        report.add("FWF6001", message, span=span, hint=finding.fix, file=file)
    return report


def _path(card: Scorecard, file: str) -> str:
    source = Path(card.source)
    return str(source / file) if source.is_dir() else file
