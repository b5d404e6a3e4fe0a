"""Packed documents: several processes in one file, chosen and run by their ids."""

from typing import Any

import pytest

from fairwf.ir.canonical import same
from fairwf.ir.expressions import Input, Output

TOOL = "{class: CommandLineTool, inputs: {x: %s}, outputs: [], id: '%s'}"


def graph(*processes: str, steps: str = "") -> str:
    main = (
        "{class: Workflow, id: '#main', inputs: {x: int}, outputs: [], steps: {%s}}" % steps  # noqa: UP031 -- braces
    )
    return "cwlVersion: v1.2\n$graph:\n" + "".join(f"- {p}\n" for p in (main, *processes))


def test_a_step_runs_the_process_with_the_whole_id(cwl: Any) -> None:
    text = graph(
        TOOL % ("int", "#sub/t.cwl"),
        TOOL % ("long", "#other/t.cwl"),
        steps="a: {run: '#sub/t.cwl', in: {x: x}, out: []},"
        " b: {run: 'main.cwl#other/t.cwl', in: {x: x}, out: []}",
    )
    steps = cwl.document(text).workflow.steps
    assert [step.run.inputs[0].type.bits for step in steps] == [32, 64]


def test_the_last_part_is_enough_where_only_one_ends_so(cwl: Any) -> None:
    text = graph(TOOL % ("int", "#sub/t"), steps="a: {run: '#t', in: {x: x}, out: []}")
    assert cwl.document(text).workflow.steps[0].run.id == "t"
    both = graph(
        TOOL % ("int", "#sub/t"),
        TOOL % ("int", "#other/t"),
        steps="a: {run: '#t', in: {x: x}, out: []}",
    )
    assert [code for code, _, _ in cwl.faults(both)] == ["FWF1106"]
    assert "name one: sub/t, other/t" in cwl.hints


@pytest.mark.parametrize("fragment", ["t", "#t", "main.cwl#t"])
def test_a_fragment_chooses(cwl: Any, fragment: str) -> None:
    text = graph(TOOL % ("int", "#t"))
    assert cwl.document(text, fragment=fragment).workflow.id == "t"
    assert cwl.document(text).workflow.id == "main"


def test_a_list_of_processes_is_a_graph(cwl: Any) -> None:
    text = "- {cwlVersion: v1.2, class: CommandLineTool, id: main, inputs: [], outputs: []}\n"
    assert cwl.document(text).workflow.id == "main"


def test_only_the_version_at_the_top_counts(cwl: Any) -> None:
    inner = "{class: CommandLineTool, id: t, cwlVersion: v1.2, inputs: {x: int}, outputs: [], %s}"
    text = graph(inner % "intent: [http://a]").replace("v1.2", "v1.0", 1)
    assert cwl.faults(text, fragment="t") == [("FWF1102", 4, 84)]
    assert "the document says v1.0" in cwl.hints


def test_classes_may_be_written_with_their_prefix(cwl: Any) -> None:
    for name in ("cwl:CommandLineTool", "'https://w3id.org/cwl/cwl#CommandLineTool'"):
        text = f"cwlVersion: v1.2\nclass: {name}\nid: t\ninputs: []\noutputs: []\n"
        assert cwl.document(text).workflow.id == "t"


def test_ids_written_out_in_full_are_found_inside_embedded_workflows(cwl: Any) -> None:
    tool = (
        "{class: CommandLineTool, inputs: [{id: '#main/s/run/t/run/z', type: int}],"
        " outputs: [{id: '#main/s/run/t/run/o', type: stdout}]}"
    )
    inner = (
        "{class: Workflow, inputs: [{id: '#main/s/run/y', type: int}],\n"
        " outputs: [{id: '#main/s/run/o', type: File, outputSource: '#main/s/run/t/o'}],\n"
        " steps: [{id: '#main/s/run/t', in: [{id: '#main/s/run/t/z', source: '#main/s/run/y'}],\n"
        f"  out: ['#main/s/run/t/o'], run: {tool}}}]}}"
    )
    text = (
        "cwlVersion: v1.2\nclass: Workflow\nid: '#main'\n"
        "requirements: [{class: SubworkflowFeatureRequirement}]\n"
        "inputs: [{id: '#main/x', type: int}]\n"
        "outputs: [{id: '#main/o', type: File, outputSource: '#main/s/o'}]\n"
        "steps: [{id: '#main/s', in: [{id: '#main/s/y', source: '#main/x'}],\n"
        f" out: ['#main/s/o'], run: {inner}}}]\n"
    )
    workflow = cwl.document(text).workflow
    step = workflow.steps[0]
    assert same(step.inputs["y"], Input(name="x"))
    assert same(step.run.steps[0].inputs["z"], Input(name="y"))
    assert same(step.run.outputs[0].value, Output(step="t", port="o"))
    assert same(workflow.outputs[0].value, Output(step="s", port="o"))


def test_a_packed_requirement_is_imported_by_its_id(cwl: Any) -> None:
    types = "{class: SchemaDefRequirement, id: '#t.yml', types: [{name: '#t.yml/R', type: record,"
    types += " fields: [{name: '#t.yml/R/a', type: int}]}]}"
    tool = "{class: CommandLineTool, id: '#t', requirements: [%s], inputs: {x: '#t.yml/R'},"
    text = (
        "cwlVersion: v1.2\n$graph:\n"
        f"- {tool % types} outputs: []}}\n"
        "- {class: Workflow, id: '#main', requirements: [{$import: '#t.yml'}],\n"
        "   inputs: {x: '#t.yml/R'}, outputs: [],\n"
        "   steps: [{id: s, run: '#t', in: {x: x}, out: []}]}\n"
    )
    assert cwl.document(text).workflow.inputs[0].type.fields[0].name == "a"
    assert cwl.faults(text.replace("$import: '#t.yml'", "$import: '#no'"))[0][0] == "FWF1106"
    assert cwl.faults(text.replace("$import: '#t.yml'", "$import: '#main'"))[0][0] == "FWF2004"
