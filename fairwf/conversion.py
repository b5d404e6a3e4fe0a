"""From one format to another: read, check, lower to what the target can say, check, write."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from fairwf.document import Document
from fairwf.formats import (
    Converter,
    ReadOptions,
    Source,
    WriteOptions,
    Written,
    converter,
    converters,
    detect,
    read_with_parts,
)
from fairwf.report import (
    EnvironmentFault,
    FairwfError,
    InvalidError,
    Report,
    UnsupportedError,
    UsageFault,
)


class Conversion(msgspec.Struct, frozen=True):
    """What a conversion made: the files, and the document as the target says it."""

    written: Written
    lowered: Document


def read_document(
    source: Source,
    report: Report,
    format: str | None = None,
    options: ReadOptions | None = None,
) -> Document:
    """Return the document at a source; its format is detected unless given.

    Raises:
        InvalidError: the source cannot be read; the findings are in the report.
        UnsupportedError: the format, or something that the document needs, is not supported.
        UsageFault: no format has this name.
    """
    chosen = converter(format) if format else detect(source)
    if chosen.read is None:
        raise UnsupportedError.of(
            "FWF1006", f"documents in {chosen.title} cannot be read", file=source.name
        )
    document = read_with_parts(chosen.read, source, options or ReadOptions(), report)
    if not report.ok:
        raise InvalidError(report)
    if source.path is None or source.given is not None:
        return document
    return replace(document, file=str(source.path))


def check_document(document: Document, report: Report) -> None:
    """Check a document.

    Raises:
        InvalidError: the document is invalid; the findings are in the report.
    """
    from fairwf.check import check

    check(document, report)
    if not report.ok:
        raise InvalidError(report)


def writer(name: str) -> Converter:
    """Return the converter of a format that can be written.

    Raises:
        UsageFault: no format has this name, or it cannot be written.
    """
    chosen = converter(name)
    if chosen.write is None or chosen.capabilities is None:
        known = [c.name for c in converters().values() if c.write is not None]
        raise UsageFault.of(
            "FWF3006", f"{chosen.title} cannot be written", hint=f"writable: {', '.join(known)}"
        )
    return chosen


def convert_document(
    document: Document,
    target: str,
    report: Report,
    *,
    version: str | None = None,
    strict: bool = False,
    allow: Collection[str] = (),
    folder: Path | None = None,
    split: bool = False,
) -> Conversion:
    """Lower a checked document to a target format and write it.

    ``folder`` is where the result will lie: relative locations in it count from there. ``split``
    puts each process into a file of its own.

    With ``strict``, anything approximated or lost is an error, but for the codes in ``allow``.

    Raises:
        UsageFault: the format or its version cannot be written.
        UnsupportedError: the target cannot say something, and no pass can remove it.
        InvalidError: ``strict`` forbids what would be approximated or lost.
    """
    chosen = writer(target)
    if version is not None and version not in chosen.versions:
        raise UsageFault.of(
            "FWF9001",
            f"version {version!r:.40} of {chosen.title} cannot be written",
            hint=f"known: {', '.join(chosen.versions)}",
        )
    if split and not chosen.splits:
        able = [c.name for c in converters().values() if c.splits]
        raise UsageFault.of(
            "FWF9001",
            f"{chosen.title} has one file a document",
            hint=f"formats that can be split: {', '.join(able)}",
        )
    with _placed(document, report):
        converted = _converted(document, chosen, report, version, folder, split)
        if strict:
            forbid_losses(report, allow)
    return converted


@contextmanager
def _placed(document: Document, report: Report) -> Iterator[None]:
    """Findings that name no file are about the document as a whole: they get its place."""
    first, reports = len(report), [report]
    try:
        yield
    except FairwfError as error:
        if error.report is not report:
            reports.append(error.report)
        raise
    finally:
        for each in reports:
            for number, found in enumerate(each.diagnostics):
                if found.file is None and (each is not report or number >= first):
                    span = document.origins.get(document.workflow)
                    place = {"line": span.line, "column": span.column} if span else {}
                    file = span.file if span else document.source
                    each.diagnostics[number] = replace(found, file=file, **place)


def _converted(
    document: Document,
    chosen: Converter,
    report: Report,
    version: str | None,
    folder: Path | None,
    split: bool,
) -> Conversion:
    from fairwf.check import check
    from fairwf.lower import lower

    assert chosen.write is not None and chosen.capabilities is not None
    lowered = lower(document, chosen.capabilities(version), report)
    if report.ok and chosen.normalize is not None:
        lowered = chosen.normalize(lowered, report, version)
    if not report.ok:
        raise UnsupportedError(report)
    after = Report()
    check(lowered, after)
    if not after.ok:
        raise EnvironmentFault.of(
            "FWF9003",
            f"lowering to {chosen.title} made an invalid document: {after.errors[0].message}",
            file=after.errors[0].file,
        )
    options = WriteOptions(target_version=version, folder=folder, split=split)
    written = chosen.write(lowered, options, report)
    if not report.ok:
        raise UnsupportedError(report)
    return Conversion(written, lowered)


def forbid_losses(report: Report, allow: Collection[str]) -> None:
    """Make approximations and losses an error, but for the codes that are allowed.

    Raises:
        InvalidError: there is one.
    """
    entries = [d for d in report.by_fate("approximated", "lost") if d.code not in allow]
    if entries:
        codes = sorted({entry.code for entry in entries})
        parts = "1 part" if len(entries) == 1 else f"{len(entries)} parts"
        report.add(
            "FWF3005",
            f"{parts} would be approximated or lost; nothing was written",
            hint=f"accept them with {' '.join('--allow ' + code for code in codes)}",
        )
        raise InvalidError(report)
