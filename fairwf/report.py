"""Diagnostics: what was found or changed, where, why, and what to do.

One type serves every verb. A code is stable and belongs to one place in :mod:`fairwf.codes`.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, Self

import msgspec

from fairwf.codes import CODES
from fairwf.ir.origins import Span

Severity = Literal["error", "warning", "note"]

Fate = Literal["kept", "rewritten", "approximated", "lost"]
"""What became of a node on its way to a target."""

FATES: tuple[Fate, ...] = ("kept", "rewritten", "approximated", "lost")


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding. Lines and columns count from 1; ``path`` names the IR node."""

    code: str
    severity: Severity
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    hint: str | None = None
    fate: Fate | None = None
    path: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place + ': ' if place else ''}{self.severity}[{self.code}]: {self.message}{hint}"


LONGEST = 2000
"""Characters of a message or hint; names in documents can be of any length."""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 300]} ... {text[-200:]}"


class Report:
    """The diagnostics of one piece of work, in the order they were found."""

    def __init__(self, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self.diagnostics: list[Diagnostic] = list(diagnostics)

    def __repr__(self) -> str:
        counts = Counter(found.severity for found in self.diagnostics)
        first = f": {self.diagnostics[0].message:.80}" if self.diagnostics else ""
        return (
            f"<Report: {counts['error']} errors, {counts['warning']} warnings, "
            f"{counts['note']} notes{first}>"
        )

    def add(
        self,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        severity: Severity | None = None,
        fate: Fate | None = None,
        path: str | None = None,
        file: str | None = None,
    ) -> Diagnostic:
        """Record a finding; severity, fate and hint come from the code's entry unless given.

        Raises:
            KeyError: the code has no entry in :data:`fairwf.codes.CODES`.
        """
        entry = CODES[code]
        hint = hint or entry.advice
        diagnostic = Diagnostic(
            code=code,
            severity=severity or entry.severity,
            message=_cut(message),
            file=span.file if span else file,
            line=span.line if span else None,
            column=span.column if span else None,
            end_line=span.end_line if span else None,
            end_column=span.end_column if span else None,
            hint=None if hint is None else _cut(hint),
            fate=fate or entry.fate,
            path=path,
        )
        self.diagnostics.append(diagnostic)
        return diagnostic

    def extend(self, other: Report) -> None:
        """Take over another report's findings."""
        self.diagnostics.extend(other.diagnostics)

    @property
    def errors(self) -> list[Diagnostic]:
        """The findings that make the thing examined invalid."""
        return [d for d in self.diagnostics if d.severity == "error"]

    @property
    def ok(self) -> bool:
        """True where nothing is an error."""
        return not self.errors

    def by_fate(self, *fates: Fate) -> list[Diagnostic]:
        """Return the findings with one of these fates."""
        return [d for d in self.diagnostics if d.fate in fates]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def __len__(self) -> int:
        return len(self.diagnostics)


class FairwfError(Exception):
    """The root of what fairwf raises for a mistake of a user or a document.

    ::

        FairwfError            carries a report with at least one error
        +-- InvalidError       the thing examined is invalid or failed        (exit code 1)
        +-- UnsupportedError   it needs a feature that is not supported       (exit code 33)
        +-- EnvironmentFault   the tool's environment failed                  (exit code 3)
        +-- UsageFault         fairwf was asked for something impossible      (exit code 2)
    """

    exit_code = 1

    def __init__(self, report: Report) -> None:
        self.report = report
        first = next(iter(report.errors), None)
        super().__init__(str(first) if first else "failed")

    @classmethod
    def of(
        cls,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        file: str | None = None,
    ) -> Self:
        """Return an error of one finding."""
        report = Report()
        report.add(code, message, span=span, hint=hint, file=file, severity="error")
        return cls(report)


class InvalidError(FairwfError):
    """The document, run or crate is invalid or failed."""


class UnsupportedError(FairwfError):
    """The document needs a feature that is not supported."""

    exit_code = 33


ENVIRONMENT_ADVICE = {
    errno.ENOSPC: "make room, or choose another place",
    errno.EDQUOT: "make room within your quota, or choose another place",
    errno.EACCES: "choose a place that you may use, or change its permissions",
    errno.EPERM: "choose a place that you may use, or change its permissions",
    errno.EROFS: "choose a place that can be written",
    errno.ENOTDIR: "a file stands where a folder is wanted; choose another place",
    errno.EBADF: "what was to be printed is lost; let stdout be open",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "raise the limit of open files",
}
"""What to do about what the system refuses, by ``errno``."""


class EnvironmentFault(FairwfError):  # noqa: N818 - EnvironmentError is a builtin
    """The tool itself or its environment failed: no space, no scheduler, no rights."""

    exit_code = 3

    @classmethod
    def refused(
        cls,
        error: OSError,
        what: str = "cannot be written",
        *,
        file: str | None = None,
        hint: str | None = None,
    ) -> Self:
        """Return what the system refused as FWF9002; ``file`` wins over the name in the error."""
        named = file or (str(error.filename) if error.filename is not None else None)
        advice = hint or ENVIRONMENT_ADVICE.get(error.errno or 0)
        reason = error.strerror or str(error)
        return cls.of("FWF9002", f"{what}: {reason}", file=named, hint=advice)


class UsageFault(FairwfError):  # noqa: N818 - named like its sibling
    """The command or call was wrong: an unknown format, contradicting options."""

    exit_code = 2
