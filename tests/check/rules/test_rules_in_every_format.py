"""The same workflow in another format gets the same findings of rules."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from fairwf import Document, FairwfError, Report, convert, load
from fairwf.check import RULES, check

SAMPLE = 40
ANYWHERE = [name for name in RULES if name != "references"]  # the files stay where they are


def findings(document: Document) -> Counter[tuple[str, tuple[str, ...]]]:
    """The findings by code and the names in their messages: types are called differently."""
    report = check(document, Report(), select=ANYWHERE)
    return Counter((d.code, tuple(re.findall(r"'[^']*'", d.message))) for d in report)


def sample(corpora: Path) -> list[Path]:
    folders = ("datirium__workflows", "EBI-Metagenomics__pipeline-v5", "h3abionet__h3abionet16S",
               "common-workflow-library__bio-cwl-tools")  # fmt: skip
    paths = sorted(p for name in folders for p in (corpora / "cwl" / name).rglob("*.cwl"))
    return random.Random(9).sample(paths, SAMPLE)


@pytest.mark.parametrize("format_", ["ir", "wdl"])
def test_findings_do_not_depend_on_the_format(corpora: Path, tmp_path: Path, format_: str) -> None:
    if format_ == "wdl":
        pytest.importorskip("WDL")
    compared = told = 0
    for path in sample(corpora):
        try:
            document = load(path)
            report = Report()
            converted = convert(document, format_, report=report, folder=tmp_path)
        except FairwfError:
            continue
        if report.by_fate("approximated", "lost"):
            continue
        for name, data in converted.written.files.items():
            (tmp_path / name).write_bytes(data)
        other = load(tmp_path / converted.written.main)
        assert findings(other) == findings(converted.lowered), path
        if format_ == "ir":
            assert findings(other) == findings(document), path
        compared += 1
        told += sum(findings(document).values())
    assert compared > (0 if format_ == "wdl" else 30)
    assert told > 0
