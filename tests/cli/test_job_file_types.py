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


FAILING = """\
cwlVersion: v1.2
class: CommandLineTool
requirements:
  InlineJavascriptRequirement:
    expressionLib:
      - |
        function checked(n) {
          while (n > 7) return nowhere(n);
          return n;
        }
baseCommand: echo
inputs: {n: int}
arguments:
  - valueFrom: |
      ${
        var found = checked(inputs.n);
        for (;;) return found.name.length;
      }
outputs: []
"""


@pytest.mark.parametrize(
    ("number", "place", "words"),
    [
        ("3", "17:25", "TypeError: cannot read property 'length' of undefined"),
        ("8", "8:32", "ReferenceError: nowhere is not defined"),
    ],
)
def test_javascript_that_fails_is_shown_where_it_stands(
    fairwf: Fairwf, tmp_path: Path, number: str, place: str, words: str
) -> None:
    tool = tmp_path / "tool.cwl"
    tool.write_text(FAILING)
    said = fairwf("run", tool, "--run-dir", tmp_path / "run", "--n", number)
    assert said.code == 1
    assert f"{tool}:{place}: " in said.err and words in said.err


FILES = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: cat
inputs:
  f:
    type: File
    secondaryFiles: [.fai, {pattern: .opt, required: false}]
    format: "http://edamontology.org/format_1929"
    inputBinding: {}
outputs: {o: stdout}
"""


@pytest.mark.parametrize(
    ("value", "place", "words"),
    [
        ("{class: Fil, path: x.fa}", "2:12", "did you mean 'File'?"),
        ("{class: File, pth: x.fa}", "2:18", "did you mean 'path'?"),
        ("{clas: File, path: x.fa}", "2:5", "did you mean 'class'?"),
        ("{class: File, path: folder}", "2:4", "is a folder, not a file"),
        ("{class: File, path: x.fa}", "2:4", "has no secondary file 'x.fa.fai'"),
        ('{class: File, location: "http://a.example/c"}', "2:4", "is not on this machine"),
        ('{class: File, path: y.fa, format: "http://a.example/f"}', "2:4", "is wanted"),
    ],
)
def test_what_is_wrong_with_a_file_is_shown_in_the_job_file(
    fairwf: Fairwf, tmp_path: Path, value: str, place: str, words: str
) -> None:
    tool, job = tmp_path / "tool.cwl", tmp_path / "job.yml"
    tool.write_text(FILES)
    job.write_text(f"# a job\nf: {value}\n")
    (tmp_path / "folder").mkdir()
    for name in ("x.fa", "y.fa", "y.fa.fai"):
        (tmp_path / name).write_text(">a\n")
    said = fairwf("run", tool, job, "--run-dir", tmp_path / "run")
    assert said.code == 1
    assert f"{job}:{place}: error" in said.err
    assert words in said.err


def test_a_job_template_names_the_files_that_must_lie_beside(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    (tmp_path / "tool.cwl").write_text(FILES)
    assert "# with beside it: .fai\n" in fairwf("inputs", tmp_path / "tool.cwl").out
    assert "with beside it: .fai" in fairwf("run", tmp_path / "tool.cwl", "--help").out
