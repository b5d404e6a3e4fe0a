"""`--fix`: the diff is shown, what is written is proven, and a second call changes nothing."""

import json
from pathlib import Path

import pytest

from fairwf import load
from tests.cli.conftest import Fairwf

TOOL = "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: wc\n"
TOOL += "inputs:\n  table: {type: File, inputBinding: {}}\noutputs: {lines: stdout}\n"
STEP = """steps:
  count:
    run: tool.cwl
    scatter: table
    in: {table: tables}
    out: [lines]
"""
PORTS = """inputs:
  tables: File[]
outputs:
  lines: {type: "File[]", outputSource: count/lines}
"""
FORMS = {
    "no requirements": "",
    "a map": "requirements:\n  InlineJavascriptRequirement: {}\n",
    "a map in braces": "requirements: {InlineJavascriptRequirement: {}}\n",
    "a list": "requirements:\n  - class: InlineJavascriptRequirement\n",
    "a list that is indented": "requirements:\n    - class: InlineJavascriptRequirement\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tool.cwl").write_text(TOOL)
    return tmp_path


@pytest.mark.parametrize("form", FORMS)
def test_a_requirement_that_is_missing_is_added(fairwf: Fairwf, folder: Path, form: str) -> None:
    path = folder / "main.cwl"
    text = f"#!/usr/bin/env cwl-runner\ncwlVersion: v1.2\nclass: Workflow\n# why\n{FORMS[form]}"
    path.write_text(text + PORTS + STEP)
    assert "FWF1113" in fairwf("validate", path).err
    shown = fairwf("validate", path, "--diff")
    assert "ScatterFeatureRequirement: {}" in shown.err.replace("- class: S", "S") + ": {}"
    assert path.read_text() == text + PORTS + STEP
    said = fairwf("validate", path, "--fix")
    assert said.code == 0, said.err
    assert "\n+" in said.err
    mended = path.read_text()
    assert "# why" in mended
    assert set(mended.splitlines()) >= set((PORTS + STEP).splitlines())
    assert load(path).workflow.inputs[0].id == "tables"
    again = fairwf("validate", path, "--fix")
    assert (again.code, "+++" in again.err, path.read_text()) == (0, False, mended)


WDL = """version 1.2
task greet {
  input { String name }
  command <<< echo '${name}' '~{name}' >>>
  output { String text = read_string(stdout()) }
  runtime { docker: "debian:12" }
}
"""


def test_deprecated_forms_of_wdl_are_replaced(fairwf: Fairwf, tmp_path: Path) -> None:
    pytest.importorskip("WDL")
    path = tmp_path / "main.wdl"
    path.write_text(WDL.replace("<<<", "{").replace(">>>", "}").replace("~{name}", "${name}"))
    before = load(path).hash
    assert fairwf("validate", path).err.count("FWF1410") == 3
    assert fairwf("validate", path, "--fix").code == 0
    assert load(path).hash == before
    text = path.read_text()
    assert ("${" in text, "docker" in text) == (False, False)
    assert "FWF1410" not in fairwf("validate", path).err


def test_what_would_not_be_right_afterwards_is_left(fairwf: Fairwf, tmp_path: Path) -> None:
    """The container is named twice: to rename one would make a document that is not valid."""
    pytest.importorskip("WDL")
    path = tmp_path / "main.wdl"
    text = WDL.replace("${name}", "~{name}").replace(
        'docker: "debian:12"', 'docker: "debian:12"\n    container: "debian:12"'
    )
    path.write_text(text)
    said = fairwf("validate", path, "--fix")
    assert path.read_text() == text
    assert ("+++" in said.err, "FWF1410" in said.err) == (False, False)


def test_names_are_never_guessed(fairwf: Fairwf, folder: Path) -> None:
    path = folder / "main.cwl"
    path.write_text(TOOL.replace("baseCommand", "baseComand"))
    said = fairwf("validate", path, "--fix")
    assert said.code == 1
    assert "did you mean 'baseCommand'?" in said.err
    assert "baseComand" in path.read_text()


def test_sarif_has_help_and_fixes(fairwf: Fairwf, folder: Path) -> None:
    path = folder / "main.cwl"
    path.write_text("cwlVersion: v1.2\nclass: Workflow\n" + PORTS + STEP)
    (run,) = json.loads(fairwf("validate", path, "--format", "sarif").out)["runs"]
    (result,) = [r for r in run["results"] if r["ruleId"] == "FWF1113"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (replaced,) = change["replacements"]
    assert "ScatterFeatureRequirement: {}" in replaced["insertedContent"]["text"]
    assert replaced["deletedRegion"]["startLine"] == 3
    (rule,) = [r for r in run["tool"]["driver"]["rules"] if r["id"] == "FWF1113"]
    assert "wrong: main.cwl" in rule["help"]["text"]
