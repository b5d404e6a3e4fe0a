"""``convert --tool-path``: steps of Galaxy workflows become what their wrappers run."""

import json
from pathlib import Path

from tests.cli.conftest import Fairwf

WRAPPER = """<tool id="first" name="First lines" version="1">
  <command>head -n $n '$lines' > '$out'</command>
  <inputs><param name="lines" type="data"/><param name="n" type="integer" value="3"/></inputs>
  <outputs><data name="out" format="txt"/></outputs>
</tool>
"""


def workflow(folder: Path) -> Path:
    steps = {
        "0": {"id": 0, "type": "data_input", "label": "lines", "tool_state": "{}"},
        "1": {
            "id": 1,
            "type": "tool",
            "label": "head",
            "tool_id": "first",
            "tool_state": '{"n": "5"}',
            "input_connections": {"lines": {"id": 0, "output_name": "output"}},
        },
    }
    native = {"a_galaxy_workflow": "true", "format-version": "0.1", "name": "W", "steps": steps}
    path = folder / "x.ga"
    path.write_text(json.dumps(native))
    (folder / "tools").mkdir()
    (folder / "tools" / "first.xml").write_text(WRAPPER)
    return path


def test_a_step_with_a_wrapper_is_a_tool_in_cwl(fairwf: Fairwf, tmp_path: Path) -> None:
    path = workflow(tmp_path)
    tools = str(tmp_path / "tools")
    said = fairwf("convert", str(path), "--to", "cwl", "--tool-path", tools)
    assert said.code == 0, said.err
    assert "class: CommandLineTool" in said.out and "head -n 5" in said.out
    assert "class: Operation" in fairwf("convert", str(path), "--to", "cwl").out


def test_a_folder_that_is_not_there_is_wrong_usage(fairwf: Fairwf, tmp_path: Path) -> None:
    path = workflow(tmp_path)
    said = fairwf("convert", str(path), "--to", "cwl", "--tool-path", str(tmp_path / "no"))
    assert (said.code, said.out) == (2, "")
    assert "--tool-path" in said.err
