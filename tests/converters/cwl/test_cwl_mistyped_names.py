"""Names that expressions use and that are not there: told only where it is certain."""

from pathlib import Path
from typing import Any

import pytest

from fairwf.formats import ReadOptions, Source
from fairwf.report import FairwfError, Report
from fairwf_cwl.read import read

HEAD = (
    "requirements: {InlineJavascriptRequirement: {}}\n"
    "inputs:\n  reads: File\n  many: File[]\n  maybe: string?\n  folder: Directory\n"
    "  rec: {type: {type: record, fields: {alpha: int}}}\n  word: string\n"
    "baseCommand: x\narguments:\n"
)
PLACE = 14
"""The line of the first argument."""


def found(cwl: Any, text: str) -> list[tuple[int, int, str]]:
    """Return line, column and hint of each warning of names."""
    cwl.tool(HEAD + "".join(f"  {line}\n" for line in text.splitlines()))
    return [(d.line, d.column, d.hint) for d in cwl.report.diagnostics if d.code == "FWF2012"]


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("- $(inputs.raeds.path)", 14, "did you mean 'reads'?"),
        ("- $(inputs.nothing)", 14, "inputs: reads, many, maybe, folder, rec, word"),
        ("- a $(inputs.reads.basenam) b", 22, "did you mean 'basename'?"),
        ("- $(inputs['reads'].basenam)", 23, "did you mean 'basename'?"),
        ("- $(runtime.core)", 15, "did you mean 'cores'?"),
        ("- $(inputs.folder.lisitng)", 21, "did you mean 'listing'?"),
        ("- $(inputs.many.lenght)", 19, "did you mean 'length'?"),
        ("- $(inputs.many[0].pth)", 22, "did you mean 'path'?"),
        ("- $(inputs.rec.alfa)", 18, "did you mean 'alpha'?"),
        ("- $(inputs.word.toUppercase())", 19, "did you mean 'toUpperCase'?"),
        ("- $(inputs.raeds == true)", 14, "did you mean 'reads'?"),
        ("- $(1 + inputs.raeds)", 18, "did you mean 'reads'?"),
        ("- ${ return inputs.raeds; }", 22, "did you mean 'reads'?"),
    ],
)
def test_a_name_that_is_not_there_is_told_where_it_stands(
    cwl: Any, text: str, column: int, hint: str
) -> None:
    assert found(cwl, text) == [(PLACE, column, hint)]


def test_without_javascript_a_text_has_a_length_and_nothing_else(cwl: Any) -> None:
    cwl.tool("inputs: {word: string}\nbaseCommand: x\narguments: [$(inputs.word.path)]\n")
    hint = "inputs.word is a text, of which a reference can ask for: length"
    assert [d.hint for d in cwl.report.diagnostics if d.code == "FWF2012"] == [hint]


def test_in_a_text_of_several_lines_the_line_is_the_one_of_the_name(cwl: Any) -> None:
    text = "- valueFrom: |\n    ${\n      var a = 1;\n      return a + inputs.raeds;\n    }\n"
    assert found(cwl, text) == [(PLACE + 3, 27, "did you mean 'reads'?")]


@pytest.mark.parametrize(
    "text",
    [
        "$(inputs.maybe === undefined ? 1 : 2)",
        "$(inputs.raeds === undefined ? 1 : inputs.raeds)",
        "$(inputs.raeds !== null)",
        "$(inputs.raeds != 'undefined')",
        "$(typeof inputs.raeds)",
        "$(!inputs.raeds)",
        "$(inputs.raeds ? 1 : 2)",
        "$(inputs.raeds || 'x')",
        "$(inputs.raeds ?? 'x')",
        "$(inputs.reads?.pth)",
        "$('raeds' in inputs)",
        "$(inputs.hasOwnProperty('x') ? 1 : 2)",
        "${ if (inputs.raeds) { return inputs.raeds.path; } return 1; }",
        "${ if ((inputs.raeds)) { return inputs.raeds.path; } return 1; }",
        "${ while (inputs.raeds) { return inputs.raeds.path; } return 1; }",
        "${ inputs.raeds = 1; return inputs.raeds; }",
        "${ var inputs = {}; return inputs.raeds; }",
        "${ return [1].map(function (inputs) { return inputs.raeds; }); }",
        "$([{raeds: 1}].map(inputs => inputs.raeds))",
        "$(isThere(inputs.raeds))",
        "$(inputs[inputs.word])",
        "$(inputs.reads[inputs.word])",
        "$(inputs.reads.metadata.sample)",
        "$(inputs.reads.toString())",
        "$(inputs.many.map(function (f) { return f.pth; }))",
        "$(inputs.maybe.length)",
        "$(inputs.word.length)",
        "$(runtime.cores + runtime.ram)",
    ],
)
def test_a_text_that_asks_or_cannot_be_known_is_left_alone(cwl: Any, text: str) -> None:
    quoted = text.replace('"', '\\"')
    hints = [hint for _, _, hint in found(cwl, f'- "{quoted}"') if "hasOwnProperty" not in text]
    assert hints == []


def test_libraries_that_touch_inputs_may_add_members(cwl: Any) -> None:
    library = "{expressionLib: ['inputs.raeds = 1;']}"
    cwl.tool(
        f"requirements: {{InlineJavascriptRequirement: {library}}}\ninputs: {{reads: File}}\n"
        "baseCommand: x\narguments: [$(inputs.raeds + 1)]\n"
    )
    assert len(cwl.report) == 0


def test_conditions_and_values_of_steps_are_looked_at_too(cwl: Any) -> None:
    cwl.document(
        "cwlVersion: v1.2\nclass: Workflow\n"
        "requirements: {InlineJavascriptRequirement: {}, StepInputExpressionRequirement: {}}\n"
        "inputs: {n: int}\noutputs: {}\nsteps:\n  s:\n"
        "    in: {nn: {source: n, valueFrom: $(inputs.mm + self)}}\n    out: []\n"
        "    when: $(inputs.run_it == true)\n"
        "    run: {class: ExpressionTool, inputs: {nn: int}, outputs: {},"
        " expression: '${return {};}'}\n"
    )
    places = [(d.code, d.line) for d in cwl.report.diagnostics]
    assert sorted(places) == [("FWF2012", 8), ("FWF2012", 10)]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("$(runtime.core)", "did you mean 'cores'?"),
        ("$(inputs.reads.basenam)", "did you mean 'basename'?"),
        ("$(inputs.raeds)", "did you mean 'reads'?"),
        ("$(input.reads)", "did you mean 'inputs'?"),
    ],
)
def test_without_javascript_the_guess_is_about_the_part_that_is_wrong(
    cwl: Any, text: str, hint: str
) -> None:
    cwl.tool(f"inputs: {{reads: File}}\nbaseCommand: x\narguments: [{text}]\n")
    [told] = cwl.report.diagnostics
    assert (told.code, told.hint) == ("FWF2012", hint)


def test_what_is_meant_for_a_shell_is_told_how_to_be_written(cwl: Any) -> None:
    faults = cwl.faults(
        "cwlVersion: v1.2\nclass: CommandLineTool\ninputs: []\noutputs: []\n"
        "requirements: {ShellCommandRequirement: {}, InlineJavascriptRequirement: {}}\n"
        'arguments:\n- {shellQuote: false, valueFrom: "for i in $(seq 1 $0); do x; done"}\n'
    )
    assert faults == [("FWF1108", 7, 50)]
    assert "write '\\$('" in cwl.hints


def test_in_published_documents_only_true_mistakes_are_told(corpora: Path) -> None:
    """Each of these tools fails for the inputs that reach the expression, in any engine."""
    told: set[tuple[str, str]] = set()
    for path in sorted((corpora / "cwl").rglob("*.cwl")):
        report = Report()
        try:
            read(Source.at(path), ReadOptions(), report)
        except FairwfError:
            continue
        told |= {
            (Path(d.file or "").name, d.message.split("'")[1])
            for d in report.diagnostics
            if "undefined when" in d.message
        }
    assert told == {
        ("kraken2.cwl", "inputs.output_report"),
        ("minimap2_sam.cwl", "inputs.readsFA"),
        ("minimap2_sam.cwl", "inputs.indexFile"),
        ("minimap2_sam.cwl", "inputs.fastqFiles"),
        ("unicycler.cwl", "inputs.sequence_longg_type"),
    }
