"""Checking one document: what is wrong with it, and whether that makes it invalid."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from fairwf.cli.outputs import CheckedFile
from fairwf.cli.validation.documents import is_named, own_suffix, suffixes
from fairwf.cli.validation.marks import Marks
from fairwf.cli.validation.selection import Selection
from fairwf.conversion import read_document
from fairwf.formats import (
    UNSURE,
    Converter,
    PartlyReadError,
    ReadOptions,
    Source,
    converter,
    detect,
)
from fairwf.report import Diagnostic, FairwfError, InvalidError, Report, UnsupportedError

Status = Literal["valid", "invalid", "unsupported", "unread"]

_ADVISED = ReadOptions(advise=True)


def check_found(path: Path, format: str | None, selection: Selection) -> CheckedFile | None:
    """Check a file that was found in a folder; None for one that is no workflow document."""
    source = Source.at(path)
    if format is None and not is_named(path):
        try:
            with suppress(UnsupportedError):
                detect(source, UNSURE + 1)
        except InvalidError as error:
            locked = any(d.code == "FWF1002" for d in error.report)
            return broken(source.name, error) if locked else None
    return check_source(source, format, selection)


def check_source(source: Source, format: str | None, selection: Selection) -> CheckedFile:
    """Check one document."""
    report = Report()
    failure: FairwfError | None = None
    chosen: Converter | None = None
    checked: list[Diagnostic] = []
    try:
        chosen = converter(format) if format else _recognise(source, report)
        if chosen is not None:
            checked = selection.check(read_document(source, report, chosen.name, _ADVISED))
    except FairwfError as error:
        failure = error
        if isinstance(error, PartlyReadError) and error.document is not None:
            checked = selection.check(error.document)
        if error.report is not report:
            known = set(report)
            report.extend(Report(d for d in error.report if d not in known))
    found = _counted([*selection.read(report), *checked], source, selection)
    unsupported = isinstance(failure, UnsupportedError)
    return CheckedFile(
        file=source.name,
        status=status_of(found, selection.strict, unsupported, chosen is None and failure is None),
        format=chosen.name if chosen else None,
        diagnostics=found,
    )


def _counted(found: Iterable[Diagnostic], source: Source, selection: Selection) -> list[Diagnostic]:
    """Return the findings that neither a comment nor the configuration takes away."""
    try:
        data = source.data
    except FairwfError:
        return list(found)
    marks = Marks(source.name, data)
    return [d for d in (*marks.counted(found), *marks.wrong()) if selection.counts(d)]


def status_of(
    found: Iterable[Diagnostic], strict: bool, unsupported: bool = False, unread: bool = False
) -> Status:
    """Return what findings make of a document."""
    severities = {diagnostic.severity for diagnostic in found}
    if "error" in severities:
        return "unsupported" if unsupported else "invalid"
    if strict and "warning" in severities:
        return "invalid"
    return "unread" if unread else "valid"


def broken(file: str, error: InvalidError) -> CheckedFile:
    """Return the verdict on what cannot be looked at."""
    return CheckedFile(file=file, status="invalid", diagnostics=list(error.report))


def _recognise(source: Source, report: Report) -> Converter | None:
    """Return the converter for a source, or None with a note for a kind without a reader."""
    try:
        return detect(source)
    except UnsupportedError as error:
        report.extend(Report(replace(d, severity="note", hint=None) for d in error.report))
        return None
    except InvalidError:
        suffix = own_suffix(source.path.name) if source.path else None
        is_file = source.path is not None and os.path.isfile(source.path)
        if suffix is not None and is_file and source.head.strip() and b"\0" not in source.head:
            return converter(suffixes()[suffix])
        raise
