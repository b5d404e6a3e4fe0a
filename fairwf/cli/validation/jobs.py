"""Job files, checked by what a workflow takes."""

from __future__ import annotations

from fairwf.cli.job import Given, read_values
from fairwf.cli.outputs import CheckedFile
from fairwf.cli.validation.selection import Selection
from fairwf.cli.validation.verdict import status_of
from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.jobfile import amended
from fairwf.locate import locate
from fairwf.report import FairwfError, Report


def check_jobs(
    path: str, jobs: tuple[str, ...], format: str | None, selection: Selection
) -> list[CheckedFile]:
    """Check job files by the inputs of the workflow at a path, with the places in them.

    Why a workflow cannot be read has been told; of its job files that they were not checked is.

    Raises:
        InvalidError: the path names nothing, or a folder without a main document.
    """
    source = locate(path)
    try:
        document = read_document(source, Report(), format)
    except FairwfError:
        return [_unchecked(job, selection) for job in jobs]
    return [_checked(document, job, selection) for job in jobs]


def _unchecked(job: str, selection: Selection) -> CheckedFile:
    report = Report()
    report.add("FWF1018", "not checked: the workflow cannot be read", file=job)
    return CheckedFile(file=job, status="unread", diagnostics=selection.read(report))


def _checked(document: Document, job: str, selection: Selection) -> CheckedFile:
    report = Report()
    given = Given(job=job)
    try:
        assert given.source is not None
        read_values(amended(document, given.source, report), given, report)
    except FairwfError as error:
        if error.report is not report:
            report.extend(error.report)
    found = [d for d in selection.read(report) if selection.counts(d)]
    return CheckedFile(
        file=job, status=status_of(found, selection.strict), format=None, diagnostics=found
    )
