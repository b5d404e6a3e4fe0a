"""Tests of a workflow go into its crate, where their engine still runs them."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from fairwf import api
from fairwf.crates import PackageOptions
from fairwf.crates.testing import find_tests
from fairwf.crates.testing.commands import runs_tests
from fairwf.crates.testing.engines import (
    CWLTEST,
    NF_TEST,
    PLANEMO,
    PYTEST_WORKFLOW,
    Engine,
    engine_of,
    stated_version,
)
from fairwf.report import Report

SORT = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sort]
inputs:
  table: {type: File, inputBinding: {position: 1}}
outputs:
  sorted: {type: stdout}
stdout: sorted.txt
"""
COMMAND = "cwltest --test tests/sorting.json"
PROFILE = "https://w3id.org/ro/wftest/0.1"
GITHUB = "https://w3id.org/ro/terms/test#GithubService"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A workflow in a folder of a repository, whose tests lie in another."""
    top = tmp_path / "repository"
    for folder in (".git", "flows", "tests/data", ".github/workflows"):
        (top / folder).mkdir(parents=True)
    sha1 = hashlib.sha1(b"a\nb\n", usedforsecurity=False).hexdigest()
    case = {
        "id": "sorts",
        "tool": "../flows/main.cwl",
        "job": "sorting.job.json",
        "output": {
            "sorted": {"class": "File", "location": "Any", "size": 4, "checksum": f"sha1${sha1}"}
        },
    }
    files = {
        "flows/main.cwl": SORT,
        "tests/sorting.json": json.dumps([case]),
        "tests/others.yml": "- {tool: ../flows/other.cwl, job: x.json}\n",
        "tests/sorting.job.json": '{"table": {"class": "File", "location": "data/table.txt"}}',
        "tests/data/table.txt": "b\na\n",
        "tests/requirements.txt": "cwltest>=2.6, <3  # runs the tests\n",
        ".github/workflows/ci.yml": f"jobs: {{t: {{steps: [{{run: {COMMAND}}}]}}}}",
        "codemeta.json": '{"codeRepository": "https://github.com/ada/flows.git"}',
    }
    for name, text in files.items():
        (top / name).write_text(text)
    return top


def packaged(main: Path, target: Path, **options: object) -> tuple[dict[str, dict], list[str]]:
    report = Report()
    api.package(
        api.load(main), target, options=PackageOptions(license="MIT", **options), report=report
    )
    metadata = json.loads((target / "ro-crate-metadata.json").read_bytes())
    return {e["@id"]: e for e in metadata["@graph"]}, [d.message for d in report.diagnostics]


def test_definitions_jobs_and_data_lie_where_their_paths_lead(
    repository: Path, tmp_path: Path
) -> None:
    crate = tmp_path / "crate"
    _, said = packaged(repository / "flows/main.cwl", crate)
    assert said == []
    held = {p.relative_to(crate / "workflow").as_posix() for p in (crate / "workflow").rglob("*.*")}
    tests = ["tests/data/table.txt", "tests/sorting.job.json", "tests/sorting.json"]
    assert sorted(name for name in held if name.startswith("tests")) == tests
    tool = str(Path(sys.executable).with_name("fairwf"))
    command = [sys.executable, "-m", "cwltest", "--test", "tests/sorting.json", "--tool", tool]
    ran = subprocess.run(
        [*command, "--", "run"],
        cwd=crate / "workflow",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "All tests passed" in ran.stderr + ran.stdout
    assert "[sorting.json](<workflow/tests/sorting.json>)" in (crate / "README.md").read_text()


def test_suite_definition_engine_and_instance_are_described(
    repository: Path, tmp_path: Path
) -> None:
    told, _ = packaged(repository / "flows/main.cwl", tmp_path / "crate")
    definition = told["workflow/tests/sorting.json"]
    suite = told[told["./"]["mentions"]["@id"]]
    assert definition["@type"] == ["File", "TestDefinition"]
    assert definition["conformsTo"] == {"@id": CWLTEST.iri}
    assert definition["engineVersion"] == ">=2.6,<3"
    assert told[CWLTEST.iri]["@type"] == "SoftwareApplication"
    assert (suite["@type"], suite["mainEntity"]) == (
        "TestSuite",
        {"@id": "workflow/flows/main.cwl"},
    )
    assert suite["definition"] == {"@id": "workflow/tests/sorting.json"}
    instance = told[suite["instance"]["@id"]]
    assert instance["runsOn"] == {"@id": GITHUB}
    assert instance["resource"] == "repos/ada/flows/actions/workflows/ci.yml"
    assert {"@id": PROFILE} in told["./"]["conformsTo"]


def test_the_validator_of_workflow_testing_crates_agrees(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("rocrate_validator")
    from fairwf.crates.oracle import judge

    packaged(repository / "flows/main.cwl", tmp_path / "crate")
    found = judge(tmp_path / "crate", "workflow-testing-ro-crate-0.1")
    assert found.total["REQUIRED"] == 59
    assert found.failed("REQUIRED") == {}


def test_without_a_version_the_profile_is_not_claimed(repository: Path, tmp_path: Path) -> None:
    (repository / "tests/requirements.txt").unlink()
    told, said = packaged(repository / "flows/main.cwl", tmp_path / "crate")
    assert "engineVersion" not in told["workflow/tests/sorting.json"]
    assert PROFILE not in told
    assert len(said) == 1
    assert "no version of cwltest is stated" in said[0]


def test_a_folder_of_tests_beside_the_workflow_is_taken_whole(
    repository: Path, tmp_path: Path
) -> None:
    own = repository / "flows/test"
    (own / "deep").mkdir(parents=True)
    (own / "run.sh").write_text("echo tested\n")
    (own / "deep/expected.txt").write_text("a\nb\n")
    (own / "secret").symlink_to("/etc/passwd")
    (own / ".token").write_text("hidden\n")
    told, _ = packaged(repository / "flows/main.cwl", tmp_path / "crate")
    folder = told["workflow/flows/test/"]
    parts = [part["@id"] for part in folder["hasPart"]]
    assert parts == ["workflow/flows/test/run.sh", "workflow/flows/test/deep/expected.txt"]
    assert {"@id": "workflow/flows/test/"} in told["./"]["hasPart"]
    told, _ = packaged(repository / "flows/main.cwl", tmp_path / "minimal", minimal=True)
    assert "workflow/flows/test/" not in told
    assert "workflow/tests/sorting.json" in told


def test_a_folder_of_tests_that_is_in_no_repository_may_be_about_anything(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "main.cwl").write_text(SORT)
    (tmp_path / "tests/mine.txt").write_text("private")
    assert not find_tests(tmp_path, [tmp_path / "main.cwl"]).files
    (tmp_path / "tests/all.yml").write_text("- {tool: ../main.cwl, output: {}}\n")
    found = find_tests(tmp_path, [tmp_path / "main.cwl"])
    assert {path.name for path in found.files} == {"mine.txt", "all.yml"}


def test_what_a_definition_names_outside_of_the_repository_stays_there(
    repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside.json").write_text("{}")
    case = {"tool": "main.cwl", "job": "../../outside.json", "output": {}}
    (repository / "flows/main-test.json").write_text(json.dumps([case]))
    found = find_tests(repository / "flows", [repository / "flows/main.cwl"])
    assert repository / "flows/main-test.json" in found.files
    assert tmp_path / "outside.json" not in found.files


def test_a_run_takes_the_tests_along(repository: Path, tmp_path: Path) -> None:
    job = {"table": str(repository / "tests/data/table.txt")}
    run = api.run(api.load(repository / "flows/main.cwl"), job, run_dir=tmp_path / "run")
    api.package(run, tmp_path / "crate", options=PackageOptions(license="MIT"))
    metadata = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_bytes())
    told = {e["@id"]: e for e in metadata["@graph"]}
    assert told["workflow/tests/sorting.json"]["@type"] == ["File", "TestDefinition"]
    assert (tmp_path / "crate/workflow/flows/main.cwl").is_file()
    assert told["./"]["mainEntity"] == {"@id": "workflow/flows/main.cwl"}


def test_the_published_tests_of_galaxy_workflows_are_those_of_planemo(corpora: Path) -> None:
    files = sorted((corpora / "galaxy/galaxyproject__iwc").rglob("*-tests.yml"))
    assert len(files) >= 100
    for path in files[::10] + [path for path in files if path.name.startswith("mgnify")]:
        found = find_tests(path.parent, [path.with_name(path.name.replace("-tests.yml", ".ga"))])
        assert [(d.path, d.engine) for d in found.definitions] == [(path, PLANEMO)]


def test_the_published_tests_of_cwl_workflows_are_those_of_cwltest(corpora: Path) -> None:
    top = corpora / "cwl/EBI-Metagenomics__pipeline-v5"
    found = find_tests(top / "travis", [top / "workflows/amplicon-wf-single-job.cwl"])
    assert [d.path.name for d in found.definitions] == ["test_wf.yml"]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("planemo==0.75.3\n", "0.75.3"),
        ("  - planemo=0.75\n", "0.75"),
        ('"planemo[x] >= 0.70, <1",', ">=0.70,<1"),
        ("planemo\n", None),
        ("my-planemo==3\n", None),
    ],
)
def test_the_version_of_an_engine_is_what_requirements_ask_for(
    text: str, version: str | None
) -> None:
    assert stated_version(PLANEMO, [text]) == version


CI = "tests/sorting.json"
FLOW = "flows/main.cwl"


@pytest.mark.parametrize(
    ("engine", "run"),
    [
        (CWLTEST, "cwltest --test tests/sorting.json"),
        (CWLTEST, "pip install cwltest\ncd tests && cwltest --verbose --test=sorting.json"),
        (CWLTEST, "cwltest \\\n  --tool fairwf --test './tests/sorting.json' -- run"),
        (PLANEMO, "planemo --verbose test --galaxy_branch release_24.1 flows/main.cwl"),
        (PLANEMO, "planemo test tests/"),
        (PYTEST_WORKFLOW, "python -m pytest --kwd tests"),
        (PYTEST_WORKFLOW, "CI=1 pytest -v --tag sorting"),
        (NF_TEST, "nf-test test --profile docker"),
        (NF_TEST, "nf-test test tests/*.json"),
    ],
)
def test_a_command_that_runs_tests_is_seen(engine: Engine, run: str) -> None:
    assert runs_tests({"jobs": {"t": {"steps": [{"run": run}]}}}, engine, CI, FLOW)


@pytest.mark.parametrize(
    ("engine", "run"),
    [
        (CWLTEST, "pip install cwltest"),
        (CWLTEST, "cwltest --test tests/others.json"),
        (CWLTEST, "cwltest --tool tests/sorting.json --test $TESTS"),
        (CWLTEST, "cwltest --help"),
        (CWLTEST, "# cwltest --test tests/sorting.json"),
        (CWLTEST, "echo cwltest --test tests/sorting.json"),
        (CWLTEST, "cd $PLACE\ncwltest --test tests/sorting.json"),
        (PLANEMO, "planemo lint flows/main.cwl"),
        (PLANEMO, "planemo test flows/other.cwl"),
        (PLANEMO, 'planemo test "$CHANGED"'),
        (PYTEST_WORKFLOW, "pytest unit"),
        (PYTEST_WORKFLOW, "cd flows && pytest"),
        (PYTEST_WORKFLOW, "pytest --collect-only"),
        (NF_TEST, "nf-test generate tests/sorting.json"),
    ],
)
def test_what_runs_no_test_of_the_definition_is_no_instance(engine: Engine, run: str) -> None:
    plan = {"name": f"{engine.package} {CI}", "jobs": {"t": {"steps": [{"run": run}]}}}
    assert not runs_tests(plan, engine, CI, FLOW)


def test_a_step_s_folder_counts(repository: Path, tmp_path: Path) -> None:
    steps = "steps: [{run: cwltest --test sorting.json, working-directory: tests}]"
    place = repository / ".github/workflows/ci.yml"
    place.write_text(f"jobs: {{t: {{{steps}}}}}")
    found = find_tests(repository / "flows", [repository / "flows/main.cwl"])
    assert [d.integration for d in found.definitions] == [("ci.yml",)]
    place.write_text(place.read_text().replace("directory: tests", "directory: flows"))
    found = find_tests(repository / "flows", [repository / "flows/main.cwl"])
    assert [d.integration for d in found.definitions] == [()]


def test_pytest_runs_them_only_with_the_plugin(repository: Path) -> None:
    (repository / "tests/test_flow.yml").write_text("- {name: sort, command: run flows/main.cwl}\n")
    ci = repository / ".github/workflows/ci.yml"
    for command, seen in (("pytest tests", ()), ("pip install pytest-workflow", ("ci.yml",))):
        ci.write_text(f"jobs: {{t: {{steps: [{{run: pytest tests}}, {{run: {command}}}]}}}}")
        found = find_tests(repository / "flows", [repository / "flows/main.cwl"])
        assert [d.integration for d in found.definitions if d.engine is PYTEST_WORKFLOW] == [seen]


@pytest.mark.parametrize("tree", [None, 3, {}, [], ["x"], [{"tool": "x"}], [{"job": {}}]])
def test_what_defines_no_tests_is_no_definition(tree: object) -> None:
    assert engine_of("tests.yml", tree) is None


def test_data_of_tests_keep_their_places_or_are_told_one_by_one(
    repository: Path, tmp_path: Path
) -> None:
    names = ["50%#.txt", "a<b>.txt"]
    (repository / "tests/folder").mkdir()
    (repository / "tests/data" / names[0]).write_text("b\n")
    (repository / "tests/data" / names[1]).write_text("b\n")
    job = {
        "table": {"class": "File", "path": f"data/{names[0]}"},
        "other": {"class": "File", "path": f"data/{names[1]}"},
        "more": {"class": "Directory", "path": "folder"},
        "none": {"class": "File", "path": "expected.txt"},
    }
    (repository / "tests/sorting.job.json").write_text(json.dumps(job))
    report = Report()
    api.package(repository / "flows/main.cwl", tmp_path / "crate", report=report)
    held = {path.name for path in (tmp_path / "crate/workflow/tests/data").iterdir()}
    assert held == {"50%#.txt", "a_b_.txt"}
    told = {Path(d.file or "").name: d.message for d in report if d.code == "FWF5021"}
    assert told.keys() == {"a<b>.txt", "folder"}
    assert "is 'workflow/tests/data/a_b_.txt' in the crate" in told["a<b>.txt"]
    assert "it is a folder" in told["folder"]
