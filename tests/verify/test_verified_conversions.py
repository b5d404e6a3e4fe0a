"""`convert --verify`: source and result run in their own engines, and the outputs are compared."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

import fairwf
from fairwf import api
from fairwf.cli.failures import run_guarded
from fairwf.formats import converter
from fairwf.ir.expressions import Directory, File
from fairwf.ir.types import ArrayType, FileType, RecordField, RecordType, StringType
from fairwf.native import NativeEngine
from fairwf.verify import conversion
from fairwf.verify.mapping import carried, differences, on_disk

CWL = converter("cwl")
BACKEND = Path(__file__).resolve().parents[1] / "engines" / "miniwdl_host"
TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
requirements: {InlineJavascriptRequirement: {}}
baseCommand: wc
inputs:
  text: File
  unit: {type: 'string?'}
outputs:
  counted: {type: stdout}
  lines: {type: int, outputBinding: {glob: count.txt, loadContents: true,
          outputEval: '$(parseInt(self[0].contents))'}}
stdin: $(inputs.text.path)
stdout: count.txt
arguments: ['-l']
"""
OTHER = """\
version 1.2
task main {
  input { File text  String? unit }
  command <<< wc -c '~{text}' > count.txt >>>
  output { File counted = "count.txt"  Int lines = 1 }
}
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CWL tool with a job file, where miniwdl runs without containers."""
    monkeypatch.setenv("PYTHONPATH", str(BACKEND))
    monkeypatch.setenv("MINIWDL__SCHEDULER__CONTAINER_BACKEND", "host")
    (tmp_path / "tool.cwl").write_text(TOOL)
    (tmp_path / "lines.txt").write_text("a\nb\n")
    (tmp_path / "job.yml").write_text("text: {class: File, path: lines.txt}\n")
    return tmp_path / "tool.cwl"


def test_a_conversion_is_certified(tool: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tool.parent
    words = ["convert", str(tool), "--to", "wdl", "-o", f"{folder}/out/main.wdl"]
    words += ["--verify", f"{folder}/job.yml", "--certificate", f"{folder}/verdict.jsonld"]
    assert run_guarded(words) == 0
    assert "verified: 2 outputs equal in cwltool" in capfd.readouterr().err
    certificate = json.loads((folder / "verdict.jsonld").read_text())
    graph = {entity["@id"]: entity for entity in certificate["@graph"]}
    (activity,) = (one for one in graph.values() if one["@type"] == "prov:Activity")
    assert {graph[one]["name"] for one in activity["used"]} == {"tool.cwl", "main.wdl", "inputs"}
    assert all(len(graph[one]["sha256"]) == 64 for one in activity["used"])
    agents = {graph[one]["name"]: graph[one]["version"] for one in activity["wasAssociatedWith"]}
    assert set(agents) == {"cwltool", "miniwdl", "fairwf"}
    assert graph[activity["generated"]]["value"] == "equal"
    assert [graph[one]["name"] for one in graph["#verdict"]["hasPart"]] == ["counted", "lines"]


def test_what_differs_is_told_by_output(tool: Path) -> None:
    other = tool.parent / "other.wdl"
    other.write_text(OTHER)
    done = api.verified(fairwf.load(tool), str(tool), "wdl", [other], f"{tool.parent}/job.yml")
    assert done.judgement == "different"
    assert done.outputs["lines"] == "the value is 1, and 2 is expected"
    assert str(done.outputs["counted"]).startswith("the file is count.txt ")


def test_a_source_that_fails_is_no_difference(tool: Path) -> None:
    tool.write_text(TOOL.replace("baseCommand: wc", "baseCommand: 'false'"))
    other = tool.parent / "other.wdl"
    other.write_text(OTHER)
    done = api.verified(fairwf.load(tool), str(tool), "wdl", [other], f"{tool.parent}/job.yml")
    assert done.judgement == "failed"
    assert done.said.startswith("the source does not run in cwltool")


def test_only_what_is_written_to_a_file_is_verified(tool: Path) -> None:
    assert run_guarded(["convert", str(tool), "--to", "wdl", "--verify", "job.yml"]) == 2


def test_formats_without_an_engine_are_run_by_fairwf(tool: Path) -> None:
    again = tool.parent / "tool.ir.json"
    fairwf.dump(fairwf.load(tool), again)
    done = api.verified(fairwf.load(tool), str(tool), "ir", [again], f"{tool.parent}/job.yml")
    assert [agent.name for agent in done.engines] == ["cwltool", "fairwf"]
    assert done.judgement == "equal"


def test_an_engine_that_can_be_given_no_job_file_is_not_named(
    tool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Mock(spec=NativeEngine)
    engine.name, engine.version = "others", "1.0"
    ir = replace(converter("ir"), engine=lambda: engine, write_inputs=None)
    monkeypatch.setattr(conversion, "converter", lambda name: ir if name == "ir" else CWL)
    again = tool.parent / "tool.ir.json"
    fairwf.dump(fairwf.load(tool), again)
    done = api.verified(fairwf.load(tool), str(tool), "ir", [again], f"{tool.parent}/job.yml")
    assert done.judgement == "equal"
    assert not engine.run.called
    assert [agent.name for agent in done.engines] == ["cwltool", "fairwf"]


# --- the mapping


def record(*names: str) -> RecordType:
    return RecordType(fields=tuple(RecordField(name=name, type=StringType()) for name in names))


def test_records_are_paired_by_the_place_of_their_members() -> None:
    given, wanted = record("a", "in"), record("a", "in_")
    assert carried({"a": "x", "in": "y"}, given, wanted) == {"a": "x", "in_": "y"}
    assert list(differences({"a": "x", "in": "y"}, given, {"in_": "y", "a": "x"}, wanted)) == []
    assert list(differences({"a": "x", "in": "y"}, given, {"in_": "z", "a": "x"}, wanted)) == [
        "in is 'z', and 'y' is expected"
    ]


def test_files_are_the_same_by_name_and_octets(tmp_path: Path) -> None:
    for folder, text in (("one", "a"), ("two", "a"), ("three", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f.txt").write_text(text)
    one, two, three = (File(location=str(tmp_path / x / "f.txt")) for x in ("one", "two", "three"))
    kind = ArrayType(items=FileType())
    assert list(differences([one], kind, [two], kind)) == []
    assert len(list(differences([one], kind, [three], kind))) == 1
    assert len(list(differences([one], kind, [], kind))) == 1
    assert list(differences(one, FileType(), None, FileType())) == [
        "the value is no file, and a file is expected"
    ]


def test_what_cannot_be_read_is_the_same_as_nothing(tmp_path: Path) -> None:
    gone = File(location=str(tmp_path / "gone.txt"))
    assert len(list(differences(gone, FileType(), gone, FileType()))) == 1
    away = Directory(location=str(tmp_path / "gone"))
    assert len(list(differences(away, None, away, None))) == 1


def test_literals_are_compared_by_what_they_hold() -> None:
    one, other = File(basename="f", contents="a"), File(basename="f", contents="b")
    assert list(differences(one, FileType(), one, FileType())) == []
    assert len(list(differences(one, FileType(), other, FileType()))) == 1
    held = [Directory(basename="d", listing=(file,)) for file in (one, other)]
    assert list(differences(held[0], None, held[0], None)) == []
    assert len(list(differences(held[0], None, held[1], None))) == 1


def test_only_a_name_that_an_engine_chose_counts_for_nothing(tmp_path: Path) -> None:
    names = ("sample.stdout", "sample.stderr", "stdout", "stderr.txt")
    for name in names:
        (tmp_path / name).write_text("x")
    out, err, a, b = (File(location=str(tmp_path / name)) for name in names)
    assert len(list(differences(out, FileType(), err, FileType()))) == 1
    assert list(differences(a, FileType(), b, FileType())) == []


def test_none_true_and_1_are_different_values() -> None:
    assert list(differences(1, None, 1.0, None)) == []
    assert len(list(differences(1, None, True, None))) == 1
    assert len(list(differences(None, None, 0, None))) == 1


def test_what_a_job_holds_as_text_lies_on_the_disk(tmp_path: Path) -> None:
    inner = File(basename="f.txt", contents="hello")
    laid = on_disk([Directory(basename="d", listing=(inner,)), inner], tmp_path)
    assert isinstance(laid, list)
    folder, file = laid
    assert (Path(folder.location) / "f.txt").read_text() == "hello"
    assert Path(file.location).name == "f.txt"
