"""Faulty CWL documents: all faults at once, each with its place and what to do."""

from pathlib import Path
from typing import Any

import pytest

from fairwf.check import check
from fairwf.formats import ReadOptions, Source
from fairwf.report import InvalidError, Report, UnsupportedError
from fairwf_cwl.read import read

TOOL = "cwlVersion: v1.2\nclass: CommandLineTool\n"


def test_all_faults_are_reported_with_their_places(cwl: Any) -> None:
    faults = cwl.faults(
        TOOL
        + "inptus: {}\n"
        + "inputs:\n  a: {type: int, inputBinding: {prefx: -a, position: first}}\n"
        + "outputs:\n  - {id: o, type: File, outputBinding: [x]}\n"
        + "successCodes: 0\n"
    )
    assert faults == [
        ("FWF1102", 3, 1),
        ("FWF1102", 5, 33),
        ("FWF1101", 5, 54),
        ("FWF1101", 7, 40),
        ("FWF1101", 8, 15),
    ]
    assert "did you mean 'inputs'?" in cwl.hints
    assert "did you mean 'prefix'?" in cwl.hints


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (TOOL + "inputs: []\n", "FWF1103", 1),
        ("cwlVersion: v1.2\nclass: ExpressionTool\ninputs: []\noutputs: []\n", "FWF1103", 1),
        ("cwlVersion: v1.2\ninputs: []\noutputs: []\n", "FWF1103", 1),
        ("class: CommandLineTool\ninputs: []\noutputs: []\n", "FWF1103", 1),
        ("cwlVersion: v1.2\nclass: ComandLineTool\ninputs: []\noutputs: []\n", "FWF1101", 2),
        (TOOL + "inputs: {a: strnig}\noutputs: []\n", "FWF1106", 3),
        (TOOL + "inputs: {a: {type: array}}\noutputs: []\n", "FWF1106", 3),
        (TOOL + "inputs: {a: {type: {type: array}}}\noutputs: []\n", "FWF1103", 3),
        (TOOL + "inputs: {a: {type: {type: enum}}}\noutputs: []\n", "FWF1103", 3),
        (TOOL + "inputs: [{id: a, type: int}, {id: a, type: int}]\noutputs: []\n", "FWF2002", 3),
        (TOOL + "inputs: [a]\noutputs: []\n", "FWF1101", 3),
        (TOOL + "inputs: []\noutputs: []\nrequirements: [DockerRequirement]\n", "FWF1101", 5),
        (TOOL + "inputs: []\noutputs: []\nhints: {DockerRequirement: {pull: x}}\n", "FWF1102", 5),
        (TOOL + "inputs: {a: {type: int, secondaryFiles: 3}}\noutputs: []\n", "FWF1101", 3),
        (TOOL + "inputs: []\noutputs: []\nintent: x\n", "FWF1101", 5),
        ("- 1\n", "FWF1101", 1),
        ("", "FWF1004", 1),
        ("a: [\n", "FWF1004", 1),
        ("cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps: 3\n", "FWF1101", 5),
    ],
)
def test_a_fault_has_its_code_and_line(cwl: Any, text: str, code: str, line: int | None) -> None:
    faults = cwl.faults(text)
    assert (code, line) in [(found, at) for found, at, _ in faults]


@pytest.mark.parametrize("version", ["draft-3", "v1.3", "v2", "cwl:draft-2", "1.2"])
def test_unknown_versions_are_unsupported(cwl: Any, version: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        cwl.tool("", version)
    assert caught.value.exit_code == 33
    assert [(d.code, d.line, d.column) for d in cwl.report] == [("FWF1104", 1, 13)]


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ('arguments:\n- $(inputs.a ? "x" : null)', "quote the expression"),
        ("$namespace: {s: 'http://schema.org/'}", "did you mean '$namespaces'?"),
    ],
)
def test_names_with_a_dollar_sign_are_passed_over_with_a_word(
    cwl: Any, said: str, hint: str
) -> None:
    cwl.tool(f"{said}\n")
    assert [(d.code, d.severity) for d in cwl.report] == [("FWF1102", "warning")]
    assert hint in cwl.hints


@pytest.mark.parametrize(
    ("said", "code", "place", "hint"),
    [
        ("inputs: {a: 'stdin?'}", "FWF1101", (4, 13), "say type: stdin"),
        ("inputs: {a: stdout}", "FWF1101", (4, 13), "an output of a tool"),
        ("inputs: {a: {type: stdin, inputBinding: {}}}", "FWF1101", (4, 20), "remove the binding"),
        ("outputs: {a: 'stdout[]'}", "FWF1101", (4, 14), "say type: stdout"),
        ("outputs: {a: stdin}", "FWF1101", (4, 14), "an input of a tool"),
        ("outputs: {a: {type: stderr, outputBinding: {glob: x}}}", "FWF1101", (4, 21), "File"),
        ("inputs: {a: {type: {type: enum, symbols: [x, x]}}}", "FWF2002", (4, 42), "'x'"),
        (
            "inputs: {a: {type: {type: record, fields: [{name: x, type: int},"
            " {name: x, type: int}]}}}",
            "FWF2002",
            (4, 43),
            "'x'",
        ),
        ("requirements: {ToolTimeLimit: {timelimit: -1}}", "FWF1101", (5, 43), "less than zero"),
    ],
)
def test_faults_of_tools(cwl: Any, said: str, code: str, place: tuple[int, int], hint: str) -> None:
    other = "outputs" if said.startswith("inputs") else "inputs"
    text = f"{TOOL}{other}: []\n{said}\n"
    if said.startswith("requirements"):
        text = f"{TOOL}inputs: []\noutputs: []\n{said}\n"
    assert cwl.faults(text) == [(code, *place)]
    assert hint in cwl.hints


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ("inputs: {a: {type: int, format: 'http://x'}}", "FWF2009", "'format' means nothing"),
        ("inputs: {a: {type: 'int[]', secondaryFiles: .x}}", "FWF2009", "takes no file"),
        (
            "requirements: [{class: DockerRequirement, dockerPull: a},"
            " {class: DockerRequirement, dockerPull: b}]",
            "FWF2002",
            "the last one counts",
        ),
        (
            "requirements: {ResourceRequirement: {ramMin: 4, ramMax: 2}}",
            "FWF2012",
            "at least 4 and at most 2",
        ),
    ],
)
def test_what_is_allowed_and_makes_no_sense_is_a_warning(
    cwl: Any, said: str, code: str, words: str
) -> None:
    cwl.tool(f"{said}\n")
    assert [(d.code, d.severity) for d in cwl.report] == [(code, "warning")]
    assert words in cwl.hints


def test_operations_came_with_v1_2(cwl: Any) -> None:
    text = "cwlVersion: v1.1\nclass: Operation\ninputs: []\noutputs: []\n"
    assert cwl.faults(text) == [("FWF1101", 2, 8)]


def test_unknown_requirements_are_unsupported(cwl: Any) -> None:
    with pytest.raises(UnsupportedError):
        cwl.tool("requirements: {DokcerRequirement: {}}\n")
    assert [d.code for d in cwl.report] == ["FWF1105"]
    assert "did you mean 'DockerRequirement'?" in cwl.hints


@pytest.mark.parametrize(
    "said",
    [
        "inputs: {a: {type: File, loadContents: true}}\n",
        "inputs: {a: {type: File, secondaryFiles: {pattern: .x}}}\n",
        "intent: [http://a]\n",
        "hints: {ResourceRequirement: {coresMin: 0.5}}\n",
    ],
)
def test_what_a_later_version_brought_is_no_field_of_an_earlier_one(cwl: Any, said: str) -> None:
    cwl.tool(said, "v1.2")
    with pytest.raises(InvalidError):
        cwl.tool(said, "v1.0")
    assert "v1." in cwl.hints


HEAD = "cwlVersion: v1.2\nclass: Workflow\ninputs: {reads: File}\noutputs: []\nsteps:\n"


@pytest.mark.parametrize(
    ("step", "code", "place", "hint"),
    [
        ("run: t.cwl, in: {x: raeds}, out: []", "FWF1106", (6, 27), "did you mean 'reads'?"),
        ("run: t.cwl, in: {x: s/yy}, out: [y]", "FWF1106", (6, 27), "did you mean 'y'?"),
        ("run: t.cwl, in: {x: reads}, out: [why]", "FWF1106", (6, 41), "it has: y"),
        ("run: tt.cwl, in: {}, out: []", "FWF1106", (6, 12), "did you mean 't.cwl'?"),
        ("run: http://a.b/t.cwl, in: {}, out: []", "FWF1007", (6, 12), "relative path"),
        ("run: /etc/passwd, in: {}, out: []", "FWF1008", (6, 12), "relative"),
        ("run: 'file:///etc/passwd', in: {}, out: []", "FWF1008", (6, 12), "relative"),
        ("run: ../../../../../../../etc/passwd, in: {}, out: []", "FWF1008", (6, 12), ""),
        ("run: '#no', in: {}, out: []", "FWF1106", (6, 12), ""),
        ("run: main.cwl, in: {}, out: []", "FWF2004", (6, 12), ""),
        ("in: {}, out: []", "FWF1103", (6, 6), ""),
        ("run: t.cwl, in: {x: reads}, out: [], scatter: z", "FWF2007", (6, 53), ""),
        ("run: t.cwl, in: {x: reads, y: reads}, out: [], scatter: [x, y]", "FWF1103", (6, 63), ""),
        ("run: t.cwl, in: {}, out: [], when: true", "FWF1101", (6, 42), "$(...)"),
        ("run: {class: Nothing}, in: {}, out: []", "FWF1101", (6, 20), ""),
        (
            "run: t.cwl, in: {x: reads}, out: [], scatter: [x, x]",
            "FWF1105",
            (6, 57),
            "nested_crossproduct",
        ),
    ],
)
def test_faults_of_steps(
    cwl: Any, tool_text: Any, step: str, code: str, place: tuple[int, int], hint: str
) -> None:
    cwl.file("t.cwl", tool_text("x: Any, y: 'Any?'"))
    faults = cwl.faults(HEAD + f"  s: {{{step}}}\n")
    assert (code, *place) in faults
    assert hint in cwl.hints


def test_a_fault_in_a_file_that_a_step_runs_names_that_file(cwl: Any) -> None:
    cwl.file("tools/t.cwl", TOOL + "inputs: []\noutputs: []\nbase: x\n")
    assert cwl.faults(HEAD + "  s: {run: tools/t.cwl, in: {}, out: []}\n") == [("FWF1102", 5, 1)]
    assert cwl.report.errors[0].file == "tools/t.cwl"


def test_several_processes_and_no_main_ask_for_one(cwl: Any) -> None:
    one = "class: CommandLineTool, inputs: [], outputs: []"
    text = f"cwlVersion: v1.2\n$graph: [{{id: a, {one}}}, {{id: b, {one}}}]\n"
    assert [code for code, _, _ in cwl.faults(text)] == ["FWF1106"]
    assert "FILE#a" in cwl.hints
    assert [code for code, _, _ in cwl.faults(text, fragment="c")] == ["FWF1106"]


def test_a_type_cannot_contain_itself(cwl: Any) -> None:
    faults = cwl.faults(
        TOOL
        + "requirements: {SchemaDefRequirement: {types: [{name: r, type: record,"
        + " fields: {again: 'r?'}}]}}\n"
        + "inputs: {a: r}\noutputs: []\n"
    )
    assert [code for code, _, _ in faults] == ["FWF1101"]


def test_files_that_run_each_other_twice_are_limited(
    cwl: Any, tool_text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairwf_cwl.context.MAX_PROCESSES", 100)
    cwl.file("w0.cwl", tool_text())
    head = "cwlVersion: v1.2\nclass: Workflow\ninputs: {f: File}\noutputs: []\n"
    head += "requirements: {SubworkflowFeatureRequirement: {}}\nsteps:\n"
    for level in range(1, 24):
        steps = (f"  s{n}: {{run: w{level - 1}.cwl, in: {{}}, out: []}}\n" for n in (1, 2))
        cwl.file(f"w{level}.cwl", head + "".join(steps))
    faults = cwl.faults(head + "  s: {run: w23.cwl, in: {}, out: []}\n")
    assert [code for code, _, _ in faults] == ["FWF1009"]


def test_standard_input_is_read_relative_to_the_current_folder(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, tool_text: Any
) -> None:
    (tmp_path / "t.cwl").write_text(tool_text())
    monkeypatch.chdir(tmp_path)
    text = HEAD + "  s: {run: t.cwl, in: {x: reads}, out: [y]}\n"
    document = read(Source(name="-", given=text.encode()), ReadOptions(), Report())
    assert document.source == "-"


def test_a_tool_that_cannot_be_read_whole_makes_no_mistakes_of_its_steps(cwl: Any) -> None:
    """What it takes and gives is not known then: an input of its step may well be right."""
    cwl.file("tool.cwl", "cwlVersion: v1.2\nclass: CommandLineTool\ninpts: {a: string}\n")
    faults = cwl.faults(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: {x: string}\noutputs: []\nsteps:\n"
        "  one:\n    in: {a: x}\n    out: [o]\n    run:\n      class: CommandLineTool\n"
        "      inputs: [bad]\n      outputs: {p: stdout}\n"
        "  two: {run: tool.cwl, in: {a: x}, out: []}\n"
        "  three: {run: tool.cwl, in: {a: x}, out: []}\n",
    )
    assert {code for code, _, _ in faults} == {"FWF1101", "FWF1102", "FWF1103"}
    assert "FWF2009" not in {d.code for d in cwl.report}


def test_mistyped_fields_hide_no_other_fault(cwl: Any) -> None:
    """They are read as they were meant, so what else is wrong shows in the same round."""
    faults = cwl.faults(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: {n: int, f: File}\n"
        "outputs:\n  p: {type: File, outputSource: s/oo}\n"
        "steps:\n  s:\n    in: {f: n}\n    out: [o]\n    scater: f\n"
        "    run:\n      class: CommandLineTool\n      label: [1]\n"
        "      inputs: {f: {type: File, inputBinding: {positon: 1}}}\n"
        '      outputs: {o: {type: File, outputBinding: {globe: "*.txt"}}}\n'
    )
    assert sorted(faults) == [
        ("FWF1101", 13, 14),  # the label
        ("FWF1102", 10, 5),  # scater
        ("FWF1102", 14, 47),  # positon
        ("FWF1102", 15, 49),  # globe
        ("FWF1106", 5, 33),  # s/oo
        ("FWF1113", 10, 5),  # scatter is not declared
    ]


def test_a_broken_step_does_not_hide_what_is_wrong_inside_the_others(cwl: Any) -> None:
    faults = cwl.faults(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: {}\noutputs: {}\nsteps:\n"
        "  a: {in: [], out: 5, run: {class: CommandLineTool, inputs: {}, outptus: {}}}\n"
        "  b: {in: [], out: [], run: {class: CommandLineTool, inputs: {i: strnig}, outputs: {}}}\n"
    )
    assert ("FWF1101", 6, 20) in faults
    assert ("FWF1102", 6, 65) in faults
    assert ("FWF1106", 7, 66) in faults


@pytest.mark.parametrize(
    ("inputs", "column"),
    [('{"": int}', 10), ("[{id: '', type: int}]", 15), ('{"a/": int}', 10), ('{"#": int}', 10)],
)
def test_an_id_that_names_nothing_is_an_error(cwl: Any, inputs: str, column: int) -> None:
    assert cwl.faults(TOOL + f"inputs: {inputs}\noutputs: []\n") == [("FWF1101", 3, column)]


def test_an_id_of_several_parts_counts_by_its_last_part_and_that_is_told(cwl: Any) -> None:
    document = cwl.document(TOOL + 'inputs: {"a/b": int, "#main/c": int}\noutputs: []\n')
    assert [port.id for port in document.workflow.inputs] == ["b", "c"]
    [found] = cwl.report.diagnostics
    assert (found.severity, found.line, found.column) == ("warning", 3, 10)
    assert "'a/b'" in found.message
    assert "'b'" in found.message


def test_a_list_of_no_processes_says_so(cwl: Any) -> None:
    cwl.faults("[]\n")
    assert any("holds no process" in found.message for found in cwl.report.diagnostics)


def test_the_fields_of_a_type_beside_it_belong_inside(cwl: Any) -> None:
    text = TOOL + "outputs: []\ninputs:\n  a:\n    type: enum\n    symbols: [x, y]\n"
    assert [row[:2] for row in cwl.faults(text)] == [("FWF1102", 7), ("FWF1106", 6)]
    assert [d.hint for d in cwl.report] == [
        "it belongs into the type: type: {type: enum, symbols: ...}",
        "an object says it: type: {type: enum, symbols: [...]}",
    ]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("inputs: {a: {type: string[], default: [x]}}", "put it in quotes: 'string[]'"),
        ('arguments: [$({"a": 1}), b]', "put the expression in quotes"),
        ('stdin: $({"a": 1})', "put the expression in quotes"),
        ("inputs: {a: {type: string", "is not closed"),
    ],
)
def test_a_slip_of_yaml_has_the_advice_for_it(cwl: Any, line: str, hint: str) -> None:
    assert [row[0] for row in cwl.faults(f"{TOOL}{line}\n")] == ["FWF1004"]
    assert hint in cwl.hints


LINKS = """cwlVersion: v1.2
class: Workflow
inputs: {n: int, s: string?}
outputs:
  many: {type: File, outputSource: [one/out, two/out]}
  maybe: {type: string, outputSource: s}
steps:
  one:
    in: {text: n, flag: {default: 3}}
    out: [out]
    run: &tool
      class: CommandLineTool
      baseCommand: echo
      inputs: {text: double, flag: string}
      outputs: {out: stdout}
  two: {in: {text: s, flag: s}, out: [out], run: *tool}
"""


def test_links_are_judged_in_the_words_of_cwl(cwl: Any) -> None:
    report = Report()
    check(cwl.document(LINKS), report)
    assert {(d.message, d.hint) for d in report} == {
        (
            "output 'many': File[] is given, but File is wanted",
            "let its type be File[]",
        ),
        (
            "output 'maybe': string? is given, but string is wanted: it may be none",
            "let its type be string?, or take the first value that is not none",
        ),
        (
            "step 'one', input 'flag': int is given, but string is wanted",
            "write it in quotes: '3'",
        ),
        ("step 'two', input 'text': string? is given, but double is wanted", None),
        (
            "step 'two', input 'flag': string? is given, but string is wanted: it may be none",
            "give a default, or take the first value that is not none (CWL: linkMerge: "
            "merge_nested, pickValue: first_non_null; IR: first_defined)",
        ),
    }


@pytest.mark.parametrize(
    ("said", "long_form"),
    [
        ("'string?[]'", "{type: array, items: ['null', string]}"),
        ("'int[][]'", "{type: array, items: {type: array, items: int}}"),
        ("{type: array, items: 'string?'}", "['null', string]"),
        ("{type: array, items: ['null', 'int[]']}", "{type: array, items: int}"),
    ],
)
def test_short_forms_of_types_nest_from_v1_3_on(cwl: Any, said: str, long_form: str) -> None:
    text = "class: CommandLineTool\nbaseCommand: x\noutputs: []\n"
    text += f"inputs: {{a: {{type: {said}}}}}\n"
    assert [code for code, *_ in cwl.faults(f"cwlVersion: v1.2\n{text}")] == ["FWF1101"]
    assert f"say {long_form}" in cwl.hints
    cwl.document(f"cwlVersion: v1.3.0-dev1\n{text}")


@pytest.mark.parametrize(
    "said", ["WorkReuse: {enableReuse: true}", "ToolTimeLimit: {timelimit: 3}"]
)
def test_requirements_of_a_later_version_are_told(cwl: Any, said: str) -> None:
    with pytest.raises(UnsupportedError):
        cwl.tool(f"requirements: {{{said}}}\n", "v1.0")
    assert [d.code for d in cwl.report] == ["FWF1105"]
    tool = cwl.tool(f"hints: {{{said}}}\n", "v1.0")
    assert [d.code for d in cwl.report] == ["FWF1107"]
    assert tool.cacheable is True and tool.resources.time is None
    assert list(tool.extensions["cwl"]["hints"]) == [said.partition(":")[0]]


@pytest.mark.parametrize("times", [40, 2000])
def test_a_type_that_nests_too_deep_is_one_fault(cwl: Any, times: int) -> None:
    assert cwl.faults(TOOL + f"inputs:\n  a: string{'[]' * times}\noutputs: []\n") == [
        ("FWF1101", 4, 6)
    ]


def test_an_output_of_a_step_that_is_not_there_is_named_at_its_place(cwl: Any) -> None:
    faults = cwl.faults(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n  s:\n    in: []\n"
        "    out: [o, u]\n    run:\n      class: ExpressionTool\n      inputs: []\n"
        "      outputs: {o: int}\n      expression: $({})\n"
    )
    assert ("FWF1106", 8, 14) in faults


def test_workflows_that_share_others_at_each_level_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w24.cwl").write_text(
        "cwlVersion: v1.2\nclass: ExpressionTool\ninputs: []\noutputs: []\nexpression: $({})\n"
    )
    for level in range(24):
        steps = "".join(f"  s{n}: {{run: w{level + 1}.cwl, in: [], out: []}}\n" for n in range(2))
        (tmp_path / f"w{level}.cwl").write_text(
            "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\n"
            f"requirements: {{SubworkflowFeatureRequirement: {{}}}}\nsteps:\n{steps}"
        )
    with pytest.raises(InvalidError) as refused:
        read(Source.at(tmp_path / "w0.cwl"), ReadOptions(), Report())
    (fault,) = refused.value.report.errors
    assert fault.code == "FWF1009"
    assert "unfolds into more than" in fault.message


def test_contents_of_a_loaded_file_are_a_text(cwl: Any) -> None:
    text = (
        "cwlVersion: v1.2\nclass: Workflow\nrequirements: {StepInputExpressionRequirement: {}}\n"
        "inputs: {f: File}\noutputs: []\nsteps:\n  s:\n    in:\n"
        "      v: {source: f, loadContents: LOADED, valueFrom: $(self.contents)}\n"
        "    out: []\n    run: {class: CommandLineTool, baseCommand: echo, outputs: [], "
        "inputs: {v: {type: string, inputBinding: {}}}}\n"
    )
    told = Report()
    check(cwl.document(text.replace("LOADED", "true")), told)
    assert not told.diagnostics
    check(cwl.document(text.replace("LOADED", "false")), told)
    assert [one.code for one in told.diagnostics] == ["FWF2012"]
