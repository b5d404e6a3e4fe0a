"""The same workflow in another format, with the same files around it, has the same levels."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.fair_validity.corpus import Entry, workflows
from fairwf.check import check
from fairwf.conversion import convert_document, read_document
from fairwf.fair.score import Scorecard, assess
from fairwf.fair.subject import METADATA_FILES, Subject, read_metadata_file
from fairwf.formats import Source
from fairwf.report import FairwfError, Report

TARGETS = ("ir", "cwl")


@dataclass
class Invariance:
    """What was compared for one target."""

    target: str
    tried: int = 0
    lossless: int = 0
    compared: int = 0
    differences: Counter[str] = field(default_factory=Counter)
    of_format: Counter[str] = field(default_factory=Counter)
    where: list[str] = field(default_factory=list)


def subject(entry: Entry) -> Subject:
    """Return a workflow with its repository around it."""
    found = [read_metadata_file(entry.repository, name) for name in METADATA_FILES]
    source = Source.at(entry.path)
    return Subject(
        source=source,
        shown=str(entry.repository),
        folder=entry.repository,
        document=entry.document,
        report=entry.report,
        kinds=frozenset({"W", "R"}),
        metadata=tuple(file for file in found if file is not None),
    )


def converted(entry: Entry, target: str, folder: Path) -> Entry | None:
    """Return the entry read back from another format, None where something was lost on the way."""
    report = Report()
    try:
        written = convert_document(entry.document, target, report, folder=entry.path.parent).written
        if report.by_fate("approximated", "lost"):
            return None
        for name, data in written.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        after = Report()
        place = folder / written.main
        document = read_document(Source.at(place), after)
        check(document, after)
    except FairwfError:
        return None
    return replace(entry, document=document, report=after)


def levels(card: Scorecard) -> dict[str, tuple[str, int | None, str]]:
    """Return status and level by indicator, and where its facts come from."""
    return {f.id: (f.outcome.status, f.outcome.level, f.facts_from) for f in card.findings}


def measure(corpora: Path, every: int = 1) -> list[Invariance]:
    """Compare every workflow of the corpora (or every n-th) with its conversions."""
    results = {target: Invariance(target) for target in TARGETS}
    for number, entry in enumerate(workflows(corpora)):
        if number % every:
            continue
        before = levels(assess(subject(entry)))
        for target, result in results.items():
            result.tried += 1
            with tempfile.TemporaryDirectory() as place:
                other = converted(entry, target, Path(place))
                if other is None:
                    continue
                after = levels(assess(subject(other)))
            result.lossless += 1
            for indicator, (status, level, source) in before.items():
                if source == "ir":
                    result.compared += 1
                if after[indicator][:2] != (status, level):
                    (result.differences if source != "format" else result.of_format)[indicator] += 1
                    if source != "format":
                        said = f"{indicator} {level} -> {after[indicator][1]}"
                        result.where.append(f"{entry.path.relative_to(corpora)}: {said}")
    return list(results.values())
