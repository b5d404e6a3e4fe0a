"""Errors as values: a failure travels along the links and keeps its root causes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from fairwf.engine.confidential import Secrets
from fairwf.ir.origins import Span
from fairwf.report import Diagnostic, Report

SHOWN = 10
"""How many causes a failure names when it is written out."""


class Cause(msgspec.Struct, frozen=True, eq=False):
    """Why something failed in the first place, and in which activity (a key such as ``a[2]/b``)."""

    diagnostic: Diagnostic
    key: str
    exit_code: int | None = None
    timed_out: bool = False


class Failure(msgspec.Struct, frozen=True, eq=False):
    """What stands in the place of a value that could not be made: at least one root cause."""

    causes: tuple[Cause, ...]

    @staticmethod
    def of(
        code: str,
        message: str,
        key: str,
        *,
        hint: str | None = None,
        span: Span | None = None,
        exit_code: int | None = None,
        timed_out: bool = False,
    ) -> Failure:
        """Return a failure with one cause of its own."""
        report = Report()
        found = report.add(code, message, hint=hint, span=span, path=key or None, severity="error")
        return Failure((Cause(found, key, exit_code, timed_out),))

    @staticmethod
    def from_report(
        report: Report, key: str, exit_code: int | None = None, timed_out: bool = False
    ) -> Failure:
        """Return a failure with every error of a report as a cause."""
        return Failure(
            tuple(
                Cause(replace(found, path=found.path or key or None), key, exit_code, timed_out)
                for found in report.errors
            )
        )

    def without(self, secrets: Secrets) -> Failure:
        """Return the failure with no secret in its words."""
        if not secrets:
            return self
        found = Report(diagnostics=[cause.diagnostic for cause in self.causes])
        clean = secrets.hidden_report(found).diagnostics
        return Failure(
            tuple(
                Cause(diagnostic, cause.key, cause.exit_code, cause.timed_out)
                for diagnostic, cause in zip(clean, self.causes, strict=True)
            )
        )

    @property
    def timed_out(self) -> bool:
        """True where a time limit is among the causes."""
        return any(cause.timed_out for cause in self.causes)

    @property
    def cancelled(self) -> bool:
        """True where a step was cancelled."""
        return any(cause.diagnostic.code == "FWF4017" for cause in self.causes)

    @property
    def exit_code(self) -> int | None:
        """The exit code of the first cause that has one."""
        return next((c.exit_code for c in self.causes if c.exit_code is not None), None)

    def __str__(self) -> str:
        shown = [cause.diagnostic.message for cause in self.causes[:SHOWN]]
        more = len(self.causes) - len(shown)
        return "; ".join([*shown, f"and {more} more"] if more else shown)


def merge(failures: Iterable[Failure]) -> Failure:
    """Return one failure with the causes of all, each cause once, in order."""
    causes = {id(cause): cause for failure in failures for cause in failure.causes}
    return Failure(tuple(causes.values()))


class Failed(Exception):  # noqa: N818 -- it carries a failure, which is a value here
    """Something that an expression or step needs has failed."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(str(failure))
