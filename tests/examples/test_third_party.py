"""Workflows that others wrote and use run unchanged, with the outputs that cwltool gives.

`genelists-sets.cwl` of Datirium (CWL v1.0) combines lists of genes as sets. It names a container
as a hint, and runs without one with bash, awk and coreutils. Its log holds the date and paths, so
it is compared by its lines that hold neither.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

Run = Callable[..., dict[str, Any]]
Comparable = Callable[[Any], Any]

LIST_A = """\
chr1\t100\t200\tGNAI3\t2.5\t+
chr2\t5\t50\tCDC45\t-1.2\t-
chr3\t7\t70\tH19\t0.4\t+
chrX\t9\t90\tSCML2,APOH\t3.1\t-
"""
LIST_B1 = """\
chr2\t5\t50\tCDC45\t9.0\t-
chr3\t7\t70\tH19\t8.0\t+
chr4\t1\t10\tNARF\t7.0\t+
"""
LIST_B2 = """\
chr2\t5\t50\tCDC45\t6.0\t-
chr9\t3\t30\tCAV2\t5.0\t+
chrX\t9\t90\tAPOH\t4.0\t-
"""
TSV = "http://edamontology.org/format_3475"


def genes(table: str) -> set[str]:
    """Names in the fourth column, where several may be joined by commas."""
    return {name for row in table.splitlines() for name in row.split("\t")[3].split(",")}


A, B1, B2 = genes(LIST_A), genes(LIST_B1), genes(LIST_B2)


@pytest.fixture
def document(corpora: Path) -> Path:
    path = corpora / "cwl" / "datirium__workflows" / "workflows" / "genelists-sets.cwl"
    if not path.is_file():
        pytest.skip(f"{path} is not among the published test documents")
    if shutil.which("bash") is None:
        pytest.skip("the workflow needs bash")
    return path


@pytest.mark.parametrize(
    ("operator", "result"),
    [
        ("Intersection", A & B1 & B2),
        ("Union", A | B1 | B2),
        ("Relative_Complement", A - (B1 | B2)),
    ],
)
def test_gene_lists_are_combined_as_sets_and_as_cwltool_does_it(
    document: Path,
    fairwf_run: Run,
    cwltool_run: Run,
    comparable: Comparable,
    tmp_path: Path,
    operator: str,
    result: set[str],
) -> None:
    for name, table in (("a", LIST_A), ("b1", LIST_B1), ("b2", LIST_B2)):
        (tmp_path / f"{name}.tsv").write_text(table, encoding="utf-8")
    a, b1, b2 = (
        {"class": "File", "path": f"{name}.tsv", "format": TSV} for name in ("a", "b1", "b2")
    )
    job = tmp_path / "job.json"
    job.write_text(
        json.dumps(
            {
                "alias": "sets",
                "set_operator": operator,
                "filtered_list_A": a,
                "filtered_list_B_group": [b1, b2],
            }
        ),
        encoding="utf-8",
    )
    ours = fairwf_run(document, job, tmp_path / "ours", "--container", "none")
    theirs = cwltool_run(document, job, tmp_path / "theirs", "--skip-schemas")

    assert set(ours) == set(theirs)
    for name in ("filtered_file", "filtered_file_w_header", "filtering_stderr_log_file"):
        assert comparable(ours[name]) == comparable(theirs[name])
    log = Path(urlsplit(ours["filtering_stdout_log_file"]["location"]).path)
    assert f"$2 - {operator}" in log.read_text(encoding="utf-8").splitlines()

    table = (tmp_path / "ours" / "genelist-filtered-set.bed").read_text(encoding="utf-8")
    assert genes(table) == result
