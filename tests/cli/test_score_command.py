"""`fairwf score`: its formats, its threshold, --fix."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Fairwf

TOOL = """cwlVersion: v1.2
class: CommandLineTool
label: Words of a text
doc: Counts words.
baseCommand: [wc, -w]
inputs:
  text: {type: File, inputBinding: {position: 1}}
outputs:
  count: stdout
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tool in it."""
    (tmp_path / "main.cwl").write_text(TOOL)
    return tmp_path


def test_fix_shows_the_diff_and_then_the_score(fairwf: Fairwf, folder: Path) -> None:
    said = fairwf("score", folder, "--fix")
    assert said.code == 0
    assert "+++ b/codemeta.json" in said.err
    assert "FAIRness of" in said.out
    assert (folder / "codemeta.json").is_file()
    assert "nothing to write" in fairwf("score", folder, "--fix").err


def test_fix_refuses_what_it_cannot_write_beside(fairwf: Fairwf, folder: Path) -> None:
    assert fairwf("score", folder / "main.cwl", "--fix").code == 2
    assert fairwf("score", folder, "--license", "MIT").code == 2
    assert sorted(path.name for path in folder.iterdir()) == ["main.cwl"]


def test_a_level_below_the_minimum_is_exit_1_after_the_result(fairwf: Fairwf, folder: Path) -> None:
    said = fairwf("score", folder, "--min-level", "M1")
    assert said.code == 1
    assert "FWF6002" in said.err
    assert "FAIRness of" in said.out


def test_formats_for_other_programs_parse(fairwf: Fairwf, folder: Path) -> None:
    assert len(json.loads(fairwf("score", folder, "--format", "ftr").out)["@graph"]) > 180
    assert (
        ElementTree.fromstring(fairwf("score", folder, "--format", "junit").out).tag == "testsuites"
    )
    assert json.loads(fairwf("score", folder, "--format", "sarif").out)["version"] == "2.1.0"


def test_the_same_result_twice(fairwf: Fairwf, folder: Path) -> None:
    for format_ in ("text", "json", "ftr", "html"):
        first = fairwf("score", folder, "--format", format_).out
        assert first == fairwf("score", folder, "--format", format_).out


def test_a_repository_with_several_workflows(fairwf: Fairwf, folder: Path) -> None:
    (folder / "main.cwl").unlink()
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "main.cwl").write_text(TOOL)
    said = fairwf("score", folder)
    assert said.code == 1
    assert "--main FILE" in said.err
    assert fairwf("score", folder, "--main", "a/main.cwl").code == 0
    assert fairwf("score", folder, "--main", "../x.cwl").code == 2
    assert fairwf("score", folder, "--main", "absent.cwl").code == 1
    (folder / "b" / "main.cwl").unlink()
    assert "a/main.cwl" in fairwf("score", folder, "--format", "json").out


def test_the_descriptor_of_a_registry_names_the_workflow(fairwf: Fairwf, folder: Path) -> None:
    (folder / "main.cwl").rename(folder / "other.cwl")
    assert fairwf("score", folder).code == 1
    (folder / ".dockstore.yml").write_text(
        "version: 1.2\nworkflows:\n- subclass: CWL\n  primaryDescriptorPath: /other.cwl\n"
    )
    assert fairwf("score", folder).code == 0
    (folder / ".dockstore.yml").write_text(
        "version: 1.2\nworkflows:\n- subclass: CWL\n  primaryDescriptorPath: /../../other.cwl\n"
    )
    assert fairwf("score", folder).code == 1
