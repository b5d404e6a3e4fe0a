"""Finding and checking the documents below the paths that ``validate`` is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from fairwf.cli.outputs import CheckedFile
from fairwf.conversion import check_document, read_document
from fairwf.formats import Converter, Source, converter, converters, detect
from fairwf.report import Diagnostic, FairwfError, InvalidError, Report, UnsupportedError

KINDS = {
    ".cwl": "a CWL document",
    ".wdl": "a WDL document",
    ".nf": "a Nextflow script",
    ".smk": "a Snakemake file",
    "Snakefile": "a Snakemake file",
    ".ga": "a Galaxy workflow",
}
"""Kinds of documents that are known by their names."""

_PLAIN = (".json", ".yml", ".yaml")
_PASSED_OVER = frozenset({"CVS", "_darcs", "node_modules", "__pycache__"})

Wanted = Callable[[Diagnostic], bool]


def check_paths(
    paths: Iterable[str], format: str | None, strict: bool, wanted: Wanted
) -> tuple[list[CheckedFile], bytes | None]:
    """Check what lies at the paths; also return what ``-`` stood for, if it was named."""
    files: list[CheckedFile] = []
    given: bytes | None = None
    for text in paths:
        if text == "-":
            given = sys.stdin.buffer.read()
            source = Source(name="-", given=given)
            files.append(check_source(source, format, strict, wanted))
        elif Path(text).is_dir():
            for path in documents(Path(text)):
                result = check_found(path, format, strict, wanted)
                if result is not None:
                    files.append(result)
        else:
            files.append(check_source(Source.at(text), format, strict, wanted))
    return files, given


def documents(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that may hold a workflow, in order.

    Hidden folders and those of version control are passed over; links are followed, but no folder
    is entered twice.
    """
    seen: set[tuple[int, int]] = set()
    for here, names, files in os.walk(folder, followlinks=True):
        status = Path(here).stat()
        if (status.st_dev, status.st_ino) in seen:
            names.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        names[:] = sorted(n for n in names if not n.startswith(".") and n not in _PASSED_OVER)
        for name in sorted(files):
            path = Path(here) / name
            known = kind_of(path) or _own_suffix(name) or name.endswith(_PLAIN)
            if known and not name.startswith(".") and path.is_file():
                yield path


def kind_of(path: Path) -> str | None:
    """Return what a file is by its name, where the name alone says it."""
    return KINDS.get(path.suffix) or KINDS.get(path.name)


@cache
def _suffixes() -> dict[str, str]:
    own = {c.suffix: c.name for c in converters().values() if c.suffix}
    return {suffix: name for suffix, name in own.items() if suffix not in _PLAIN}


def _own_suffix(name: str) -> str | None:
    return next((suffix for suffix in _suffixes() if name.endswith(suffix)), None)


def check_found(path: Path, format: str | None, strict: bool, wanted: Wanted) -> CheckedFile | None:
    """Check a file that was found in a folder; None for one that is no workflow document."""
    source = Source.at(path)
    if format is None and not (_own_suffix(path.name) or kind_of(path)):
        try:
            detect(source)
        except InvalidError:
            return None
    return check_source(source, format, strict, wanted)


def check_source(source: Source, format: str | None, strict: bool, wanted: Wanted) -> CheckedFile:
    """Check one document."""
    report = Report()
    status = "valid"
    chosen: Converter | None = None
    try:
        chosen = converter(format) if format else _recognise(source, report)
        if chosen is not None:
            check_document(read_document(source, report, chosen.name), report)
        else:
            status = "unread"
    except FairwfError as error:
        if isinstance(error, UnsupportedError):
            status = "unsupported"
        if error.report is not report:
            report.extend(error.report)
    found = [diagnostic for diagnostic in report if wanted(diagnostic)]
    if status != "unread":
        errors = [d for d in found if d.severity == "error"]
        warnings = [d for d in found if d.severity == "warning"]
        if not errors:
            status = "invalid" if strict and warnings else "valid"
        elif status != "unsupported":
            status = "invalid"
    return CheckedFile(
        file=source.name,
        status=status,  # type: ignore[arg-type] # one of the four above
        format=chosen.name if chosen else None,
        diagnostics=found,
    )


def _recognise(source: Source, report: Report) -> Converter | None:
    """Return the converter for a source, or None with a note for a kind without a reader."""
    try:
        return detect(source)
    except InvalidError:
        kind = kind_of(source.path) if source.path else None
        text = source.path is not None and source.path.is_file() and source.head.strip()
        known = text and b"\0" not in source.head
        suffix = _own_suffix(source.path.name) if source.path else None
        if suffix is not None and known:
            return converter(_suffixes()[suffix])
        if kind is None or not known:
            raise
        report.add("FWF1006", f"{kind}; fairwf cannot read it yet", file=source.name)
        return None
