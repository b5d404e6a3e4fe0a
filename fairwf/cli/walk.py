"""Finding and checking the documents below the paths that ``validate`` is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from fairwf.cli.outputs import CheckedFile
from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.formats import (
    UNSURE,
    Converter,
    PartlyReadError,
    Source,
    converter,
    converters,
    detect,
    kind_of,
)
from fairwf.locate import CRATE_METADATA, main_document, unpacked
from fairwf.report import Diagnostic, FairwfError, InvalidError, Report, UnsupportedError

_PLAIN = (".json", ".yml", ".yaml")
_PASSED_OVER = frozenset({"CVS", "_darcs", "node_modules", "__pycache__", "site-packages"})
_MOST_IGNORED = 100_000

Status = Literal["valid", "invalid", "unsupported", "unread"]

SETS = ("syntax", "names", "links", "types", "outputs", "files", "cycles", "crate")
"""What can be selected: what readers find, the sets of :mod:`fairwf.check`, and crates."""


@dataclass(frozen=True)
class Selection:
    """Which findings count: sets by name, and prefixes of codes; no selection is all of them.

    That a document cannot be read always counts, unless its code is ignored by name.
    """

    sets: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    ignored_sets: tuple[str, ...] = ()
    ignored_codes: tuple[str, ...] = ()
    strict: bool = False

    def read(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return those of a reader's findings that count."""
        every = not (self.sets or self.codes)
        wanted = every or "syntax" in self.sets
        ignored = "syntax" in self.ignored_sets
        return [
            d
            for d in found
            if (d.severity == "error" or (wanted and not ignored) or self._named(d))
            and not (self.ignored_codes and d.code.startswith(self.ignored_codes))
        ]

    def check(self, document: Document) -> list[Diagnostic]:
        """Check a document and return the findings that count."""
        from fairwf.check import check

        report = Report()
        wanted = tuple(name for name in self.sets if name != "crate")
        ignored = tuple(name for name in self.ignored_sets if name != "crate")
        if wanted or not (self.sets or self.codes):
            check(document, report, select=wanted or None, ignore=ignored)
        found = list(report)
        if self.codes:
            everything = check(document, Report(), ignore=ignored)
            known = set(found)
            found += [d for d in everything if self._named(d) and d not in known]
        return [
            d for d in found if not (self.ignored_codes and d.code.startswith(self.ignored_codes))
        ]

    def crate(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return those of the findings about a crate that count; what is unsafe always does."""
        every = (not (self.sets or self.codes) or "crate" in self.sets) and (
            "crate" not in self.ignored_sets
        )
        return [
            d
            for d in found
            if (every or d.code == "FWF5006" or self._named(d))
            and not (self.ignored_codes and d.code.startswith(self.ignored_codes))
        ]

    def _named(self, diagnostic: Diagnostic) -> bool:
        return bool(self.codes) and diagnostic.code.startswith(self.codes)


def check_paths(
    paths: Iterable[str], format: str | None, selection: Selection, report: Report
) -> tuple[list[CheckedFile], bytes | None]:
    """Check what lies at the paths; also return what ``-`` stood for, if it was named.

    The report takes what is about no document.
    """
    files: list[CheckedFile] = []
    given: bytes | None = None
    for text in paths:
        if text == "-":
            given = sys.stdin.buffer.read()
            source = Source(name="-", given=given)
            files.append(check_source(source, format, selection))
        else:
            crate = check_archive(Path(text), selection)
            files += [crate] if crate else []
            if crate and any(d.code == "FWF5006" for d in crate.diagnostics):
                continue
            try:
                path = unpacked(Path(text))
            except InvalidError as error:
                files.append(_broken(text, error))
                continue
            if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where it may not look
                files += _check_folder(path, format, selection, report, crate)
            elif path.name == CRATE_METADATA and format is None:
                files.append(check_crate_at(path.parent, selection))
            else:
                files.append(check_source(Source.at(text), format, selection))
    return files, given


def check_crate_at(folder: Path, selection: Selection, name: str | None = None) -> CheckedFile:
    """Check the crate in a folder, or in a zip file."""
    from fairwf.crates import check_crate

    report = Report()
    check_crate(folder, report)
    found = selection.crate(report)
    severities = {diagnostic.severity for diagnostic in found}
    bad = "error" in severities or (selection.strict and "warning" in severities)
    return CheckedFile(
        file=name or str(folder / CRATE_METADATA),
        status="invalid" if bad else "valid",
        format="ro-crate",
        diagnostics=found,
    )


def check_archive(path: Path, selection: Selection) -> CheckedFile | None:
    """Check the crate in a zip file as it is; None where there is none."""
    from fairwf.crates import open_crate
    from fairwf.signatures import is_zip

    if not is_zip(path):
        return None
    try:
        open_crate(path).close()
    except InvalidError as error:
        if all(d.code != "FWF5006" for d in error.report):
            return None
    return check_crate_at(path, selection, str(path))


def _check_folder(
    folder: Path,
    format: str | None,
    selection: Selection,
    report: Report,
    archived: CheckedFile | None,
) -> list[CheckedFile]:
    """Check what lies below a folder, crates too; a crate has to hold the workflow it names."""
    files: list[CheckedFile] = []
    crate = archived
    locked: list[OSError] = []
    for path in documents(folder, locked.append):
        if path.name == CRATE_METADATA and format is None:
            if path.parent != folder:
                files.append(check_crate_at(path.parent, selection))
            elif archived is None:
                crate = check_crate_at(folder, selection)
                files.append(crate)
            continue
        found = check_found(path, format, selection)
        if found is not None:
            files.append(found)
    try:
        main_document(folder)
    except InvalidError as error:
        if not _told(error, crate):
            place = archived.file if archived is not None else str(folder / CRATE_METADATA)
            files.insert(0, _broken(place, error))
    if not (files or locked or archived):
        report.add("FWF1010", "holds no workflow document", file=str(folder))
    for fault in locked:
        place = str(fault.filename)
        files.append(
            _broken(
                place,
                InvalidError.of("FWF1002", f"cannot be read: {fault.strerror}", file=place),
            )
        )
    return files


def _told(error: InvalidError, crate: CheckedFile | None) -> bool:
    """Tell whether the findings about a crate say already why its main document is not there."""
    (fault, *_) = error.report
    found = crate.diagnostics if crate is not None else ()
    if fault.code != "FWF5001":
        return False
    named = fault.message.rpartition("main entity ")[2]
    if named == fault.message:  # the metadata cannot be read
        return any(d.code == "FWF5101" and d.severity == "error" for d in found)
    return any(d.code == "FWF5103" and d.message.endswith(f"does not hold {named}") for d in found)


def _broken(file: str, error: InvalidError) -> CheckedFile:
    return CheckedFile(file=file, status="invalid", diagnostics=list(error.report))


def documents(folder: Path, locked: Callable[[OSError], object] | None = None) -> Iterator[Path]:
    """Yield the files below a folder that may hold a workflow, in order.

    Hidden folders, those of version control and of installed packages, and those that .gitignore
    names are passed over; links are followed, but no folder is entered twice. ``locked`` is told of
    folders that may not be looked into.
    """
    seen: set[tuple[int, int]] = set()
    for here, names, files in os.walk(folder, onerror=locked, followlinks=True):
        status = Path(here).stat()
        if (status.st_dev, status.st_ino) in seen:
            names.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        ignored = _ignored(Path(here), files)
        names[:] = sorted(n for n in names if not _passed_over(Path(here, n), ignored))
        for name in sorted(files):
            path = Path(here) / name
            known = kind_of(path) or _own_suffix(name) or name.endswith(_PLAIN)
            if known and not name.startswith(".") and os.path.isfile(path):  # noqa: PTH113 - asks, and does not raise
                yield path


def _ignored(folder: Path, files: Iterable[str]) -> tuple[str, ...]:
    """Return the names and patterns of folders beside a .gitignore that it names.

    Only what names a folder right there, or anywhere below, is taken; a file that also takes
    something back (``!``) counts for nothing.
    """
    if ".gitignore" not in files:
        return ()
    try:
        lines = (folder / ".gitignore").read_bytes()[:_MOST_IGNORED].decode("utf-8", "replace")
    except OSError:
        return ()
    patterns = [line.strip() for line in lines.splitlines()]
    if any(pattern.startswith("!") for pattern in patterns):
        return ()
    names = (p.removeprefix("/").removesuffix("/") for p in patterns if not p.startswith("#"))
    return tuple(name for name in names if name and "/" not in name)


def _passed_over(folder: Path, ignored: Iterable[str]) -> bool:
    name = folder.name
    return (
        name.startswith(".")
        or name in _PASSED_OVER
        or os.path.lexists(folder / "pyvenv.cfg")
        or any(fnmatchcase(name, pattern) for pattern in ignored)
    )


@cache
def _suffixes() -> dict[str, str]:
    own = {c.suffix: c.name for c in converters().values() if c.suffix}
    return {suffix: name for suffix, name in own.items() if suffix not in _PLAIN}


def _own_suffix(name: str) -> str | None:
    return next((suffix for suffix in _suffixes() if name.endswith(suffix)), None)


def check_found(path: Path, format: str | None, selection: Selection) -> CheckedFile | None:
    """Check a file that was found in a folder; None for one that is no workflow document."""
    source = Source.at(path)
    if format is None and not (_own_suffix(path.name) or kind_of(path)):
        try:
            with suppress(UnsupportedError):
                detect(source, UNSURE + 1)
        except InvalidError as error:
            locked = any(d.code == "FWF1002" for d in error.report)
            return _broken(source.name, error) if locked else None
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
            checked = selection.check(read_document(source, report, chosen.name))
    except FairwfError as error:
        failure = error
        if isinstance(error, PartlyReadError) and error.document is not None:
            checked = selection.check(error.document)
        if error.report is not report:
            known = set(report)
            report.extend(Report(d for d in error.report if d not in known))
    found = [*selection.read(report), *checked]
    severities = {diagnostic.severity for diagnostic in found}
    status: Status = "valid"
    if "error" in severities:
        status = "unsupported" if isinstance(failure, UnsupportedError) else "invalid"
    elif selection.strict and "warning" in severities:
        status = "invalid"
    elif chosen is None and failure is None:
        status = "unread"
    return CheckedFile(
        file=source.name,
        status=status,
        format=chosen.name if chosen else None,
        diagnostics=found,
    )


def _recognise(source: Source, report: Report) -> Converter | None:
    """Return the converter for a source, or None with a note for a kind without a reader."""
    try:
        return detect(source)
    except UnsupportedError as error:
        report.extend(Report(replace(d, severity="note", hint=None) for d in error.report))
        return None
    except InvalidError:
        suffix = _own_suffix(source.path.name) if source.path else None
        is_file = source.path is not None and os.path.isfile(source.path)  # noqa: PTH113 - asks
        if suffix is not None and is_file and source.head.strip() and b"\0" not in source.head:
            return converter(_suffixes()[suffix])
        raise
