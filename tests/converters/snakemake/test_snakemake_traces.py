"""Working directories of Snakemake 7 and 9: recorded runs of our own small workflow."""

import base64
import json
import os
import shutil
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run, recognised
from fairwf.ir.expressions import Array, Directory, File
from fairwf.ir.values import from_literal
from fairwf.report import InvalidError, Report
from fairwf.trace import Run, Task
from fairwf.trace.run import counts
from fairwf_snakemake.log import read_logs
from fairwf_snakemake.metadata import output_of, parameter
from tests.crates.judged import assert_conformant

RECORDED = Path(__file__).parent / "recorded"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples/traces/snakemake"
"""A run of version 9.27.1."""
COUNT_A = "count/sample=a"


def read(name: str, report: Report | None = None) -> Run:
    return read_run(str(place(name)), report or Report())


def place(name: str) -> Path:
    return EXAMPLE if name == "snakemake-9" else RECORDED / name


def task(run: Run, name: str) -> Task:
    (found,) = [task for task in run.tasks if task.id == name]
    return found


def names(value: object) -> list[str | None]:
    assert isinstance(value, Array)
    return [item.basename for item in value.items if isinstance(item, (File, Directory))]


@pytest.mark.parametrize("name", ["snakemake-9", "snakemake-7"])
def test_jobs_are_told_with_all_that_was_recorded(name: str) -> None:
    run = read(name)
    assert recognised(place(name)) is not None
    assert (run.status, run.engine.name, run.format) == ("completed", "Snakemake", "snakemake")
    assert counts(run.tasks) == {"completed": 5}
    count = task(run, COUNT_A)
    assert (count.step, count.index, count.cores) == (("count",), ("sample=a",), 2.0)
    assert count.command[1:] == (
        "-c",
        "mkdir -p dirs/a; touch dirs/a/done; grep -c -m 3 a data/a.txt > counts/a.txt "
        "2> logs/a.log",
    )
    assert names(count.inputs["input"]) == ["a.txt"]
    assert from_literal(count.inputs["params"]) == ["a", 3]
    assert names(count.outputs["output"]) == ["a.txt"]
    assert names(count.outputs["directory"]) == ["a"]
    assert names(count.outputs["log"]) == ["a.log"]
    assert count.started is not None
    assert count.started.endswith("+00:00")


def test_version_9_says_who_and_where() -> None:
    run = read("snakemake-9")
    assert run.engine.version == "9.27.1"
    assert run.id == "4cd31f08-65cd-42c4-a292-9974c33cd4a1"
    assert [(host.name, host.system) for host in run.hosts] == [("vm", "Linux")]
    assert task(run, COUNT_A).host == "vm"
    assert run.command_line == ("snakemake", "-c2")
    # 18:27:58 in the log's own zone, which the times of the jobs tell
    assert run.started is not None
    assert run.started.startswith("2026-11-27T12:57:58")
    docs = {step.id: step.doc for step in run.workflow.steps}  # type: ignore[union-attr]
    assert "grep -c -m {params.most}" in str(docs["count"])
    assert "grep=3.11" in str(docs["count"])


def test_what_a_job_of_python_recorded_is_never_unpickled() -> None:
    """Version 7 keeps code as a pickle; it stays closed, so nothing is known of it."""
    run = read("snakemake-7")
    docs = [step.doc for step in run.workflow.steps]  # type: ignore[union-attr]
    assert run.engine.version is None
    assert all("The rule runs" not in str(doc) for doc in docs)


def test_a_job_that_failed_is_told_with_its_exit_code() -> None:
    run = read("snakemake-9-failed")
    failed = task(run, "report/report.txt")
    assert (run.status, failed.status, failed.exit_code) == ("failed", "failed", 3)
    assert run.error == "Error in rule report with exit code 3"
    assert counts(run.tasks) == {"completed": 4, "failed": 1}


def test_jobs_that_were_stopped_are_told_from_the_log(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "run")
    (log,) = (tmp_path / "run/.snakemake/log").iterdir()
    text = log.read_text()
    log.write_text(text[: text.index("Finished jobid")])
    for record in (tmp_path / "run/.snakemake/metadata").iterdir():
        record.unlink()
    run = read_run(str(tmp_path / "run"), Report())
    assert run.status == "cancelled"
    assert {task.status for task in run.tasks} == {"cancelled"}
    assert {task.step for task in run.tasks} <= {("count",)}


def test_jobs_of_one_rule_are_several_executions_where_the_logs_are_gone(tmp_path: Path) -> None:
    """Only a log tells wildcards; without one, jobs are known by what they made."""
    shutil.copytree(EXAMPLE, tmp_path / "run")
    shutil.rmtree(tmp_path / "run/.snakemake/log")
    records = tmp_path / "run/.snakemake/metadata"
    known = json.loads((records / "Y291bnRzL2EudHh0").read_text())
    for name in ("c", "d"):
        record = {**known, "input": [f"data/{name}.txt"], "job_hash": ord(name)}
        place = base64.b64encode(f"counts/{name}.txt".encode()).decode()
        (records / place).write_text(json.dumps(record))
    run = read_run(str(tmp_path / "run"), Report())
    assert counts(run.tasks) == {"completed": 7}
    assert ("counts/a.txt",) in {task.index for task in run.tasks}
    package_run(run, tmp_path / "crate")
    graph = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_text())["@graph"]
    made = [entity for entity in graph if entity["@id"].startswith("#action/count")]
    assert len(made) == 4
    assert len({str(entity["result"]) for entity in made}) == 4


def test_steps_are_linked_by_files() -> None:
    run = read("snakemake-9")
    assert [step.id for step in run.workflow.steps] == [  # type: ignore[union-attr]
        "count", "upper", "report",
    ]  # fmt: skip
    assert names(run.inputs["inputs"]) == ["a.txt", "b.txt"]
    assert "report.txt" in names(run.outputs["outputs"])


@pytest.mark.parametrize(
    "name",
    [
        "snakemake-9",
        pytest.param("snakemake-7", marks=pytest.mark.long),
        pytest.param("snakemake-9-failed", marks=pytest.mark.long),
    ],
)
def test_the_crate_is_valid_and_holds_the_workflow(name: str, tmp_path: Path) -> None:
    package_run(read(name), tmp_path / "crate", PackageOptions(license="CC0-1.0"))
    assert_conformant(tmp_path / "crate", name, recommended=93)
    workflow = tmp_path / "crate/workflow"
    for part in ("Snakefile", "rules/count.smk", "Snakefile.abstract.cwl"):
        assert (workflow / part).is_file(), part


def test_a_changed_input_is_told_and_not_copied(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "run")
    (tmp_path / "run/data/a.txt").write_text("other")
    report = Report()
    package_run(read_run(str(tmp_path / "run"), report), tmp_path / "crate", report=report)
    assert ["has changed" in found.message for found in report if found.code == "FWF5005"] == [True]
    assert not (tmp_path / "crate/inputs/a.txt").exists()


def test_damaged_records_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "run")
    folder = tmp_path / "run/.snakemake/metadata"
    (folder / "cmVwb3J0LnR4dA==").write_text('{"rule": 3}')
    (folder / "bm90aGluZw==").write_text("[" * 100_000)
    (folder / "no base64!").write_text("{}")
    (folder / "bGluaw==").symlink_to("/etc/hostname")
    os.mkfifo(folder / "cGlwZQ==")  # reading it would wait for ever
    report = Report()
    run = read_run(str(tmp_path / "run"), report)
    assert sum(found.code == "FWF1803" for found in report) >= 5
    assert counts(run.tasks) == {"completed": 4}


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".snakemake/metadata").mkdir(parents=True)
    with pytest.raises(InvalidError, match="no job was recorded"):
        read_run(str(tmp_path), Report())


def test_an_attempt_that_failed_is_told_beside_the_one_that_did_not(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "run")
    (path,) = (tmp_path / "run/.snakemake/log").iterdir()
    text = path.read_text()
    begin = text.index("localrule count:\n    input: data/a.txt")
    shown = text[begin : text.index("[Fri", begin)]
    failed = "Error in rule count:\n    message: None\n    jobid: 3\n    output: counts/a.txt\n"
    path.write_text(text.replace(shown, f"{shown}{failed}Trying to restart job 3.\n{shown}"))
    run = read_run(str(tmp_path / "run"), Report())
    first, last = task(run, f"{COUNT_A}@1"), task(run, COUNT_A)
    assert (first.status, first.attempt, first.outputs) == ("failed", 1, {})
    assert (last.status, last.attempt, first.index == last.index) == ("completed", 2, True)
    assert (run.status, run.error, counts(run.tasks)) == ("completed", None, {"completed": 5})


def test_a_job_that_is_tried_again_is_the_last_one_of_its_number(tmp_path: Path) -> None:
    job = "rule count:\n    output: {}\n    jobid: {}\n"
    (tmp_path / "log").mkdir()
    (tmp_path / "log/1.snakemake.log").write_text(
        job.format("a", 1) + "Error in rule count:\n    jobid: 1\n" + job.format("a", 1)
        + "Finished jobid: 1\n" + "".join(job.format(n, n) for n in range(2, 20_002))
        + "".join(f"Finished jobid: {n}\n" for n in range(2, 20_002))
    )  # fmt: skip
    (log,) = read_logs(tmp_path)
    assert [job.status for job in log.jobs[:3]] == ["failed", "completed", "completed"]
    assert len(log.jobs) == 20_002


def test_names_of_records_and_parameters_are_read_without_trust() -> None:
    assert output_of(("@cmVwb3J0L", "nR4dA==")) == "report.txt"
    assert output_of(("%",)) is None
    assert parameter("'a'") == "a"
    assert parameter("3") == 3
    assert parameter("__import__('os').system('true')") == "__import__('os').system('true')"
    assert parameter("(" * 5000) == "(" * 5000
