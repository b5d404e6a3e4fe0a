"""`$import`, `$include` and `$mixin` (Schema Salad), and what may be opened at all."""

import os
from typing import Any

import pytest

from fairwf.ir.types_text import describe

TOOL = "cwlVersion: v1.2\nclass: CommandLineTool\n"


def test_imports_are_replaced_and_keep_their_places(cwl: Any) -> None:
    cwl.file("parts/inputs.yml", "a: int\nb: {type: File, secondaryFiles: {$import: more.yml}}\n")
    cwl.file("parts/more.yml", "[.x, .y]\n")
    document = cwl.document(TOOL + "inputs: {$import: parts/inputs.yml}\noutputs: []\n")
    a, b = document.workflow.inputs
    assert (a.id, [s.pattern.value for s in b.secondary]) == ("a", [".x", ".y"])
    span = document.origins.get(b)
    assert (span.file, span.line) == ("parts/inputs.yml", 2)


def test_an_imported_list_is_spliced_into_a_list(cwl: Any) -> None:
    cwl.file("types.yml", "- {name: a, type: enum, symbols: [x]}\n")
    tool = cwl.tool(
        "requirements: [{class: SchemaDefRequirement, types: [{$import: types.yml}]}]\n"
        "inputs: {i: types.yml#a}\n"
    )
    assert tool.inputs[0].type.symbols == ("x",)


def test_a_part_of_a_file_is_imported_by_its_name(cwl: Any) -> None:
    cwl.file("all.yml", "- {name: one, type: enum, symbols: [x]}\n- {name: two, type: int}\n")
    tool = cwl.tool("inputs: {i: {type: {$import: 'all.yml#one'}}}\n")
    assert tool.inputs[0].type.symbols == ("x",)


def test_text_is_included(cwl: Any) -> None:
    cwl.file("lib.js", "function f() { return JSON.parse(1); }\n")
    tool = cwl.tool(
        "requirements: {InlineJavascriptRequirement: {expressionLib: [{$include: lib.js}]}}\n"
        "arguments: [$(f())]\n"
    )
    assert tool.libraries[0].text == "function f() { return JSON.parse(1); }\n"


def test_a_mixin_is_overridden_by_what_stands_beside_it(cwl: Any) -> None:
    cwl.file("base.yml", TOOL + "id: base\nlabel: base\ninputs: []\noutputs: []\n")
    tool = cwl.document("$mixin: base.yml\nlabel: mine\n").workflow
    assert (tool.id, tool.label) == ("base", "mine")


def test_siblings_of_the_folder_may_be_opened(cwl: Any, tool_text: Any) -> None:
    cwl.file("tools/t.cwl", tool_text())
    text = (
        "cwlVersion: v1.2\nclass: Workflow\ninputs: {f: File}\noutputs: []\n"
        "steps: {s: {run: ../tools/t.cwl, in: {x: f}, out: []}}\n"
    )
    assert cwl.document(text, name="workflows/w.cwl").workflow.steps[0].run.inputs[0].id == "x"


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("http://example.org/a.yml", "FWF1007"),
        ("HTTPS://example.org/a.yml", "FWF1007"),
        ("/etc/passwd", "FWF1008"),
        ("file:///etc/passwd", "FWF1008"),
        ("%2Fetc%2Fpasswd", "FWF1008"),
        ("../" * 30 + "etc/passwd", "FWF1008"),
        ("absent.yml", "FWF1106"),
        ("folder", "FWF1106"),
        ("pipe", "FWF1106"),
        ("outside", "FWF1008"),
        ("main.cwl", "FWF2004"),
        ("binary", "FWF1004"),
    ],
)
def test_what_must_not_or_cannot_be_imported(cwl: Any, reference: str, code: str) -> None:
    (cwl.folder / "folder").mkdir()
    os.mkfifo(cwl.folder / "pipe")
    (cwl.folder / "outside").symlink_to("/etc/passwd")
    (cwl.folder / "binary").write_bytes(b"\xff\xfe\x00")
    faults = cwl.faults(TOOL + f"inputs: {{$import: '{reference}'}}\noutputs: []\n")
    assert [found for found, _, _ in faults] == [code]


def test_files_that_import_each_other_are_refused(cwl: Any) -> None:
    cwl.file("a.yml", "{$import: b.yml}\n")
    cwl.file("b.yml", "{$import: a.yml}\n")
    faults = cwl.faults(TOOL + "inputs: {$import: a.yml}\noutputs: []\n")
    assert [code for code, _, _ in faults] == ["FWF2004"]
    assert "a.yml -> b.yml -> a.yml" in cwl.hints


@pytest.mark.parametrize("key", ["$include", "$mixin", "$import"])
@pytest.mark.parametrize("value", ["3", "[a]", "''", "null"])
def test_a_reference_must_be_a_text(cwl: Any, key: str, value: str) -> None:
    faults = cwl.faults(TOOL + f"inputs: {{{key}: {value}}}\noutputs: []\n")
    assert [code for code, _, _ in faults] == ["FWF1101"]


def test_a_type_is_found_by_its_prefix_and_by_its_iri(cwl: Any) -> None:
    tool = cwl.tool(
        "$namespaces: {ex: 'http://ex.org/t#'}\n"
        "requirements: {SchemaDefRequirement: {types: [\n"
        "  {name: 'ex:rec', type: record, fields: {x: int}}]}}\n"
        "inputs: {a: 'ex:rec', b: 'http://ex.org/t#rec', c: 'ex:rec[]?'}\n"
    )
    kinds = [describe(port.type) for port in tool.inputs]
    assert kinds == ["ex:rec", "ex:rec", "ex:rec[]?"]


def test_types_of_imported_files_name_each_other(cwl: Any) -> None:
    cwl.file("a/one.yml", "name: one\ntype: record\nfields:\n- {name: t, type: 'two.yml#two'}\n")
    cwl.file("a/two.yml", "name: two\ntype: enum\nsymbols: [a]\n")
    tool = cwl.tool(
        "requirements:\n- class: SchemaDefRequirement\n  types:\n"
        "  - $import: a/two.yml\n  - $import: a/one.yml\n"
        "inputs: {x: 'a/one.yml#one', y: 'a/two.yml#two?'}\n"
    )
    assert tool.inputs[0].type.fields[0].type.symbols == ("a",)
    assert describe(tool.inputs[1].type) == "two?"
