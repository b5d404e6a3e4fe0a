"""What programs warn of, told once a run."""

from __future__ import annotations

from fairwf.report import Diagnostic, Report


class Notes:
    """Warnings of tasks, each of which is reported once, though it holds for many."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._noted: list[Diagnostic] = []

    def take(self, warnings: Report) -> None:
        """Report what is new."""
        for found in warnings:
            if found not in self._noted:
                self._noted.append(found)
                self._report.diagnostics.append(found)
