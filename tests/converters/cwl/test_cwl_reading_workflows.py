"""Workflows: links, scatter, conditions, valueFrom, inheritance of requirements."""

from typing import Any

from fairwf.ir import types as ty
from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Each,
    File,
    If,
    Input,
    IntLit,
    Local,
    NoneLit,
    Opaque,
    Output,
    StepInput,
    StringLit,
    Template,
)
from fairwf.ir.workflow import Command, Operation, Workflow

HEAD = (
    "cwlVersion: v1.2\nclass: Workflow\n"
    "requirements: {InlineJavascriptRequirement: {}, StepInputExpressionRequirement: {},\n"
    "  ScatterFeatureRequirement: {}, MultipleInputFeatureRequirement: {},\n"
    "  SubworkflowFeatureRequirement: {}}\n"
    "inputs: {f: File, fs: 'File[]', o: 'File?', n: int, s: string}\n"
)


def _workflow(cwl: Any, tool_text: Any, steps: str, outputs: str = "outputs: []\n") -> Workflow:
    cwl.file("t.cwl", tool_text("x: Any, y: 'Any?', z: 'Any?'", "out: stdout"))
    return cwl.document(HEAD + outputs + "steps:\n" + steps).workflow


def _inputs(cwl: Any, tool_text: Any, said: str) -> Any:
    step = _workflow(cwl, tool_text, f"  a: {{run: t.cwl, in: {{{said}}}, out: [out]}}\n").steps[0]
    return step.inputs


def test_a_link_is_an_expression(cwl: Any, tool_text: Any) -> None:
    workflow = _workflow(
        cwl,
        tool_text,
        "  a: {run: t.cwl, in: {x: f}, out: [out]}\n"
        "  b: {run: t.cwl, in: [{id: x, source: a/out}], out: [{id: out}]}\n"
        "  c: {run: t.cwl, in: {x: {source: '#main/b/out'}}, out: [out]}\n",
        "outputs: {r: {type: File, outputSource: c/out}, p: {type: File, outputSource: f}}\n",
    )
    assert [step.id for step in workflow.steps] == ["a", "b", "c"]
    values = [step.inputs["x"] for step in workflow.steps]
    assert same(values[0], Input(name="f"))
    assert same(values[1], Output(step="a", port="out"))
    assert same(values[2], Output(step="b", port="out"))
    assert same(workflow.outputs[0].value, Output(step="c", port="out"))
    assert same(workflow.outputs[1].value, Input(name="f"))
    assert isinstance(workflow.steps[0].run, Command)


def test_defaults_stand_for_none(cwl: Any, tool_text: Any) -> None:
    inputs = _inputs(
        cwl, tool_text, "x: {source: o, default: {class: File, path: d}}, y: {default: 3}, z: {}"
    )
    assert same(inputs["x"], Call(function="default", args=(Input(name="o"), File(location="d"))))
    assert same(inputs["y"], IntLit(value=3))
    assert same(inputs["z"], NoneLit())


def test_several_sources_are_merged_and_picked(cwl: Any, tool_text: Any) -> None:
    inputs = _inputs(
        cwl,
        tool_text,
        "x: [f, fs], y: {source: [f, fs], linkMerge: merge_flattened, pickValue: all_non_null},"
        " z: {source: f, linkMerge: merge_nested}",
    )
    both = (Input(name="f"), Input(name="fs"))
    merged = Call(function="merge_flattened", args=both)
    assert same(inputs["x"], Array(items=both))
    assert same(inputs["y"], Call(function="all_defined", args=(merged,)))
    assert same(inputs["z"], Array(items=(Input(name="f"),)))


def test_one_source_in_a_list_is_that_source(cwl: Any, tool_text: Any) -> None:
    assert same(_inputs(cwl, tool_text, "x: [f]")["x"], Input(name="f"))
    picked = _inputs(cwl, tool_text, "x: {source: [fs], pickValue: first_non_null}")["x"]
    assert same(picked, Call(function="first_defined", args=(Input(name="fs"),)))


def test_value_from_sees_links_and_self(cwl: Any, tool_text: Any) -> None:
    inputs = _inputs(
        cwl,
        tool_text,
        "x: {source: f, valueFrom: $(self.nameroot)}, y: {valueFrom: '$(inputs.x.basename).y'},"
        " z: {source: n, valueFrom: '$(self + inputs.x.size)'}",
    )
    assert same(inputs["x"], Attr(of=Input(name="f"), name="nameroot"))
    name = Attr(of=Input(name="f"), name="basename")
    assert same(inputs["y"], Template(parts=(name, StringLit(value=".y"))))
    size = Attr(of=Input(name="f"), name="size")
    assert same(inputs["z"], Call(function="add", args=(Input(name="n"), size)))
    opaque = _inputs(
        cwl, tool_text, "x: f, y: {source: n, valueFrom: '$(typeof self + inputs.x.size)'}"
    )["y"]
    assert isinstance(opaque, Opaque)
    bound = {".".join(binding.path): binding.value for binding in opaque.bindings}
    assert same(bound["self"], Input(name="n"))
    assert same(bound["inputs.x"], Input(name="f"))


def test_contents_are_loaded_in_a_step(cwl: Any, tool_text: Any) -> None:
    inputs = _inputs(
        cwl,
        tool_text,
        "x: {source: f, loadContents: true, valueFrom: $(self.contents)},"
        " y: {source: fs, loadContents: true}, z: {source: o, loadContents: true}",
    )

    def load(of: Any) -> Any:
        return Call(function="load_contents", args=(of,))

    assert same(inputs["x"], Attr(of=load(Input(name="f")), name="contents"))
    each = Each(name="file", over=Input(name="fs"), body=load(Local(name="file")))
    assert same(inputs["y"], each)
    test = Call(function="defined", args=(Input(name="o"),))
    assert same(inputs["z"], If(test=test, then=load(Input(name="o")), otherwise=NoneLit()))


def test_scatter_binds_locals_and_value_from_sees_items(cwl: Any, tool_text: Any) -> None:
    step = _workflow(
        cwl,
        tool_text,
        "  a:\n    run: t.cwl\n    scatter: [x, y]\n    scatterMethod: flat_crossproduct\n"
        "    in: {x: fs, y: {source: fs, valueFrom: $(self.basename)},"
        " z: {valueFrom: $(inputs.x)}}\n"
        "    out: [out]\n",
    ).steps[0]
    assert step.scatter.mode == "flat_crossproduct"
    assert [(o.name, o.value.name) for o in step.scatter.over] == [("x", "fs"), ("y", "fs")]
    assert same(step.inputs["x"], Local(name="x"))
    assert same(step.inputs["y"], Attr(of=Local(name="y"), name="basename"))
    assert same(step.inputs["z"], Local(name="x"))


def test_the_type_of_a_scattered_output_is_known_to_expressions(cwl: Any, tool_text: Any) -> None:
    step = _workflow(
        cwl,
        tool_text,
        "  a: {run: t.cwl, scatter: x, in: {x: fs}, out: [out]}\n"
        "  b: {run: t.cwl, in: {x: {source: a/out,"
        " valueFrom: '$(self[0].basename)'}}, out: [out]}\n",
    ).steps[1]
    first = Call(function="get", args=(Output(step="a", port="out"), IntLit(value=0)))
    assert same(step.inputs["x"], Attr(of=first, name="basename"))


def test_a_condition_sees_what_the_step_hands_over(cwl: Any, tool_text: Any) -> None:
    step = _workflow(
        cwl,
        tool_text,
        "  a: {run: t.cwl, when: $(inputs.x), in: {x: n}, out: [out]}\n",
    ).steps[0]
    assert same(step.when, StepInput(name="x"))


def test_what_is_no_input_of_the_process_serves_expressions_only(cwl: Any, tool_text: Any) -> None:
    step = _workflow(
        cwl,
        tool_text,
        "  a:\n    run: t.cwl\n    when: $(inputs.extra)\n    out: [out]\n"
        "    in: {x: {valueFrom: $(inputs.more)}, extra: {valueFrom: $(inputs.more)}, more: s,"
        " unused: s}\n",
    ).steps[0]
    assert list(step.inputs) == ["x"]
    assert same(step.inputs["x"], Input(name="s"))
    assert same(step.when, Input(name="s"))
    assert [d.code for d in cwl.report] == ["FWF2009"]
    assert "'unused'" in cwl.report.diagnostics[0].message


def test_an_input_that_nothing_uses_orders_the_steps(cwl: Any, tool_text: Any) -> None:
    step = _workflow(
        cwl,
        tool_text,
        "  a: {run: t.cwl, in: {x: f}, out: [out]}\n"
        "  b: {run: t.cwl, in: {x: f, wait: a/out}, out: [out]}\n",
    ).steps[1]
    assert (step.after, list(step.inputs)) == (("a",), ["x"])
    assert [(d.code, d.severity) for d in cwl.report] == [("FWF2009", "note")]


def _env(process: Any) -> dict[str, str]:
    return {name: value.value for name, value in process.environment.variables.items()}


def test_the_innermost_requirement_counts_and_requirements_beat_hints(cwl: Any) -> None:
    def env(text: str) -> str:
        return f"EnvVarRequirement: {{envDef: {{A: {text}}}}}"

    def inner(where: str) -> str:
        return (
            "{class: CommandLineTool, inputs: [], outputs: [], baseCommand: env"
            + (f", {where}" if where else "")
            + "}"
        )

    workflow = cwl.document(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\n"
        f"requirements: {{{env('workflow')}}}\nsteps:\n"
        f"  plain: {{run: {inner('')}, in: [], out: []}}\n"
        f"  step: {{run: {inner('')}, in: [], out: [], requirements: {{{env('step')}}}}}\n"
        f"  tool: {{run: {inner('requirements: {' + env('tool') + '}')}, in: [], out: [],"
        f" requirements: {{{env('step')}}}}}\n"
        f"  hint: {{run: {inner('hints: {' + env('tool') + '}')}, in: [], out: []}}\n"
    ).workflow
    assert {step.id: _env(step.run)["A"] for step in workflow.steps} == {
        "plain": "workflow",
        "step": "step",
        "tool": "tool",
        "hint": "workflow",
    }


def test_requirements_go_down_through_subworkflows(cwl: Any, tool_text: Any) -> None:
    cwl.file("t.cwl", tool_text())
    cwl.file(
        "sub.cwl",
        "cwlVersion: v1.0\nclass: Workflow\ninputs: {f: File}\n"
        "outputs: {o: {type: File, outputSource: t/y}}\n"
        "steps: {t: {run: t.cwl, in: {x: f}, out: [y]}}\n",
    )
    workflow = cwl.document(
        HEAD + "hints: {DockerRequirement: {dockerPull: img}}\noutputs: []\n"
        "steps: {s: {run: sub.cwl, in: {f: f}, out: [o]}}\n"
    ).workflow
    sub = workflow.steps[0].run
    assert isinstance(sub, Workflow)
    container = sub.steps[0].run.environment.container
    assert (container.image.value, container.required) == ("img", False)


def test_packed_documents_start_at_main_or_where_they_are_told(cwl: Any) -> None:
    text = (
        "cwlVersion: v1.2\n$graph:\n"
        "- {id: '#tool', class: CommandLineTool, baseCommand: a,"
        " inputs: [{id: '#tool/i', type: int}],"
        " outputs: []}\n"
        "- {id: '#other', class: CommandLineTool, baseCommand: b, inputs: [], outputs: []}\n"
        "- id: '#main'\n  class: Workflow\n  inputs: [{id: '#main/n', type: int}]\n  outputs: []\n"
        "  steps: [{id: '#main/s', run: '#tool', in: [{id: '#main/s/i',"
        " source: '#main/n'}], out: []}]\n"
    )
    workflow = cwl.document(text).workflow
    assert (workflow.id, workflow.steps[0].run.id) == ("main", "tool")
    assert same(workflow.steps[0].inputs["i"], Input(name="n"))
    assert cwl.document(text, fragment="other").workflow.id == "other"


def test_operations_and_labels_of_steps(cwl: Any) -> None:
    step = cwl.document(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: {i: int}\noutputs: []\n"
        "$namespaces: {n: http://n/}\nsteps:\n"
        "  s:\n    label: L\n    doc: D\n    n:own: 1\n    out: [o]\n"
        "    in: {i: {source: i, label: inner}}\n"
        "    run: {class: Operation, inputs: {i: int}, outputs: {o: int}}\n"
    ).workflow.steps[0]
    assert isinstance(step.run, Operation)
    assert (step.label, step.doc) == ("L", "D")
    assert step.extensions["cwl"] == {"in": {"i": {"label": "inner"}}, "n:own": 1}


def test_conditional_outputs_are_optional_to_expressions(cwl: Any, tool_text: Any) -> None:
    steps = _workflow(
        cwl,
        tool_text,
        "  a: {run: t.cwl, when: '$(inputs.x > 1)', in: {x: n}, out: [out]}\n"
        "  b: {run: t.cwl, in: {x: {source: a/out, valueFrom: $(self.path)}}, out: [out]}\n",
    ).steps
    assert same(steps[1].inputs["x"], Attr(of=Output(step="a", port="out"), name="path"))
    assert same(
        steps[0].when, Call(function="greater", args=(StepInput(name="x"), IntLit(value=1)))
    )


def test_nested_crossproduct_has_nested_types(cwl: Any, tool_text: Any) -> None:
    steps = _workflow(
        cwl,
        tool_text,
        "  a:\n    run: t.cwl\n    scatter: [x, y]\n    scatterMethod: nested_crossproduct\n"
        "    in: {x: fs, y: fs}\n    out: [out]\n"
        "  b: {run: t.cwl, in: {x: {source: a/out,"
        " valueFrom: '$(self[0][1].size)'}}, out: [out]}\n",
    ).steps
    assert steps[0].scatter.mode == "nested_crossproduct"
    assert isinstance(steps[1].inputs["x"], Attr)
    assert same(steps[0].run.outputs[0].type, ty.FileType())
