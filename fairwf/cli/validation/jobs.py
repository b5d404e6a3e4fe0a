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

    A workflow that cannot be read has been told of; nothing can be said of its job files.
    """
    try:
        document = read_document(locate(path), Report(), format)
    except FairwfError:
        return []
    return [_checked(document, job, selection) for job in jobs]


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
