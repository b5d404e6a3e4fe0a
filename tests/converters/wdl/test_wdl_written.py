"""WDL that is written: miniwdl takes it, it reads back, and it means the same."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.document import Document
from fairwf.engine.evaluate import Bindings, Evaluator
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.expressions import Array, Call, Input, Record
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import ArrayType, OptionalType, StringType
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Pure
from fairwf.report import InvalidError, Report
from fairwf_wdl.write.neutral import as_javascript
from fairwf_wdl.write.node_functions import functions_for
from tests.converters.wdl.conftest import Reading

TOOL = """cwlVersion: v1.2
class: CommandLineTool
doc: Numbers the lines
baseCommand: [cat, -n]
requirements:
  EnvVarRequirement: {envDef: {OWNER: $(inputs.owner)}}
  ResourceRequirement: {coresMin: 1, ramMin: 64}
inputs:
  file: {type: File, inputBinding: {position: 1}}
  owner: {type: string, default: "it's $(id)"}
outputs:
  out: {type: stdout}
  texts: {type: "File[]", outputBinding: {glob: "*.txt"}}
stdout: out.txt
"""

WORKFLOW = """cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}, MultipleInputFeatureRequirement: {}}
inputs: {a: "string[]", b: "string[]", in: string}
steps:
  say:
    scatter: [x, y]
    scatterMethod: METHOD
    in: {x: a, y: b}
    out: [said]
    run:
      class: CommandLineTool
      baseCommand: [printf, "%s-%s."]
      inputs:
        x: {type: string, inputBinding: {position: 1}}
        y: {type: string, inputBinding: {position: 2}}
      outputs: {said: {type: stdout}}
      stdout: said.txt
outputs:
  all: {type: TYPE, outputSource: say/said}
"""


def miniwdl_takes(path: Path) -> None:
    command = [sys.executable, "-m", "WDL", "check", "--no-shellcheck", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_document_reads_back_as_itself(repository: Path, tmp_path: Path, version: str) -> None:
    source = fairwf.load(repository / "examples/wdl/words.wdl")
    fairwf.dump(source, tmp_path / "words.wdl", "wdl", target_version=version)
    assert (tmp_path / "words.wdl").read_text().startswith(f"version {version}\n")
    miniwdl_takes(tmp_path / "words.wdl")
    again = fairwf.load(tmp_path / "words.wdl")
    assert canonical_bytes(again.workflow) == canonical_bytes(source.workflow)


def test_a_tool_of_cwl_runs_as_a_task_with_no_value_read_as_shell(
    wdl: Reading, tmp_path: Path
) -> None:
    tool = tmp_path / "number.cwl"
    tool.write_text(TOOL)
    (tmp_path / "it's $(id).in").write_text("a\nb\n")
    fairwf.dump(fairwf.load(tool), tmp_path / "number.wdl", "wdl")
    miniwdl_takes(tmp_path / "number.wdl")
    text = (tmp_path / "number.wdl").read_text()
    assert 'description: "Numbers the lines"' in text
    assert 'Array[File] texts = glob("*.txt")' in text
    assert 'memory: "64 MiB"' in text
    given = {"file": str(tmp_path / "it's $(id).in")}
    document = fairwf.load(tmp_path / "number.wdl")
    job = tmp_path / "job.json"
    job.write_text(json.dumps(given))
    run = fairwf.run(document, job, run_dir=tmp_path / "run", container="none")
    assert run.status == "completed", run.error
    assert "     1\ta\n     2\tb\n" in [
        one.read_text() for one in (tmp_path / "run").rglob("out.txt")
    ]


@pytest.mark.parametrize(
    ("method", "type_", "expected"),
    [
        ("dotproduct", '"File[]"', ["1-3.", "2-4."]),
        ("flat_crossproduct", '"File[]"', ["1-3.", "1-4.", "2-3.", "2-4."]),
        (
            "nested_crossproduct",
            "{type: array, items: {type: array, items: File}}",
            [["1-3.", "1-4."], ["2-3.", "2-4."]],
        ),
    ],
)
def test_a_scatter_over_two_arrays(
    wdl: Reading, tmp_path: Path, method: str, type_: str, expected: list[object]
) -> None:
    source = tmp_path / "main.cwl"
    source.write_text(WORKFLOW.replace("METHOD", method).replace("TYPE", type_))
    written = fairwf.convert(fairwf.load(source), "wdl").written
    text = written.files[written.main].decode()
    assert "String in_" in text  # a reserved word
    wdl.file("checked.wdl", text)
    miniwdl_takes(wdl.folder / "checked.wdl")
    outputs = wdl.run(text, {"a": ["1", "2"], "b": ["3", "4"], "in_": ""})

    def texts(value: object) -> object:
        return (
            [texts(v) for v in value] if isinstance(value, list) else Path(str(value)).read_text()
        )

    assert texts(outputs["all"]) == expected


def test_javascript_is_computed_by_node_which_is_told(tmp_path: Path) -> None:
    tool = tmp_path / "tool.cwl"
    tool.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: echo\n"
        "requirements: {InlineJavascriptRequirement: {}}\ninputs: {}\noutputs: {}\n"
        "arguments: ['$(Math.random())']\n"
    )
    report = Report()
    written = fairwf.convert(fairwf.load(tool), "wdl", report=report).written
    assert b"node - <<'FAIRWF'" in written.files["main.wdl"]
    (told, *_) = report.by_fate("rewritten")
    assert "Node" in told.message
    assert told.line == 7


SEVERAL = """cwlVersion: v1.2
class: Workflow
requirements: {InlineJavascriptRequirement: {}}
inputs:
  texts: {type: [string, "string[]"]}
  thing: {type: Any}
steps:
  count:
    in: {texts: texts, thing: thing}
    out: [said, same]
    run:
      class: ExpressionTool
      inputs: {texts: {type: [string, "string[]"]}, thing: Any}
      outputs: {said: [string, int], same: Any}
      expression: |
        ${
          var many = Array.isArray(inputs.texts);
          return {said: many ? inputs.texts.length : inputs.texts, same: [inputs.thing]};
        }
outputs:
  said: {type: [string, int], outputSource: count/said}
  same: {type: Any, outputSource: count/same}
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "one"}, {"text": "one", "integer": None}),
        ({"texts": ["a", "b"]}, {"text": None, "integer": 2}),
    ],
)
def test_values_of_several_types_and_of_any_are_structs(
    wdl: Reading, tmp_path: Path, given: dict[str, object], said: dict[str, object]
) -> None:
    source = tmp_path / "several.cwl"
    source.write_text(SEVERAL)
    written = fairwf.convert(fairwf.load(source), "wdl").written
    text = written.files[written.main].decode()
    assert "struct TextOrTexts {\n  String? text\n  Array[String]? texts\n}" in text
    miniwdl_takes(wdl.file("checked.wdl", text))
    thing = {"json": '{"a": [1, null]}', "files": []}
    outputs = wdl.run(text, {"texts": given, "thing": thing})
    assert outputs["said"] == said
    assert json.loads(outputs["same"]["json"]) == [{"a": [1, None]}]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here")
def test_a_record_in_a_union_may_be_called_like_a_keyword(wdl: Reading, tmp_path: Path) -> None:
    record = "{type: record, name: struct, fields: {a: string}}"
    source = tmp_path / "named.cwl"
    source.write_text(
        SEVERAL.replace('[string, "string[]"]', f"[string, {record}]").replace(
            "many ? inputs.texts.length : inputs.texts", "inputs.texts.a || inputs.texts"
        )
    )
    written = fairwf.convert(fairwf.load(source), "wdl").written
    text = written.files[written.main].decode()
    miniwdl_takes(wdl.file("checked.wdl", text))
    for given, said in (({"text": "one"}, "one"), ({"struct_": {"a": "two"}}, "two")):
        outputs = wdl.run(text, {"texts": given, "thing": {"json": "1", "files": []}})
        assert outputs["said"] == {"text": said, "integer": None}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here")
@pytest.mark.parametrize("function", ["less", "less_equal", "greater", "greater_equal"])
def test_node_orders_texts_and_numbers_as_the_engine_does(function: str) -> None:
    pairs: list[tuple[Any, Any]] = [
        ("a", "b"), ("B", "a"), ("a", "a"), ("\uffee", "\U0001f600"), ("10", "9"),
        (10, 9), (1, 1.5),
    ]  # fmt: skip
    nodes = [Call(function=function, args=(to_literal(a), to_literal(b))) for a, b in pairs]
    made = as_javascript(Array(items=tuple(nodes)))
    assert made is not None
    program = f"{functions_for(made.text)}console.log(JSON.stringify({made.text}))"
    node = shutil.which("node")
    assert node
    done = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [Evaluator().plain(one, Bindings()) for one in nodes]


@pytest.mark.parametrize("number", [-1, 2])
@pytest.mark.parametrize("literal", [True, False])
def test_an_item_that_is_not_there_is_none(
    wdl: Reading, tmp_path: Path, number: int, literal: bool
) -> None:
    names = Array(items=(to_literal("a"), to_literal("b"))) if literal else Input(name="names")
    text = StringType()
    process = Pure(
        id="pick",
        inputs=(InputPort(id="names", type=ArrayType(items=text)),),
        outputs=(OutputPort(id="last", type=OptionalType(item=text)),),
        result=Record(fields={"last": Call(function="get", args=(names, to_literal(number)))}),
    )
    written = fairwf.convert(Document(workflow=process), "wdl").written
    said = written.files[written.main].decode()
    miniwdl_takes(wdl.file("checked.wdl", said))
    assert wdl.run(said, {"names": ["a", "b"]}) == {"last": None}


GROWING = """version 1.1
task t {
  input {
    Boolean more
    String? prefix
  }
  command <<<
    ~{if more then "--prefix " + prefix else ""}
  >>>
  output {
    File? found = "~{prefix}_found.txt"
    File? named = if more then "~{prefix}.txt" else prefix
    Array[File] all = select_all([found, named])
  }
}
"""


def test_optional_texts_and_outputs_that_name_others_are_written_as_they_were(
    wdl: Reading,
) -> None:
    written = fairwf.convert(fairwf.load(wdl.file("main.wdl", GROWING)), "wdl").written
    text = written.files[written.main].decode()
    assert 'File? found = "~{prefix}_found.txt"' in text
    assert '~{if more then "--prefix " + prefix else ""}' in text
    assert "select_all([found, named])" in text
    miniwdl_takes(wdl.file("checked.wdl", text))


STAGED = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c]
requirements: {InitialWorkDirRequirement: {listing: [$(inputs.bam)]}}
inputs: {bam: File}
arguments: ['test "$0" = "$PWD/it is.bam" && touch "$0.bai"', $(inputs.bam.path)]
outputs: {index: {type: File, outputBinding: {glob: "*.bai"}}}
"""


def test_an_input_that_is_staged_is_where_it_is_staged(wdl: Reading, tmp_path: Path) -> None:
    source = tmp_path / "index.cwl"
    source.write_text(STAGED)
    (tmp_path / "it is.bam").write_text("")
    written = fairwf.convert(fairwf.load(source), "wdl").written
    text = written.files[written.main].decode()
    miniwdl_takes(wdl.file("checked.wdl", text))
    outputs = wdl.run(text, {"bam": str(tmp_path / "it is.bam")})
    assert Path(str(outputs["index"])).name == "it is.bam.bai"


def test_what_is_lost_is_told(tmp_path: Path) -> None:
    tool = tmp_path / "tool.cwl"
    tool.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: touch\n"
        "requirements: {ToolTimeLimit: {timelimit: 9}}\ninputs: {}\noutputs: {}\n"
    )
    with pytest.raises(InvalidError):
        fairwf.convert(fairwf.load(tool), "wdl", strict=True)
