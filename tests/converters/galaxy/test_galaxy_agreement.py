"""The 28 published documents that gxformat2's lint rejects: which we read all the same, and why.

docs/formats/galaxy.md has the table; a document that changes sides fails here.
"""

from pathlib import Path

import pytest

from fairwf.conversion import read_document
from fairwf.formats import Source
from fairwf.report import FairwfError, Report

DOCS = Path(__file__).resolve().parents[3] / "docs" / "formats" / "galaxy.md"

READ = {
    "real-sars-cov2-variant-calling.ga": "only warned of",
    "synthetic-outer-url-subworkflow.ga": "only warned of",
    "synthetic-graph-simple.gxwf.yml": "right",
    "synthetic-graph-with-subworkflow.gxwf.yml": "right",
    "synthetic-bp-step-no-label.gxwf.yml": "right",
    "synthetic-url-run-yml.gxwf.yml": "network",
    "synthetic-int-link.gxwf.yml": "no outputs",
    "synthetic-multisource-bare-list.gxwf.yml": "no outputs",
    "synthetic-step-input-default-file.gxwf.yml": "no outputs",
    "synthetic-step-input-default-scalar.gxwf.yml": "no outputs",
    "synthetic-step-post-job-actions-merged.gxwf.yml": "no outputs",
    "synthetic-unlinted-best-practices.gxwf.yml": "right",
    "synthetic-lint-nested-no-steps.ga": "empty",
    "real-hacked-basic-missing-format-version.ga": "warned",
    "synthetic-lint-bad-float-default.gxwf.yml": "warned",
    "synthetic-lint-bad-int-default.gxwf.yml": "warned",
    "synthetic-lint-bad-string-default.gxwf.yml": "warned",
}
"""What is read although the lint rejects it; ``warned`` with a warning of ours."""


def rejected(corpora: Path) -> dict[str, Path]:
    lines = (corpora / "ACCEPTED.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    paths = [corpora / row[1] for row in rows if row[0] == "galaxy" and row[4] == "False"]
    return {path.name: path for path in paths}


def test_what_is_read_although_the_lint_rejects_it_is_known(corpora: Path) -> None:
    read, warned = set(), set()
    found = rejected(corpora)
    assert len(found) == 28
    for name, path in found.items():
        report = Report()
        try:
            read_document(Source.at(path), report)
        except FairwfError:
            continue
        read.add(name)
        if any(d.code == "FWF1703" for d in report):
            warned.add(name)
    assert read == set(READ)
    assert {name for name, why in READ.items() if why == "warned"} <= warned


@pytest.mark.parametrize("name", sorted(READ))
def test_each_is_explained(name: str) -> None:
    assert f"`{name}`" in DOCS.read_text("utf-8")
