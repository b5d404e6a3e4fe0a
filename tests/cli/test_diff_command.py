"""`diff`: what differs in meaning, whatever the layout."""

from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import WORKFLOW, Fairwf


def test_layout_and_order_of_maps_make_no_difference(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    other = tmp_path / "b.ir.json"
    other.write_text(fairwf("convert", workflow, "--to", "ir").out)
    said = fairwf("diff", workflow, other)
    assert (said.code, said.out) == (0, "")


def test_a_change_is_named_by_its_path(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.ir.yml"
    other.write_text(
        WORKFLOW.replace("value: echo", "value: printf").replace(
            "    - {id: note, type: {kind: optional, item: {kind: File}}}\n", ""
        )
    )
    said = fairwf("diff", workflow, other)
    assert said.code == 1
    assert said.out.splitlines() == [
        '- /inputs/note: {"id": "note", "type": {"kind": "optional", "item": {"kind": "File"}}}',
        '~ /steps/hello/run/arguments/0/value/value: "echo" -> "printf"',
    ]
    found = fairwf("diff", workflow, other, "--format", "json").json
    assert not found["same"]
    assert [change["change"] for change in found["changes"]] == ["removed", "changed"]
    assert found["a"]["hash"] != found["b"]["hash"]


def test_a_shared_process_means_the_same_as_one_written_out(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    tree = yaml.safe_load(WORKFLOW)
    root = tree["workflow"]
    root["processes"] = {"echo": root["steps"][0]["run"]}
    root["steps"][0]["run"] = {"kind": "ref", "name": "echo"}
    other = tmp_path / "b.ir.yml"
    other.write_text(yaml.safe_dump(tree))
    said = fairwf("diff", workflow, other)
    assert (said.code, said.out) == (0, "")


def test_numbers_of_different_types_differ(fairwf: Fairwf, tmp_path: Path) -> None:
    for name, value in (("a", "1"), ("b", "1.0")):
        (tmp_path / f"{name}.ir.yml").write_text(
            "fairwf_ir: '1'\nworkflow: {kind: pure, result: {kind: record_of, fields: "
            f"{{n: {{kind: {'int_lit' if name == 'a' else 'float_lit'}, value: {value}}}}}}}}}\n"
        )
    assert fairwf("diff", tmp_path / "a.ir.yml", tmp_path / "b.ir.yml").code == 1


def test_locations_that_lead_to_one_place_are_the_same(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round trip into another folder says the same of other words."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    tool = (
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: cat\noutputs: []\n"
        "inputs: {a: {type: File, default: {class: File, location: scripts/a.py}}}\n"
    )
    (tmp_path / "deep" / "tool.cwl").write_text(tool)
    assert fairwf("convert", "deep/tool.cwl", "--to", "ir", "-o", "tool.ir.json").code == 0
    assert fairwf("convert", "tool.ir.json", "--to", "cwl", "-o", "again.cwl").code == 0
    assert "deep/scripts/a.py" in (tmp_path / "again.cwl").read_text()
    assert (fairwf("diff", "deep/tool.cwl", "again.cwl").out) == ""
    assert (fairwf("diff", "tool.ir.json", "again.cwl").code) == 0
    (tmp_path / "moved.cwl").write_text(tool)
    said = fairwf("diff", "deep/tool.cwl", "moved.cwl")
    assert said.code == 0  # the same words: a folder was copied or moved
    (tmp_path / "other.cwl").write_text(tool.replace("scripts/", "deep/other/"))
    assert fairwf("diff", "deep/tool.cwl", "other.cwl").code == 1
