"""What a ``.ga`` becomes in the IR, and where its faults are."""

from typing import Any

from fairwf.check import check
from fairwf.ir.expressions import Call, Input, IntLit, Local, Opaque, Output
from fairwf.ir.types import (
    ArrayType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    RecordType,
    Type,
)
from fairwf.ir.types_text import describe
from fairwf.ir.workflow import Operation, Scatter, Step, Workflow
from fairwf.report import Report
from tests.converters.galaxy.conftest import Read

SHED = "toolshed.g2.bx.psu.edu/repos/devteam/fastqc/fastqc/0.74+galaxy1"


def workflow(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    numbered = {str(n): {"id": n, **step} for n, step in enumerate(steps)}
    return {
        "a_galaxy_workflow": "true",
        "format-version": "0.1",
        "name": "W",
        "steps": numbered,
        **more,
    }


def data(label: str, kind: str = "data_input", **state: Any) -> dict[str, Any]:
    import json

    return {"type": kind, "label": label, "tool_state": json.dumps(state)}


def tool(connections: dict[str, Any], **more: Any) -> dict[str, Any]:
    step = {"type": "tool", "tool_id": SHED, "name": "FastQC", "input_connections": connections}
    return {**step, "outputs": [{"name": "html", "type": "html"}], **more}


def to(number: int, output: str = "output") -> dict[str, Any]:
    return {"id": number, "output_name": output}


def one(read: Read, value: dict[str, Any]) -> Workflow:
    document, report = read(value)
    assert document is not None, [str(d) for d in report]
    assert check(document, Report()).errors == []
    assert isinstance(document.workflow, Workflow)
    return document.workflow


def test_inputs_have_the_types_of_their_states(galaxy: Read) -> None:
    def type_of(kind: str, **state: Any) -> Type:
        return one(galaxy, workflow(data("x", kind, **state))).inputs[0].type

    files, parameter = "data_collection_input", "parameter_input"
    assert isinstance(type_of("data_input"), FileType)
    assert describe(type_of("data_input", optional=True)) == "File?"
    assert describe(type_of(files, collection_type="list")) == "File[]"
    pairs = type_of(files, collection_type="list:paired")
    assert isinstance(pairs, ArrayType) and isinstance(pairs.items, RecordType)
    assert [field.name for field in pairs.items.fields] == ["forward", "reverse"]
    assert isinstance(type_of(parameter, parameter_type="integer"), IntType)
    assert isinstance(type_of(parameter, parameter_type="float", optional=True), OptionalType)
    choice = type_of(parameter, parameter_type="text", restrictions=["a", "b"])
    assert isinstance(choice, EnumType) and choice.symbols == ("a", "b")
    many = type_of(parameter, parameter_type="text", multiple=True)
    assert describe(many) == "string[]"


def test_defaults_fit_their_types_also_where_galaxy_keeps_texts(galaxy: Read) -> None:
    given = data("n", "parameter_input", parameter_type="integer", default="20")
    default = one(galaxy, workflow(given)).inputs[0].default
    assert isinstance(default, IntLit) and default.number == 20
    given = data("f", "parameter_input", parameter_type="float", default=1)
    port = one(galaxy, workflow(given)).inputs[0]
    assert isinstance(port.type, FloatType) and repr(port.default) == "FloatLit(value=1.0)"


def test_a_tool_is_an_operation_named_by_its_id(galaxy: Read) -> None:
    read = one(
        galaxy,
        workflow(data("reads"), tool({"input": to(0)}, tool_version="0.74", annotation="Look.")),
    )
    (step,) = read.steps
    assert (step.id, step.doc) == ("fastqc", "Look.")
    assert isinstance(step.run, Operation)
    assert (step.run.implementation, step.run.label) == (SHED, "FastQC")
    assert isinstance(step.inputs["input"], Input)
    assert step.extensions["galaxy"]["tool_version"] == "0.74"


def test_a_list_of_connections_is_an_array_and_a_default_stands_behind_a_link(galaxy: Read) -> None:
    read = one(
        galaxy,
        workflow(
            data("a"),
            data("b"),
            tool({"files": [to(0), to(1)]}, label="many"),
            tool({"x": to(0)}, label="one", **{"in": {"x": {"default": 3}, "y": {"default": "t"}}}),
        ),
    )
    many, single = read.steps
    assert [type(item) for item in many.inputs["files"].items] == [Input, Input]  # type: ignore[union-attr]
    assert isinstance(single.inputs["x"], Call) and single.inputs["x"].function == "default"
    assert single.inputs["y"].value == "t"  # type: ignore[union-attr]


def test_a_condition_is_the_value_that_it_is_connected_to(galaxy: Read) -> None:
    flag = data("go", "parameter_input", parameter_type="boolean")
    on = tool({"when": to(0), "input": to(1)}, when="$(inputs.when)", label="on")
    text = tool({"input": to(1), "n": to(0)}, when="$(inputs.n != 'skip')", label="text")
    first, second = one(galaxy, workflow(flag, data("reads"), on, text)).steps
    assert isinstance(first.when, Input) and first.when.name == "go"
    assert set(first.inputs) == {"input"}
    assert isinstance(second.when, Opaque) and second.when.language == "javascript"
    assert [binding.path for binding in second.when.bindings] == [("inputs", "n")]


def subworkflow(kind: str = "data_input", **state: Any) -> dict[str, Any]:
    inner = workflow(
        data("single", kind, **state),
        tool({"i": to(0)}, workflow_outputs=[{"output_name": "html", "label": "page"}]),
    )
    connection = {**to(0), "input_subworkflow_step_id": 0}
    return {
        "type": "subworkflow",
        "label": "sub",
        "subworkflow": inner,
        "input_connections": {"single": connection},
        "workflow_outputs": [{"output_name": "page", "label": "pages"}],
    }


def test_a_list_that_meets_a_single_dataset_maps_over(galaxy: Read) -> None:
    files = data("reads", "data_collection_input", collection_type="list")
    read = one(galaxy, workflow(files, subworkflow()))
    (step,) = read.steps
    assert isinstance(step.scatter, Scatter) and [o.name for o in step.scatter.over] == ["single"]
    assert isinstance(step.inputs["single"], Local)
    assert isinstance(read.outputs[0].type, ArrayType)
    whole = workflow(files, subworkflow("data_collection_input", collection_type="list"))
    assert one(galaxy, whole).steps[0].scatter is None


def test_outputs_of_a_subworkflow_without_a_label_are_found_by_their_number(galaxy: Read) -> None:
    step = subworkflow()
    step["subworkflow"]["steps"]["1"]["workflow_outputs"] = []
    step["workflow_outputs"] = [{"output_name": "1:html", "label": "pages"}]
    read = one(galaxy, workflow(data("reads"), step))
    value = read.outputs[0].value
    assert isinstance(value, Output) and value.step == "sub"
    inner = read.steps[0].run
    assert isinstance(inner, Workflow) and [port.id for port in inner.outputs] == [value.port]


def test_who_made_it_and_under_which_licence(galaxy: Read) -> None:
    creators = [
        {"class": "Person", "name": "Josiah Carberry", "identifier": "0000-0002-1825-0097"},
        {"class": "Organization", "name": "IWC", "url": "https://example.org"},
    ]
    given = workflow(creator=creators, license="MIT", release="0.3", tags=["rna"])
    facts = one(galaxy, given).metadata
    assert facts is not None
    person, organization = facts.creators
    assert person.id == "https://orcid.org/0000-0002-1825-0097"
    assert (organization.organization, organization.id) == (True, "https://example.org")
    assert (facts.license, facts.version, facts.keywords) == ("MIT", "0.3", ("rna",))


def test_what_the_ir_has_no_field_for_is_kept(galaxy: Read) -> None:
    actions = {"HideDatasetActionhtml": {"action_type": "HideDatasetAction", "output_name": "html"}}
    given = workflow(
        tool({}, post_job_actions=actions, position={"left": 1, "top": 2}, uuid="u"),
        report={"markdown": "# R"},
        comments=[{"id": 0, "type": "text"}],
    )
    read = one(galaxy, given)
    assert read.extensions["galaxy"]["report"] == {"markdown": "# R"}
    kept = read.steps[0].extensions["galaxy"]
    assert kept["post_job_actions"] == actions and kept["position"] == {"left": 1, "top": 2}


def test_places_are_those_of_the_text(galaxy: Read) -> None:
    document, _ = galaxy(workflow(data("reads"), tool({"input": to(0)}, label="look")))
    assert document is not None and isinstance(document.workflow, Workflow)
    (step,) = document.workflow.steps
    assert isinstance(step, Step)
    line = document.origins.get(step)
    link = document.origins.get(step.inputs["input"])
    assert line is not None and link is not None and line.line < link.line <= line.end_line


def faults(galaxy: Read, value: Any) -> list[str]:
    document, report = galaxy(value)
    assert document is None
    assert all(d.line is not None for d in report.errors), [str(d) for d in report]
    return [d.message for d in report.errors]


def test_faults_are_told_all_at_once_with_their_places(galaxy: Read) -> None:
    given = workflow({"type": "rocket"}, {"type": "tool"}, tool({"x": to(9)}), tool({"x": "y"}))
    given["steps"]["four"] = {}
    assert faults(galaxy, given) == [
        "the key 'four' of a step is no number",
        "step 0 is of the unknown type 'rocket'",
        "step 0 names no tool ('tool_id')",
        "step 1 names no tool ('tool_id')",
        "the connection 'x' of step 2 is to step 9, which is not there",
        "the connection 'x' of step 3 is a text, and should be an object",
    ]


def test_a_state_that_is_no_json_is_told(galaxy: Read) -> None:
    (message,) = faults(galaxy, workflow({**data("x"), "tool_state": "{'a': 1}"}))
    assert message.startswith("'tool_state' of step 0 is no JSON")


def test_a_cycle_is_told(galaxy: Read) -> None:
    document, _ = galaxy(workflow(tool({"a": to(1, "html")}), tool({"b": to(0, "html")})))
    assert document is not None
    assert {d.code for d in check(document, Report()).errors} == {"FWF2004"}
