"""The IR's own file form holds every document that can be read."""

from pathlib import Path

import pytest

from fairwf.conversion import convert_document, read_document
from fairwf.formats import Source
from fairwf.ir.canonical import canonical_bytes
from fairwf.report import Report

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
inputs: {{n: int}}
outputs: []
arguments: [echo, {argument}]
requirements: {{InlineJavascriptRequirement: {{}}}}
"""


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param("$(inputs.m)", id="a reference to nothing"),
        pytest.param("'${ return [inputs.n].map(String) }'", id="javascript"),
    ],
)
def test_expressions_of_any_language_are_kept(argument: str, tmp_path: Path) -> None:
    source = tmp_path / "tool.cwl"
    source.write_text(TOOL.format(argument=argument))
    document = read_document(Source.at(source), Report())
    report = Report()
    written = convert_document(document, "ir", report).written
    assert [d.message for d in report.by_fate("rewritten", "approximated", "lost")] == []
    result = tmp_path / "tool.ir.json"
    result.write_bytes(written.files[written.main])
    again = read_document(Source.at(result), Report())
    assert canonical_bytes(again.workflow) == canonical_bytes(document.workflow)
