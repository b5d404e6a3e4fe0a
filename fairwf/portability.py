"""What of a workflow other workflow languages cannot say, found by converting it in memory."""

from __future__ import annotations

from fairwf.conversion import convert_document
from fairwf.document import Document
from fairwf.features import Feature
from fairwf.formats import Converter, converters
from fairwf.ir.instance import Instance
from fairwf.ir.origins import Span
from fairwf.report import Diagnostic, FairwfError, Report


def check_portability(document: Document, report: Report) -> None:
    """Tell of each part that a conversion would approximate or lose, and in which language.

    The targets are the languages that are written and that have tasks and workflows, but for the
    document's own.
    """
    if isinstance(document.workflow, Instance):
        return
    for target in _languages():
        if target.name != document.format:
            for found in _losses(document, target.name):
                report.add(
                    "FWF2110",
                    f"in {target.name.upper()}: {found.message}",
                    span=_span(found),
                    hint=found.hint,
                    path=found.path,
                )


def _languages() -> list[Converter]:
    wanted = {Feature.COMMAND, Feature.WORKFLOW}
    return [
        each
        for each in converters().values()
        if each.write is not None
        and each.capabilities is not None
        and each.language_iri is not None
        and wanted <= each.capabilities(None).features
    ]


def _losses(document: Document, target: str) -> list[Diagnostic]:
    report = Report()
    try:
        convert_document(document, target, report)
    except FairwfError as error:
        if error.report is not report:
            report.extend(error.report)
    fates = ("approximated", "lost")
    return [d for d in dict.fromkeys(report) if d.fate in fates or d.severity == "error"]


def _span(found: Diagnostic) -> Span | None:
    if found.file is None or found.line is None:
        return None
    line, column = found.line, found.column or 1
    return Span(found.file, line, column, found.end_line or line, found.end_column or column + 1)
