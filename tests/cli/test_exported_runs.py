"""A run as an instance: it runs again, anywhere its input files are, and gives the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Fairwf

UP = """\
cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
  StepInputExpressionRequirement: {}
  InlineJavascriptRequirement: {}
inputs: {fs: "File[]", n: int}
outputs:
  all: {type: File, outputSource: join/o}
  bad: {type: File, outputSource: join/err}
steps:
  up:
    scatter: f
    in: {f: fs}
    out: [o]
    run:
      class: CommandLineTool
      baseCommand: [tr, a-z, A-Z]
      inputs: {f: File}
      stdin: $(inputs.f.path)
      stdout: out.txt
      outputs: {o: stdout}
  first:
    in: {f: {source: fs, valueFrom: "$(self[0])"}, n: n}
    out: [o]
    run:
      class: CommandLineTool
      requirements: {ShellCommandRequirement: {}}
      arguments: [{shellQuote: false, valueFrom: 'cat "$(inputs.f.path)" | head -n $(inputs.n)'}]
      inputs: {f: File, n: int}
      outputs: {o: stdout}
  join:
    in: {fs: up/o, g: first/o}
    out: [o, err]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'cat "$@"; echo "it''s bad" >&2', x]
      inputs:
        fs: {type: "File[]", inputBinding: {position: 1}}
        g: {type: File, inputBinding: {position: 2}}
      stdout: all.txt
      stderr: log/err.txt
      outputs: {o: stdout, err: stderr}
"""
RESULT = "ONE\nX Y\nTWO\none\n"


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fairwf: Fairwf) -> Path:
    """Return a folder with inputs in a/, b/ and a run of all three kinds of streams."""
    monkeypatch.chdir(tmp_path)
    Path("up.cwl").write_text(UP)
    for folder, text in (("a", "one\nx y\n"), ("b", "two\n")):
        Path(folder).mkdir()
        Path(folder, "my data.txt").write_text(text)
    files = [{"class": "File", "path": f"{folder}/my data.txt"} for folder in "ab"]
    Path("job.json").write_text(json.dumps({"fs": files, "n": 1}))
    assert fairwf("run", "up.cwl", "job.json", "--run-dir", "R", "--outdir", "O").code == 0
    assert Path("O/all.txt").read_text() == RESULT
    return tmp_path


@pytest.mark.parametrize(("target", "name"), [("wfformat", "w.json"), ("ir", "w.ir.json")])
def test_an_exported_run_says_its_streams_and_runs_again(
    ran: Path, fairwf: Fairwf, target: str, name: str
) -> None:
    made = fairwf("convert", "R", "--to", target, "--strict", "-o", name)
    assert (made.code, "lost" in made.err) == (0, False)
    again = fairwf("run", name, "--outdir", "again")
    assert again.code == 0, again.err
    assert Path("again/all.txt").read_text() == RESULT
    assert Path("again/err.txt").read_text() == "it's bad\n"


def test_an_exported_run_names_no_folder_of_this_machine_and_can_be_carried_away(
    ran: Path, fairwf: Fairwf
) -> None:
    assert fairwf("convert", "R", "--to", "wfformat", "-o", "w.json").code == 0
    assert str(ran) not in Path("w.json").read_text()
    shutil.rmtree("R")
    there = ran / "there"
    there.mkdir()
    for name in ("a", "b", "w.json"):
        shutil.move(name, there / name)
    assert fairwf("run", "there/w.json", "--outdir", "again").code == 0
    assert Path("again/all.txt").read_text() == RESULT


def test_an_exported_run_becomes_a_cwl_workflow_that_gives_the_same(
    ran: Path, fairwf: Fairwf
) -> None:
    assert fairwf("convert", "R", "--to", "wfformat", "-o", "w.json").code == 0
    assert fairwf("convert", "w.json", "--to", "cwl", "-o", "w.cwl").code == 0
    assert fairwf("run", "w.cwl", "--outdir", "again").code == 0
    assert Path("again/all.txt").read_text() == RESULT


def test_what_an_instance_cannot_say_of_a_run_is_lost_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fairwf: Fairwf
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [sh, -c, 'echo $X; cat here']\n"
        "requirements:\n  EnvVarRequirement: {envDef: {X: hello}}\n"
        "  InitialWorkDirRequirement: {listing: [{entryname: here, entry: text}]}\n"
        "inputs: {}\noutputs: {o: stdout}\nstdout: o.txt\n"
    )
    assert fairwf("run", "t.cwl", "--run-dir", "R").code == 0
    made = fairwf("convert", "R", "--to", "wfformat", "-o", "w.json", "--report", "r.json")
    report: dict[str, Any] = json.loads(Path("r.json").read_text())
    lost = [d for d in report["diagnostics"] if d.get("fate") == "lost"]
    assert made.code == 0
    assert [(d["code"], d["line"]) for d in lost] == [("FWF3004", 5), ("FWF3004", 6)]
    assert "'X'" in lost[0]["message"]
    assert fairwf("convert", "R", "--to", "wfformat", "--strict").code == 1
