"""Every mistake gets a place, a reason, a hint, exit code 1, and no traceback.

Each mistake is made in an IR document and in a CWL document.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

IR = """\
fairwf_ir: "1"
workflow:
  kind: workflow
  inputs:
    - {id: reads, type: {kind: File}}
  steps:
    - id: align
      in: {reads: {kind: input, name: reads}}
      run:
        kind: command
        inputs: [{id: reads, type: {kind: File}}]
        arguments: [{value: {kind: string_lit, value: cat}}, {value: {kind: input, name: reads}}]
        stdout: {kind: string_lit, value: out.txt}
        outputs: [{id: bam, type: {kind: File}, collect: {kind: stdout}}]
  outputs:
    - {id: bam, type: {kind: File}, value: {kind: output, step: align, port: bam}}
"""

CWL = """\
cwlVersion: v1.2
class: Workflow
inputs:
  reads: File
steps:
  align:
    in:
      reads: reads
    out: [bam]
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs:
        reads: {type: File, inputBinding: {position: 1}}
      stdout: out.txt
      outputs:
        bam: stdout
outputs:
  bam: {type: File, outputSource: align/bam}
"""

DOCUMENTS = {"ir": ("main.ir.yml", IR), "cwl": ("main.cwl", CWL)}


Change = tuple[str, str]


@dataclass(frozen=True)
class Written:
    """Writes the document of one format with one text replaced, and gives its path."""

    kind: str
    folder: Path

    def __call__(self, ir: Change | None = None, cwl: Change | None = None) -> Path:
        name, text = DOCUMENTS[self.kind]
        change = ir if self.kind == "ir" else cwl
        if change is not None:
            assert change[0] in text
            text = text.replace(*change, 1)
        path = self.folder / name
        path.write_text(text)
        return path


@pytest.fixture(params=sorted(DOCUMENTS))
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Written:
    """Write a document of one of the formats, with one text replaced."""
    return Written(request.param, tmp_path)


def line_with(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def test_the_documents_without_a_mistake_are_valid(fairwf: Fairwf, written: Written) -> None:
    said = fairwf("validate", written())
    assert said.code == 0
    assert said.err == "1 document: 1 valid; 0 errors, 0 warnings\n"


@pytest.mark.parametrize("verb", ["validate", "run", "graph", "inputs"])
def test_missing_file(fairwf: Fairwf, tmp_path: Path, verb: str) -> None:
    (tmp_path / "main.cwl").write_text(CWL)
    said = fairwf(verb, tmp_path / "mian.cwl")
    assert said.code == 1
    assert f"{tmp_path}/mian.cwl: error[FWF1001]: no such file" in said.err
    assert "did you mean 'main.cwl'?" in said.err
    assert said.out == ""


def test_a_link_of_the_wrong_type(fairwf: Fairwf, written: Written) -> None:
    path = written(
        ir=("in: {reads: {kind: input, name: reads}}", "in: {reads: {kind: int_lit, value: 3}}"),
        cwl=("      reads: reads\n", "      reads: {default: 3}\n"),
    )
    said = fairwf("validate", path)
    assert said.code == 1
    at = line_with(path, "int_lit" if written.kind == "ir" else "default: 3")
    assert f"{path}:{at}:" in said.err
    assert "error[FWF2003]" in said.err
    assert "File is wanted" in said.err


def test_a_value_of_the_wrong_type(fairwf: Fairwf, written: Written, tmp_path: Path) -> None:
    job = tmp_path / "job.yml"
    job.write_text("reads: 3\n")
    said = fairwf("run", written(), job)
    assert said.code == 1
    assert f"{job}:1:8: error[FWF" in said.err
    assert "file" in said.err.lower()
    assert "    1 | reads: 3" in said.err


def test_cycle(fairwf: Fairwf, written: Written) -> None:
    ir = IR.replace(
        "in: {reads: {kind: input, name: reads}}",
        "in: {reads: {kind: output, step: align, port: bam}}",
    )
    path = written(
        ir=(IR, ir),
        cwl=("      reads: reads\n", "      reads: align/bam\n"),
    )
    said = fairwf("validate", path)
    assert said.code == 1
    assert "error[FWF2004]" in said.err
    assert "'align'" in said.err
    at = line_with(path, "step: align, port: bam" if written.kind == "ir" else "align:")
    assert any(f"{path}:{line}:" in said.err for line in (at, at - 1, at + 2))


def test_unknown_key(fairwf: Fairwf, written: Written) -> None:
    path = written(ir=("stdout:", "stdot:"), cwl=("      stdout:", "      stdot:"))
    said = fairwf("validate", path)
    assert said.code == 1
    at = line_with(path, "stdot")
    assert f"{path}:{at}:" in said.err
    assert "stdot" in said.err
    assert "did you mean 'stdout'?" in said.err


def test_broken_yaml(fairwf: Fairwf, written: Written) -> None:
    path = written(
        ir=("id: reads, type: {kind: File}}", "id: reads, type: {kind: File}"),
        cwl=("out: [bam]", "out: [bam"),
    )
    said = fairwf("validate", path)
    assert said.code == 1
    assert "error[FWF1004]" in said.err
    assert f"{path}:" in said.err
    assert " | " in said.err


@pytest.mark.parametrize("name", ["main.cwl", "main.ir.yml"])
def test_empty_file(fairwf: Fairwf, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("")
    said = fairwf("validate", path)
    assert said.code == 1
    assert f"{path}: error[FWF1003]: the file is empty" in said.err


@pytest.mark.parametrize("name", ["main.cwl", "main.ir.yml", "reads.bam"])
def test_binary_file(fairwf: Fairwf, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x1f\x8b\x08\0\0\0\xff\xfe" * 100)
    said = fairwf("validate", path)
    assert said.code == 1
    assert f"{path}: error[FWF1003]: a binary file" in said.err
    assert "hint: name the workflow's text file" in said.err


@pytest.mark.parametrize("verb", ["run", "graph", "inputs"])
def test_folder_instead_of_a_file(fairwf: Fairwf, tmp_path: Path, verb: str) -> None:
    said = fairwf(verb, tmp_path)
    assert said.code == 1
    assert f"{tmp_path}: error[FWF1002]: is a folder" in said.err
    assert "hint: name the file inside it" in said.err


def test_folder_instead_of_a_job_file(fairwf: Fairwf, written: Written, tmp_path: Path) -> None:
    said = fairwf("run", written(), tmp_path)
    assert said.code == 1
    assert f"{tmp_path}: error[FWF1002]: is a folder" in said.err


def test_link_to_a_step_that_does_not_exist(fairwf: Fairwf, written: Written) -> None:
    path = written(
        ir=("step: align, port: bam}", "step: algin, port: bam}"),
        cwl=("outputSource: align/bam", "outputSource: algin/bam"),
    )
    said = fairwf("validate", path)
    assert said.code == 1
    at = line_with(path, "algin")
    assert f"{path}:{at}:" in said.err
    assert "algin" in said.err
    assert "did you mean" in said.err
    assert "align" in said.err.split("did you mean")[1]


def test_typo_in_an_input_name_of_a_job_file(
    fairwf: Fairwf, written: Written, tmp_path: Path
) -> None:
    job = tmp_path / "job.yml"
    job.write_text("raeds: {class: File, path: main.cwl}\n")
    said = fairwf("run", written(), job)
    assert said.code == 1
    assert f"{job}:1:1: error[FWF2006]: there is no input 'raeds'" in said.err
    assert "did you mean 'reads'?" in said.err


def test_a_job_may_give_more_than_is_taken(
    fairwf: Fairwf, written: Written, tmp_path: Path
) -> None:
    path, job = written(), tmp_path / "job.json"
    given = {"class": "File", "path": path.name}
    job.write_text(json.dumps({"reads": given, "reads2": given}))
    said = fairwf("run", path, job, "--run-dir", tmp_path / "run")
    assert said.code == 0
    assert f"{job}:1:" in said.err
    assert "warning[FWF2006]: there is no input 'reads2'; it is ignored" in said.err


def test_members_that_a_record_does_not_know_are_told(fairwf: Fairwf, tmp_path: Path) -> None:
    tool, job = tmp_path / "tool.cwl", tmp_path / "job.yml"
    tool.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\noutputs: []\nbaseCommand: 'true'\ninputs:\n"
        "  r: {type: {type: array, items: {type: record, fields: {x: int, yy: 'string?'}}}}\n"
    )
    job.write_text("r:\n- {x: 1, y: typo}\n")
    said = fairwf("run", tool, job, "--run-dir", tmp_path / "run")
    assert said.code == 0
    assert f"{job}:2:" in said.err
    assert "warning[FWF2006]: input 'r': its type has no member 'y'; it is ignored" in said.err
    assert "did you mean 'yy'?" in said.err


@pytest.mark.parametrize(
    ("type_", "value", "hint"),
    [
        ("boolean", "yes", "write true: other words are texts in YAML 1.2"),
        ("boolean", "'true'", "write it without quotes"),
        ("int", "'7'", "write it without quotes"),
    ],
)
def test_texts_where_other_values_belong(
    fairwf: Fairwf, tmp_path: Path, type_: str, value: str, hint: str
) -> None:
    tool, job = tmp_path / "tool.cwl", tmp_path / "job.yml"
    tool.write_text(
        f"cwlVersion: v1.2\nclass: CommandLineTool\noutputs: []\nbaseCommand: 'true'\n"
        f"inputs: {{b: {type_}}}\n"
    )
    job.write_text(f"b: {value}\n")
    said = fairwf("run", tool, job)
    assert said.code == 1
    assert hint in said.err


def test_typo_in_an_input_name_of_an_option(fairwf: Fairwf, written: Written) -> None:
    said = fairwf("run", written(), "--raeds", "main.cwl")
    assert said.code == 1
    assert "--raeds: error[FWF2006]: there is no input 'raeds'" in said.err
    assert "did you mean 'reads'?" in said.err


def test_typo_in_an_input_name_of_a_step(fairwf: Fairwf, written: Written) -> None:
    path = written(
        ir=("in: {reads: {kind: input, name: reads}}", "in: {raeds: {kind: input, name: reads}}"),
        cwl=("    in:\n      reads: reads\n", "    in:\n      raeds: reads\n"),
    )
    said = fairwf("validate", path)
    assert said.code == 1
    at = line_with(path, "raeds")
    assert f"{path}:{at}:" in said.err or f"{path}:{at - 2}:" in said.err
    assert "reads" in said.err


def test_a_hostile_text_cannot_steer_the_terminal(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "main.ir.yml"
    path.write_text(IR.replace("port: bam}", 'port: "\\e[2Jbam\\u202e"}'))
    said = fairwf("validate", path)
    assert said.code == 1
    assert "\x1b" not in said.err
    assert "\u202e" not in said.err


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        (CWL.replace("baseCommand: cat", "baseCommand: no-such-program"), "12:20",
         "the program 'no-such-program' is not on PATH", "install it"),
        (CWL.replace("reads: File\n", "reads: int\n", 1), "8:7",
         "is given, but File is wanted", None),
        (CWL.replace("position: 1", "position: one"), "14:54",
         "expected a whole number or an expression", "write a whole number, or $(...)"),
    ],
)  # fmt: skip
def test_what_cwl_says_wrongly_is_told_in_the_words_of_cwl(
    fairwf: Fairwf, tmp_path: Path, text: str, place: str, message: str, hint: str | None
) -> None:
    (tmp_path / "main.cwl").write_text(text)
    (tmp_path / "x").touch()
    said = fairwf("run", tmp_path / "main.cwl", "--reads", tmp_path / "x", "-q")
    assert said.code == 1
    assert f"main.cwl:{place}: error[" in said.err
    assert message in said.err
    assert (hint or "") in said.err


def test_a_number_for_a_text_has_advice_for_cwl(fairwf: Fairwf, tmp_path: Path) -> None:
    text = CWL.replace("  reads: File\n", "  reads: int\n", 1).replace(
        "{type: File, i", "{type: string, i"
    )
    (tmp_path / "main.cwl").write_text(text)
    assert "valueFrom: $(String(self))" in fairwf("validate", tmp_path / "main.cwl").err


def test_an_unknown_key_of_an_ir_file_is_shown_itself(fairwf: Fairwf, tmp_path: Path) -> None:
    (tmp_path / "main.ir.yml").write_text(IR.replace("  steps:", "  stepps:"))
    said = fairwf("validate", tmp_path / "main.ir.yml")
    assert "main.ir.yml:6:3: error[FWF1301]: unknown key 'stepps'" in said.err
    assert "did you mean 'steps'?" in said.err


def test_a_text_that_can_only_be_json_is_shown_where_it_is_broken(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_text("[1,\n2")
    assert "x.json:2:2: error[FWF1004]: broken JSON" in fairwf("graph", tmp_path / "x.json").err


MISSING_FILES = """\
# a job
note: {class: File, path: data/reads_1.fq}
names: [Ada]
"""


def test_a_file_that_a_job_names_and_that_is_not_there_is_told_at_its_line(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "read_1.fq").touch()
    job = tmp_path / "job.yml"
    job.write_text(MISSING_FILES)
    said = fairwf("run", workflow, job)
    assert said.code == 1
    assert f"{job}:2:27: error[FWF4009]: input 'note': the file" in said.err
    assert "did you mean 'read_1.fq'?" in said.err
    assert "running" not in said.err
    assert not (tmp_path / ".fairwf").exists()


def test_a_file_that_an_option_names_and_that_is_not_there(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job = tmp_path / "job.yml"
    job.write_text(MISSING_FILES)
    said = fairwf("run", workflow, job, "--note", "greet.ir.yaml")
    assert said.code == 1
    assert "--note: error[FWF4009]: input 'note': the file" in said.err
    assert "did you mean 'greet.ir.yml'?" in said.err
    assert "reads_1.fq" not in said.err  # the option wins
    assert not (tmp_path / ".fairwf").exists()


@pytest.mark.parametrize("words", [["validate"], ["convert", "--to", "ir"], ["inputs"], ["run"]])
def test_a_pipe_is_refused_and_not_waited_for(
    fairwf: Fairwf, tmp_path: Path, words: list[str]
) -> None:
    os.mkfifo(tmp_path / "p.cwl")
    said = fairwf(words[0], tmp_path / "p.cwl", *words[1:])
    assert (said.code, "is not a regular file" in said.err) == (1, True)


def test_a_document_in_utf_16_is_called_that_and_not_binary(fairwf: Fairwf, tmp_path: Path) -> None:
    (tmp_path / "u.cwl").write_text("cwlVersion: v1.2\nclass: Workflow\n", encoding="utf-16")
    said = fairwf("validate", tmp_path / "u.cwl")
    assert said.code == 1
    assert "in UTF-16" in said.err
    assert "iconv -f UTF-16" in said.err


@pytest.mark.parametrize("verb", ["run", "inputs", "diff"])
def test_a_run_directory_in_place_of_a_document_is_called_that(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, verb: str
) -> None:
    run = tmp_path / "R"
    assert fairwf("run", workflow, "--names", "Ada", "--run-dir", run).code == 0
    said = fairwf(verb, run, *([workflow] if verb == "diff" else []))
    assert said.code == 1
    assert "is a run directory, not a document" in said.err
    assert f"{run}/source/{workflow.name}" in said.err


def test_a_document_in_place_of_a_crate_is_called_that(fairwf: Fairwf, workflow: Path) -> None:
    said = fairwf("prov", workflow)
    assert (said.code, "is no crate and no zip file" in said.err) == (1, True)
    assert "hint: what can be named" in said.err
