"""The workflows that the experiments score: documents that others published, and our examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairwf.check import check
from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.workflow import Workflow
from fairwf.report import FairwfError, Report

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Entry:
    """A workflow of a repository: where it lies, the repository's folder, what was read."""

    path: Path
    repository: Path
    document: Document
    report: Report


def documents(corpora: Path) -> list[Path]:
    """Return the CWL documents of the corpora but the conformance suites, sorted.

    The suites test features of a language, one a document; nobody publishes them as workflows.
    """
    suites = ("common-workflow-language__common", "common-workflow-language__cwl-v1")
    return [
        path
        for path in sorted((corpora / "cwl").rglob("*.cwl"))
        if not path.relative_to(corpora / "cwl").parts[0].startswith(suites)
    ]


def workflows(corpora: Path) -> Iterator[Entry]:
    """Yield the documents whose main process is a workflow that fairwf reads."""
    for path in documents(corpora):
        report = Report()
        try:
            document = read_document(Source.at(path), report)
            check(document, report)
        except FairwfError:
            continue
        if isinstance(document.workflow, Workflow):
            top = corpora / "cwl" / path.relative_to(corpora / "cwl").parts[0]
            yield Entry(path, top, document, report)
