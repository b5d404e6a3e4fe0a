"""What cwltool adds to CWL: read into the IR where it has a place, kept, or refused."""

import json
from typing import Any

import msgspec
import pytest
import yaml

import fairwf
from fairwf.document import Document
from fairwf.ir.canonical import same
from fairwf.ir.command import Argument
from fairwf.ir.expressions import Call, Expr, FloatLit, Input, IntLit, StringLit
from fairwf.ir.ports import InputPort
from fairwf.ir.types import StringType
from fairwf.ir.workflow import Command, Operation

SPACES = "$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}\n"


def tool(cwl: Any, said: str, version: str = "v1.2", field: str = "requirements") -> Any:
    return cwl.tool(f"{SPACES}{field}: {{{said}}}\ninputs: {{n: int}}\n", version)


def test_gpus(cwl: Any) -> None:
    said = (
        "cwltool:CUDARequirement: {cudaVersionMin: '11.4', cudaComputeCapability: '3.0',"
        " cudaDeviceCountMin: 2}"
    )
    gpu = tool(cwl, said).resources.gpu
    assert (gpu.cuda_version_min, gpu.cuda_compute_capability) == ("11.4", ("3.0",))
    assert same(gpu.count.min, IntLit(value=2)) and gpu.count.max is None


def test_mpi_processes(cwl: Any) -> None:
    ranks = tool(cwl, "cwltool:MPIRequirement: {processes: $(inputs.n)}").resources.ranks
    assert same(ranks, Input(name="n"))
    assert same(
        tool(cwl, "cwltool:MPIRequirement: {processes: 4}").resources.ranks, IntLit(value=4)
    )


@pytest.mark.parametrize(
    ("said", "mebibytes"),
    [
        ("64m", IntLit(value=64)),
        ("2G", IntLit(value=2048)),
        ("1048576", IntLit(value=1)),
        ("512k", FloatLit(value=0.5)),
    ],
)
def test_shared_memory(cwl: Any, said: str, mebibytes: Expr) -> None:
    assert same(
        tool(cwl, f"cwltool:ShmSize: {{shmSize: '{said}'}}").resources.shared_memory, mebibytes
    )


@pytest.mark.parametrize("said", ["lots", "0m", "-1m", "1.5g", "64 mb"])
def test_no_size_of_shared_memory(cwl: Any, said: str) -> None:
    text = f"cwlVersion: v1.2\nclass: CommandLineTool\n{SPACES}inputs: []\noutputs: []\n"
    faults = cwl.faults(f"{text}requirements: {{cwltool:ShmSize: {{shmSize: '{said}'}}}}\n")
    assert faults == [("FWF1101", 6, 43)]


@pytest.mark.parametrize(
    ("said", "field", "expected"),
    [
        ("cwltool:TimeLimit: {timelimit: 9}", "time", IntLit(value=9)),
        ("cwltool:WorkReuse: {enableReuse: false}", "cacheable", False),
        ("cwltool:NetworkAccess: {networkAccess: false}", "network", "none"),
        ("cwltool:InplaceUpdateRequirement: {inplaceUpdate: true}", "in_place", True),
    ],
)
def test_what_cwl_took_over_later(cwl: Any, said: str, field: str, expected: Any) -> None:
    process = tool(cwl, said, "v1.0")
    if field == "time":
        assert same(process.resources.time, expected)
    else:
        assert getattr(process, field) == expected


SAID = {
    "cwltool:CUDARequirement": {"cudaVersionMin": "11.4", "cudaComputeCapability": ["3.0"]},
    "cwltool:MPIRequirement": {"processes": 2},
    "cwltool:ShmSize": {"shmSize": "64m"},
}


@pytest.mark.parametrize("field", ["requirements", "hints"])
@pytest.mark.parametrize("name", SAID)
def test_a_demand_is_written_as_one_and_a_hint_as_one(cwl: Any, name: str, field: str) -> None:
    process = tool(cwl, f"{name}: {json.dumps(SAID[name])}", field=field)
    report = fairwf.Report()
    kept = Document.from_plain(json.loads(Document(workflow=process).encode()))
    text = fairwf.convert(kept, "cwl", report=report).written.files["main.cwl"].decode()
    tree = yaml.safe_load(text)
    assert tree[field] == {name: SAID[name]} and ("hints" in tree) == (field == "hints")
    assert not report.by_fate("approximated", "lost")
    assert same(cwl.document(text).workflow, process)


def test_what_no_document_placed_is_a_hint_and_told(cwl: Any) -> None:
    process = tool(cwl, "cwltool:ShmSize: {shmSize: 64m}")
    report = fairwf.Report()
    bare = msgspec.structs.replace(process, extensions={})
    written = fairwf.convert(Document(workflow=bare), "cwl", report=report).written
    tree = yaml.safe_load(written.files["main.cwl"])
    assert list(tree["hints"]) == ["cwltool:ShmSize"] and "requirements" not in tree
    assert [d.code for d in report] == ["FWF3002"]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ("", IntLit(value=1)),
        (", cudaDeviceCountMin: 2, cudaDeviceCountMax: 4", IntLit(value=2)),
        (", cudaDeviceCountMax: 4", IntLit(value=4)),
        (", cudaDeviceCountMin: $(inputs.n)", Input(name="n")),
    ],
)
def test_cwltool_counts_the_gpus_that_are_asked_for(cwl: Any, counts: str, expected: Expr) -> None:
    said = f"cudaVersionMin: '11.4', cudaComputeCapability: '3.0'{counts}"
    text = f"hints: {{cwltool:CUDARequirement: {{{said}}}}}\ninputs: {{n: int}}\n"
    process = cwl.tool(f"{SPACES}{text}stdout: $(runtime.cudaDeviceCount)\n")
    assert same(process.stdout, expected)
    assert list(cwl.report) == []


def test_without_gpus_their_number_is_not_there(cwl: Any) -> None:
    cwl.tool("stdout: $(runtime.cudaDeviceCount)\n")
    assert [d.code for d in cwl.report] == ["FWF2012"]


def test_a_full_iri_names_the_same_requirement(cwl: Any) -> None:
    process = cwl.tool(
        "requirements: [{class: 'http://commonwl.org/cwltool#MPIRequirement', processes: 2}]\n"
    )
    assert same(process.resources.ranks, IntLit(value=2))


@pytest.mark.parametrize("field", ["requirements", "hints"])
@pytest.mark.parametrize("name", ["n", "#n", "#main/n"])
def test_secrets_are_of_the_inputs(cwl: Any, field: str, name: str) -> None:
    process = tool(cwl, f"cwltool:Secrets: {{secrets: ['{name}']}}", field=field)
    assert [port.secret for port in process.inputs] == [True]
    assert list(cwl.report) == [] and f"'{name}'" not in str(process.extensions)
    written = fairwf.convert(Document(workflow=process), "cwl")
    text = next(iter(written.written.files.values())).decode()
    assert f"{field}:\n  cwltool:Secrets:\n    secrets: ['n']" in text
    assert "cwltool: http://commonwl.org/cwltool#" in text
    again = cwl.document(text).workflow
    assert again.inputs[0].secret and same(again, process)


def test_secrets_that_become_a_hint_are_told() -> None:
    ports = (InputPort(id="pw", type=StringType(), secret=True),)
    tool = Command(inputs=ports, arguments=(Argument(value=StringLit(value="true")),))
    report = fairwf.Report()
    fairwf.convert(Document(workflow=tool), "cwl", report=report)
    (note,) = report
    assert note.code == "FWF3002" and "only cwltool obeys" in note.message


def test_a_secret_that_is_no_input_is_told(cwl: Any) -> None:
    text = f"cwlVersion: v1.2\nclass: CommandLineTool\n{SPACES}inputs: {{pw: string}}\n"
    found = cwl.faults(f"{text}outputs: []\nhints: {{cwltool:Secrets: {{secrets: [pv]}}}}\n")
    assert found == [("FWF1106", 6, 37)]


def test_secrets_of_a_step_are_told_to_hide_nothing(cwl: Any) -> None:
    text = f"""cwlVersion: v1.2
class: Workflow
{SPACES}inputs: {{pw: string}}
outputs: []
steps:
  s:
    in: {{p: pw}}
    out: []
    hints: {{cwltool:Secrets: {{secrets: [p]}}}}
    run: {{class: ExpressionTool, inputs: {{p: string}}, outputs: [], expression: '$({{}})'}}
"""
    cwl.document(text)
    assert ("FWF1112", 10) in [(d.code, d.line) for d in cwl.report]


@pytest.mark.parametrize(
    "said",
    [
        "cwltool:CUDARequirement: {cudaVersionMin: 11.4, cudaComputeCapability: '3.0'}",
        "cwltool:CUDARequirement: {cudaVersionMin: '11.4'}",
        "cwltool:MPIRequirement: {processes: many}",
        "cwltool:MPIRequirement: {process: 3}",
        "cwltool:Secrets: {secrets: n}",
    ],
)
def test_faults_in_extensions_have_their_place(cwl: Any, said: str) -> None:
    text = f"cwlVersion: v1.2\nclass: CommandLineTool\n{SPACES}inputs: []\noutputs: []\n"
    faults = cwl.faults(f"{text}requirements: {{{said}}}\n")
    assert {line for _, line, _ in faults} == {6}
    assert {code for code, _, _ in faults} <= {"FWF1101", "FWF1102", "FWF1103"}


@pytest.mark.parametrize(
    "kind", ["cwltool:ProcessGenerator", "'http://commonwl.org/cwltool#ProcessGenerator'"]
)
def test_a_process_that_makes_processes(cwl: Any, kind: str) -> None:
    cwl.file("t.cwl", MAKER)
    text = f"cwlVersion: v1.2\n{SPACES}class: {kind}\ninputs: []\noutputs: []\nrun: t.cwl\n"
    process = cwl.document(text).workflow
    assert isinstance(process, Operation) and process.generator is not None
    assert (process.generator.process, process.generator.arguments) == ("runProcess", None)
    assert isinstance(process.generator.run, Command)


MAKER = """cwlVersion: v1.2
class: CommandLineTool
inputs: []
outputs: {runProcess: stdout}
baseCommand: cat
"""


def test_a_class_that_only_cwltool_knows_has_its_prefix(cwl: Any) -> None:
    text = f"cwlVersion: v1.2\n{SPACES}class: ProcessGenerator\ninputs: []\noutputs: []\n"
    assert cwl.faults(text) == [("FWF1101", 3, 8)]
    assert "cwltool:ProcessGenerator" in cwl.hints


def test_one_inside_a_step_is_checked(cwl: Any) -> None:
    cwl.file("g.cwl", f"cwlVersion: v1.2\n{SPACES}class: cwltool:ProcessGenerator\n")
    for run in ("g.cwl", "{class: cwltool:ProcessGenerator}"):
        text = f"cwlVersion: v1.2\nclass: Workflow\n{SPACES}inputs: []\noutputs: []\nsteps:\n"
        faults = cwl.faults(f"{text}  s: {{run: {run}, in: [], out: []}}\n")
        assert {code for code, *_ in faults} == {"FWF1103"}


def test_expressions_of_extensions_see_the_inputs_of_the_tool(cwl: Any) -> None:
    said = "InlineJavascriptRequirement: {}, cwltool:MPIRequirement: {processes: $(inputs.n * 2)}"
    ranks = tool(cwl, said).resources.ranks
    twice = Call(function="multiply", args=(Input(name="n"), IntLit(value=2)))
    assert ranks is not None and same(ranks, twice)
