"""Scorecards as text, HTML, a badge and diagnostics."""

from fairwf.fair.render.badge import as_badge
from fairwf.fair.render.diagnostics import as_report
from fairwf.fair.render.page import as_html
from fairwf.fair.render.text import as_text

__all__ = ["as_badge", "as_html", "as_report", "as_text"]
