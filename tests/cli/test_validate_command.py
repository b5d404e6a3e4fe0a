"""`validate`: folders, sets, and forms for other programs."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fairwf.cli.validation.documents import document_names
from fairwf.cli.validation.selection import ON_DEMAND, RULES, SETS
from tests.cli.conftest import WORKFLOW, Fairwf

UNKNOWN = WORKFLOW.replace("port: text}", "port: txet}")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a valid and an invalid document, and much that is neither."""
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    (root / "a.ir.yml").write_text(WORKFLOW)
    (root / "sub" / "b.ir.yml").write_text(UNKNOWN)
    (root / "job.yml").write_text("names: [x]\n")
    (root / "data.json").write_text("[1, 2]")
    (root / "README.md").write_text("no workflow")
    (root / ".git").mkdir()
    (root / ".git" / "c.ir.yml").write_text("broken: [")
    (root / "sub" / "up").symlink_to(root)
    (root / "gone.cwl").symlink_to(root / "nowhere")
    return root


def test_the_sets_are_those_of_the_checks() -> None:
    from fairwf import check

    assert ("syntax", *check.SETS, "crate", "deprecated", *RULES, *ON_DEMAND) == SETS
    assert tuple(check.RULES) == RULES


def test_a_folder_is_walked_once_and_hidden_folders_are_not(tree: Path) -> None:
    found = [Path(name).relative_to(tree).as_posix() for name in document_names(str(tree))]
    assert found == ["a.ir.yml", "data.json", "job.yml", "sub/b.ir.yml"]


def test_a_folder_is_invalid_with_its_worst_document(fairwf: Fairwf, tree: Path) -> None:
    said = fairwf("validate", tree)
    assert said.code == 1
    assert said.out == ""
    place = f"{tree}/sub/b.ir.yml:25:14"
    assert f"{place}: error[FWF2001]: step 'hello' has no output 'txet'" in said.err
    assert "   25 |       value: {kind: output, step: hello, port: txet}\n" in said.err
    assert "hint: did you mean 'text'?" in said.err
    assert said.err.endswith("2 documents: 1 valid, 1 invalid; 1 error, 0 warnings\n")


def test_quiet_leaves_errors_alone(fairwf: Fairwf, tree: Path) -> None:
    said = fairwf("validate", "--quiet", tree)
    assert "error[FWF2001]" in said.err
    assert "documents:" not in said.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--select", "types"], 0),
        (["--select", "links"], 1),
        (["--select", "FWF2001"], 1),
        (["--ignore", "links"], 0),
        (["--ignore", "FWF2001"], 0),
        (["--ignore", "types,syntax"], 1),
    ],
)
def test_sets_and_codes_choose_what_counts(
    fairwf: Fairwf, tree: Path, options: list[str], code: int
) -> None:
    assert fairwf("validate", tree / "sub" / "b.ir.yml", *options).code == code


def test_what_cannot_be_read_counts_whatever_is_selected(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "x.ir.yml"
    path.write_text("fairwf_ir: '1'\nworkflow: [")
    assert fairwf("validate", path, "--select", "types").code == 1


def test_strict_makes_warnings_count(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "x.ir.yml"
    path.write_text(
        WORKFLOW.replace("run:", "when: {kind: input, name: loud}\n      run:").replace(
            "items: {kind: File}}\n      value", "items: {kind: File}}\n      value"
        )
    )
    lax = fairwf("validate", path)
    assert (lax.code, "warning[" in lax.err) in {(0, True), (1, False)} or lax.code == 0
    if "warning[" in lax.err:
        assert fairwf("validate", "--strict", path).code == 1


def test_stdin_is_a_document(fairwf: Fairwf) -> None:
    said = fairwf("validate", "-", stdin=UNKNOWN.encode())
    assert said.code == 1
    assert "-:25:14: error[FWF2001]" in said.err
    assert "   25 |       value:" in said.err


def test_a_known_kind_without_a_reader_is_a_note(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "argo.yaml"
    path.write_text("apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n")
    said = fairwf("validate", path)
    assert said.code == 0
    assert "note[FWF1006]: an Argo workflow; fairwf cannot read it yet" in said.err
    unknown = tmp_path / "notes.txt"
    unknown.write_text("hello")
    assert fairwf("validate", unknown).code == 1


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n", "an Argo workflow"),
    ],
)
@pytest.mark.parametrize("verb", [["convert", "--to", "cwl"], ["run"], ["graph"], ["score"]])
def test_every_verb_knows_what_it_cannot_read_yet(
    fairwf: Fairwf, tmp_path: Path, verb: list[str], name: str, text: str, kind: str
) -> None:
    (tmp_path / name).write_text(text)
    said = fairwf(*verb, tmp_path / name)
    assert said.code == 33
    assert f"{name}: error[FWF1006]: {kind}; fairwf cannot read it yet" in said.err
    assert "what can be read: " in said.err


def test_a_format_that_is_known_of_is_no_misspelling(fairwf: Fairwf, tree: Path) -> None:
    said = fairwf("convert", tree / "a.ir.yml", "--to", "parsl")
    assert said.code == 2
    assert "the format parsl is neither read nor written yet (known: " in said.err
    assert "did you mean" not in said.err


def test_json_tells_files_and_counts(fairwf: Fairwf, tree: Path) -> None:
    said = fairwf("validate", tree, "--format", "json")
    assert said.code == 1
    assert said.err == ""
    assert [file["status"] for file in said.json["files"]] == ["valid", "invalid"]
    found = said.json["files"][1]["diagnostics"][0]
    assert (found["code"], found["line"], found["column"]) == ("FWF2001", 25, 14)
    assert said.json["summary"]["errors"] == 1


def test_sarif_has_what_the_specification_requires(fairwf: Fairwf, tree: Path) -> None:
    """SARIF 2.1.0, sections 3.13, 3.14, 3.19, 3.27 and 3.30."""
    log = fairwf("validate", tree, "--ignore", "unused", "--format", "sarif").json
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "fairwf"
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len(set(rules))
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note", "none"}
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert " " not in place["artifactLocation"]["uri"]
        region = place["region"]
        assert (region["startLine"], region["startColumn"]) == (25, 14)
        assert region["endLine"] >= region["startLine"] >= 1


def test_sarif_escapes_names_of_files(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a b#ü.ir.yml").write_text(UNKNOWN)
    said = fairwf("validate", "a b#ü.ir.yml", "--ignore", "unused", "--format", "sarif")
    (result,) = said.json["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b%23%C3%BC.ir.yml"


def test_junit_has_a_case_for_each_file(fairwf: Fairwf, tree: Path) -> None:
    suite = ElementTree.fromstring(fairwf("validate", tree, "--format", "junit").out)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    failures = [case.find("failure") for case in suite.iter("testcase")]
    assert [failure is not None for failure in failures] == [False, True]
    assert failures[1] is not None
    assert "has no output 'txet'" in str(failures[1].get("message"))


def test_github_commands_annotate_the_line(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a,b.ir.yml").write_text(UNKNOWN)
    said = fairwf("validate", "a,b.ir.yml", "--ignore", "unused", "--format", "github")
    assert said.out.startswith("::error file=a%2Cb.ir.yml,line=25,endLine=25,col=14,")
    assert said.out.rstrip().endswith("%0Ahint: did you mean 'text'?")
    assert said.out.count("\n") == 1


def test_a_loop_of_links_ends(fairwf: Fairwf, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").symlink_to(tmp_path)
    (tmp_path / "c").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "w.ir.yml").write_text(WORKFLOW)
    said = fairwf("validate", tmp_path, "--format", "json")
    assert said.code == 0
    assert len(json.loads(said.out)["files"]) == 1


# --- what is found in folders, and what is passed over


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Be nobody for a while, where the tests run as root, who may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_is_invalid_with_the_reason(
    fairwf: Fairwf, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for above in tmp_path.parents:
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    (tmp_path / "secret.ir.yml").write_text(WORKFLOW)
    (tmp_path / "secret.ir.yml").chmod(0)
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / "a.ir.yml").write_text(WORKFLOW)
    (tmp_path / "locked").chmod(0)
    fairwf("validate", tmp_path / "none")  # imports all that it needs
    request.getfixturevalue("unprivileged")
    for place in ("secret.ir.yml", "locked/a.ir.yml"):
        for verb in ("validate", "inputs", "run"):
            said = fairwf(verb, tmp_path / place)
            assert said.code == 1
            assert f"{place}: error[FWF1002]: cannot be read: Permission denied" in said.err
            assert "hint: let its owner allow you to read it" in said.err
    said = fairwf("validate", tmp_path)
    assert said.code == 1
    assert "locked: error[FWF1002]" in said.err
    assert "secret.ir.yml: error[FWF1002]" in said.err


def test_a_text_about_a_format_is_no_document_of_it(fairwf: Fairwf, tmp_path: Path) -> None:
    """A search index of a manual, a job file that names a version: neither is a workflow."""
    index = {"docs": [{"text": 'fairwf_ir: "1"\ncwlVersion: v1.2\nclass: Workflow'}]}
    (tmp_path / "search_index.json").write_text(json.dumps(index))
    (tmp_path / "job.yml").write_text("cwlVersion: v1.1\ntool: {class: File, path: a.cwl}\n")
    said = fairwf("validate", tmp_path)
    assert (said.code, said.err.count("error")) == (0, 1)  # 0 errors
    assert f"{tmp_path}: warning[FWF1010]: holds no workflow document" in said.err
    assert fairwf("validate", tmp_path, "--strict").code == 1


def test_what_is_installed_or_ignored_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("# made\n/site/\nbuild*\ndocs/made\n*.log\n")
    for folder in ("site", "build-1", "docs", "node_modules", "env"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.cwl").touch()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    found = [Path(name).relative_to(tmp_path).as_posix() for name in document_names(str(tmp_path))]
    assert found == ["docs/a.cwl"]
    (tmp_path / ".gitignore").write_text("site\n!site/a.cwl\n")
    found = [Path(name).relative_to(tmp_path).as_posix() for name in document_names(str(tmp_path))]
    assert found == ["build-1/a.cwl", "docs/a.cwl", "site/a.cwl"]


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{", "not JSON"),
        ("[]", "has no @graph of entities"),
        (
            '{"@graph": [{"@id": "./", "mainEntity": {"@id": "gone.cwl"}}]}',
            "the crate does not hold its main entity 'gone.cwl'",
        ),
        (
            '{"@graph": [{"@id": "./", "mainEntity": {"@id": "../up.cwl"}}]}',
            "the main entity '../up.cwl' leaves the crate",
        ),
    ],
)
def test_a_crate_holds_the_workflow_that_it_names(
    fairwf: Fairwf, tmp_path: Path, metadata: str, message: str
) -> None:
    (tmp_path / "ro-crate-metadata.json").write_text(metadata)
    for verb in ("validate", "inputs"):
        said = fairwf(verb, tmp_path)
        assert said.code == 1
        assert re.search(r"ro-crate-metadata\.json:(\d+:\d+:)? error\[FWF", said.err)
        assert message in said.err or verb == "validate"  # which tells more of what it is


def test_a_fault_of_a_shared_file_is_told_once_and_findings_stand_file_by_file(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    main = "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n"
    step = "  {}: {{run: tool.cwl, in: [], out: [], nonsense: 1}}\n"
    (tmp_path / "a.cwl").write_text(main + step.format("one") + step.format("two"))
    (tmp_path / "b.cwl").write_text(main + step.format("one"))
    (tmp_path / "tool.cwl").write_text("cwlVersion: v1.2\nclass: CommandLineTool\nbad: 1\n")
    log = fairwf("validate", tmp_path, "--format", "sarif").json
    places = [
        (
            result["ruleId"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
            result["message"]["text"],
        )
        for result in log["runs"][0]["results"]
    ]
    assert len(places) == len(set(places))
    said = fairwf("validate", tmp_path)
    files = [line.split(":")[0] for line in said.err.splitlines() if ": error[" in line]
    assert len(files) > len(set(files))
    assert files == sorted(files, key=list(dict.fromkeys(files)).index)


def test_an_empty_path_names_nothing(fairwf: Fairwf) -> None:
    for verb in ("validate", "run", "score", "diff"):
        said = fairwf(verb, "", *([""] if verb == "diff" else []))
        assert said.code == 2
        assert "the path is empty" in said.err
