"""`inputs` for every format with a reader: a schema, a template, and job files checked by them."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from fairwf.conversion import read_document
from fairwf.formats import Source, converters
from fairwf.jobfile import ports_of
from fairwf.report import Report
from tests.cli.conftest import Fairwf

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DOCUMENTS = {
    "cwl": "quickstart/main.cwl",
    "galaxy": "galaxy/reads.ga",
    "ir": "ir/typed-data-flow.ir.yml",
    "nextflow": "nextflow/main.nf",
    "snakemake": "snakemake/Snakefile",
    "wdl": "wdl/words.wdl",
    "wfformat": None,  # every task of one execution: it takes nothing
}
READERS = sorted(name for name, c in converters().items() if c.read is not None and c.documents)


def document(name: str, folder: Path, fairwf: Fairwf) -> Path:
    """The example of a format; it says here that a format came without one."""
    if name == "wdl":
        pytest.importorskip("WDL")
    found = DOCUMENTS[name]
    if found is not None:
        return EXAMPLES / found
    path = folder / "plan.json"
    assert fairwf("convert", EXAMPLES / "ir/instance.ir.yml", "--to", name, "-o", path).code == 0
    return path


@pytest.mark.parametrize("name", READERS)
def test_every_reader_gives_a_schema_a_template_and_checked_job_files(
    fairwf: Fairwf, tmp_path: Path, name: str
) -> None:
    path = document(name, tmp_path, fairwf)
    ports = ports_of(read_document(Source.at(path), Report()))
    schema = fairwf("inputs", path, "--schema").json
    jsonschema.Draft202012Validator.check_schema(schema)
    template = fairwf("inputs", path)
    assert template.code == 0
    said = yaml.safe_load(template.out) or {}
    assert jsonschema.Draft202012Validator(schema).is_valid(said), said
    ids = {port.id for port in ports}
    assert set(schema["properties"]) >= ids
    assert all(any(port.id in key for key in schema["properties"]) for port in ports)
    job = tmp_path / "job.json"
    wrong = {**said, **{key: {"no": "such"} for key in list(said)[:1]}, "no_such_input_at_all": 1}
    job.write_text(json.dumps(wrong))
    checked = fairwf("validate", path, "--job", job)
    if ports:
        assert f"{job}:1:" in checked.err, checked.err
        assert "no_such_input_at_all" in checked.err
    if said:
        assert checked.code == 1


def test_what_is_wrong_in_a_job_file_is_told_where_it_stands(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    tool = tmp_path / "t.cwl"
    tool.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: echo\noutputs: []\n"
        "inputs: {n: int, text: File, more: string}\n"
    )
    job = tmp_path / "job.yml"
    job.write_text("n: many\ntext: {class: File, path: no.txt}\nmroe: x\n")
    said = fairwf("validate", tool, "--job", job)
    assert said.code == 1
    for place in (f"{job}:1:4: error[FWF2010]", f"{job}:3:1: error[FWF2006]"):
        assert place in said.err, said.err
    assert "no.txt" in said.err
    assert "2 documents: 1 valid, 1 invalid" in said.err
    (tmp_path / "no.txt").write_text("")
    job.write_text("n: 3\ntext: {class: File, path: no.txt}\nmore: x\n")
    assert fairwf("validate", tool, "--job", job).code == 0


def test_a_job_file_belongs_to_one_workflow(fairwf: Fairwf, workflow: Path) -> None:
    assert fairwf("validate", workflow, workflow, "--job", workflow).code == 2


def test_a_job_file_that_cannot_be_checked_is_told(fairwf: Fairwf, tmp_path: Path) -> None:
    job = tmp_path / "job.yml"
    job.write_text("n: 3\n")
    broken = tmp_path / "flows/broken.cwl"
    broken.parent.mkdir()
    broken.write_text("cwlVersion: v1.2\nclass: Workflow\ninputs: 3\n")
    said = fairwf("validate", broken, "--job", job)
    assert said.code == 1
    assert f"{job}: warning[FWF1018]: not checked: the workflow cannot be read" in said.err
    said = fairwf("validate", broken.parent, "--job", job)
    assert (said.code, "error[FWF1002]: is a folder without a main document" in said.err) == (
        1,
        True,
    )
