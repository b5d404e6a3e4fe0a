"""`diff --format steps`: which steps are the same, whatever they are called."""

import os
import re
import shutil
from pathlib import Path

import pytest

from fairwf.cli.comparison.counterparts import outline
from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.formats import Source
from fairwf.report import Report
from tests.cli.conftest import Fairwf

TOOL = """
    run:
      class: CommandLineTool
      baseCommand: [{program}, {word}]
      inputs: {{given: {{type: File, inputBinding: {{}}}}}}
      outputs: {{made: stdout}}
    in: {{given: {source}}}
    out: [made]
"""
HEAD = "cwlVersion: v1.2\nclass: Workflow\ninputs: {table: File}\noutputs:\n"


def chain(path: Path, *steps: tuple[str, str, str, str]) -> Path:
    """Write a workflow of steps: name, program, word, source."""
    text = HEAD + f"  out: {{type: File, outputSource: {steps[-1][0]}/made}}\nsteps:\n"
    for name, program, word, source in steps:
        text += f"  {name}:{TOOL.format(program=program, word=word, source=source)}"
    path.write_text(text)
    return path


def read(path: Path) -> Document:
    return read_document(Source.at(path), Report())


def pairs(a: Path, b: Path) -> dict[str | None, str | None]:
    return {pair.a: pair.b for pair in outline(read(a), read(b)).steps}


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return chain(
        tmp_path / "a.cwl",
        ("trim_reads", "cutadapt", "--quiet", "table"),
        ("align", "bwa", "mem", "trim_reads/made"),
        ("sort", "samtools", "sort", "align/made"),
    )


def test_steps_that_were_renamed_are_paired_by_what_they_run(tmp_path: Path, before: Path) -> None:
    after = chain(
        tmp_path / "b.cwl",
        ("remove_adapters", "cutadapt", "--quiet", "table"),
        ("mapping", "bwa", "mem", "remove_adapters/made"),
        ("sort", "samtools", "sort", "mapping/made"),
    )
    found = outline(read(before), read(after))
    assert {pair.a: pair.b for pair in found.steps} == {
        "trim_reads": "remove_adapters", "align": "mapping", "sort": "sort",
    }  # fmt: skip
    assert found.links == []
    assert found.same


def test_a_step_that_another_took_the_place_of_is_no_counterpart(
    fairwf: Fairwf, tmp_path: Path, before: Path
) -> None:
    after = chain(
        tmp_path / "b.cwl",
        ("trim_reads", "cutadapt", "--quiet", "table"),
        ("count", "wc", "-l", "trim_reads/made"),
        ("sort", "samtools", "sort", "table"),
    )
    said = fairwf("diff", before, after, "--format", "steps")
    assert said.code == 1
    assert said.out.splitlines() == ["= trim_reads", "- align", "= sort", "+ count"]


def test_a_link_that_only_one_has_is_told(fairwf: Fairwf, tmp_path: Path, before: Path) -> None:
    after = chain(
        tmp_path / "b.cwl",
        ("trim_reads", "cutadapt", "--quiet", "table"),
        ("align", "bwa", "mem", "table"),
        ("sorted", "samtools", "sort", "align/made"),
    )
    said = fairwf("diff", before, after, "--format", "steps")
    assert said.out.splitlines() == [
        "= trim_reads", "= align", "= sort = sorted", "- trim_reads -> align",
    ]  # fmt: skip
    found = fairwf("diff", before, after, "--format", "json").json["outline"]
    assert found["links"] == [{"source": "trim_reads", "target": "align", "only": "a"}]
    assert {"a": "sort", "b": "sorted"} in found["steps"]


def test_the_same_steps_in_another_format_end_with_0(
    fairwf: Fairwf, tmp_path: Path, before: Path
) -> None:
    other = tmp_path / "a.ir.json"
    assert fairwf("convert", before, "--to", "ir", "-o", other).code == 0
    said = fairwf("diff", before, other, "--format", "steps")
    assert (said.code, said.out.splitlines()) == (0, ["= trim_reads", "= align", "= sort"])


# --- one workflow that its authors wrote in three languages ---------------------------------------

SAME = {
    "make_mesh": ("generate_mesh", "generateMesh"),
    "convert_mesh": ("convert_to_xdmf", "convertToXDMF"),
    "run_simulation": ("poisson", "solvePoisson"),
    "plot_over_line": ("plot_over_line", "makePlotOverLine"),
    "prepare_paper_macros": ("substitute_macros", "substituteMacros"),
    "compile_paper": ("compile_paper", "compilePaper"),
}
"""The steps in CWL, Snakemake and Nextflow, by hand."""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    named = os.environ.get("FAIRWF_NFDI4ING")
    if not named:
        pytest.skip("FAIRWF_NFDI4ING names no clone of NFDI4IngScientificWorkflowRequirements")
    target = tmp_path / "exemplary_workflow"
    shutil.copytree(Path(named, "exemplary_workflow"), target)
    return target


def test_the_authors_of_three_versions_are_understood_cwl_and_snakemake(
    fairwf: Fairwf, paper: Path
) -> None:
    said = fairwf(
        "diff", paper / "cwl/wf_run_exemplary_wf.cwl", paper / "snakemake/Snakefile",
        "--format", "json",
    ).json["outline"]  # fmt: skip
    assert {pair.get("a"): pair.get("b") for pair in said["steps"]} == {
        own: other for own, (other, _) in SAME.items()
    }
    # in CWL the plotted data go into the paper; the Snakefile finds them beside the macros
    assert said["links"] == [{"source": "plot_over_line", "target": "compile_paper", "only": "a"}]


def test_the_third_version_is_in_a_language_that_nextflow_gave_up(
    fairwf: Fairwf, paper: Path
) -> None:
    said = fairwf("validate", paper / "nextflow/exemplarywf.nf")
    assert said.code == 1
    assert "exemplarywf.nf:24:28: error[FWF1601]" in said.err
    assert "DSL1" in said.err


def test_the_authors_of_three_versions_are_understood_cwl_and_nextflow(
    fairwf: Fairwf, paper: Path
) -> None:
    """Their script is in DSL1: the channels are moved out of the processes, and nothing else."""
    script = paper / "nextflow/exemplarywf.nf"
    script.write_text(moved(script.read_text()))
    said = fairwf(
        "diff", paper / "cwl/wf_run_exemplary_wf.cwl", script, "--format", "json"
    ).json["outline"]  # fmt: skip
    found = {pair.get("a"): pair.get("b") for pair in said["steps"] if "a" in pair}
    assert found == {own: other for own, (_, other) in SAME.items()}
    # Nextflow reads a number from what the solver prints in a process of its own
    assert [pair["b"] for pair in said["steps"] if "a" not in pair] == ["readNumberOfDofs"]
    assert said["links"] == [
        {"source": "run_simulation", "target": "prepare_paper_macros", "only": "a"}
    ]


def moved(text: str) -> str:
    """Return a script of DSL1 with ``from`` and ``into`` as calls in a workflow (DSL2)."""
    head, *processes = re.split(r"(?m)^(?=process )", text)
    calls, bodies = [], []
    for body in processes:
        name = body.split()[1]
        section = re.search(r"(?s)input:\n(.*?)\n\s*\n\s*output:", body)
        given = re.findall(r"(?m)^\s*\w+ (\w+)(?: from (\w+))?$", section[1] if section else "")
        made = re.findall(r"(?m)^\s*(?:file \"[^\"]+\"|stdout)\s+(?:into )?(\(?[\w, ]+\)?)$", body)
        calls.append(f"  {name}({', '.join(channel or own for own, channel in given)})")
        for number, channels in enumerate(made):
            for channel in re.findall(r"\w+", channels):
                calls.append(f"  {channel} = {name}.out[{number}]")
        body = re.sub(r" from \w+$", "", body, flags=re.MULTILINE)
        body = re.sub(r" into (\w+|\([^)]*\))", "", body)
        bodies.append(re.sub(r"(?m)^(\s*stdout) \w+$", r"\1", body))
    head = re.sub(r"(?m)^(\w+) = Channel", r"  \1 = Channel", head)
    channels = "\n".join(line for line in head.splitlines() if " = Channel" in line)
    rest = "\n".join(line for line in head.splitlines() if " = Channel" not in line)
    return "\n".join([rest, *bodies, "workflow {", channels, *calls, "}"]) + "\n"
