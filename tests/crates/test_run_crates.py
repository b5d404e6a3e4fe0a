"""Packaging a run: what the crate says, what it holds, and what it does not tell."""

import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from fairwf import api
from fairwf.crates import PackageOptions, open_crate, package_run
from fairwf.ir.expressions import File
from fairwf.ir.workflow import Workflow
from fairwf.report import InvalidError, Report
from fairwf.trace import Run
from tests.crates.example_run import SCRIPT_NAME, example_run

COMPLETED = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"


def entities(crate: Path) -> dict[str, dict[str, Any]]:
    graph = json.loads((crate / "ro-crate-metadata.json").read_bytes())["@graph"]
    ids = [entity["@id"] for entity in graph]
    assert len(ids) == len(set(ids)), "an entity stands twice"
    return {entity["@id"]: entity for entity in graph}


@pytest.fixture(scope="module")
def graph(example_crate: Path) -> dict[str, dict[str, Any]]:
    return entities(example_crate)


def of_type(graph: dict[str, dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [e for e in graph.values() if name == e["@type"] or name in e["@type"]]


def ids(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value] if value else []
    return [item["@id"] for item in items]


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [r for item in value for r in references(item)]
    if isinstance(value, dict):
        return [value["@id"]] if "@id" in value else []
    return []


def test_a_streaming_reader_finds_context_first_and_types_before_ids(example_crate: Path) -> None:
    pairs = json.loads(
        (example_crate / "ro-crate-metadata.json").read_bytes(), object_pairs_hook=list
    )
    assert [key for key, _ in pairs] == ["@context", "@graph"]
    for entity in pairs[1][1]:
        assert [key for key, _ in entity[:2]] == ["@type", "@id"]


def test_every_local_reference_leads_to_an_entity(graph: dict[str, dict[str, Any]]) -> None:
    for entity in graph.values():
        for key, value in entity.items():
            for target in references(value):
                outside = target.startswith("http")
                assert outside or target in graph, f"{entity['@id']} {key} {target}"


def test_arrays_of_one_are_written_as_their_item(graph: dict[str, dict[str, Any]]) -> None:
    for entity in graph.values():
        for key, value in entity.items():
            assert not (isinstance(value, list) and len(value) < 2), f"{entity['@id']} {key}"


def test_every_file_of_the_crate_is_described_and_every_described_file_is_there(
    example_crate: Path,
) -> None:
    with open_crate(example_crate) as crate:
        described = {e["@id"] for e in crate.of_type("File") if not e["@id"].startswith("#")}
        assert all(crate.has(identifier) for identifier in described)
        held = set(crate.files()) - {"ro-crate-metadata.json", "ro-crate-preview.html"}
        assert len(held) == len(described)


def test_executions_have_times_status_and_parts(graph: dict[str, dict[str, Any]]) -> None:
    actions = of_type(graph, "CreateAction")
    assert len(actions) == 8  # the run, 2 subworkflows, 2 x (clean, count), gather; not the skipped
    for action in actions:
        for key in ("startTime", "endTime"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", action[key])
        assert action["actionStatus"] == COMPLETED
        assert "error" not in action
    assert graph["#run"]["startTime"] == "2026-11-23T20:00:00.000+00:00"
    assert graph["#run"]["instrument"] == {"@id": "workflow/main.cwl"}


def test_a_step_is_orchestrated_once_for_each_execution_of_its_workflow(
    graph: dict[str, dict[str, Any]],
) -> None:
    controls = of_type(graph, "ControlAction")
    by_step = sorted((c["instrument"]["@id"], len(ids(c["object"]))) for c in controls)
    assert by_step == [
        ("#step/analyse", 2),
        ("#step/analyse/clean", 1),
        ("#step/analyse/clean", 1),
        ("#step/analyse/count", 1),
        ("#step/analyse/count", 1),
        ("#step/gather", 1),
    ]
    assert len(of_type(graph, "OrganizeAction")) == 3


def test_steps_stand_in_the_order_of_execution_not_of_the_document(
    graph: dict[str, dict[str, Any]],
) -> None:
    assert graph["#step/analyse/clean"]["position"] == 0
    assert graph["#step/analyse/count"]["position"] == 1


def test_connections_follow_scatters_to_their_source(graph: dict[str, dict[str, Any]]) -> None:
    pairs = {
        (c["sourceParameter"]["@id"], c["targetParameter"]["@id"])
        for c in of_type(graph, "ParameterConnection")
    }
    assert ("#parameter/in/tables", "#parameter/analyse/in/table") in pairs
    assert ("#parameter/analyse/out/rows", "#parameter/gather/in/rows") in pairs
    assert ("#parameter/gather/out/report", "#parameter/out/report") in pairs


def test_a_file_with_its_index_is_a_collection(graph: dict[str, dict[str, Any]]) -> None:
    collections = of_type(graph, "Collection")
    assert len(collections) == 2
    assert graph["#parameter/in/tables"]["additionalType"] == "Collection"
    for collection in collections:
        main, index = ids(collection["hasPart"])
        assert collection["mainEntity"]["@id"] == main
        assert index == main + ".idx"
        assert collection["@id"] in ids(graph["./"]["mentions"])


def test_a_skipped_step_is_planned_but_neither_run_nor_a_part(
    graph: dict[str, dict[str, Any]],
) -> None:
    assert graph["#step/extra"]["workExample"] == {"@id": "#tool/extra"}
    assert "#tool/extra" not in ids(graph["workflow/main.cwl"]["hasPart"])
    assert not [a for a in graph.values() if a.get("instrument") == {"@id": "#tool/extra"}]


def test_resources_container_and_exit_code_are_told(graph: dict[str, dict[str, Any]]) -> None:
    action = graph["#action/analyse/clean/item%200"]
    usage = {graph[i]["name"]: graph[i]["value"] for i in ids(action["resourceUsage"])}
    assert usage == {
        "user CPU time": 0.25,
        "system CPU time": 0.05,
        "maximum resident set size": 2048,
        "elapsed time": 0.75,
    }
    image = graph[action["containerImage"]["@id"]]
    assert (image["registry"], image["name"], image["tag"]) == ("quay.io", "example/clean", "1.2")
    assert image["sha256"] == "ab" * 32
    assert graph[action["additionalProperty"]["@id"]]["value"] == 0


def test_only_variables_of_the_document_are_told_never_the_whole_environment(
    example_crate: Path, graph: dict[str, dict[str, Any]]
) -> None:
    action = graph["#action/analyse/clean/item%200"]
    assert graph[action["environment"]["@id"]]["name"] == "LC_ALL"
    assert "hunter2" not in (example_crate / "ro-crate-metadata.json").read_text()


def test_no_path_of_the_machine_is_told(example: Run, example_crate: Path) -> None:
    assert example.folder is not None
    root = str(Path(example.folder).parent)
    for path in example_crate.rglob("*"):
        if path.is_file():
            assert root.encode() not in path.read_bytes(), path


def test_names_that_are_dangerous_somewhere_become_safe_and_are_remembered(
    example_crate: Path, graph: dict[str, dict[str, Any]]
) -> None:
    report = next(e for e in of_type(graph, "File") if e["name"] == SCRIPT_NAME)
    assert not set('<>:"|?*\\') & set(report["@id"])
    assert "<img" not in (example_crate / "ro-crate-preview.html").read_text()
    assert "inputs/a%20b%23%25.csv" in graph


def test_a_folder_is_a_dataset_with_its_files(graph: dict[str, dict[str, Any]]) -> None:
    assert graph["outputs/pages/"]["@type"] == "Dataset"
    assert ids(graph["outputs/pages/"]["hasPart"]) == [
        "outputs/pages/deep/two.html",
        "outputs/pages/one.html",
    ]


def test_the_same_run_gives_the_same_crate(example: Run, tmp_path: Path) -> None:
    options = PackageOptions(published="2026-11-24")
    for name in ("one", "two"):
        package_run(example, tmp_path / name, options)
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            other = tmp_path / "two" / path.relative_to(tmp_path / "one")
            assert path.read_bytes() == other.read_bytes(), path


SLEEPS = """cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
  InlineJavascriptRequirement: {}
inputs: {waits: "float[]"}
steps:
  wait:
    scatter: seconds
    in: {seconds: waits}
    out: [name]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'sleep "$0"; echo "$0"']
      arguments: [$(inputs.seconds)]
      inputs: {seconds: float}
      outputs: {name: stdout}
      stdout: name.txt
  gather:
    in: {files: wait/name}
    out: [all]
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs: {files: {type: "File[]", inputBinding: {}}}
      outputs: {all: stdout}
      stdout: all.txt
outputs: {all: {type: File, outputSource: gather/all}}
"""
NAMES = ("one", "two")
MEASURED = {"startTime", "endTime", "datePublished", "description", "dateCreated", "resourceUsage"}


def test_two_runs_of_a_workflow_give_crates_with_the_same_ids_in_one_order(tmp_path: Path) -> None:
    """The second run takes its items one by one, the first many at once: only what is
    measured differs."""
    (tmp_path / "main.cwl").write_text(SLEEPS)
    job = {"waits": [0.3, 0.0, 0.2, 0.1]}
    made = []
    for name, cores in zip(NAMES, (4, 1), strict=True):
        run = api.run(tmp_path / "main.cwl", job, run_dir=tmp_path / f"run {name}", cores=cores)
        api.package(run, tmp_path / name, options=PackageOptions(intermediate=True))
        graph = json.loads((tmp_path / name / "ro-crate-metadata.json").read_bytes())["@graph"]
        told = (entity for entity in graph if not entity["@id"].startswith("#usage/"))
        made.append([{k: v for k, v in e.items() if k not in MEASURED} for e in told])
    assert [entity["@id"] for entity in made[0]] == [entity["@id"] for entity in made[1]]
    assert made[0] == made[1]
    held = [
        {p.relative_to(tmp_path / n) for p in (tmp_path / n).rglob("*")} for n in ("one", "two")
    ]
    assert held[0] == held[1]


def test_another_process_and_another_place_make_no_difference(
    fairwf_run: Path, tmp_path: Path
) -> None:
    """Ids derive from what they name: not from a counter, a hash of the process, or the clock."""
    made = []
    for seed in ("0", "1"):
        target = tmp_path / f"place {seed}" / f"crate{seed}.zip"
        target.parent.mkdir()
        command = [sys.executable, "-m", "fairwf", "package", str(fairwf_run), "-q", "-o"]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1764000000"}
        subprocess.run([*command, str(target)], check=True, env=environment)
        made.append(target.read_bytes())
    assert made[0] == made[1]


@pytest.fixture(scope="module")
def fairwf_run(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of an example that the engine ran: scatters, subworkflows, streams."""
    folder = tmp_path_factory.mktemp("engine") / "run"
    ir = repository / "examples/ir"
    words = [ir / "typed-data-flow.ir.yml", ir / "typed-data-flow.job.yml", "--run-dir", folder]
    command = [sys.executable, "-m", "fairwf", "run", *map(str, words), "-q"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def test_a_failure_is_told_with_its_error(tmp_path: Path) -> None:
    package_run(example_run(tmp_path / "run", fails=True), tmp_path / "crate")
    graph = entities(tmp_path / "crate")
    for identifier in ("#run", "#action/gather", "#organize/run"):
        assert graph[identifier]["actionStatus"] == FAILED
        assert graph[identifier]["error"]
    assert graph["#action/gather"]["error"] == "ended with exit code 3"
    assert graph["#action/analyse/item%200"]["actionStatus"] == COMPLETED


def test_a_trace_that_tells_of_no_subworkflows_still_tells_of_their_parts(
    example: Run, tmp_path: Path
) -> None:
    tasks = tuple(
        msgspec.structs.replace(task, parent=None)
        for task in example.tasks
        if task.kind != "workflow"
    )
    package_run(msgspec.structs.replace(example, tasks=tasks), tmp_path / "crate")
    graph = entities(tmp_path / "crate")
    controls = of_type(graph, "ControlAction")
    assert [len(ids(c["object"])) for c in controls] == [1, 2, 2]
    assert "#workflow/analyse" not in ids(graph["workflow/main.cwl"]["hasPart"])


def test_a_large_input_is_described_by_size_and_digest_alone(example: Run, tmp_path: Path) -> None:
    package_run(example, tmp_path / "crate", PackageOptions(input_limit=4))
    graph = entities(tmp_path / "crate")
    tables = [e for e in of_type(graph, "File") if e["name"].endswith(".csv")]
    assert tables
    assert all(t["@id"].startswith("#file/") and t["contentSize"] == 4 for t in tables)
    assert not (tmp_path / "crate" / "inputs").exists()


def test_intermediate_files_are_copied_on_request(example: Run, tmp_path: Path) -> None:
    package_run(example, tmp_path / "crate", PackageOptions(intermediate=True))
    copied = sorted(p.read_text() for p in (tmp_path / "crate").glob("intermediate/**/*.rows"))
    assert copied == ["0\n", "1\n"]


def published(run: Run, folder: Path) -> Run:
    """Return the run with its report in a folder of outputs, beside the copy of its task."""
    report = run.outputs["report"]
    assert isinstance(report, File)
    assert report.location is not None
    folder.mkdir()
    target = folder / "report.txt"
    target.write_bytes(Path(unquote(report.location.removeprefix("file://"))).read_bytes())
    moved = msgspec.structs.replace(report, location=target.as_uri(), basename=target.name)
    return msgspec.structs.replace(run, outputs={**run.outputs, "report": moved})


def test_an_output_that_is_gone_is_taken_from_the_task_that_gave_it(tmp_path: Path) -> None:
    run = published(example_run(tmp_path / "run"), tmp_path / "outputs")
    expected = (tmp_path / "outputs/report.txt").read_bytes()
    (tmp_path / "outputs/report.txt").unlink()
    report = Report()
    package_run(run, tmp_path / "crate", report=report)
    assert [d.code for d in report.diagnostics] == []
    assert (tmp_path / "crate/outputs/report.txt").read_bytes() == expected


def test_an_output_that_is_nowhere_any_more_is_told_and_described(tmp_path: Path) -> None:
    run = published(example_run(tmp_path / "run"), tmp_path / "outputs")
    (tmp_path / "outputs/report.txt").unlink()
    (tmp_path / "run/run/tasks/gather" / SCRIPT_NAME).write_text("another text")
    report = Report()
    package_run(run, tmp_path / "crate", report=report)
    assert [(d.code, d.file) for d in report.diagnostics] == [
        ("FWF5005", str(tmp_path / "outputs/report.txt"))
    ]
    assert "'report.txt'" in report.diagnostics[0].message
    told = next(
        e for e in of_type(entities(tmp_path / "crate"), "File") if e["name"] == "report.txt"
    )
    assert told["@id"].startswith("#file/")


def test_an_output_that_changed_since_the_run_is_not_packaged_as_its_result(
    tmp_path: Path,
) -> None:
    run = example_run(tmp_path / "run")
    report_file = run.outputs["report"]
    assert isinstance(report_file, File)
    assert report_file.location is not None
    (tmp_path / "run/run/tasks/gather" / SCRIPT_NAME).write_text("forged")
    report = Report()
    package_run(run, tmp_path / "crate", report=report)
    assert [d.code for d in report.diagnostics] == ["FWF5005"]
    graph = entities(tmp_path / "crate")
    told = next(e for e in of_type(graph, "File") if e["name"] == SCRIPT_NAME)
    assert told["@id"].startswith("#file/")
    assert told["sha256"] == report_file.extensions["fairwf"]["sha256"]


def test_facts_that_nobody_states_are_left_out_or_said_to_be_missing(
    example: Run, tmp_path: Path
) -> None:
    assert isinstance(example.workflow, Workflow)
    bare = msgspec.structs.replace(example.workflow, metadata=None, doc=None)
    run = msgspec.structs.replace(example, workflow=bare, agent=None, hosts=())
    report = Report()
    package_run(run, tmp_path / "crate", report=report)
    assert [d.code for d in report.diagnostics] == ["FWF5007"]
    graph = entities(tmp_path / "crate")
    assert graph["./"]["license"] == "No licence was stated for this crate."
    assert "author" not in graph["./"]
    assert not of_type(graph, "Person")
    assert not of_type(graph, "Place")


def test_the_user_may_say_what_the_run_does_not_know(example: Run, tmp_path: Path) -> None:
    options = PackageOptions(
        name="Mine", description="All of it.", license="CC-BY-4.0", published="2026-01-02"
    )
    package_run(example, tmp_path / "crate", options)
    root = entities(tmp_path / "crate")["./"]
    assert (root["name"], root["description"]) == ("Mine", "All of it.")
    assert root["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}
    assert datetime.fromisoformat(root["datePublished"]).year == 2026


def test_a_run_without_source_files_is_packaged_with_its_ir(example: Run, tmp_path: Path) -> None:
    run = msgspec.structs.replace(example, source_files=(), format="ir")
    package_run(run, tmp_path / "crate")
    ir = json.loads((tmp_path / "crate/workflow/main.ir.json").read_bytes())
    assert ir["workflow"]["kind"] == "workflow"


def test_a_tool_that_ran_alone_is_a_workflow_run_crate(example: Run, tmp_path: Path) -> None:
    assert isinstance(example.workflow, Workflow)
    tool = example.workflow.steps[1].run
    task = next(t for t in example.tasks if t.id == "gather")
    run = msgspec.structs.replace(
        example,
        workflow=tool,
        inputs=task.inputs,
        outputs=task.outputs,
        tasks=(msgspec.structs.replace(task, id="main", step=()),),
    )
    package_run(run, tmp_path / "crate")
    graph = entities(tmp_path / "crate")
    claimed = ids(graph["./"]["conformsTo"])
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in claimed
    assert not [iri for iri in claimed if "provenance" in iri]
    assert graph["#run"]["description"] == "Command: gather"
    assert graph["workflow/main.cwl"]["input"]


def test_the_error_log_of_a_tool_that_ran_alone_is_called_after_the_tool(
    example: Run, tmp_path: Path
) -> None:
    assert isinstance(example.workflow, Workflow)
    said = tmp_path / "stderr"
    said.write_text("no such table\n")
    task = next(t for t in example.tasks if t.id == "gather")
    alone = msgspec.structs.replace(task, id="main", step=(), status="failed", stderr=str(said))
    run = msgspec.structs.replace(
        example, workflow=example.workflow.steps[1].run, tasks=(alone,), status="failed"
    )
    package_run(run, tmp_path / "crate")
    (log,) = (e for e in entities(tmp_path / "crate").values() if e["@id"].startswith("logs/"))
    assert (log["@id"], log["name"]) == ("logs/gather.stderr.txt", "Standard error of gather")


def test_measured_seconds_have_the_digits_that_were_measured(example: Run, tmp_path: Path) -> None:
    tasks = tuple(
        msgspec.structs.replace(task, cpu_user_s=0.023337999999999998) for task in example.tasks
    )
    package_run(msgspec.structs.replace(example, tasks=tasks), tmp_path / "crate")
    graph = entities(tmp_path / "crate")
    assert graph["#usage/cpu_user_s/0.023338"]["value"] == 0.023338


def test_what_is_no_crate_is_never_replaced(example: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text.tex").write_text("years of work")
    (tmp_path / "data.zip").write_bytes(b"not a zip")
    for target in (tmp_path / "thesis", tmp_path / "data.zip", tmp_path / "thesis" / "text.tex"):
        with pytest.raises(InvalidError) as caught:
            package_run(example, target)
        assert caught.value.report.diagnostics[0].code == "FWF5004"
    assert (tmp_path / "thesis" / "text.tex").read_text() == "years of work"


@pytest.mark.parametrize("name", ["crate", "crate.zip"])
def test_a_crate_is_replaced_whole_and_nothing_is_left_behind(
    example: Run, tmp_path: Path, name: str
) -> None:
    target = tmp_path / name
    package_run(example, target, PackageOptions(name="old"))
    package_run(example, target, PackageOptions(name="new"))
    with open_crate(target) as crate:
        assert crate.root["name"] == "new"
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_zip_file_has_the_metadata_first_and_the_same_octets_each_time(
    example: Run, tmp_path: Path
) -> None:
    import zipfile

    options = PackageOptions(published="2026-11-24")
    package_run(example, tmp_path / "one.zip", options)
    package_run(example, tmp_path / "two.zip", options)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist()[0] == "ro-crate-metadata.json"


def test_a_failure_while_packaging_leaves_the_old_crate(
    example: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_run(example, tmp_path / "crate", PackageOptions(name="old"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fairwf.crates.package.shutil.copyfile", full)
    with pytest.raises(Exception, match="No space left"):
        package_run(example, tmp_path / "crate", PackageOptions(name="new"))
    with open_crate(tmp_path / "crate") as crate:
        assert crate.root["name"] == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["crate"]


def test_executions_at_one_place_have_entities_of_their_own(tmp_path: Path) -> None:
    run = example_run(tmp_path)
    (gather,) = [task for task in run.tasks if task.id == "gather"]
    more = tuple(msgspec.structs.replace(gather, id=f"gather {n}") for n in range(3))
    package_run(msgspec.structs.replace(run, tasks=(*run.tasks, *more)), tmp_path / "crate")
    found = of_type(entities(tmp_path / "crate"), "CreateAction")
    assert sum(each["name"].startswith("Run of gather") for each in found) == 4
