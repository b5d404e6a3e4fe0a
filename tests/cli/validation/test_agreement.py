"""The verdicts on published documents are those of the reference validators, but for a few.

Each one on which they differ is explained in docs/validation.md.
"""

import csv
from pathlib import Path

import pytest

from fairwf.cli.validation.selection import Selection
from fairwf.cli.validation.verdict import check_source
from fairwf.formats import Source

DOCS = Path(__file__).resolve().parents[3] / "docs" / "validation.md"
SUITE = "cwl/common-workflow-language__"
ONLY_THE_REFERENCE_ACCEPTS = {
    f"{SUITE}cwl-v1.1/tests/template-tool.cwl",
    f"{SUITE}cwl-v1.1/tests/timelimit2.cwl",
    f"{SUITE}cwl-v1.2/tests/template-tool.cwl",
    f"{SUITE}cwl-v1.2/tests/timelimit2.cwl",
    f"{SUITE}cwl-v1.2/tests/conditionals/cond-wf-012.cwl",
    f"{SUITE}cwl-v1.2/tests/conditionals/cond-wf-012_nojs.cwl",
    f"{SUITE}user_guide/src/_includes/cwl/expressions/hello-world-expressionlib-external.cwl",
    f"{SUITE}user_guide/src/_includes/cwl/expressions/hello-world-expressionlib.cwl",
}
ONLY_FAIRWF_ACCEPTS = {
    "cwl/common-workflow-library__bio-cwl-tools/tb-profiler/tb-profiler-profile.cwl",
    "cwl/datirium__workflows/workflows/hopach.cwl",
    "cwl/yuandou168__DecentralizedFL-CWL/CWL_Workflow/aggregate_decentralized.cwl",
    "cwl/yuandou168__DecentralizedFL-CWL/CWL_Workflow/decentralizedFL.cwl",
    "cwl/yuandou168__DecentralizedFL-CWL/CWL_Workflow/get_weights_single.cwl",
    "cwl/yuandou168__DecentralizedFL-CWL/CWL_Workflow/initialize_decentralized.cwl",
}


@pytest.mark.long
def test_verdicts_agree_with_the_reference(corpora: Path) -> None:
    only_reference, only_own = set(), set()
    with (corpora / "ACCEPTED.tsv").open() as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            if row["format"] not in ("cwl", "wfformat"):
                continue
            found = check_source(Source.at(corpora / row["path"]), None, Selection())
            accepted = row["reference_accepts"] == "True"
            if accepted and found.status != "valid":
                only_reference.add(row["path"])
            elif not accepted and found.status == "valid":
                only_own.add(row["path"])
    assert only_reference == ONLY_THE_REFERENCE_ACCEPTS
    assert only_own == ONLY_FAIRWF_ACCEPTS


@pytest.mark.parametrize("path", sorted(ONLY_THE_REFERENCE_ACCEPTS | ONLY_FAIRWF_ACCEPTS))
def test_each_disagreement_is_explained(path: str) -> None:
    assert Path(path).name in DOCS.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\n", "an Argo workflow"),
        ("document:\n  dsl: 1.0.3\n  name: x\ndo: []\n", "a Serverless Workflow"),
        ("pegasus: '5.0'\nname: x\njobs: []\n", "a Pegasus workflow"),
    ],
)
def test_kinds_without_a_reader_are_known_by_what_they_hold(
    tmp_path: Path, text: str, kind: str
) -> None:
    path = tmp_path / "x.yml"
    path.write_text(text)
    found = check_source(Source.at(path), None, Selection())
    assert found.status == "unread"
    assert [(d.code, d.severity) for d in found.diagnostics] == [("FWF1006", "note")]
    assert kind in found.diagnostics[0].message
