"""Steps that scatter more than once over one input: arrays of arrays (CWL v1.2, WorkflowStep)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.ir.values import from_literal
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Step
from fairwf.report import InvalidError, UnsupportedError

TOOL = """
    run:
      class: ExpressionTool
      inputs: {x: string, y: string}
      outputs: {o: string}
      expression: "$({o: inputs.x + inputs.y})"
"""
JOB = {"a": [["p", "q"], ["r"], []], "b": ["1", "2"], "c": "!"}
NESTED = {
    "s": [["pp!", "qq!"], ["rr!"], []],
    "t": [[["p1", None], ["p2", None]], [["r1"], ["r2"]], [[], []]],
}
FLAT = {"s": ["pp!", "qq!", "rr!"], "t": ["p1", None, "p2", None, "r1", "r2"]}


def text(method: str) -> str:
    return f"""cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {{}}
  StepInputExpressionRequirement: {{}}
  InlineJavascriptRequirement: {{}}
inputs:
  a: {{type: {{type: array, items: {{type: array, items: string}}}}}}
  b: string[]
  c: string
outputs: {{s: {{type: Any, outputSource: s/o}}, t: {{type: Any, outputSource: t/o}}}}
steps:
  s:
    scatter: [x, x]
    scatterMethod: {method}
    in: {{x: a, y: {{source: c, valueFrom: $(inputs.x + self)}}}}
    out: [o]{TOOL}
  t:
    scatter: [x, y, x]
    scatterMethod: {method}
    when: $(inputs.x != 'q')
    in: {{x: a, y: b}}
    out: [o]{TOOL}"""


def outputs(path: Path, folder: Path) -> dict[str, Any]:
    run = fairwf.run(path, JOB, run_dir=folder)
    assert run.status == "completed"
    return {name: from_literal(value) for name, value in run.outputs.items()}


@pytest.mark.parametrize(
    ("method", "wanted"), [("nested_crossproduct", NESTED), ("flat_crossproduct", FLAT)]
)
def test_outer_arrays_are_scattered_first(method: str, wanted: Any, tmp_path: Path) -> None:
    path, again = tmp_path / "main.cwl", tmp_path / "again.cwl"
    path.write_text(text(method))
    assert outputs(path, tmp_path / "run") == wanted
    fairwf.dump(fairwf.load(path), again, "cwl")
    assert outputs(again, tmp_path / "run-again") == wanted
    (tmp_path / "job.json").write_text(json.dumps(JOB))
    program = Path(sys.executable).with_name("cwltool")
    # The reference runner pads flat products of arrays of different lengths with null.
    for one in (path, again) if wanted is NESTED else (again,):
        command = [program, "--quiet", one, "job.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == wanted


def test_a_dot_product_of_an_input_with_itself_is_not_supported(tmp_path: Path) -> None:
    path = tmp_path / "main.cwl"
    path.write_text(text("dotproduct"))
    with pytest.raises(UnsupportedError) as caught:
        fairwf.load(path)
    assert [(found.code, found.line) for found in caught.value.report.errors] == [
        ("FWF1105", 14),
        ("FWF1105", 25),
    ]


def test_hints_that_nobody_knows_stay_with_what_runs(tmp_path: Path) -> None:
    path, again = tmp_path / "main.cwl", tmp_path / "again.cwl"
    said = "    hints: {Strange: {a: 1}}\n    out: [o]"
    path.write_text(text("nested_crossproduct").replace("    out: [o]", said))
    fairwf.dump(fairwf.load(path), again, "cwl")
    for one in (path, again):
        steps = list(nodes(fairwf.load(one).workflow, Step))
        kept = [(s.id, s.extensions) for s in steps if s.extensions]
        assert kept == [(name, {"cwl": {"hints": {"Strange": {"a": 1}}}}) for name in ("s", "t")]


@pytest.mark.parametrize("count", [16, 17, 600])
def test_arrays_in_arrays_have_a_limit(count: int, tmp_path: Path) -> None:
    path, again = tmp_path / "main.cwl", tmp_path / "again.cwl"
    names = ", ".join(["x"] * count)
    deep = text("nested_crossproduct").replace("[x, x]", f"[{names}]")
    path.write_text(re.sub(r"(?m)^  a: .*$", "  a: Any", deep))
    if count == 16:
        fairwf.dump(fairwf.load(path), again, "cwl")
        assert fairwf.load(again).workflow.outputs
        return
    with pytest.raises(InvalidError) as caught:
        fairwf.load(path)
    assert [(one.code, one.line) for one in caught.value.report.errors] == [("FWF1009", 14)]
