"""Rules that public repositories showed to be wrong: what they misread, and what stays 0."""

import json
from pathlib import Path

import pytest

import fairwf.fair as fair
from fairwf import api
from fairwf.cli.score import score
from fairwf.fair.outcome import Outcome
from tests.fair.indicators.conftest import WORKFLOW, Repo

BADGES = "# words\n\n[![CI](https://a.org/b.svg)](https://a.org)\n\n## %s\n\n%s\n"
PROSE = (
    "Counts the words of every text in a folder with one small program, so that you can see how "
    "long each of them is before you read any of it."
)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with nothing but a workflow and its tool, which say nothing of themselves."""
    one = Repo(tmp_path)
    bare = WORKFLOW.replace("label: Words of a text\ndoc: Counts the words.\n", "")
    return one.write("main.cwl", bare)


def outcome(repo: Repo, indicator: str, main: str | None = None, linters: bool = False) -> Outcome:
    card = fair.assess(fair.subject_at(str(repo.top), None, main, None, linters))
    return next(f.outcome for f in card.findings if f.id == indicator)


@pytest.mark.parametrize("heading", ["Overview", "What this workflow does", "Purpose :", "Main"])
def test_a_readme_that_begins_with_badges_describes_below(repo: Repo, heading: str) -> None:
    repo.write("README.md", BADGES % (heading, PROSE))
    assert repo.level("F2-1") == (1 if heading == "Main" else 2)
    repo.write("README.md", BADGES % (heading, PROSE) + "\n## Inputs\n\nA folder of texts.\n")
    text = (repo.top / "README.md").read_text()
    repo.write("README.md", text + "\n## Outputs\n\nOne table of all counts.\n")
    assert repo.level("F2-1") == (1 if heading == "Main" else 3)


def test_a_section_named_like_the_workflow_describes_it(repo: Repo) -> None:
    repo.write("count-words.cwl", (repo.top / "main.cwl").read_text())
    (repo.top / "main.cwl").unlink()
    repo.write("README.md", BADGES % ("count words :", PROSE))
    assert outcome(repo, "F2-1", "count-words.cwl").level == 2


def test_the_readme_of_a_template_says_nothing_of_the_workflow(repo: Repo) -> None:
    text = "This template repository should be used as the base for new workflow repositories. "
    repo.write("README.md", f"# Using this template\n\n{text}{PROSE}\n")
    assert repo.level("F2-1") == 0


def test_a_main_file_is_found_by_more_than_its_name(repo: Repo) -> None:
    (repo.top / "main.cwl").rename(repo.top / "words.cwl")
    assert outcome(repo, "F3-2", "words.cwl").level == 0
    repo.write("README.md", "# Words\n\nRun `words.cwl`.\n")
    assert outcome(repo, "F3-2", "words.cwl").level == 1
    repo.write("README.md", "# Words\n")
    repo.write(".git/config", '[remote "origin"]\n\turl = https://github.com/o/words.git\n')
    assert outcome(repo, "F3-2", "words.cwl").level == 1
    repo.write(".git/config", '[remote "origin"]\n\turl = https://github.com/o/other.git\n')
    assert outcome(repo, "F3-2", "words.cwl").level == 0


def test_what_a_called_script_or_recipe_runs_counts(repo: Repo) -> None:
    ci = "on: push\njobs:\n  a:\n    steps:\n    - run: %s\n"
    repo.write(".github/workflows/ci.yml", ci % "./check.sh")
    assert repo.level("R1-6") == 1
    repo.write("check.sh", "# cwltool --validate main.cwl\nls\n")
    assert repo.level("R1-6") == 1
    repo.write("check.sh", "set -e\ncwltool --validate main.cwl\n")
    assert repo.level("R1-6") == 2
    repo.write(".github/workflows/ci.yml", ci % "make lint")
    repo.write("Makefile", "run:\n\tcwltool main.cwl job.yml\n\nlint:\n\tls\n")
    assert repo.level("R1-6") == 1
    repo.write("Makefile", "lint: all\n\t@miniwdl check main.wdl\n")
    assert repo.level("R1-6") == 2


@pytest.mark.parametrize(
    "command", ["java -jar cromwell-86.jar run main.cwl -i a.json", "caper run main.cwl -i a.json"]
)
def test_other_engines_start_workflows_too(repo: Repo, command: str) -> None:
    repo.write("README.md", f"# Words\n\n```\n{command}\n```\n")
    assert repo.level("R1-1") == 2


def test_inputs_configure_the_workflow_under_any_name(repo: Repo) -> None:
    repo.write("batch-7.json", json.dumps({"text": {"class": "File", "path": "a.txt"}}))
    assert repo.level("R1-8") == 0
    repo.write("words.inputs.json", json.dumps({"text": {"class": "File", "path": "a.txt"}}))
    assert repo.level("R1-8") == 3  # `text` has a documentation


def test_tests_of_pytest_workflow_name_the_outputs_to_expect(repo: Repo) -> None:
    repo.write("job.yml", "text: {class: File, path: a.txt}\n")
    assert repo.level("R1-5") == 1
    test = "- name: words\n  command: %s\n  files:\n  - path: count.txt\n"
    repo.write("tests/test_words.yml", test % "ls")
    assert repo.level("R1-5") == 1
    repo.write("tests/test_words.yml", test % "cwltool main.cwl job.yml")
    assert repo.level("R1-5") == 3


def test_a_version_stands_in_one_place_also_when_that_is_git(repo: Repo) -> None:
    assert repo.level("F1.2-2") == 0
    repo.write(".git/refs/tags/v1.2.0", "a" * 40)
    assert repo.level("F1.2-2") == 1
    repo.write("CHANGELOG.md", "# Changes\n\n## 1.2.0\n\n- words\n")
    assert repo.level("F1.2-2") == 2


def test_one_licence_of_the_folder_holds_for_its_files(repo: Repo) -> None:
    assert repo.level("R1.2-1") == 0
    repo.write("LICENSE", (Path(__file__).parents[2] / "LICENSE").read_text())
    assert repo.level("R1.2-1") == 1


def test_a_document_is_compared_with_the_layout_of_its_own_language(tmp_path: Path) -> None:
    pytest.importorskip("WDL")
    (tmp_path / "main.wdl").write_text(WDL)
    card = fair.score(str(tmp_path))
    found = next(f.outcome for f in card.findings if f.id == "R3-1")
    assert "layout WDL" in (found.reason or "")


WDL = """version 1.1
workflow words {
  meta { author: "Ada"  version: "1.2.0"  license: "Apache-2.0" }
  input { File text }
  call count { input: text = text }
  output { Int words = count.words }
}
task count {
  input { File text }
  command <<< wc -w < ~{text} >>>
  output { Int words = read_int(stdout()) }
}
"""


def test_what_wdl_s_meta_and_first_line_state_is_read(tmp_path: Path) -> None:
    pytest.importorskip("WDL")
    (tmp_path / "main.wdl").write_text(WDL)
    levels = {f.id: f.outcome.level for f in fair.score(str(tmp_path)).findings}
    assert (levels["F1.2-1"], levels["R1.1-2"], levels["F2-5"]) == (3, 2, 2)


STATED = {
    "main.cwl": (
        '{ "cwlVersion": "v1.2", "class": "CommandLineTool", "baseCommand": "true",\n'
        ' "inputs": [], "outputs": []}', "v1.2", 1),
    "main.wdl": ("# Counts.\n\nversion 1.1\n" + WDL.split("\n", 1)[1], "1.1", 3),
    "main.wfformat.json": (
        json.dumps({"name": "w", "schemaVersion": "1.5", "workflow": {"specification": {
            "tasks": [{"name": "t", "id": "t", "parents": [], "children": []}]}}}), "1.5", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", STATED)
def test_the_stated_version_is_evidence_with_its_line(name: str, tmp_path: Path) -> None:
    if name.endswith(".wdl"):
        pytest.importorskip("WDL")
    text, version, line = STATED[name]
    (tmp_path / name).write_text(text)
    found = next(f.outcome for f in fair.score(str(tmp_path / name)).findings if f.id == "F2-5")
    assert found.level == 2
    assert (version, line) in [(one.value, one.line) for one in found.evidence]


def test_miniwdl_s_linter_is_run_in_place(tmp_path: Path) -> None:
    pytest.importorskip("WDL")
    (tmp_path / "main.wdl").write_text(WDL)
    found = next(f.outcome for f in fair.score(str(tmp_path)).findings if f.id == "R3-2")
    assert (found.status, found.level) == ("assessed", 2)  # a task without a container
    assert "count" in found.evidence[1].value or found.evidence[1].line


def test_cwltool_runs_only_when_it_may(repo: Repo) -> None:
    pytest.importorskip("cwltool")
    assert outcome(repo, "R3-2").why_not == "tool_missing"
    assert outcome(repo, "R3-2", linters=True).level == 3
    repo.change("main.cwl", "out: [count]", "out: [count]\n    colour: blue")
    assert outcome(repo, "R3-2", linters=True).level in (0, 1, 2)
    assert any(option.name == "linters" for option in score.params)


def test_python_may_ask_for_linters_and_name_the_main_workflow(repo: Repo) -> None:
    pytest.importorskip("cwltool")
    repo.write("other.cwl", (repo.top / "main.cwl").read_text())
    card = api.score(repo.top, main="other.cwl", linters=True)
    found = {finding.id: finding.outcome for finding in card.findings}
    assert found["R3-2"].level == 3
    assert found["F2-5"].evidence[0].file == "other.cwl"
