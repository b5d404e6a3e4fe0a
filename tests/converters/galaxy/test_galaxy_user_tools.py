"""Commands and scripts as user-defined tools of Galaxy, and such tools read and run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from gxformat2.lint import lint_format2_path, lint_ga_path
from gxformat2.linting import LintContext
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.command import Placeholder, Text
from fairwf.ir.expressions import File, Runtime, StringLit
from fairwf.ir.ports import Glob
from fairwf.ir.types_text import describe
from fairwf.ir.values import Value
from fairwf.ir.workflow import Script, Workflow
from fairwf.report import Report, UnsupportedError
from fairwf_galaxy.discovery import glob_of, pattern_of
from fairwf_galaxy.interpolation import Piece, UnfinishedError, merged, pieces, written
from fairwf_galaxy.user_tools import UnreadableError, user_tool
from fairwf_galaxy.write.failures import CannotSayError, place_of, silent
from fairwf_galaxy.write.user_tool import UserToolWriter
from tests.laws.law import outputs_of

CAT = """
cwlVersion: v1.2
class: CommandLineTool
requirements: {DockerRequirement: {dockerPull: "debian:12"}}
baseCommand: [cat]
inputs:
  files: {type: "File[]", inputBinding: {position: 2}}
  number: {type: boolean, default: false, inputBinding: {position: 1, prefix: -n}}
stdout: all.txt
outputs: {all: stdout}
"""
FLOW = """
cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}}
inputs: {parts: "File[]", word: string}
outputs:
  together: {type: File, outputSource: cat/all}
steps:
  tag:
    run:
      class: CommandLineTool
      requirements: {DockerRequirement: {dockerPull: "debian:12"}}
      baseCommand: [sed]
      arguments: ["-e", "s/$/ it's $(inputs.word)/"]
      inputs:
        part: {type: File, inputBinding: {position: 2}}
        word: string
      outputs: {tagged: {type: File, outputBinding: {glob: "*.tagged"}}}
      stdout: one.tagged
    scatter: part
    in: {part: parts, word: word}
    out: [tagged]
  cat:
    run: CAT
    in: {files: tag/tagged}
    out: [all]
"""


def document(text: str, folder: Path, name: str = "main.cwl") -> Document:
    path = folder / name
    path.write_text(text)
    return read_document(Source.at(path), Report())


def flow(folder: Path) -> Document:
    (folder / "cat.cwl").write_text(CAT)
    return document(FLOW.replace("run: CAT", "run: cat.cwl"), folder)


def galaxy(source: Document, folder: Path, version: str = "ga") -> tuple[Path, Report]:
    report = Report()
    made = convert_document(source, "galaxy", report, version=version).written
    path = folder / made.main
    path.write_bytes(made.files[made.main])
    return path, report


def given_files(folder: Path) -> dict[str, Value]:
    parts: list[Value] = []
    for name in ("a b.txt", "it's.txt"):
        path = folder / name
        path.write_text(f"{name}\n")
        parts.append(File(location=path.as_uri(), path=str(path), basename=name))
    return {"parts": parts, "word": "o'clock $(x) \"b"}


@pytest.mark.parametrize("version", ["ga", "gxformat2"])
def test_what_is_written_runs_with_the_same_outputs(tmp_path: Path, version: str) -> None:
    source = flow(tmp_path)
    path, report = galaxy(source, tmp_path, version)
    assert report.by_fate("lost") == []
    again = read_document(Source.at(path), Report())
    inputs = given_files(tmp_path)
    before = outputs_of(source, inputs, tmp_path / "before", names=False)
    after = outputs_of(again, inputs, tmp_path / "after", names=False)
    assert list(after.values()) == list(before.values())


@pytest.mark.parametrize("version", ["ga", "gxformat2"])
def test_galaxy_s_lint_is_content(tmp_path: Path, version: str) -> None:
    path, _ = galaxy(flow(tmp_path), tmp_path, version)
    context = LintContext()
    (lint_ga_path if version == "ga" else lint_format2_path)(context, str(path))
    assert context.error_messages == []
    assert [w for w in context.warn_messages if "chema" in w] == []


def _cwl(type_: str) -> str:
    return type_.replace("bool", "boolean")


def tool_of(tool: str, folder: Path) -> dict[str, Any]:
    """Return the user-defined tool that a CWL tool becomes in a workflow of one step."""
    report = Report()
    (folder / "tool.cwl").write_text(tool)
    process = read_document(Source.at(folder / "tool.cwl"), report).workflow
    lines = ["cwlVersion: v1.2", "class: Workflow", "inputs:"]
    lines += [f"  {port.id}: {json.dumps(_cwl(describe(port.type)))}" for port in process.inputs]  # type: ignore[union-attr]
    lines += ["outputs: {}", "steps:", "  one:", "    run: tool.cwl", "    in:"]
    lines += [f"      {port.id}: {port.id}" for port in process.inputs]  # type: ignore[union-attr]
    lines += [f"    out: [{', '.join(port.id for port in process.outputs)}]"]  # type: ignore[union-attr]
    path, _ = galaxy(document("\n".join(lines), folder), folder)
    step = json.loads(path.read_bytes())["steps"][str(len(process.inputs))]  # type: ignore[union-attr]
    said: dict[str, Any] = step["tool_representation"]
    return said


def test_a_command_reads_as_its_author_would_write_it(tmp_path: Path) -> None:
    tool = tool_of(CAT, tmp_path)
    assert tool["class"] == "GalaxyUserTool"
    assert tool["container"] == "debian:12"
    assert [each["type"] for each in tool["inputs"]] == ["data", "boolean"]
    assert tool["inputs"][0]["multiple"] is True
    assert tool["outputs"] == [{"name": "all", "type": "data", "from_work_dir": "all.txt"}]
    assert tool["shell_command"].startswith('cat $(inputs.number ? "-n" : "") $(inputs.files.map(')


def test_one_file_is_a_plain_quoted_path(tmp_path: Path) -> None:
    tool = tool_of(CAT.replace("File[]", "File"), tmp_path)
    assert "'$(inputs.files.path)' > all.txt" in tool["shell_command"]


def test_a_tool_without_a_container_gets_a_stand_in_and_it_is_told(tmp_path: Path) -> None:
    bare = CAT.replace('requirements: {DockerRequirement: {dockerPull: "debian:12"}}', "")
    (tmp_path / "cat.cwl").write_text(bare)
    source = document(FLOW.replace("run: CAT", "run: cat.cwl"), tmp_path)
    path, report = galaxy(source, tmp_path)
    (told,) = [d for d in report if d.code == "FWF1704"]
    assert told.fate == "approximated" and told.file is not None and told.line is not None
    assert '"container": "debian:12-slim"' in path.read_text()


def test_an_output_that_is_no_file_is_refused_at_its_place(tmp_path: Path) -> None:
    size = "{all: {type: int, outputBinding: {glob: all.txt, outputEval: '$(self[0].size)'}}}"
    (tmp_path / "cat.cwl").write_text(CAT.replace("{all: stdout}", size))
    text = FLOW.replace("run: CAT", "run: cat.cwl").replace("File, outputS", "int, outputS")
    with pytest.raises(UnsupportedError) as caught:
        galaxy(document(text, tmp_path), tmp_path)
    (told,) = caught.value.report.errors
    assert (told.code, told.hint) == ("FWF3001", "let the program write a file, and name it")
    assert str(told.file).endswith("cat.cwl") and told.line is not None


USER_TOOL = {
    "class": "GalaxyUserTool",
    "id": "count",
    "name": "Count lines",
    "version": "1.0",
    "container": "busybox",
    "shell_command": "head -n $(inputs.n * 2) '$(inputs.data.path)' | tee \\$(echo out) > o.txt",
    "inputs": [
        {"name": "data", "type": "data", "format": ["txt"]},
        {"name": "n", "type": "integer", "value": 3},
    ],
    "outputs": [{"name": "o", "type": "data", "from_work_dir": "o.txt"}],
    "requirements": [{"type": "resource", "cores_min": 2, "ram_min": 1024}],
    "help": {"format": "markdown", "content": "Counts."},
}


def test_a_tool_is_read_as_a_script() -> None:
    script = user_tool(USER_TOOL)
    assert [(p.id, describe(p.type)) for p in script.inputs] == [("data", "File"), ("n", "int")]
    collect = script.outputs[0].collect
    assert isinstance(collect, Glob) and collect.patterns == (StringLit(value="o.txt"),)
    kinds = [type(part).__name__ for part in script.body]
    assert kinds == ["Text", "Placeholder", "Text", "Placeholder", "Text"]
    quoted = script.body[3]
    assert quoted.quote == "shell"  # type: ignore[union-attr]
    assert script.body[4].text == " | tee $(echo out) > o.txt"  # type: ignore[union-attr]
    assert script.resources.cores is not None


def test_a_tool_that_was_read_is_written_as_it_stood(tmp_path: Path) -> None:
    place = {"left": 0, "top": 0}
    data = {"type": "data_input", "label": "d", "tool_state": "{}", "position": place}
    steps = {
        "0": {"id": 0, **data},
        "1": {
            "id": 1,
            "position": place,
            "type": "tool",
            "label": "count",
            "tool_id": None,
            "tool_state": "{}",
            "tool_representation": USER_TOOL,
            "input_connections": {"data": {"id": 0, "output_name": "output"}},
            "workflow_outputs": [{"output_name": "o", "label": "counted"}],
        },
    }
    native = {"a_galaxy_workflow": "true", "format-version": "0.1", "name": "W", "steps": steps}
    path = tmp_path / "x.ga"
    path.write_text(json.dumps(native))
    source = read_document(Source.at(path), Report())
    assert isinstance(source.workflow, Workflow)
    assert isinstance(source.workflow.steps[0].run, Script)
    made, report = galaxy(source, tmp_path)
    assert report.by_fate("rewritten", "approximated", "lost") == []
    assert json.loads(made.read_bytes())["steps"]["1"]["tool_representation"] == USER_TOOL


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"shell_command": "${return 1}"}, "a body of statements"),
        ({"shell_command": "$(inputs.data.path"}, "does not end"),
        ({"shell_command": "echo $(inputs.other)"}, "unknown input 'other'"),
        ({"inputs": [{"name": "c", "type": "conditional"}]}, "'conditional'"),
        ({"outputs": [{"name": "o", "type": "integer"}]}, "the output 'o'"),
        ({"configfiles": [{"filename": "../x", "content": ""}]}, "'../x'"),
        ({"requirements": [{"type": "container"}]}, "'container'"),
        ({"inputs": 3}, "'inputs'"),
        ({"requirements": [{"type": "javascript", "expression_lib": 3}]}, "'expression_lib'"),
        ({"shell_command": "echo $(inputs['n'])"}, "without the name of an input"),
        ({"shell_command": "echo $(JSON.stringify(inputs))"}, "without the name of an input"),
    ],
)
def test_what_is_not_understood_is_named(change: Mapping[str, Any], named: str) -> None:
    with pytest.raises(UnreadableError, match=named.replace("{", r"\{")):
        user_tool({**USER_TOOL, **change})


def test_expressions_end_where_their_parentheses_do() -> None:
    text = r"""a $(f(")") + ')' + [1][0]) \$(b) \\ \n $(c)"""
    assert pieces(text) == [
        Piece("a "),
        Piece("""f(")") + ')' + [1][0]""", True),
        Piece(r" $(b) \ \n "),
        Piece("c", True),
    ]


TEXTS = st.text(st.sampled_from("a\\$({})'\" \n"), max_size=8)


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_what_is_read(drawn: list[tuple[str, bool]]) -> None:
    parts = [Piece("inputs.x" if code else text, code) for text, code in drawn]
    try:
        text = written(parts)
    except UnfinishedError:
        return
    if "$(" in text or "${" in text:
        assert pieces(text) == pieces(written(merged(parts)))
        kept = "".join(p.text for p in pieces(text) if not p.expression)
        said = "".join(p.text for p in parts if not p.expression)
        assert kept.strip() == said.strip() or any(p.expression for p in parts)
    else:
        assert text == "".join(p.text for p in parts)


@pytest.mark.parametrize("glob", ["*.txt", "out/part_?.bed.gz", "a b*", "x", "*"])
def test_globs_are_patterns_of_galaxy_and_back(glob: str) -> None:
    assert glob_of(pattern_of(glob)) == glob


@pytest.mark.parametrize("glob", ["/etc/*", "../*", "[ab]*", "*/x"])
def test_other_globs_are_none(glob: str) -> None:
    assert pattern_of(glob) is None


def test_blanks_around_a_text_are_kept() -> None:
    parts = [Piece("\n a"), Piece("inputs.x", True), Piece(" b\n")]
    assert written(parts) == '$("\\n ")a$(inputs.x) b$("\\n")'
    assert pieces(written(parts)) == parts


SCRIPT = """
cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "debian:12"}
  InitialWorkDirRequirement:
    listing:
      - {entryname: data/x y.txt, entry: "$(inputs.word)\\n"}
      - {entryname: in/a, entry: $(inputs.a)}
baseCommand: [cat, data/x y.txt, in/a]
inputs: {word: string, a: File}
stdout: all.txt
outputs: {all: stdout}
"""


def test_folders_of_staged_files_are_made(tmp_path: Path) -> None:
    tool = tool_of(SCRIPT, tmp_path)
    lines = tool["shell_command"].split("\n")
    assert lines[:3] == ["mkdir -p -- data", "mv 'data__x y.txt' 'data/x y.txt'", "mkdir -p -- in"]
    assert [file["filename"] for file in tool["configfiles"]] == ["data__x y.txt"]
    path = tmp_path / "a.txt"
    path.write_text("2\n")
    source = document(FLOW_OF_ONE, tmp_path, "one.cwl")
    again = read_document(Source.at(galaxy(source, tmp_path)[0]), Report())
    given = {"word": "1", "a": File(location=path.as_uri(), path=str(path), basename="a.txt")}
    outputs_of(again, given, tmp_path / "ran", names=False)
    (made,) = (tmp_path / "ran" / "out").rglob("all.txt")
    assert made.read_text() == "1\n2\n"


FLOW_OF_ONE = """
cwlVersion: v1.2
class: Workflow
inputs: {word: string, a: File}
outputs: {all: {type: File, outputSource: one/all}}
steps:
  one: {run: tool.cwl, in: {word: word, a: a}, out: [all]}
"""


def of_script(interpreter: tuple[str, ...], *body: Any) -> UserToolWriter:
    return UserToolWriter(Script(interpreter=interpreter, body=body), silent, "one")


def test_a_script_is_given_to_its_own_interpreter() -> None:
    runtime = Placeholder(value=Runtime(name="outdir"))
    assert of_script(("/bin/sh",), Text(text="ls "), runtime).tree()["shell_command"] == "ls $PWD"
    bash = of_script(("bash",), Text(text="[[ -d "), runtime, Text(text=" ]]")).tree()
    assert bash["shell_command"] == "bash script_of_the_tool"
    assert bash["configfiles"][0]["content"] == "[[ -d $PWD ]]"
    with pytest.raises(CannotSayError, match="a shell alone"):
        of_script(("python3",), Text(text="print("), runtime, Text(text=")")).tree()


def test_a_refusal_without_a_place_has_that_of_its_step(tmp_path: Path) -> None:
    source = flow(tmp_path)
    assert isinstance(source.workflow, Workflow)
    step = source.workflow.steps[0]
    node = Placeholder(value=Runtime(name="outdir"))
    script = Script(interpreter=("python3",), body=(node,))
    changed = msgspec.structs.replace(step, run=script)
    source.origins.inherit(changed, step)
    root = msgspec.structs.replace(source.workflow, steps=(changed,))
    whole = msgspec.structs.replace(source, workflow=root)
    assert place_of(whole, node) == source.origins.get(step) is not None
