"""ExpressionTools whose JavaScript writes its result out as an object."""

from typing import Any

import pytest

HEAD = (
    "cwlVersion: v1.2\nclass: ExpressionTool\nrequirements: {InlineJavascriptRequirement: {}}\n"
    "inputs: {n: int}\n"
    "outputs: {o: int, s: 'string?', l: 'int[]?', f: 'File?', d: 'double?', u: [string, 'null']}\n"
)


def findings(cwl: Any, expression: str) -> list[str]:
    cwl.document(f"{HEAD}expression: |\n  {expression}\n")
    assert {(d.code, d.severity, d.line) for d in cwl.report} <= {("FWF2012", "warning", 6)}
    return [d.message for d in cwl.report]


@pytest.mark.parametrize(
    "expression",
    [
        "${return {'o': 3};}",
        "${return {o: inputs.n, s: 'x', l: [1], d: 1.5, u: null};}",
        "$({o: inputs.n})",
        "$({'o': -inputs.n, f: {class: 'File'}})",
        "${var r = {oo: 1}; return r;}",
        "${if (inputs.n) {return {o: 1};} return {p: 2};}",
        "${var f = function () {return {p: 1};}; return {o: 1};}",
        "${var name = 'o'; return {[name]: 1};}",
        "${return make(inputs);}",
        "${var o = 1; return {o};}",
    ],
)
def test_what_fits_or_is_computed_is_silent(cwl: Any, expression: str) -> None:
    assert findings(cwl, expression) == []


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("${return {oo: 3, o: 1};}", "the expression returns 'oo', which is no output"),
        ("$({s: 'x'})", "the expression does not return the output 'o'"),
        ("${return {o: 'x'};}", "the expression returns a text as 'o', but int is wanted"),
        ("${return {o: 1.5};}", "the expression returns a number as 'o', but int is wanted"),
        ("${return {o: null};}", "the expression returns null as 'o', but int is wanted"),
        ("${return {o: 1, l: 3};}", "a number as 'l', but int[]? is wanted"),
        ("${return {o: 1, s: true};}", "a truth value as 's', but string? is wanted"),
        ("${return {o: 1, u: [2]};}", "a list as 'u', but string? is wanted"),
    ],
)
def test_what_does_not_fit_is_a_warning(cwl: Any, expression: str, message: str) -> None:
    said = findings(cwl, expression)
    assert len(said) == 1
    assert message in said[0]


def test_a_tool_that_two_steps_run_is_told_of_once(cwl: Any) -> None:
    cwl.file("t.cwl", HEAD + "expression: \"$({o: 'x'})\"\n")
    steps = "  a: {run: t.cwl, in: {n: n}, out: []}\n  b: {run: t.cwl, in: {n: n}, out: []}\n"
    head = "cwlVersion: v1.2\nclass: Workflow\ninputs: {n: int}\noutputs: []\nsteps:\n"
    cwl.document(head + steps)
    assert [(d.code, d.file, d.line) for d in cwl.report] == [("FWF2012", "t.cwl", 6)]
