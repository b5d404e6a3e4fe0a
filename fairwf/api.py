"""The public verbs in Python: the same work as the command line, with values instead of files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fairwf.atomic import write_file, write_files
from fairwf.conversion import Conversion, check_document, convert_document, read_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, converters
from fairwf.locate import locate
from fairwf.report import Report, UsageFault

__all__ = ["Document", "convert", "dump", "load"]


def load(
    source: str | Path, format: str | None = None, *, report: Report | None = None
) -> Document:
    """Return the checked document at a source: a file, or a folder with a main document.

    Args:
        source: the path; ``#id`` at its end names a part of the document.
        format: the name of the format; detected when None.
        report: takes warnings and notes.

    Raises:
        InvalidError: the document is invalid; its ``report`` has every finding.
        UnsupportedError: it needs something that is not supported.
    """
    findings = Report() if report is None else report
    document = read_document(locate(str(source)), findings, format, ReadOptions())
    check_document(document, findings)
    return document


def convert(
    document: Document,
    format: str,
    *,
    target_version: str | None = None,
    strict: bool = False,
    allow: Collection[str] = (),
    report: Report | None = None,
) -> Conversion:
    """Return the files that a document becomes in a format, writing nothing.

    Args:
        document: a checked document, as :func:`load` returns it.
        format: the name of the target format.
        target_version: its version; the newest that is written when None.
        strict: whether anything approximated or lost is an error.
        allow: codes that ``strict`` accepts.
        report: takes what was rewritten, approximated and lost.

    Raises:
        UsageFault: the format or version cannot be written.
        UnsupportedError: the format cannot say something that the document needs.
        InvalidError: ``strict`` forbids a loss.
    """
    findings = Report() if report is None else report
    return convert_document(
        document, format, findings, version=target_version, strict=strict, allow=allow
    )


def dump(
    document: Document,
    path: str | Path,
    format: str | None = None,
    *,
    target_version: str | None = None,
    strict: bool = False,
    allow: Collection[str] = (),
) -> Report:
    """Write a document to a file, or several into a folder, and return what changed on the way.

    ``format`` of None is guessed from the name of the file. Raises what :func:`convert` raises,
    and OSError where the place cannot be written; what was there before is unharmed.
    """
    path = Path(path)
    report = Report()
    written = convert(
        document,
        format or _by_name(path),
        target_version=target_version,
        strict=strict,
        allow=allow,
        report=report,
    ).written
    if path.is_dir():
        write_files(path, written.files)
        return report
    beside = {name: data for name, data in written.files.items() if name != written.main}
    write_files(path.parent, beside)
    write_file(path, written.files[written.main])
    return report


def _by_name(path: Path) -> str:
    endings = {c.suffix: c.name for c in converters().values() if c.suffix and c.write}
    for suffix in sorted(endings, key=len, reverse=True):
        if path.name.endswith(suffix):
            return endings[suffix]
    raise UsageFault.of(
        "FWF9001", f"the name {path.name!r:.60} tells no format", hint="name one with format=..."
    )
