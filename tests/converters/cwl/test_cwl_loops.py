"""Loops of steps, in the syntax of CWL v1.3 and as cwltool's extension, to the IR's loop."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    BodyOutput,
    Call,
    Input,
    IntLit,
    Opaque,
    State,
)
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Loop, Step
from fairwf.report import Report

BODY = """
      class: ExpressionTool
      inputs: {n: int, by: 'int?', top: 'int?'}
      outputs: {o: int, p: 'int?'}
      expression: "${return {'o': inputs.n + inputs.by, 'p': null};}"
"""
HEAD = """class: Workflow
requirements: {InlineJavascriptRequirement: {}, StepInputExpressionRequirement: {},
  MultipleInputFeatureRequirement: {}, ScatterFeatureRequirement: {}}
$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}
inputs: {n: int, by: int, ns: 'int[]?'}
"""
NATIVE = """    when: $(inputs.n < 10)
    loop: {n: o}
"""
EXTENSION = """    requirements:
      cwltool:Loop: {loopWhen: $(inputs.n < 10), loop: {n: o}}
"""


def text(said: str, version: str = "v1.3.0-dev1", output: str = "int?", more: str = "") -> str:
    return (
        f"cwlVersion: {version}\n{HEAD}"
        f"outputs: {{r: {{type: '{output}', outputSource: s/o}}}}\n"
        f"steps:\n  s:\n    in: {{n: n, by: by{more}}}\n    out: [o, p]\n{said}    run:{BODY}"
    )


def step(cwl: Any, *arguments: Any, **more: Any) -> Step:
    found: Step = cwl.document(text(*arguments, **more)).workflow.steps[0]
    return found


def loop(cwl: Any, *arguments: Any, **more: Any) -> Loop:
    found = step(cwl, *arguments, **more).loop
    assert found is not None
    return found


def test_the_inputs_of_the_step_are_the_state_and_loop_says_the_next(cwl: Any) -> None:
    found = step(cwl, NATIVE)
    assert found.when is None and found.loop is not None
    assert {name: same(value, State(name=name)) for name, value in found.inputs.items()} == {
        "n": True,
        "by": True,
    }
    assert list(found.loop.state) == ["n", "by"]
    assert same(found.loop.state["n"], Input(name="n"))
    assert list(found.loop.next) == ["n"]
    assert same(found.loop.next["n"], BodyOutput(port="o"))
    assert (found.loop.test, found.loop.outputs) == ("before", "last")


def test_the_loop_ends_where_the_condition_does_not_hold(cwl: Any) -> None:
    until = loop(cwl, NATIVE).until
    assert isinstance(until, Call) and until.function == "not"
    going = until.args[0]
    assert isinstance(going, Opaque) and going.text == "inputs.n < 10"
    assert same(going.bindings[0].value, State(name="n"))


def test_the_extension_of_cwltool_means_the_same(cwl: Any) -> None:
    assert same(step(cwl, EXTENSION, "v1.2"), step(cwl, NATIVE))


@pytest.mark.parametrize(
    ("said", "version"),
    [
        (NATIVE + "    outputMethod: all_iterations\n", "v1.3.0-dev1"),
        (EXTENSION.replace("{n: o}}", "{n: o}, outputMethod: all}"), "v1.2"),
    ],
)
def test_the_outputs_of_all_rounds_are_arrays(cwl: Any, said: str, version: str) -> None:
    path = cwl.file("loop.cwl", text(said, version, "int[]"))
    found = fairwf.load(path).workflow.steps[0].loop  # type: ignore[union-attr]
    assert found is not None and found.outputs == "all"


def test_next_values_are_merged_picked_defaulted_and_computed(cwl: Any) -> None:
    found = loop(
        cwl,
        NATIVE.replace(
            "{n: o}",
            "{n: {outputSource: [o, p], pickValue: first_non_null},"
            " by: {outputSource: p, default: 3, valueFrom: $(self)},"
            " top: {valueFrom: $(inputs.n)}}",
        ),
        more=", top: {default: 9}",
    )
    picked = found.next["n"]
    assert isinstance(picked, Call) and picked.function == "first_defined"
    default = Call(function="default", args=(BodyOutput(port="p"), IntLit(value=3)))
    assert same(found.next["by"], default)
    assert same(found.next["top"], State(name="n"))


def test_an_input_that_only_the_loop_sees_is_state_too(cwl: Any) -> None:
    said = NATIVE.replace("{n: o}", "{n: o, count: {valueFrom: $(inputs.count)}}")
    found = step(cwl, said, more=", count: {default: 0}")
    assert found.loop is not None
    assert list(found.inputs) == ["n", "by"] and "count" in found.loop.state
    assert [d.code for d in cwl.report] == []


@pytest.mark.parametrize(
    ("said", "version", "code", "words"),
    [
        ("    loop: {n: o}\n", "v1.3.0-dev1", "FWF1101", "a loop needs 'when'"),
        ("    outputMethod: last_iteration\n", "v1.3.0-dev1", "FWF1101", "beside 'loop'"),
        (NATIVE, "v1.2", "FWF1102", "say cwlVersion: v1.3.0-dev1"),
        (NATIVE + "    scatter: n\n", "v1.3.0-dev1", "FWF1101", "both scatter and loop"),
        (EXTENSION + "    when: $(inputs.n > 1)\n", "v1.2", "FWF1101", "say it in loopWhen"),
        (EXTENSION.replace("requirements", "hints"), "v1.2", "FWF1101", "requirements of a step"),
        (EXTENSION.replace("loopWhen", "loopwhen"), "v1.2", "FWF1102", "did you mean 'loopWhen'"),
        (NATIVE.replace("{n: o}", "{n: oo}"), "v1.3.0-dev1", "FWF1106", "did you mean 'o'?"),
        (NATIVE.replace("{n: o}", "{m: o}"), "v1.3.0-dev1", "FWF1106", "it has: n, by"),
    ],
)
def test_faults_of_loops(cwl: Any, said: str, version: str, code: str, words: str) -> None:
    faults = cwl.faults(text(said, version))
    assert code in [found for found, _, _ in faults]
    assert all(line is not None and line > 5 for _, line, _ in faults)
    assert words in cwl.hints


def test_a_loop_does_not_go_down_to_inner_steps(cwl: Any, tool_text: Any) -> None:
    cwl.file("t.cwl", tool_text("x: Any"))
    inner = (
        "cwlVersion: v1.2\nclass: Workflow\ninputs: {n: int}\n"
        "outputs: {o: {type: File, outputSource: a/y}}\n"
        "steps: {a: {run: t.cwl, in: {x: n}, out: [y]}}\n"
    )
    cwl.file("w.cwl", inner)
    outer = (
        text(EXTENSION, "v1.2")
        .split("    run:")[0]
        .replace("requirements: {", "requirements: {SubworkflowFeatureRequirement: {}, ", 1)
    )
    workflow = cwl.document(outer.replace("[o, p]", "[o]") + "    run: w.cwl\n").workflow
    assert workflow.steps[0].loop is not None
    assert workflow.steps[0].run.steps[0].loop is None


def test_a_loop_that_misses_its_requirement_is_refused(cwl: Any) -> None:
    bare = text(NATIVE.replace("{n: o}", "{n: {valueFrom: $(1)}}")).replace(
        "StepInputExpressionRequirement: {},", ""
    )
    assert [code for code, _, _ in cwl.faults(bare)] == ["FWF1113"]


@pytest.mark.parametrize("method", ["last", "all"])
def test_both_runners_give_the_same(cwl: Any, method: str) -> None:
    said = EXTENSION.replace("{n: o}}", f"{{n: o}}, outputMethod: {method}}}")
    kind = "int[]" if method == "all" else "int?"
    path = cwl.file("loop.cwl", text(said, "v1.2", kind))
    job = {"n": 1, "by": 4}
    (path.parent / "job.json").write_text(json.dumps(job))
    run = fairwf.run(path, job, outdir=path.parent / "ours")
    ours = {name: from_literal(value) for name, value in run.outputs.items()}
    assert ours == _cwltool(path.parent)


def test_a_loop_of_no_round_gives_none_whatever_the_output_wants(cwl: Any) -> None:
    path = cwl.file("loop.cwl", text(NATIVE, output="int"))
    report = Report()
    run = fairwf.run(path, {"n": 99, "by": 1}, outdir=path.parent / "ours", report=report)
    assert from_literal(run.outputs["r"]) is None
    assert [found.code for found in report] == ["FWF2012"], "told of before the run"


def test_the_output_of_a_step_that_does_not_loop_keeps_its_type(cwl: Any) -> None:
    said = text("    when: $(inputs.n < 10)\n", "v1.2", "int")
    run = fairwf.run(cwl.file("when.cwl", said), {"n": 99, "by": 1})
    assert run.status == "failed" and "found none" in (run.error or "")


def _cwltool(folder: Path) -> Any:
    command = [sys.executable, "-m", "cwltool", "--enable-ext", "--no-container", "--quiet"]
    command += ["--outdir", "theirs", "loop.cwl", "job.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if "node" in done.stderr and done.returncode:
        pytest.skip("cwltool needs node for expressions")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
