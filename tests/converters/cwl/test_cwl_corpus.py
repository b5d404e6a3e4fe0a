"""Every published CWL document is read or refused with places, and never ends in a traceback."""

import csv
import random
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fairwf.formats import ReadOptions, Source, detect
from fairwf.ir import codec
from fairwf.ir.canonical import same
from fairwf.ir.walk import walk
from fairwf.report import FairwfError, Report
from fairwf_cwl.read import read
from tests.conformance.accepted import DISAGREEMENTS

SAMPLE = 150


class Listed(NamedTuple):
    """A document of the corpora, and whether the reference runner accepts it."""

    path: str
    version: str
    accepted: bool


def _listed(corpora: Path) -> list[Listed]:
    with (corpora / "ACCEPTED.tsv").open(newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return [
            Listed(row["path"], row["version"], row["reference_accepts"] == "True")
            for row in rows
            if row["format"] == "cwl"
        ]


def _refused(corpora: Path, listed: list[Listed]) -> dict[str, Report]:
    """Return the reports on what is not read, after checking what must hold for each document."""
    refused = {}
    for entry in listed:
        report = Report()
        try:
            document = read(Source.at(corpora / entry.path), ReadOptions(), report)
        except FairwfError as error:
            assert error.report is report, entry.path
            assert report.errors, entry.path
            assert all(d.file and d.line for d in report.errors), entry.path
            refused[entry.path] = report
        else:
            assert report.ok
            assert all(node in document.origins for _, node in walk(document.workflow)), entry.path
    return refused


def _check(corpora: Path, listed: list[Listed]) -> None:
    """Demand that all that the reference runner accepts is read, but for what is known by name."""
    refused = _refused(corpora, listed)
    accepted = [entry.path for entry in listed if entry.accepted]
    missing = [path for path in accepted if path in refused]
    count = len(accepted) - len(missing)
    print(f"read {count} of {len(accepted)} that the reference accepts")
    assert [path for path in missing if path not in DISAGREEMENTS] == []


def test_a_sample_of_published_documents_is_read(corpora: Path) -> None:
    chosen = [entry for entry in _listed(corpora) if entry.version == "v1.2"]
    _check(corpora, random.Random(1).sample(chosen, SAMPLE))


@pytest.mark.long
@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_all_published_documents_are_read(corpora: Path, version: str) -> None:
    _check(corpora, [entry for entry in _listed(corpora) if entry.version == version])


def test_examples_are_read_without_a_word(repository: Path) -> None:
    for path in sorted((repository / "examples").rglob("*.cwl")):
        report = Report()
        document = read(Source.at(path), ReadOptions(), report)
        assert [str(d) for d in report] == []
        assert same(codec.from_plain(_plain(document)), document.workflow)
        assert detect(Source.at(path)).name == "cwl"


def _plain(document: Any) -> Any:
    return document.to_plain(bare=True)["workflow"]
