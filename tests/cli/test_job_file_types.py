"""A value of a job file that does not fit is shown where it stands: the smallest part of it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: 'true'
inputs:
  n: int?
  colour: {type: ['null', {type: enum, symbols: [red, green]}]}
  file: File?
  pair: {type: ['null', {type: record, fields: {a: int, b: 'string[]?'}}]}
  many: int[]?
  either: [int, string, 'null']
outputs: []
"""


@pytest.mark.parametrize(
    ("job", "place", "words"),
    [
        ("n: three", "1:4", "expected a whole number, found the text 'three'"),
        ("n: 3000000000", "1:4", "expected a whole number of 32 bits"),
        ("colour: gren", "1:9", "did you mean 'green'?"),
        ("file: x.txt", "1:7", "a file is written {class: File, path: ...}"),
        ("many: 3", "1:7", "put it in a list"),
        ("many:\n- 1\n- two\n", "3:3", "item 2: expected a whole number"),
        ("pair: {a: x}", "1:11", "member 'a': expected a whole number"),
        ("pair:\n  a: 1\n  b: [x, 2]\n", "3:10", "member 'b', item 2: expected a text"),
        ("pair: {b: [x]}", "1:7", "member 'a': expected a whole number, found nothing"),
        ("either: [1]", "1:9", "expected a whole number or a text"),
        ("nn: 3", "1:1", "there is no input 'nn'"),
    ],
)
def test_a_value_that_does_not_fit(
    fairwf: Fairwf, tmp_path: Path, job: str, place: str, words: str
) -> None:
    tool, file = tmp_path / "tool.cwl", tmp_path / "job.yml"
    tool.write_text(TOOL)
    file.write_text(job + "\n")
    said = fairwf("run", tool, file, "--run-dir", tmp_path / "run")
    assert said.code == 1
    assert f"{file}:{place}: " in said.err
    assert words in said.err
