"""Writing CWL v1.0 and v1.1: what they lack is lowered, or told with its place."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairwf.conversion import check_document, convert_document, read_document
from fairwf.formats import Source
from fairwf.ir.canonical import same
from fairwf.report import FairwfError, Report, UnsupportedError

SUITE = "cwl/common-workflow-language__cwl-v1.2/tests"


class Converted:
    """What a document became in a version: its tree, the report, the IR read again."""

    def __init__(self, path: Path, version: str, folder: Path) -> None:
        self.report = Report()
        document = read_document(Source.at(path), Report())
        check_document(document, Report())
        result = convert_document(document, "cwl", self.report, version=version, folder=folder)
        self.text = result.written.files[result.written.main].decode()
        self.tree: Any = yaml.safe_load(self.text)
        self.path = folder / f"{path.stem}.{version}.cwl"
        self.path.write_text(self.text)
        again = read_document(Source.at(self.path), Report())
        self.again = again.workflow
        assert same(again.workflow, result.lowered.workflow)

    def told(self, *fates: Any) -> list[tuple[str, int | None]]:
        return [(d.message, d.line) for d in self.report.by_fate(*fates)]


@pytest.fixture
def converted(tmp_path: Path) -> Any:
    """Convert a document given as text."""

    def convert(text: str, version: str) -> Converted:
        path = tmp_path / "main.cwl"
        path.write_text(text)
        return Converted(path, version, tmp_path)

    return convert


def tool(body: str, version: str = "v1.2") -> str:
    rest = "".join(f"{k}: []\n" for k in ("inputs", "outputs") if f"{k}:" not in body)
    return f"cwlVersion: {version}\nclass: CommandLineTool\nbaseCommand: cat\n{rest}{body}"


NETWORK = "a tool of CWL v1.0 may always use the network"


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_the_document_says_its_version(converted: Any, version: str) -> None:
    body = "requirements: {NetworkAccess: {networkAccess: true}}\n"
    result = converted(tool(body), version)
    assert result.tree["cwlVersion"] == version
    assert ("requirements" in result.tree) == (version != "v1.0")  # there it is always allowed
    assert list(result.report) == []


def test_the_network_is_open_in_v1_0(converted: Any) -> None:
    assert converted(tool(""), "v1.0").told("approximated") == [(NETWORK, 1)]
    assert converted(tool(""), "v1.1").told("approximated", "lost") == []


def test_stdin_as_a_type_is_a_field_in_v1_0(converted: Any) -> None:
    body = "inputs: {text: stdin}\n"
    assert converted(tool(body), "v1.1").tree["inputs"] == {"text": "stdin"}
    old = converted(tool(body), "v1.0").tree
    assert old["inputs"] == {"text": "File"}
    assert old["stdin"] == "$(inputs.text.path)"


def test_stdin_that_is_also_an_argument_is_no_type(converted: Any) -> None:
    body = (
        "inputs:\n  text: {type: File, inputBinding: {valueFrom: $(self.basename)}}\n"
        "stdin: $(inputs.text.path)\n"
    )
    tree = converted(tool(body), "v1.2").tree
    assert tree["stdin"] == "$(inputs.text.path)"
    assert tree["inputs"]["text"]["type"] == "File"
    assert tree["inputs"]["text"]["inputBinding"]["valueFrom"] == "$(self.basename)"


def test_what_v1_1_brought_is_an_extension_in_v1_0(converted: Any) -> None:
    body = (
        "requirements:\n"
        "  ToolTimeLimit: {timelimit: 60}\n"
        "  WorkReuse: {enableReuse: false}\n"
        "  InplaceUpdateRequirement: {inplaceUpdate: true}\n"
        "  NetworkAccess: {networkAccess: true}\n"
    )
    result = converted(tool(body), "v1.0")
    assert result.tree["$namespaces"] == {"cwltool": "http://commonwl.org/cwltool#"}
    assert result.tree["hints"] == {
        "cwltool:TimeLimit": {"timelimit": 60},
        "cwltool:WorkReuse": {"enableReuse": False},
    }
    assert result.tree["requirements"] == {
        "cwltool:InplaceUpdateRequirement": {"inplaceUpdate": True}
    }
    assert result.told("approximated") == [
        ("a limit of time is a hint of cwltool's in CWL v1.0", 7),
        ("whether results can be used again is a hint of cwltool's in CWL v1.0", 1),
    ]


def test_secondary_files_are_all_there_in_v1_0(converted: Any) -> None:
    body = (
        "inputs:\n"
        "  a:\n"
        "    type: File\n"
        "    secondaryFiles: [.bai?, {pattern: .fai, required: true}, ^.dict]\n"
    )
    result = converted(tool(body), "v1.0")
    assert result.tree["inputs"]["a"]["secondaryFiles"] == [".bai", ".fai", "^.dict"]
    told = [row for row in result.told("approximated") if row[0] != NETWORK]
    assert told == [("in CWL v1.0 the secondary files of this port must be there", 8)]


def test_listings_that_differ_are_loaded_whole_in_v1_0(converted: Any) -> None:
    body = "inputs:\n  a: Directory\n  b: {type: Directory, loadListing: deep_listing}\n"
    result = converted(tool(body), "v1.0")
    assert result.tree["inputs"] == {"a": "Directory", "b": "Directory"}
    told = [row for row in result.told("approximated") if row[0] != NETWORK]
    assert told == [("CWL v1.0 always loads the whole listing of a folder", 6)]


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("Directory", "no_listing"),
        ("{type: Directory, loadListing: shallow_listing}", "shallow_listing"),
        ("{type: Directory, loadListing: deep_listing}", None),
    ],
)
def test_listings_are_a_hint_of_cwltools_in_v1_0(
    converted: Any, tmp_path: Path, said: str, hint: str | None
) -> None:
    text = tool(f"inputs:\n  a: {said}\n  b: int?\n")
    text = text.replace(
        "outputs: []", 'outputs: {o: {type: [Any, "null"], outputBinding: {outputEval: EVAL}}}'
    )
    seen = (
        "$(inputs.a.listing ? [inputs.a.listing[0].basename, inputs.a.listing[0].listing] : null)"
    )
    text = text.replace("EVAL", f"'{seen}'") + "requirements: {InlineJavascriptRequirement: {}}\n"
    result = converted(text, "v1.0")
    wanted = {"cwltool:LoadListingRequirement": {"loadListing": hint}} if hint else None
    assert result.tree.get("hints") == wanted
    assert result.tree["inputs"]["a"] == "Directory"
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "e" / "f").touch()
    (tmp_path / "job.json").write_text('{"a": {"class": "Directory", "path": "d"}}')
    program = Path(sys.executable).with_name("cwltool")
    command = [program, "--no-container", "--quiet", result.path, "job.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listing = json.loads(done.stdout)["o"]
    if hint == "no_listing":
        assert listing is None
    else:
        assert listing[0] == "e"
        assert bool(listing[1]) == (hint is None)


def test_contents_are_loaded_by_the_binding_in_v1_0(converted: Any) -> None:
    body = "inputs:\n  a: {type: File, loadContents: true}\n"
    body += "  b: {type: File, loadContents: true, inputBinding: {}}\n"
    tree = converted(tool(body), "v1.0").tree
    assert tree["inputs"]["b"]["inputBinding"] == {"position": 1, "loadContents": True}
    nothing = {"position": 2, "valueFrom": "$(null)", "loadContents": True}
    assert tree["inputs"]["a"]["inputBinding"] == nothing  # no word on the command line
    text = "cwlVersion: v1.2\nclass: ExpressionTool\nexpression: $({})\noutputs: []\n"
    text += "requirements: {InlineJavascriptRequirement: {}}\n"
    text += "inputs: {a: {type: File, loadContents: true}}\n"
    pure = converted(text, "v1.0").tree
    assert pure["inputs"]["a"] == {"type": "File", "inputBinding": {"loadContents": True}}


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_amounts_are_whole_before_v1_2(converted: Any, version: str) -> None:
    body = "requirements:\n  ResourceRequirement:\n    coresMin: 0.5\n"
    result = converted(tool(body), version)
    assert result.tree["requirements"]["ResourceRequirement"] == {"coresMin": 1}
    assert ("before CWL v1.2 amounts are whole numbers: 1 stands here", 8) in result.told(
        "approximated"
    )


def test_files_in_records_are_lost_in_v1_0(converted: Any) -> None:
    body = (
        "inputs:\n"
        "  r:\n"
        "    type:\n"
        "      type: record\n"
        "      fields:\n"
        "        f: {type: File, secondaryFiles: [.bai]}\n"
    )
    result = converted(tool(body), "v1.0")
    assert result.tree["inputs"]["r"]["type"]["fields"] == {"f": "File"}
    message = "CWL v1.0 says nothing of the files in members of records"
    assert result.told("lost") == [(message, 10)]
    assert converted(tool(body), "v1.1").told("lost") == []


def test_a_computed_position_is_refused_in_v1_0(converted: Any) -> None:
    body = "requirements: {InlineJavascriptRequirement: {}}\n"
    body += "inputs: {n: {type: int, inputBinding: {position: $(self + 1)}}}\n"
    with pytest.raises(UnsupportedError, match="is a number, this one is computed") as error:
        converted(tool(body), "v1.0")
    assert "v1.1 or later" in str(error.value.report.errors[0].hint)
    assert converted(tool(body), "v1.1").told("approximated", "lost") == []


def test_positions_that_are_only_written_as_computed_are_numbers(converted: Any) -> None:
    body = "requirements: {InlineJavascriptRequirement: {}}\n"
    body += "inputs: []\narguments:\n- {valueFrom: b, position: '${return 2;}'}\n"
    body += "- {valueFrom: a, position: '${return null;}'}\n"
    assert converted(tool(body), "v1.0").tree["baseCommand"] == ["cat", "a", "b"]


def test_the_exit_code_is_refused_in_v1_0(converted: Any) -> None:
    body = (
        "inputs: []\noutputs: {c: {type: int, outputBinding: {outputEval: $(runtime.exitCode)}}}\n"
    )
    with pytest.raises(UnsupportedError, match=r"CWL v1\.0 has no runtime\.exitCode"):
        converted(tool(body), "v1.0")


def test_a_step_before_loads_contents_in_v1_0(corpora: Path, tmp_path: Path) -> None:
    path = corpora / SUITE / "wf-loadContents.cwl"
    result = Converted(path, "v1.0", tmp_path)
    assert result.told("approximated", "lost") == []
    job = str(path.with_name("wf-loadContents-job.yml"))
    assert run(result.path, tmp_path, job) == run(path, tmp_path, job)


OPERATION = (
    "cwlVersion: v1.2\nclass: Operation\nintent: ['http://e.x/a']\ninputs: []\noutputs: []\n"
)


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_operations_are_refused_before_v1_2(converted: Any, version: str) -> None:
    with pytest.raises(UnsupportedError, match="the target cannot say operation"):
        converted(OPERATION, version)


def run(path: Path, folder: Path, *inputs: str) -> Any:
    """Run a document with the reference runner; return its outputs."""
    command = [sys.executable, "-m", "cwltool", "--quiet", "--no-container", str(path), *inputs]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("value", [0, 10])
def test_conditions_and_picks_run_in_v1_0_as_they_did(
    corpora: Path, tmp_path: Path, value: int
) -> None:
    path = corpora / SUITE / "conditionals" / "cond-wf-003.cwl"
    result = Converted(path, "v1.0", tmp_path)
    assert "when:" not in result.text and "pickValue" not in result.text
    assert result.told("lost") == []
    outputs = run(result.path, tmp_path, "--val", str(value))
    assert outputs == {"out1": "foo 10" if value else "Direct"}


@pytest.mark.long
def test_a_scattered_condition_runs_in_v1_1_as_it_did(corpora: Path, tmp_path: Path) -> None:
    path = corpora / SUITE / "conditionals" / "cond-wf-010.cwl"
    job = str(path.with_name("val.6.list.job.yaml"))
    result = Converted(path, "v1.1", tmp_path)
    assert run(result.path, tmp_path, job) == run(path, tmp_path, job)


STAGED = """cwlVersion: v1.2
class: CommandLineTool
requirements:
  InlineJavascriptRequirement: {}
  InitialWorkDirRequirement:
    listing:
      - {entry: $(inputs.files), writable: true}
      - {entry: $(inputs.n), entryname: number}
      - {entry: $(inputs.row), entryname: record}
      - {entry: $(inputs.n > 2), entryname: truth}
      - {entry: "$([1, inputs.n])", entryname: list}
      - {entry: "n: $(inputs.n)", entryname: text}
inputs:
  files: File[]
  n: int
  row: {type: {type: record, fields: [{name: a, type: int}]}}
baseCommand: [tail, -n, "+1", job.json, number, record, truth, list, text]
outputs: {out: stdout}
stdout: out.txt
"""


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_values_are_staged_as_their_json_before_v1_2(
    converted: Any, tmp_path: Path, version: str
) -> None:
    job = tmp_path / "job.json"
    files = [{"class": "File", "path": str(job)}]
    job.write_text(json.dumps({"files": files, "n": 5, "row": {"a": 1}}))
    original = tmp_path / "main.cwl"
    result = converted(STAGED, version)
    told = [message for message, _ in result.told("rewritten")]
    assert sum("an entry gives a text: the JSON" in message for message in told) == 4
    assert any("one by one" in message for message in told) == (version == "v1.0")
    ours = run(result.path, tmp_path, str(job))["out"]["checksum"]
    assert ours == run(original, tmp_path, str(job))["out"]["checksum"]


VALIDATED = 3


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_the_reference_runner_accepts_published_documents_in_older_versions(
    corpora: Path, tmp_path: Path, version: str
) -> None:
    paths = sorted((corpora / SUITE).glob("*.cwl"))
    done = []
    for path in random.Random(version).sample(paths, 40):
        try:
            document = read_document(Source.at(path), Report())
            check_document(document, Report())
            result = convert_document(document, "cwl", Report(), version=version, folder=tmp_path)
        except FairwfError:
            continue
        target = tmp_path / path.name
        target.write_bytes(result.written.files[result.written.main])
        done.append(target)
        if len(done) == VALIDATED:
            break
    assert len(done) == VALIDATED
    for target in done:
        command = [sys.executable, "-m", "cwltool", "--enable-ext", "--validate", str(target)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert said.returncode == 0, f"{target.name}: {said.stderr[-2000:]}"
