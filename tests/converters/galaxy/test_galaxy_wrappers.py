"""Tools whose XML wrappers are given (``--tool-path``): what they run, and why some do not."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.command import Text
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
        ("<?xml version='1.0' encoding='nothing'?><t/>", "no XML"),
        ("<?xml version='1.0' encoding='utf-7'?><t/>", "no XML"),
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


def text_of(reads: Reads, state: dict[str, Any], wrapper: str) -> str:
    """Return the texts of the script that a step with a state runs."""
    document, report = reads(workflow(state), wrapper)
    made = process(document)
    assert isinstance(made, Script), [d.message for d in report]
    return "".join(part.text for part in made.body if isinstance(part, Text))


EVIL = '$(touch x); `id` | & \\ "'
WORD = '<param name="word" type="text"/>'


@pytest.mark.parametrize("kind", ["text", "hidden", "color", "data_column", "select", "drill_down"])
@pytest.mark.parametrize("many", [False, True])
def test_no_text_of_a_state_reaches_the_shell(reads: Reads, kind: str, many: bool) -> None:
    state = {**STATE, "rounds": [{"word": [EVIL, "b"] if many else EVIL}]}
    said = text_of(reads, state, WRAPPER.replace(WORD, WORD.replace("text", kind)))
    assert "X(touch x)X XidX X X X __dq__" in said
    assert not any(sign in said.split("/ -")[-1] for sign in "`\\&")


@pytest.mark.parametrize("text", [EVIL, "$(id)", "it's", "a;b"])
def test_a_text_with_a_sanitizer_is_plain_or_refused(reads: Reads, text: str) -> None:
    own = WRAPPER.replace(WORD, WORD.replace("/>", "><sanitizer/></param>"))
    assert "plain text" in text_of(reads, {**STATE, "rounds": [{"word": "plain text"}]}, own)
    document, report = reads(workflow({**STATE, "rounds": [{"word": text}]}), own)
    assert isinstance(process(document), Operation)
    assert "sanitizer" in report.diagnostics[0].message


@pytest.mark.parametrize("value", ["c", "$(id)", ["a", "$(id)"], "a,$(id)"])
def test_a_selection_is_one_of_its_options(reads: Reads, value: Any) -> None:
    options = '<option value="a"/><option value="&gt;b"/>'
    choice = f'<param name="word" type="select" multiple="true">{options}</param>'
    chosen = WRAPPER.replace(WORD, choice)
    assert "a,>b" in text_of(reads, {**STATE, "rounds": [{"word": ["a", ">b"]}]}, chosen)
    document, report = reads(workflow({**STATE, "rounds": [{"word": value}]}), chosen)
    assert isinstance(process(document), Operation)
    assert "is no option of 'word'" in report.diagnostics[0].message


@pytest.mark.parametrize(
    "command",
    ["cat $lines", "cat '$lines'", 'cat "$lines"', "cat './'$lines", "cat ./$lines ",
     "echo \"\\$(cat '$lines')\"", 'cat "\\${NONE:-}$lines"'],
)  # fmt: skip
def test_names_of_files_are_one_word_everywhere(reads: Reads, tmp_path: Path, command: str) -> None:
    own = f'<tool id="tag" version="1.2+galaxy0"><command>{command.replace("./", "")} > $out'
    own += '</command><inputs><param name="lines" type="data"/></inputs>'
    own += '<outputs><data name="out"/></outputs></tool>'
    native = workflow({})
    native["steps"]["2"]["input_connections"].pop("how|more")
    document, _ = reads(native, own)
    path = tmp_path / "it's $(touch made) \"; `id` #b.txt"
    path.write_text("1\n")
    given = File(location=path.as_uri(), path=str(path), basename=path.name)
    outputs_of(document, {"a": given, "b": given}, tmp_path / "ran")
    (made,) = (tmp_path / "ran" / "out").rglob("out.output")
    assert made.read_text() == "1\n"


@pytest.mark.parametrize(
    "command",
    ["cat `ls $lines`", 'cat "\\${x:-$lines}"', "cat # $lines", "cat &lt;&lt;E $lines E",
     "printf \\$'$lines'"],
)  # fmt: skip
def test_where_a_name_cannot_be_quoted_the_step_stays_abstract(reads: Reads, command: str) -> None:
    own = f'<tool id="tag" version="1.2+galaxy0"><command>{command} > $out'
    own += '</command><inputs><param name="lines" type="data"/></inputs>'
    own += '<outputs><data name="out"/></outputs></tool>'
    native = workflow({})
    native["steps"]["2"]["input_connections"].pop("how|more")
    document, report = reads(native, own)
    assert isinstance(process(document), Operation)
    assert "cannot be quoted" in report.diagnostics[0].message


TOKENS = "".join(
    f'<token name="@T{n}@">{text}</token>' for n in range(5) for text in (f"@T{n + 1}@" * 40,)
)
NAMES = ("needs", "m1", "m2", "m3", "m4", "m5")
NEST = "".join(
    f'<xml name="{name}">' + f'<expand macro="{inner}"/>' * 30 + "</xml>"
    for name, inner in pairwise(NAMES)
)
YIELD = f'<xml name="m"><a>{"<yield/>" * 300}</a></xml>'


@pytest.mark.parametrize(
    ("macros", "reason"),
    [
        (f"{TOKENS}<xml name='needs'><a>@T0@</a></xml>", "too much text"),
        (f"{NEST}<xml name='m5'>{'<a/>' * 30}</xml>", "too many elements"),
        (f"{YIELD}<xml name='needs'><expand macro='m'>{'<b/>' * 1000}</expand></xml>",
         "too many elements"),
        ("<import>macros.xml</import>" * 2, "too deeply"),
    ],
)  # fmt: skip
def test_what_macros_grow_to_is_bounded(reads: Reads, macros: str, reason: str) -> None:
    document, report = reads(workflow(STATE), macros=f"<macros>{macros}</macros>")
    assert isinstance(process(document), Operation)
    assert reason in report.diagnostics[0].message


def doubled(value: str, more: str) -> str:
    return f"#set $a = {value}\n" + f"#set $a = {more}\n" * 60 + "$a\n"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (doubled("'ab'", "$a.replace('', $a)"), "too long"),
        (doubled("'ab'", "$a.join($a)"), "too long"),
        (doubled("'ab'", "$a + $a"), "cannot be added"),
        (doubled("['ab']", "$a + $a"), "too large"),
        (doubled("['ab']", "[$a, $a]"), "too large"),
        (doubled("9", "$a + $a"), "too large"),
        ("#for $a in range(1000)\n#for $b in range(1000)\n#end for\n#end for\n", "many parts"),
        (f"#for $a in range(1000)\n{'x' * 9000}\n#end for\n", "1,000,000"),
        (f"#set $a = {'+'.join('1' * 1500)}\n", "too deeply"),
        ("#set $a = int(float('inf'))\n", "computes"),
    ],
)
def test_what_a_template_grows_to_is_bounded(reads: Reads, template: str, reason: str) -> None:
    document, report = reads(workflow(STATE), WRAPPER.replace("    $reverse\n", template))
    assert isinstance(process(document), Operation)
    assert reason in report.diagnostics[0].message


def test_a_number_of_the_state_that_is_none_is_told(reads: Reads) -> None:
    document, report = reads(workflow({**STATE, "times": 1e999}))
    assert isinstance(process(document), Operation)
    assert [d.code for d in report][-1] in ("FWF1705", "FWF1701")


def test_a_broken_version_does_not_hide_another(reads: Reads, tmp_path: Path) -> None:
    tools = tmp_path / "tools" / "old"
    tools.mkdir(parents=True)
    (tools / "tag.xml").write_text(WRAPPER.replace("macros.xml", "none.xml"))
    document, report = reads(workflow(STATE))
    assert isinstance(process(document), Script) and not report.diagnostics


def test_which_tool_a_step_was_is_kept_and_told_when_it_is_written(reads: Reads) -> None:
    native = workflow(STATE)
    native["steps"]["2"] |= {"tool_version": "1.2", "tool_shed_repository": {"name": "tag"}}
    document, _ = reads(native)
    kept = document.workflow.steps[0].extensions["galaxy"]  # type: ignore[union-attr]
    assert kept["tool_version"] == "1.2" and kept["tool_shed_repository"] == {"name": "tag"}
    report = Report()
    convert_document(document, "galaxy", report)
    assert any(d.code == "FWF3004" and "of the tool it was" in d.message for d in report)
