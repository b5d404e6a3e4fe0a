"""Files whose format is not the wanted one by name: kinds of it, and the same by another name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fairwf.conversion import read_document
from fairwf.engine import RunOptions, run
from fairwf.formats import Source
from fairwf.ir.expressions import File
from fairwf.report import Report

TEXTUAL, FASTA = "http://edamontology.org/format_2330", "http://edamontology.org/format_1929"
GALAXY = "http://galaxyproject.org/formats/fasta"

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
{schemas}
baseCommand: cat
inputs: {{reads: {{type: File, format: "{wanted}", inputBinding: {{}}}}}}
outputs: {{out: {{type: stdout}}}}
"""

SAME = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://galaxyproject.org/formats/fasta> owl:equivalentClass <http://edamontology.org/format_1929> .
"""

BELOW = """\
<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
         xmlns:owl="http://www.w3.org/2002/07/owl#">
  <owl:Class rdf:about="http://lab.example/counts">
    <rdfs:subClassOf rdf:resource="http://lab.example/table"/>
  </owl:Class>
  <owl:Class rdf:about="http://lab.example/table">
    <rdfs:subClassOf rdf:resource="http://lab.example/text"/>
  </owl:Class>
</rdf:RDF>
"""


def outcome(folder: Path, wanted: str, found: str, schemas: str = "") -> tuple[str, Report]:
    """How a tool ends that wants one format and is given a file of another."""
    named = f"$schemas: [{schemas}]" if schemas else ""
    place = folder / "tool.cwl"
    place.write_text(TOOL.format(wanted=wanted, schemas=named))
    reads = folder / "reads.fa"
    reads.write_text(">a\nACGT\n")
    report = Report()
    document = read_document(Source.at(place), report)
    values = {"reads": File(location=str(reads), basename="reads.fa", format=found)}
    record = run(document, values, RunOptions(run_dir=folder / "run"), None, report)
    return record.status, report


def test_a_kind_of_the_wanted_format_fits_as_edam_says(tmp_path: Path) -> None:
    assert outcome(tmp_path, TEXTUAL, FASTA)[0] == "completed"


def test_a_format_above_the_wanted_one_does_not_fit(tmp_path: Path) -> None:
    status, report = outcome(tmp_path, FASTA, TEXTUAL)
    assert status == "failed"
    assert [finding.code for finding in report.errors] == ["FWF2010"]
    assert FASTA in report.errors[0].message


def test_an_ontology_beside_the_document_is_read(tmp_path: Path) -> None:
    (tmp_path / "lab.owl").write_text(BELOW)
    wanted, found = "http://lab.example/text", "http://lab.example/counts"
    assert outcome(tmp_path, wanted, found, "lab.owl")[0] == "completed"


def test_the_same_class_by_another_name_fits_both_ways(tmp_path: Path) -> None:
    for number, (wanted, found) in enumerate([(GALAXY, FASTA), (FASTA, GALAXY)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "same.ttl").write_text(SAME)
        assert outcome(folder, wanted, found, "same.ttl")[0] == "completed"


@pytest.mark.parametrize(
    ("schemas", "why"),
    [
        ("http://lab.example/lab.owl", "on a network"),
        ("missing.owl", "No such file"),
        ("broken.ttl", "error"),
        ("/etc/hostname", "leaves the document's folders"),
        ("../../../../../../../../etc/hostname", "leaves the document's folders"),
    ],
)
def test_an_ontology_that_cannot_be_used_is_told(tmp_path: Path, schemas: str, why: str) -> None:
    (tmp_path / "broken.ttl").write_text("<a> <b> .")
    status, report = outcome(
        tmp_path, "http://lab.example/text", "http://lab.example/counts", schemas
    )
    assert status == "failed"
    told = [finding.message for finding in report if finding.code == "FWF4019"]
    assert len(told) == 1
    assert why in told[0]


def test_published_edam_is_read_from_the_file_that_a_document_names(
    tmp_path: Path, corpora: Path
) -> None:
    suite = corpora / "cwl/common-workflow-language__cwl-v1.2/tests"
    for name in ("EDAM.owl", "gx_edam.ttl"):
        shutil.copyfile(suite / name, tmp_path / name)
    assert outcome(tmp_path, TEXTUAL, GALAXY, "EDAM.owl, gx_edam.ttl")[0] == "completed"
