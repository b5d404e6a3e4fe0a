"""Tools whose XML wrappers are given (``--tool-path``): what they run, and why some do not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.expressions import File
from fairwf.ir.values import Value
from fairwf.ir.workflow import Operation, Script, Workflow
from fairwf.report import Report
from fairwf_galaxy.wrappers.failures import WrapperError
from fairwf_galaxy.wrappers.xml import parsed
from tests.laws.law import outputs_of

WRAPPER = """<tool id="tag" name="Tag lines" version="@VERSION@+galaxy0">
  <macros><import>macros.xml</import></macros>
  <expand macro="needs"><requirement type="package" version="4">sed</requirement></expand>
  <command detect_errors="exit_code"><![CDATA[
    ## a remark with $nothing
    #set $sign = str($how.sign)
    cat '$lines'
    #if $how.mode == "both" and $times > 1:
      '$how.more'
    #else if $how.mode == "none"
      /dev/null
    #end if
    #for $number, $round in enumerate($rounds)
      | sed 's/\\$/ #echo $sign#$round.word$number/'
    #end for
    $reverse
    > '$out'
  ]]></command>
  <inputs>
    <param name="lines" type="data" format="txt"/>
    <param argument="--times" type="integer" value="1"/>
    <param name="reverse" type="boolean" truevalue="| tac" falsevalue="" checked="false"/>
    <conditional name="how">
      <param name="mode" type="select">
        <option value="one" selected="true">One</option><option value="both">Both</option>
      </param>
      <when value="one"><param name="sign" type="text" value="-"/></when>
      <when value="both">
        <param name="sign" type="text" value="+"/>
        <param name="more" type="data" format="txt"/>
      </when>
    </conditional>
    <repeat name="rounds" title="Rounds"><param name="word" type="text"/></repeat>
  </inputs>
  <outputs>
    <data name="out" format="txt"/>
    <data name="log" format="txt" from_work_dir="log.txt"><filter>times > 3</filter></data>
  </outputs>
</tool>
"""
MACROS = """<macros>
  <token name="@VERSION@">1.2</token>
  <xml name="needs">
    <requirements><yield/><container type="docker">debian:12</container></requirements>
  </xml>
</macros>
"""
STATE = {
    "times": "2",
    "reverse": "true",
    "how": {"mode": "both", "sign": "+", "more": {"__class__": "ConnectedValue"}},
    "lines": {"__class__": "ConnectedValue"},
    "rounds": [{"word": "a"}, {"word": "it's"}],
}


def workflow(state: dict[str, Any], version: str = "1.2+galaxy0") -> dict[str, Any]:
    tool = f"toolshed.g2.bx.psu.edu/repos/me/tag/tag/{version}"
    data = {"type": "data_input", "tool_state": "{}"}
    step = {
        "id": 2,
        "type": "tool",
        "label": "tag",
        "tool_id": tool,
        "content_id": tool,
        "tool_state": json.dumps(state),
        "input_connections": {
            "lines": {"id": 0, "output_name": "output"},
            "how|more": {"id": 1, "output_name": "output"},
        },
        "workflow_outputs": [{"output_name": "out", "label": "tagged"}],
    }
    steps = {"0": {"id": 0, "label": "a", **data}, "1": {"id": 1, "label": "b", **data}, "2": step}
    return {"a_galaxy_workflow": "true", "format-version": "0.1", "name": "W", "steps": steps}


Reads = Callable[..., tuple[Document, Report]]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Read a workflow with a wrapper in a folder beside it."""

    def read(
        native: dict[str, Any], wrapper: str = WRAPPER, macros: str = MACROS
    ) -> tuple[Document, Report]:
        tools = tmp_path / "tools" / "tag"
        tools.mkdir(parents=True, exist_ok=True)
        (tools / "tag.xml").write_text(wrapper)
        (tools / "macros.xml").write_text(macros)
        (tools / "broken.xml").write_text("<tool")
        path = tmp_path / "x.ga"
        path.write_text(json.dumps(native))
        report = Report()
        options = ReadOptions(tool_path=tmp_path / "tools")
        return read_document(Source.at(path), report, options=options), report

    return read


def process(document: Document) -> Any:
    assert isinstance(document.workflow, Workflow)
    return document.workflow.steps[0].run


def test_a_wrapper_makes_a_step_that_runs(reads: Reads, tmp_path: Path) -> None:
    document, report = reads(workflow(STATE))
    assert [str(d) for d in report] == []
    script = process(document)
    assert isinstance(script, Script)
    assert [port.id for port in script.inputs] == ["lines", "how|more"]
    assert [(p.name, p.versions) for p in script.environment.packages] == [("sed", ("4",))]
    container = script.environment.container
    assert container is not None and container.image.value == "debian:12"  # type: ignore[union-attr]
    values: dict[str, Value] = {}
    for name, text in (("a", "1\n"), ("b", "2\n")):
        path = tmp_path / f"{name}'s file.txt"
        path.write_text(text)
        values[name] = File(location=path.as_uri(), path=str(path), basename=path.name)
    outputs_of(document, values, tmp_path / "ran")
    (made,) = (tmp_path / "ran" / "out").rglob("out.output")
    assert made.read_text() == "2 +a0 +it__sq__s1\n1 +a0 +it__sq__s1\n"


def test_the_step_can_be_written_as_cwl_and_as_a_user_defined_tool(reads: Reads) -> None:
    document, _ = reads(workflow(STATE))
    cwl = convert_document(document, "cwl", Report()).written
    assert b"class: CommandLineTool" in cwl.files[cwl.main]
    galaxy = convert_document(document, "galaxy", Report()).written
    step = json.loads(galaxy.files[galaxy.main])["steps"]["2"]
    assert step["tool_id"] is None and step["tool_representation"]["container"] == "debian:12"


def test_another_version_is_told(reads: Reads) -> None:
    _, report = reads(workflow(STATE, "9"))
    (told,) = report.diagnostics
    assert told.code == "FWF1703" and "1.2+galaxy0" in told.message and told.line is not None


ABSTRACT = [
    (lambda w: w.replace("$reverse\n", "$reverse.upper()\n"), "calls or indexes"),
    (lambda w: w.replace("$reverse\n", "#import os\n"), "'#import'"),
    (lambda w: w.replace("$reverse\n", "$__tool_directory__\n"), "'__tool_directory__'"),
    (lambda w: w.replace("$times > 1", "$lines.ext == 'txt'"), "asks for 'ext'"),
    (lambda w: w.replace("$times > 1", "open('/etc/passwd')"), "calls"),
    (lambda w: w.replace("$times > 1", "().__class__"), "'__class__'"),
    (lambda w: w.replace("    #end for\n", ""), "'#for'"),
    (lambda w: w.replace('macro="needs"', 'macro="other"'), "no macro 'other'"),
    (lambda w: w.replace("macros.xml", "../../x.ga"), "outside the folder"),
    (lambda w: w.replace('name="more"', 'name="less"'), "no input 'how|more'"),
    (lambda w: w.replace('name="out"', 'name="in"'), "no output 'out'"),
    (lambda w: w.replace('id="tag"', 'id="other"'), "no wrapper"),
    (lambda w: f"<!DOCTYPE t [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{w}", "no wrapper"),
]


@pytest.mark.parametrize(("change", "reason"), ABSTRACT, ids=[reason for _, reason in ABSTRACT])
def test_other_steps_stay_abstract_for_a_named_reason(
    reads: Reads, change: Callable[[str], str], reason: str
) -> None:
    assert change(WRAPPER) != WRAPPER
    document, report = reads(workflow(STATE), change(WRAPPER))
    assert isinstance(process(document), Operation)
    (told,) = report.diagnostics
    assert told.code == "FWF1705" and told.line is not None
    assert reason in told.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<!DOCTYPE t [<!ENTITY a 'x'>]><t>&a;</t>", "DOCTYPE"),
        ("<!DOCTYPE t SYSTEM 'http://localhost/x.dtd'><t/>", "DOCTYPE"),
        ("<t>&amp;&unknown;</t>", "no XML"),
        ("<t>" * 100 + "</t>" * 100, "too deeply"),
        ("<t>" + "<a/>" * 100_001 + "</t>", "too many elements"),
        ("<t>" + " " * (5 * 2**20) + "</t>", "larger than"),
        ("", "no XML"),
        ("\0", "no XML"),
    ],
)
def test_hostile_xml_does_nothing(text: str, reason: str) -> None:
    with pytest.raises(WrapperError, match=reason):
        parsed(text.encode(), "x.xml")


def test_macros_may_be_links_inside_the_folder(reads: Reads, tmp_path: Path) -> None:
    tools = tmp_path / "tools" / "tag"
    tools.mkdir(parents=True)
    (tools.parent / "shared.xml").write_text(MACROS)
    (tools / "macros2.xml").symlink_to(tools.parent / "shared.xml")
    document, _ = reads(workflow(STATE), WRAPPER.replace("macros.xml", "macros2.xml"))
    assert isinstance(process(document), Script)
    (tools / "macros3.xml").symlink_to("/etc/passwd")
    document, report = reads(workflow(STATE), WRAPPER.replace("macros.xml", "macros3.xml"))
    assert isinstance(process(document), Operation)
    assert "outside the folder" in report.diagnostics[0].message


def test_macros_that_contain_themselves_end(reads: Reads) -> None:
    loop = '<macros><xml name="needs"><expand macro="needs"/></xml></macros>'
    document, report = reads(workflow(STATE), macros=loop)
    assert isinstance(process(document), Operation)
    assert [d.code for d in report] == ["FWF1705"]
