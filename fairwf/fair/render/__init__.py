"""Scorecards as text, HTML, a badge, diagnostics, JUnit XML and FAIR Test Results."""

from fairwf.fair.render.badge import as_badge
from fairwf.fair.render.diagnostics import as_report
from fairwf.fair.render.ftr import as_ftr
from fairwf.fair.render.junit import as_junit
from fairwf.fair.render.page import as_html
from fairwf.fair.render.text import as_text

__all__ = ["as_badge", "as_ftr", "as_html", "as_junit", "as_report", "as_text"]
