"""Links of files: what a step needs of a file is declared where the file comes from."""

from pathlib import Path

import pytest

import fairwf
from fairwf.report import Report

TOOL = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: cat
inputs: {bam: {type: 'File?', secondaryFiles: %s}}
outputs: {bam: {type: File, outputBinding: {glob: x}, secondaryFiles: %s}}
"""
FLOW = """cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}, MultipleInputFeatureRequirement: {}}
inputs:
  plain: File
  indexed: {type: File, secondaryFiles: .bai}
  many: File[]
outputs: []
steps:
  sort: {run: sort.cwl, in: {bam: plain}, out: [bam]}
  index: {run: index.cwl, in: {bam: plain}, out: [bam]}
  call:
    run: call.cwl
    in: {bam: %s}
    out: []
"""


def findings(folder: Path, link: str, needs: str = ".bai", more: str = "") -> list[str]:
    (folder / "sort.cwl").write_text(TOOL % ("[]", "[]"))
    (folder / "index.cwl").write_text(TOOL % ("[]", "[.bai]"))
    (folder / "call.cwl").write_text(TOOL % (needs, "[]"))
    (folder / "main.cwl").write_text(FLOW % link + more)
    report = Report()
    fairwf.load(folder / "main.cwl", report=report)
    assert {d.code for d in report} <= {"FWF2012"}
    assert all(d.line == 14 for d in report)
    return [d.message for d in report]


@pytest.mark.parametrize(
    ("link", "whose"),
    [
        ("plain", "input 'plain' of the workflow"),
        ("sort/bam", "output 'bam' of step 'sort'"),
        (
            "{source: [sort/bam, index/bam], pickValue: first_non_null}",
            "output 'bam' of step 'sort'",
        ),
        ("{source: plain, loadContents: true}", "input 'plain' of the workflow"),
    ],
)
def test_a_source_without_the_file_is_told_of(tmp_path: Path, link: str, whose: str) -> None:
    said = findings(tmp_path, link)
    assert len(said) == 1
    assert "step 'call' needs the secondary files '.bai' beside its input 'bam'" in said[0]
    assert whose in said[0]


@pytest.mark.parametrize(
    "link",
    [
        "indexed",
        "index/bam",
        "{source: [indexed], linkMerge: merge_nested, pickValue: first_non_null}",
    ],
)
def test_a_source_with_the_file_is_silent(tmp_path: Path, link: str) -> None:
    assert findings(tmp_path, link) == []


@pytest.mark.parametrize(
    "needs", [".bai?", "[{pattern: .bai, required: false}]", "$(self.basename).bai", "[]"]
)
def test_what_need_not_be_there_or_is_computed_is_silent(tmp_path: Path, needs: str) -> None:
    assert findings(tmp_path, "plain", needs) == []


def test_a_scatter_hands_on_items(tmp_path: Path) -> None:
    said = findings(tmp_path, "many", more="    scatter: bam\n")
    assert len(said) == 1
    assert "input 'many' of the workflow" in said[0]


# --- formats ----------------------------------------------------------------------------------

FORMATS = """cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}}
$namespaces: {edam: 'http://edamontology.org/', own: 'https://example.org/'}
inputs: {f: {type: File, format: [%s]}}
outputs: []
steps:
  make:
    in: {f: f}
    out: [o]
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs: {f: File}
      outputs: {o: {type: 'File[]', format: %s, outputBinding: {glob: x}}}
  use:
    in: {x: %s}
    %s
    out: []
    run: {class: CommandLineTool, baseCommand: cat, outputs: [], inputs: {x: {type: '%s',
      format: %s}}}
"""
FASTA, FASTQ, SANGER = "edam:format_1929", "edam:format_1930", "edam:format_1932"
TEXTUAL, LIKE_FASTQ = "edam:format_2330", "edam:format_2182"


@pytest.mark.parametrize(
    ("given", "wanted", "fits"),
    [
        (FASTQ, FASTQ, True),
        (SANGER, LIKE_FASTQ, True),
        (FASTA, TEXTUAL, True),
        (FASTQ, SANGER, False),
        (FASTA, FASTQ, False),
        (FASTA, f"[{FASTQ}, {FASTA}]", True),
        (FASTA, "own:x", True),
        ("own:y", "own:x", True),
        ("edam:format_999999", FASTQ, True),
        ("$(inputs.f.format)", FASTQ, True),
    ],
)
@pytest.mark.parametrize("scattered", [True, False])
def test_formats_along_links_are_compared_by_edam(
    tmp_path: Path, given: str, wanted: str, fits: bool, scattered: bool
) -> None:
    links = ("make/o", "scatter: x", "File") if scattered else ("make/o", "", "File[]")
    (tmp_path / "main.cwl").write_text(FORMATS % (FASTA, given, *links, wanted))
    report = Report()
    fairwf.load(tmp_path / "main.cwl", report=report)
    told = [(found.code, found.severity, found.line) for found in report if "kind" in found.message]
    assert told == ([] if fits else [("FWF2012", "warning", 17)])


@pytest.mark.parametrize(
    ("given", "count"), [(FASTA, 1), (f"{FASTA}, {FASTQ}", 0), (f"{FASTA}, {TEXTUAL}", 1)]
)
def test_one_of_the_formats_of_an_input_must_fit(tmp_path: Path, given: str, count: int) -> None:
    (tmp_path / "main.cwl").write_text(FORMATS % (given, FASTA, "f", "", "File", FASTQ))
    report = Report()
    fairwf.load(tmp_path / "main.cwl", report=report)
    assert sum("no kind of it" in found.message for found in report) == count
