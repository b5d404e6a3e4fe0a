"""fairwf.toml, [tool.fairwf] in pyproject.toml, and marks in comments."""

from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

TOOL = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: [cat]
hints:
  DockerRequirement:
    dockerPull: debian:latest
inputs:
  words: int
outputs:
  out: stdout
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "tests").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "main.cwl").write_text(TOOL)
    (root / "tests" / "test.cwl").write_text(TOOL)
    return root


def told(fairwf: Fairwf, *words: object) -> list[tuple[str, str]]:
    files = fairwf("validate", "--format", "json", *words).json["files"]
    return [
        (Path(found["file"]).name, diagnostic["code"])
        for found in files
        for diagnostic in found.get("diagnostics", [])
    ]


def test_without_a_configuration_all_rules_count(fairwf: Fairwf, tree: Path) -> None:
    assert told(fairwf, tree / "main.cwl") == [("main.cwl", "FWF2104"), ("main.cwl", "FWF2106")]


@pytest.mark.parametrize("name", ["fairwf.toml", "pyproject.toml"])
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('ignore = ["FWF2106"]', {"FWF2104"}),
        ('ignore = ["containers"]', {"FWF2104"}),
        ('select = ["containers"]', {"FWF2106"}),
        ('select = ["types"]', set()),
    ],
)
def test_select_and_ignore(
    fairwf: Fairwf, tree: Path, name: str, text: str, codes: set[str]
) -> None:
    head = "[tool.fairwf]\n" if name == "pyproject.toml" else ""
    (tree / name).write_text(f"{head}{text}\n")
    assert {code for _, code in told(fairwf, tree)} == codes
    assert {code for _, code in told(fairwf, tree / "tests" / "test.cwl")} == codes
    assert len(told(fairwf, tree / "main.cwl", "--no-config")) == 2
    assert [code for _, code in told(fairwf, tree / "main.cwl", "--select", "unused")] in (
        ["FWF2104"],
        ["FWF2104"] if "FWF2104" in codes or "select" in text else [],
    )


def test_files_of_their_own(fairwf: Fairwf, tree: Path) -> None:
    (tree / "fairwf.toml").write_text(
        '[per-file-ignores]\n"tests/*" = ["FWF2106", "unused"]\n"main.cwl" = ["unused"]\n'
    )
    assert told(fairwf, tree) == [("main.cwl", "FWF2106")]


KEPT = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sort, words.txt]
stdout: sorted.txt
inputs: []
outputs:
  out:
    type: File
    outputBinding: {glob: words.txt}
"""
OUTSIDE = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: touch
inputs:
  words: {type: string, inputBinding: {}}
outputs:
  out: {type: File, outputBinding: {glob: ../out.txt}}
"""
PERHAPS_NONE = """cwlVersion: v1.2
class: Workflow
inputs:
  words: File?
steps:
  sort:
    run: tool.cwl
    in: {words: words}
    out: [out]
outputs:
  out: {type: File, outputSource: sort/out}
"""
LACKING = """cwlVersion: v1.2
class: Workflow
inputs:
  words: File
steps:
  sort:
    run: indexed.cwl
    in: {words: words}
    out: [out]
outputs:
  out: {type: File, outputSource: sort/out}
"""
SORT = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: sort
inputs:
  words: {type: File, inputBinding: {}}
outputs:
  out: stdout
"""


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        (KEPT, "outputs", "FWF2009"),
        (OUTSIDE, "outputs", "FWF2012"),
        (LACKING, "files", "FWF2012"),
        (PERHAPS_NONE, "types", "FWF2012"),
    ],
)
def test_each_set_can_be_left_out_in_a_file(
    fairwf: Fairwf, tree: Path, text: str, name: str, code: str
) -> None:
    (tree / "tool.cwl").write_text(SORT)
    indexed = SORT.replace("{type: File,", "{type: File, secondaryFiles: [.idx],")
    (tree / "indexed.cwl").write_text(indexed)
    (tree / "main.cwl").write_text(text)
    assert code in {found for _, found in told(fairwf, tree / "main.cwl")}
    (tree / "fairwf.toml").write_text(f'[per-file-ignores]\n"main.cwl" = ["{name}"]\n')
    assert code not in {found for _, found in told(fairwf, tree / "main.cwl")}
    (tree / "fairwf.toml").write_text(f'[per-file-ignores]\n"tool.cwl" = ["{name}"]\n')
    assert code in {found for _, found in told(fairwf, tree / "main.cwl")}


@pytest.mark.parametrize("pattern", ["tests", "tests/", "tests/*.cwl", "test.cwl", "*t.cwl"])
def test_what_is_excluded_is_not_looked_at(fairwf: Fairwf, tree: Path, pattern: str) -> None:
    (tree / "fairwf.toml").write_text(f'exclude = ["{pattern}"]\n')
    assert {name for name, _ in told(fairwf, tree)} == {"main.cwl"}
    assert told(fairwf, tree / "tests" / "test.cwl")  # named, so it is meant


@pytest.mark.parametrize(
    ("name", "text", "place", "said"),
    [
        ("fairwf.toml", 'x = 1\nselct = ["types"]', "2:1", "did you mean 'select'?"),
        ("fairwf.toml", 'ignore = ["conteiners"]', "1:12", "did you mean 'containers'?"),
        ("fairwf.toml", "ignore = 7", "1:1", "is a list of texts"),
        ("fairwf.toml", "ignore = [7", "1:12", "no TOML"),
        ("fairwf.toml", '[per-file-ignores]\n"a" = ["FWF9999"]', "2:9", "no code 'FWF9999'"),
        ("pyproject.toml", "[tool.fairwf]\nexclud = []", "2:1", "did you mean 'exclude'?"),
    ],
)
def test_mistakes_in_it_are_told_with_their_place(
    fairwf: Fairwf, tree: Path, name: str, text: str, place: str, said: str
) -> None:
    (tree / name).write_text(f"{text}\n")
    ended = fairwf("validate", tree)
    assert ended.code == 2
    assert f"{name}:{place}: error[FWF9010]" in ended.err
    assert said in ended.err


def test_a_configuration_above_the_repository_does_not_count(fairwf: Fairwf, tree: Path) -> None:
    (tree.parent / "fairwf.toml").write_text('select = ["types"]\n')
    assert told(fairwf, tree)


@pytest.mark.parametrize(
    "marked",
    [
        TOOL.replace("debian:latest", "debian:latest  # fairwf: ignore[FWF2106]"),
        TOOL.replace("    dockerPull", "    # fairwf: ignore[FWF2106]\n    dockerPull"),
        TOOL.replace("    dockerPull", "    # fairwf: ignore[FWF2106, FWF2104]\n    dockerPull"),
        TOOL.replace("debian:latest", "debian:latest  # fairwf: ignore[FWF21]"),
    ],
)
def test_a_mark_takes_a_finding_away(fairwf: Fairwf, tree: Path, marked: str) -> None:
    (tree / "main.cwl").write_text(marked)
    assert told(fairwf, tree / "main.cwl") == [("main.cwl", "FWF2104")]


def test_a_mark_counts_for_its_line_and_code_alone(fairwf: Fairwf, tree: Path) -> None:
    text = TOOL.replace("debian:latest", "debian:latest  # fairwf: ignore[FWF2104]")
    (tree / "main.cwl").write_text(text)
    assert len(told(fairwf, tree / "main.cwl")) == 2


def test_a_mark_takes_an_error_away_by_its_code(fairwf: Fairwf, tree: Path) -> None:
    text = TOOL.replace("cat]", "cat]\nbad: 1  # fairwf: ignore[FWF1102]")
    (tree / "main.cwl").write_text(text)
    assert fairwf("validate", tree / "main.cwl").code == 0


def test_a_mark_without_a_code_that_exists_is_told(fairwf: Fairwf, tree: Path) -> None:
    (tree / "main.cwl").write_text(TOOL.replace("cat]", "cat] # fairwf: ignore[FWF2160]"))
    said = fairwf("validate", tree / "main.cwl")
    assert "main.cwl:3:1: warning[FWF2120]: no code is called 'FWF2160'" in said.err


def test_json_has_no_comments(fairwf: Fairwf, tree: Path) -> None:
    text = '{"cwlVersion": "v1.2", "class": "CommandLineTool", "baseCommand": "cat",\n'
    text += '"doc": "# fairwf: ignore[FWF2104]", "inputs": {"words": "int"}, "outputs": {}}\n'
    (tree / "main.cwl").write_text(text)
    assert told(fairwf, tree / "main.cwl") == [("main.cwl", "FWF2104")]
