"""The files that a document becomes: one, or with ``split`` one more for each process."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairwf.conversion import check_document, convert_document, read_document
from fairwf.formats import Source
from fairwf.ir.canonical import canonical_bytes
from fairwf.report import Report, UsageFault
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.yaml_text import Commented, dump

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
doc: Counts words.
inputs:
  # what is counted
  text:
    type: File
    default: {class: File, location: data/default.txt}
    inputBinding: {position: 1}
outputs: {count: stdout}
baseCommand: [wc, -w]
"""
ECHO = """\
cwlVersion: v1.2
class: CommandLineTool
requirements: {InlineJavascriptRequirement: {}}
inputs: {n: int}
outputs: {out: stdout}
baseCommand: echo
arguments: [$(inputs.n + 1)]
"""
INNER = """\
cwlVersion: v1.2
class: Workflow
requirements: {InlineJavascriptRequirement: {}}
inputs: {t: File}
outputs: {}
steps:
  again: {run: count.cwl, in: {text: t}, out: [count]}
"""
MAIN = """\
cwlVersion: v1.2
class: Workflow
requirements: {InlineJavascriptRequirement: {}, SubworkflowFeatureRequirement: {}}
inputs: {a: File, b: File, n: int}
outputs: {}
steps:
  # first of all
  first: {run: tools/count.cwl, in: {text: a}, out: [count]}
  second: {run: tools/count.cwl, in: {text: b}, out: [count]}
  both: {run: tools/inner.cwl, in: {t: b}, out: []}
  say: {run: tools/echo.cwl, in: {n: {source: n, valueFrom: $(self * 2)}}, out: [out]}
"""


@pytest.fixture
def main(tmp_path: Path) -> Path:
    files = {
        "main.cwl": MAIN,
        "tools/count.cwl": TOOL,
        "tools/echo.cwl": ECHO,
        "tools/inner.cwl": INNER,
        "tools/data/default.txt": "a b\n",
    }
    for name, text in files.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "source" / "main.cwl"


def convert(path: Path, folder: Path | None = None, split: bool = False) -> Any:
    """Convert a CWL file to CWL, and write it to a folder if one is given."""
    report = Report()
    document = read_document(Source.at(path), report)
    check_document(document, report)
    result = convert_document(document, "cwl", report, folder=folder, split=split)
    for name, data in result.written.files.items() if folder is not None else ():
        assert folder is not None
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return result


def test_a_lone_tool_is_a_plain_tool(main: Path) -> None:
    written = convert(main.parent / "tools/count.cwl").written
    assert list(written.files) == ["main.cwl"]
    tree = yaml.safe_load(written.files["main.cwl"])
    assert list(tree)[:2] == ["cwlVersion", "class"]
    assert tree["class"] == "CommandLineTool"
    assert b"  # what is counted\n  text:\n" in written.files["main.cwl"]


def test_one_file_holds_the_tools_in_its_steps(main: Path) -> None:
    written = convert(main).written
    tree = yaml.safe_load(written.files[written.main])
    assert list(written.files) == [written.main]
    assert "$graph" not in tree
    assert tree["steps"]["both"]["run"]["steps"]["again"]["run"]["class"] == "CommandLineTool"


def test_split_gives_each_process_a_file_and_steps_share_them(main: Path, tmp_path: Path) -> None:
    written = convert(main, tmp_path / "out", split=True).written
    assert sorted(written.files) == [
        "main.cwl",
        "tools/count.cwl",
        "tools/echo.cwl",
        "workflows/inner.cwl",
    ]
    tree = yaml.safe_load(written.files["main.cwl"])
    inner = yaml.safe_load(written.files["workflows/inner.cwl"])
    assert {name: step["run"] for name, step in tree["steps"].items()} == {
        "first": "tools/count.cwl",
        "second": "tools/count.cwl",
        "both": "workflows/inner.cwl",
        "say": "tools/echo.cwl",
    }
    assert inner["steps"]["again"]["run"] == "../tools/count.cwl"
    assert all(data.startswith(b"#!/usr/bin/env cwl-runner\n") for data in written.files.values())


@pytest.mark.parametrize("split", [False, True])
def test_what_is_written_reads_back(main: Path, split: bool) -> None:
    folder = main.parent / "again"  # beside the source: locations stay what they are
    folder.mkdir()
    result = convert(main, folder, split)
    again = read_document(Source.at(folder / result.written.main), Report())
    moved = canonical_bytes(again.workflow).replace(b"../tools/data", b"tools/data")
    assert moved == canonical_bytes(result.lowered.workflow)


@pytest.mark.parametrize("split", [False, True])
def test_files_that_are_named_are_found_from_where_they_are_named(
    main: Path, tmp_path: Path, split: bool
) -> None:
    folder = tmp_path / "else" / "where"
    written = convert(main, folder, split).written
    if split:
        tree = yaml.safe_load(written.files["tools/count.cwl"])
        location = tree["inputs"]["text"]["default"]["location"]
        place = folder / "tools" / location
    else:
        tree = yaml.safe_load(written.files["main.cwl"])
        location = tree["steps"]["first"]["run"]["inputs"]["text"]["default"]["location"]
        place = folder / location
    assert place.resolve() == main.parent / "tools/data/default.txt"


def test_each_file_says_what_it_requires(main: Path, tmp_path: Path) -> None:
    written = convert(main, tmp_path / "out", split=True).written
    tool = yaml.safe_load(written.files["tools/echo.cwl"])
    whole = yaml.safe_load(convert(main).written.files["main.cwl"])
    assert tool["requirements"] == {"InlineJavascriptRequirement": {}}
    assert "requirements" not in whole["steps"]["say"]["run"]  # the workflow's is in force
    assert "requirements" not in yaml.safe_load(written.files["tools/count.cwl"])


def test_comments_go_with_what_they_stand_before(main: Path, tmp_path: Path) -> None:
    written = convert(main, tmp_path / "out", split=True).written
    assert b"  # first of all\n  first:\n" in written.files["main.cwl"]
    assert b"what is counted" in written.files["tools/count.cwl"]  # of another file


def test_files_are_named_after_ids_files_or_steps_and_stay_in_their_folder(tmp_path: Path) -> None:
    tool = "class: CommandLineTool, baseCommand: 'true', inputs: [], outputs: []"
    text = "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n"
    text += f"  one: {{in: [], out: [], run: {{id: Sort.v2, {tool}}}}}\n"
    text += f"  two: {{in: [], out: [], run: {{id: sort.v2, label: x, {tool}}}}}\n"
    text += f'  "..": {{in: [], out: [], run: {{{tool}}}}}\n'
    text += f'  "a b&c": {{in: [], out: [], run: {{doc: y, {tool}}}}}\n'
    path = tmp_path / "w.cwl"
    path.write_text(text)
    written = convert(path, tmp_path / "out", split=True).written
    tools = sorted(name for name in written.files if name != "main.cwl")
    assert tools == [
        "tools/Sort.v2.cwl",
        "tools/a-b-c.cwl",
        "tools/sort.v2-2.cwl",
        "tools/tool.cwl",
    ]


def test_the_reference_runner_accepts_the_split_workflow(main: Path, tmp_path: Path) -> None:
    convert(main, tmp_path / "out", split=True)
    command = [sys.executable, "-m", "cwltool", "--validate", str(tmp_path / "out" / "main.cwl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_format_of_one_file_says_so(main: Path) -> None:
    document = read_document(Source.at(main), Report())
    with pytest.raises(UsageFault, match="one file a document"):
        convert_document(document, "wfformat", Report(), split=True)


def test_locations_in_split_files_count_from_their_own_folder(tmp_path: Path) -> None:
    source, target = tmp_path / "far" / "from", tmp_path / "a" / "b" / "c"
    inside = Values(source, target).below("tools")
    there = target / "tools" / inside.location("data/x.txt")
    assert there.resolve() == source / "data" / "x.txt"
    assert Values().below("tools").location("../data/x.txt") == "../../data/x.txt"


SCRIPT = "def f():\n    \n    return 1\n\nprint(f())\n"


def test_scripts_are_blocks_also_with_lines_of_blanks() -> None:
    text = dump(Commented({"entry": SCRIPT}))
    assert text.startswith("entry: |\n  def f():\n      \n      return 1\n\n")
    assert yaml.safe_load(text) == {"entry": SCRIPT}


def test_functions_of_a_library_stand_one_below_the_other(tmp_path: Path) -> None:
    (tmp_path / "t.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: echo\ninputs: []\noutputs: []\n"
        "arguments: [$(twice(K) + Math.random())]\nrequirements: {InlineJavascriptRequirement: "
        "{expressionLib: [var K = 1;, 'function twice(x) { return [x, x]; }']}}\n"
    )
    text = convert(tmp_path / "t.cwl").written.files["main.cwl"].decode()
    lines = "expressionLib:\n      - var K = 1;\n      - function twice(x) { return [x, x]; }\n"
    assert lines in text


PREFIXED = """\
cwlVersion: v1.2
class: CommandLineTool
intent: [edam:operation_3227]
$namespaces: {edam: 'http://edamontology.org/'}
inputs:
  a: {type: File, format: 'http://edamontology.org/format_1929'}
  b: {type: File, format: 'http://example.org/format_1929'}
outputs: []
baseCommand: cat
"""


def test_iris_have_the_prefixes_that_the_document_declares(tmp_path: Path) -> None:
    (tmp_path / "t.cwl").write_text(PREFIXED)
    tree = yaml.safe_load(convert(tmp_path / "t.cwl").written.files["main.cwl"])
    assert tree["intent"] == ["edam:operation_3227"]
    formats = [tree["inputs"][name]["format"] for name in "ab"]
    assert formats == ["edam:format_1929", "http://example.org/format_1929"]


COMMENTED = """\
# About it all
cwlVersion: v1.2
class: CommandLineTool
requirements:
  # pinned for the paper
  DockerRequirement: {dockerPull: 'debian:12'}
inputs:
  # what is read
  reads:
    type: File
    # the last word
    inputBinding: {position: 1}
  text: {type: string, default: "a # b"}  # what is looked for
outputs: []
# the program
baseCommand: cat
arguments:
  # threads
  - {prefix: -t, valueFrom: $(runtime.cores)}
"""


IN_STEPS = """\
cwlVersion: v1.2
class: Workflow
inputs:
  m: string
outputs: []
steps:
  a:
    # links
    in:
      # the message
      m: m  # from outside
    # nothing
    out: []
    run:
      class: CommandLineTool
      inputs:
        m: string
      outputs: {}
      baseCommand: echo
      # no more of the tool
    # no more of a
  b:
    in: {}
    out: []
    run:
      class: CommandLineTool
      inputs: {}
      outputs: {}
      baseCommand: "true"
# no more
# at all
"""


@pytest.mark.parametrize("split", [False, True])
def test_comments_stay_inside_steps_and_behind_the_last_key(tmp_path: Path, split: bool) -> None:
    (tmp_path / "w.cwl").write_text(IN_STEPS)
    files = convert(tmp_path / "w.cwl", tmp_path / "out", split=split).written.files
    text = files["main.cwl"].decode()
    assert text.endswith("\n# no more\n# at all\n")
    assert "    # links\n    in:\n      # the message\n      # from outside\n      m: m\n" in text
    assert "    # nothing\n    out: []\n" in text
    assert "\n    # no more of a\n  b:\n" in text
    tool = files["tools/a.cwl"].decode() if split else text
    assert f"baseCommand: echo\n{'' if split else '      '}# no more of the tool\n" in tool
    if not split:
        (tmp_path / "again.cwl").write_text(text)
        assert convert(tmp_path / "again.cwl").written.files == files


def test_comments_inside_a_tool_stay_at_its_keys_and_ports(tmp_path: Path) -> None:
    (tmp_path / "t.cwl").write_text(COMMENTED)
    lines = convert(tmp_path / "t.cwl").written.files["main.cwl"].decode().splitlines()
    after = {}
    for index, line in enumerate(lines):
        if line.lstrip().startswith("# "):
            rest = (one for one in lines[index:] if not one.lstrip().startswith("#"))
            after[line.lstrip()[2:]] = next(rest).strip()
    assert after == {
        "About it all": "cwlVersion: v1.2",
        "pinned for the paper": "requirements:",
        "what is read": "reads:",
        "the last word": "reads:",
        "what is looked for": "text:",
        "the program": "baseCommand: cat",
        "threads": "arguments:",
    }


ONE_ID = """\
cwlVersion: v1.2
class: Workflow
inputs: {m: string}
outputs: {say: {type: File, outputSource: say/o}}
steps:
  say:
    in: {m: m}
    out: [o]
    run: {class: CommandLineTool, baseCommand: echo, inputs: {m: string}, outputs: {o: stdout}}
"""


def test_a_step_with_the_id_of_an_output_gets_one_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "w.cwl").write_text(ONE_ID)
    document = read_document(Source.at(tmp_path / "w.cwl"), Report())
    kept = convert_document(document, "cwl", Report()).written.files["main.cwl"]
    assert list(yaml.safe_load(kept)["steps"]) == ["say"]  # as its author has it

    report = Report()
    elsewhere = msgspec.structs.replace(document, format="ir")
    tree = yaml.safe_load(convert_document(elsewhere, "cwl", report).written.files["main.cwl"])
    assert list(tree["steps"]) == ["say_2"]
    assert tree["outputs"]["say"]["outputSource"] == "say_2/o"
    assert [(d.code, d.line) for d in report] == [("FWF3002", 6)]
