"""Processes that are made while a workflow runs (cwltool's ProcessGenerator)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.engine import load_run, resume
from fairwf.ir.canonical import same
from fairwf.ir.expressions import Array, File
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Operation
from fairwf.report import Report
from fairwf.trace import Run

GENERATOR = """cwlVersion: v1.2
$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}
class: cwltool:ProcessGenerator
inputs: {text: string, word: {type: string, default: hello}}
outputs: {o: File}
run:
  class: CommandLineTool
  inputs: {text: string}
  outputs:
    runProcess: {type: File, outputBinding: {glob: made.cwl}}
  requirements:
    InitialWorkDirRequirement:
      listing: [{entryname: given.cwl, entry: $(inputs.text)}]
  baseCommand: [sh, -c, 'cp given.cwl made.cwl; %s']
"""
MADE = """cwlVersion: v1.2
class: CommandLineTool
inputs: {word: string}
outputs: {o: stdout}
baseCommand: echo
arguments: [made, $(inputs.word)]
"""


def go(folder: Path, text: str, more: str = ":", **options: Any) -> tuple[Run, Report]:
    (folder / "generator.cwl").write_text(GENERATOR % more)
    report = Report()
    job = {"text": text, **options.pop("job", {})}
    options.setdefault("run_dir", folder / "run")
    return fairwf.run(folder / "generator.cwl", job, report=report, **options), report


def text_of(value: Any) -> str:
    assert isinstance(value, File)
    return Path((value.location or "").removeprefix("file://")).read_text()


def test_what_is_made_runs_with_the_inputs_that_are_left(tmp_path: Path) -> None:
    run, report = go(tmp_path, MADE, job={"word": "zing"})
    assert (run.status, list(report)) == ("completed", [])
    assert text_of(run.outputs["o"]) == "made zing\n"
    assert len(run.tasks) == 2
    assert load_run(tmp_path / "run") == run


def test_it_may_say_the_inputs_itself(tmp_path: Path) -> None:
    text = GENERATOR.replace(
        "  requirements:\n",
        "    runInputs: {type: Any, outputBinding: {outputEval: \"$({word: 'from inside'})\"}}\n"
        "  requirements:\n    InlineJavascriptRequirement: {}\n",
    )
    (tmp_path / "generator.cwl").write_text(text % ":")
    run = fairwf.run(tmp_path / "generator.cwl", {"text": MADE}, run_dir=tmp_path / "run")
    assert text_of(run.outputs["o"]) == "made from inside\n"


def test_files_beside_it_are_its_own(tmp_path: Path) -> None:
    text = (
        MADE.replace("arguments:", "requirements: [{$import: env.yml}]\narguments:")
        .replace("[made,", '[{shellQuote: false, valueFrom: "$V"},')
        .replace("[{$import: env.yml}]", "[{$import: env.yml}, {class: ShellCommandRequirement}]")
    )
    more = 'echo "{class: EnvVarRequirement, envDef: {V: beside}}" > env.yml'
    run, _ = go(tmp_path, text, more)
    assert text_of(run.outputs["o"]) == "beside hello\n"


WORKFLOW = """cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}}
inputs: {text: string, words: 'string[]'}
outputs: {os: {type: 'File[]', outputSource: g/o}}
steps:
  g: {in: {text: text, word: words}, scatter: word, out: [o], run: generator.cwl}
"""


def test_a_scatter_makes_one_for_each_item_and_resuming_repeats_none(tmp_path: Path) -> None:
    (tmp_path / "generator.cwl").write_text(GENERATOR % f"echo made >> {tmp_path}/log")
    (tmp_path / "main.cwl").write_text(WORKFLOW)
    text = MADE.replace("[made,", "[{valueFrom: $(inputs.word)},").replace(
        "echo", f"[sh, -c, 'test $0 = a || test -e {tmp_path}/ok && echo $0']"
    )
    job = {"text": text, "words": ["a", "b"]}
    run = fairwf.run(tmp_path / "main.cwl", job, run_dir=tmp_path / "run")
    assert run.status == "failed"
    (tmp_path / "ok").touch()
    done = resume(tmp_path / "run")
    made = done.outputs["os"]
    assert isinstance(made, Array)
    assert [text_of(item) for item in made.items] == ["a\n", "b\n"]
    assert (tmp_path / "log").read_text() == "made\n" * 2
    fairwf.package(done, tmp_path / "crate")
    graph = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_text())["@graph"]
    actions = {each["name"] for each in graph if each["@type"] == "CreateAction"}
    assert {"Run of g (0, maker)", "Run of g (0, made)", "Run of g (1, made)"} <= actions


def test_both_runners_give_the_same(tmp_path: Path) -> None:
    run, _ = go(tmp_path, MADE, job={"word": "zing"})
    (tmp_path / "job.json").write_text(json.dumps({"text": MADE, "word": "zing"}))
    command = [sys.executable, "-m", "cwltool", "--enable-ext", "--enable-dev", "--quiet"]
    command += ["--no-container", "--outdir", "theirs", "generator.cwl", "job.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours = run.outputs["o"]
    assert isinstance(ours, File)
    assert json.loads(done.stdout)["o"]["checksum"] == ours.checksum


def test_outputs_that_only_the_made_process_declares_are_given(tmp_path: Path) -> None:
    made = MADE.replace(
        "{o: stdout}", "{o: stdout, p: {type: string, outputBinding: {outputEval: $(inputs.word)}}}"
    )
    run, _ = go(tmp_path, made, job={"word": "zing"})
    (tmp_path / "job.json").write_text(json.dumps({"text": made, "word": "zing"}))
    program = Path(sys.executable).with_name("cwltool")
    command = [program, "--enable-ext", "--enable-dev", "--quiet", "--no-container"]
    command += ["--outdir", "theirs", "generator.cwl", "job.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["p"] == "zing"
    assert (text_of(run.outputs["o"]), from_literal(run.outputs["p"])) == ("made zing\n", "zing")
    fairwf.package(run, tmp_path / "crate")


def test_it_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "generator.cwl").write_text(GENERATOR % ":")
    document = fairwf.load(tmp_path / "generator.cwl")
    fairwf.dump(document, tmp_path / "again.cwl", "cwl")
    fairwf.dump(document, tmp_path / "again.ir.json", "ir")
    for name in ("again.cwl", "again.ir.json"):
        again = fairwf.load(tmp_path / name).workflow
        assert isinstance(again, Operation) and again.generator is not None
        run = fairwf.run(tmp_path / name, {"text": MADE}, run_dir=tmp_path / f"run-{name}")
        assert text_of(run.outputs["o"]) == "made hello\n"
    assert same(fairwf.load(tmp_path / "again.ir.json").workflow, document.workflow)


# --- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("no process", "FWF1005", "made.cwl"),
        ("cwlVersion: v1.2\nclass: Workflow\n", "FWF1103", "made.cwl"),
        (MADE.replace("word: string", "other: string"), "FWF2005", "'other'"),
        (MADE.replace("o: stdout", "p: stdout"), "FWF4018", "'o'"),
        (MADE.replace("baseCommand: echo", "baseCommand: 'false'"), "FWF4001", "exit code 1"),
    ],
)
def test_what_cannot_run_is_told(tmp_path: Path, text: str, code: str, words: str) -> None:
    run, report = go(tmp_path, text)
    assert run.status == "failed"
    assert any(found.code == code and words in str(found) for found in report.errors)


def test_a_generator_without_its_output_is_told_before(cwl_faults: Any) -> None:
    assert cwl_faults(GENERATOR.replace("runProcess", "runProces") % ":") == [("FWF1106", 7)]


@pytest.fixture
def cwl_faults(tmp_path: Path) -> Any:
    def faults(text: str) -> list[tuple[str, int | None]]:
        (tmp_path / "bad.cwl").write_text(text)
        with pytest.raises(fairwf.report.InvalidError) as caught:
            fairwf.load(tmp_path / "bad.cwl")
        return [(found.code, found.line) for found in caught.value.report]

    return faults
