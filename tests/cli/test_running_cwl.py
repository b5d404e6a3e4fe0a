"""What `fairwf run` does with CWL beyond values: requirements of job files, IR made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
id: main
baseCommand: [sh, -c, 'cat "$0"; printf %s "$WORD"']
inputs:
  text:
    type: File
    default: {class: File, location: own.txt}
    inputBinding: {}
  word: string
outputs: {out: {type: stdout}}
stdout: out.txt
"""

JOB = """\
word: given
cwl:requirements:
  - {class: EnvVarRequirement, envDef: {WORD: $(inputs.word)}}
"""


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    folder = tmp_path / "cwl"
    folder.mkdir()
    (folder / "own.txt").write_text("own ")
    (folder / "job.yml").write_text(JOB)
    (folder / "tool.cwl").write_text(TOOL)
    return folder / "tool.cwl"


def run(fairwf: Fairwf, folder: Path, document: Path, job: Path) -> str:
    said = fairwf(
        "run", document, job, "--quiet", "--outdir", folder / "out", "--run-dir", folder / "run"
    )
    assert said.code == 0, said.err
    assert said.json["out"]["basename"] == "out.txt"
    assert said.json["out"]["checksum"].startswith("sha1$")  # as CWL prescribes
    return (folder / "out" / "out.txt").read_text()


def test_requirements_of_a_job_file_are_in_force(
    fairwf: Fairwf, tool: Path, tmp_path: Path
) -> None:
    assert run(fairwf, tmp_path, tool, tool.with_name("job.yml")) == "own given"


def test_ir_made_of_cwl_runs_from_any_folder_and_prints_what_cwl_prescribes(
    fairwf: Fairwf, tool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tool.parent)
    ir = tmp_path / "elsewhere" / "tool.ir.json"
    ir.parent.mkdir()
    assert fairwf("convert", "tool.cwl", "--to", "ir", "-o", ir).code == 0
    sources = json.loads(ir.read_text())["sources"]
    assert sources["source"] == "../cwl/tool.cwl"
    assert sources["files"] == ["../cwl/tool.cwl"]
    monkeypatch.chdir(tmp_path)
    assert run(fairwf, tmp_path, ir, tool.with_name("job.yml")) == "own given"


def test_a_message_about_ir_names_the_source_that_it_was_made_of(
    fairwf: Fairwf, tool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ir = tmp_path / "tool.ir.json"
    assert fairwf("convert", tool, "--to", "ir", "-o", ir).code == 0
    monkeypatch.chdir(tmp_path)
    said = fairwf("run", ir)
    assert said.code == 1
    assert "cwl/tool.cwl:10:" in said.err


def test_requirements_of_a_job_file_need_the_document_as_it_was(
    fairwf: Fairwf, tool: Path, tmp_path: Path
) -> None:
    ir = tmp_path / "tool.ir.json"
    assert fairwf("convert", tool, "--to", "ir", "-o", ir).code == 0
    tool.write_text(TOOL.replace("own.txt", "other.txt"))
    said = fairwf("run", ir, tool.with_name("job.yml"))
    assert said.code == 1
    assert "FWF1109" in said.err
    assert "unchanged" in said.err


def test_overrides_of_the_reference_runner_are_not_dropped(
    fairwf: Fairwf, tool: Path, tmp_path: Path
) -> None:
    job = tmp_path / "job.yml"
    job.write_text(
        "word: w\ncwltool:overrides: {t.cwl: {requirements: {WorkReuse: {enableReuse: true}}}}\n"
    )
    said = fairwf("run", tool, job)
    assert said.code == 1
    assert f"{job}:2:1: error[FWF1109]: cwltool:overrides are not read" in said.err
    assert "cwl:requirements" in said.err


def test_numbers_that_json_lacks_are_null(fairwf: Fairwf, tmp_path: Path) -> None:
    tool = tmp_path / "tool.cwl"
    tool.write_text(
        "cwlVersion: v1.2\nclass: ExpressionTool\nrequirements: {InlineJavascriptRequirement: {}}\n"
        "inputs: {n: {type: int, default: 0}}\noutputs: {a: Any?, b: Any, c: double?}\n"
        "expression: \"${return {a: 1/0, b: [{x: -1/0}, parseInt('x'), 2], c: 1/inputs.n};}\"\n"
    )
    said = fairwf("run", tool, "--run-dir", tmp_path / "run")
    assert said.code == 0
    assert json.loads(said.out, parse_constant=pytest.fail) == {
        "a": None,
        "b": [{"x": None}, None, 2],
        "c": None,
    }
