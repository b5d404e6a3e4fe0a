"""Workflows: calls, scatters, conditionals, and what stands outside of them."""

from pathlib import Path

import pytest

from fairwf.ir.expressions import Call, Each
from fairwf.ir.workflow import Workflow
from tests.converters.wdl.conftest import Reading

TASKS = """
task double {
  input {
    Int n
    Int more = 0
  }
  command <<< echo $(( ~{n} * 2 + ~{more} )) >>>
  output { Int out = read_int(stdout()) }
}
task text {
  input { Array[Int?] xs }
  command <<< echo ~{sep=" " select_all(xs)} >>>
  output { String out = read_string(stdout()) }
}
"""


def workflow(body: str, version: str = "1.1") -> str:
    return f"version {version}\n{TASKS}\nworkflow w {{\n{body}\n}}\n"


CASES = {
    "calls that feed each other": (
        "call double as a { input: n = 1 } call double as b { input: n = a.out + 1 }"
        " output { Int x = b.out  String s = 'is ~{x}' }",
        {"x": 6, "s": "is 6"},
    ),
    "a scatter over one call": (
        "scatter (i in [1, 2]) { Int more = i + 10 call double { input: n = i, more = more } }"
        " output { Array[Int] x = double.out }",
        {"x": [13, 16]},
    ),
    "a condition around one call": (
        "Int? no if (1 > 2) { call double as a { input: n = select_first([no]) } }"
        " if (1 < 2) { if (true) { call double as b { input: n = 1 } } }"
        " output { Int? x = a.out  Int? y = b.out }",
        {"x": None, "y": 2},
    ),
    "conditions inside of a scatter": (
        "scatter (i in range(3)) { if (i > 0) { call double { input: n = i } } }"
        " output { Array[Int?] x = double.out }",
        {"x": [None, 2, 4]},
    ),
    "several calls and names of a section": (
        "Int base = 10 scatter (i in [1, 2]) { call double as a { input: n = i }"
        " Int y = a.out + base call double as b { input: n = y } if (i > 1) { Int z = b.out } }"
        " output { Array[Int] x = b.out  Array[Int] ys = y  Array[Int?] zs = z }",
        {"x": [24, 28], "ys": [12, 14], "zs": [None, 28]},
    ),
    "a call named like the step of a section": (
        "scatter (i in [1, 2]) { call double as a { input: n = i }"
        " call double as b { input: n = a.out } }"
        " if (true) { call double as scatter_i { input: n = 5 } }"
        " output { Array[Int] x = b.out  Int? y = scatter_i.out }",
        {"x": [4, 8], "y": 10},
    ),
    "a scatter in a condition in a scatter": (
        "scatter (i in [1, 2]) { if (i > 1) { scatter (j in [5, 6]) {"
        " call double { input: n = i * j } } } }"
        " output { Array[Array[Int]?] x = double.out }",
        {"x": [None, [20, 24]]},
    ),
    "sections without calls": (
        "scatter (i in [1, 2]) { Int a = i * 2 if (a > 2) { Int b = a + 1 } }"
        " scatter (p in zip(a, ['x', 'y'])) { String s = '~{p.left}~{p.right}' }"
        " if (false) { scatter (k in [1]) { Int c = k } }"
        " output { Array[Int] x = a  Array[Int?] y = b  Array[String] t = s  Array[Int]? u = c }",
        {"x": [2, 4], "y": [None, 5], "t": ["2x", "4y"], "u": None},
    ),
    "an array with gaps goes on": (
        "scatter (i in range(3)) { if (i != 1) { call double { input: n = i } } }"
        " call text { input: xs = double.out } output { String x = text.out }",
        {"x": "0 4"},
    ),
    "order without data": (
        "call double as a { input: n = 1 } call double as b after a { input: n = 2 }"
        " scatter (i in [1]) { call double as c after b { input: n = i }"
        " call double as d after c { input: n = i } }"
        " output { Array[Int] x = d.out }",
        {"x": [2]},
    ),
    "a default that needs a call": (
        "input { Int n = a.out } call double as a { input: n = 4 }"
        " call double as b { input: n = n } output { Int x = b.out }",
        {"x": 16},
    ),
    "an empty scatter": (
        "scatter (i in range(0)) { call double { input: n = i } }"
        " output { Array[Int] x = double.out  Int l = length(double.out) }",
        {"x": [], "l": 0},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_workflow_gives_its_outputs(name: str, wdl: Reading) -> None:
    body, wanted = CASES[name]
    assert wdl.run(workflow(body)) == wanted


def test_a_scatter_without_calls_is_an_expression_and_one_call_is_one_step(wdl: Reading) -> None:
    body = (
        "scatter (i in [1, 2]) { Int a = i } scatter (i in a) { call double { input: n = i } }"
        " output { Array[Int] x = a  Array[Int] y = double.out }"
    )
    read = wdl.document(workflow(body)).workflow
    assert isinstance(read, Workflow)
    assert isinstance(read.outputs[0].value, Each)
    assert [step.id for step in read.steps] == ["double"]
    assert read.steps[0].scatter is not None


def test_a_section_without_calls_is_translated_once(wdl: Reading) -> None:
    body = (
        "scatter (i in [1, 2]) { Int y = i + 1  if (i > 1) { Int z = y } }"
        " output { Array[Int] a = y  Array[Int] b = y  Array[Int?] c = z  Array[Int?] d = z }"
    )
    made = wdl.document(workflow(body)).workflow
    assert isinstance(made, Workflow)
    a, b, c, d = (port.value for port in made.outputs)
    assert a is b
    assert c is d
    assert a is not c
    values = {"a": [2, 3], "b": [2, 3], "c": [None, 3], "d": [None, 3]}
    assert wdl.run(workflow(body)) == values


def test_inputs_that_calls_leave_open_are_inputs_of_the_workflow(wdl: Reading) -> None:
    body = "scatter (i in [1]) { call double { input: n = i } } call double as a"
    open_ones = {"1.0": ["double.more", "a.n", "a.more"], "1.1": ["a.n"]}
    for version, names in open_ones.items():
        read = wdl.document(workflow(body, version)).workflow
        assert isinstance(read, Workflow)
        assert sorted(port.id for port in read.inputs) == sorted(names)
    body = f"meta {{ allowNestedInputs: true }} {body}"
    job = wdl.file("job.json", '{"w.a.n": 5, "w.a.more": 1, "w.double.more": 3}')
    given = wdl.run(workflow(body + " output { Int x = a.out  Array[Int] y = double.out }"), job)
    assert given == {"x": 11, "y": [5]}


def test_workflows_call_imported_workflows(wdl: Reading) -> None:
    wdl.file("lib/tasks.wdl", f"version 1.1\nstruct P {{ Int n }}\n{TASKS}")
    wdl.file(
        "lib/sub.wdl",
        'version 1.1\nimport "tasks.wdl" as t\nworkflow sub {\n  input { P p }\n'
        "  call t.double { input: n = p.n }\n  output { Int out = double.out }\n}\n",
    )
    text = """version 1.1
import "lib/sub.wdl"
import "lib/tasks.wdl" alias P as Q
workflow w {
  input { Q q = object { n: 4 } }
  call sub.sub { input: p = q }
  call tasks.double { input: n = sub.out }
  output { Int x = double.out }
}
"""
    assert wdl.run(text) == {"x": 16}
    assert {Path(span.file).name for span in wdl.document(text).origins.spans()} == {
        "main.wdl",
        "sub.wdl",
        "tasks.wdl",
    }


def test_a_task_that_several_calls_run_is_defined_once(wdl: Reading) -> None:
    body = "call double as a { input: n = 1 } call double as b { input: n = 2 }"
    read = wdl.document(workflow(body)).workflow
    assert isinstance(read, Workflow)
    assert list(read.processes) == ["double"]


def test_without_an_output_section_calls_give_theirs(wdl: Reading) -> None:
    text = workflow("scatter (i in [1, 2]) { call double { input: n = i } }", "1.0")
    assert wdl.run(text) == {"double.out": [2, 4]}


def test_a_declaration_is_computed_where_it_is_used(wdl: Reading) -> None:
    body = "Int a = length(range(3)) call double { input: n = a + a }"
    read = wdl.document(workflow(body)).workflow
    assert isinstance(read, Workflow)
    value = read.steps[0].inputs["n"]
    assert isinstance(value, Call) and value.function == "add"
