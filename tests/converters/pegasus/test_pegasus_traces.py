"""Submit folders and stampede databases of Pegasus, written to its documentation.

Runs that Pegasus 5.0.5 itself made are in its repository, among the samples of pegasus-analyzer;
FAIRWF_PEGASUS_SAMPLES names their folder (`packages/pegasus-common/test/client/
analyzer_samples_dir`), and the long test reads them all.
"""

import os
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run, recognised
from fairwf.ir.expressions import Array, File
from fairwf.report import InvalidError, Report
from fairwf.trace import Run, Task
from fairwf.trace.run import counts
from tests.converters.pegasus.submitted import SHA, database, submitted
from tests.crates.judged import assert_conformant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return submitted(tmp_path / "run0001")


def task(run: Run, name: str) -> Task:
    (found,) = [task for task in run.tasks if task.id == name]
    return found


def file(task: Task, side: str) -> File:
    value = getattr(task, side)["input" if side == "inputs" else "output"]
    assert isinstance(value, Array)
    first = value.items[0]
    assert isinstance(first, File)
    return first


def test_a_submit_folder_is_recognised(folder: Path) -> None:
    found = recognised(folder)
    assert found is not None
    assert found.name == "pegasus"


def test_every_start_of_every_job_is_told(folder: Path) -> None:
    report = Report()
    run = read_run(str(folder), report)
    assert (run.status, run.engine.version) == ("completed", "5.0.5")
    assert run.started == "2026-03-01T10:00:01.000000+00:00"
    assert run.command_line[:2] == ("pegasus-plan", "--sites")
    assert counts(run.tasks) == {"completed": 3}
    failed, count = task(run, "ID0000001@1"), task(run, "ID0000001")
    assert (failed.status, failed.exit_code) == ("failed", 1)
    assert failed.error == "exit code 1: no letters"
    assert (count.attempt, count.step, count.command) == (
        2, ("count",), ("/opt/bin/count", "-i", "a.txt"),
    )  # fmt: skip
    assert (count.cpu_user_s, count.cpu_system_s, count.max_rss_kib) == (1.5, 0.25, 2696)
    assert count.started == "2026-03-01T11:00:14.100+01:00"
    assert file(count, "outputs").checksum == f"sha256${SHA['a.n']}"
    host = next(host for host in run.hosts if host.name == "node7.example.org")
    assert (host.cores, host.memory_bytes, host.cpu) == (24, 65653728 * 1024, "Xeon")
    assert [found.severity for found in report] == ["note"]  # of jobs that Pegasus added


def test_records_of_version_4_are_xml(folder: Path) -> None:
    found = task(read_run(str(folder), Report()), "ID0000002")
    assert found.command == ("/opt/bin/count", "-i", "b.txt")
    assert (found.elapsed_s, found.cpu_user_s, found.host) == (4.0, 3.5, "node8.example.org")
    assert file(found, "outputs").size == 3


def test_files_and_waiting_link_the_steps(folder: Path) -> None:
    run = read_run(str(folder), Report())
    count, join = run.workflow.steps  # type: ignore[union-attr]
    assert (count.id, join.id) == ("count", "t::join::1.0")
    assert {file.basename for file in run.inputs["inputs"].items} == {"a.txt", "b.txt"}  # type: ignore[union-attr]
    assert [file.basename for file in run.outputs["outputs"].items] == ["whole.txt"]  # type: ignore[union-attr]


def test_without_states_a_run_began_with_its_first_task_wherever_that_was(tmp_path: Path) -> None:
    """Kickstart writes the time of the node: 09:00:14-02:00 is later than 10:00:11+00:00."""
    folder = submitted(tmp_path / "run", states=False)
    for path in (folder / "00/00").glob("*.out.*"):
        path.write_text(path.read_text().replace("T11:00:14.100+01:00", "T09:00:14.100-02:00"))
    assert read_run(str(folder), Report()).started == "2026-03-01T10:00:11.100+00:00"


def test_without_records_the_states_of_jobs_tell(tmp_path: Path) -> None:
    run = read_run(str(submitted(tmp_path / "run", records=False)), Report())
    failed, count = task(run, "ID0000001@1"), task(run, "ID0000001")
    assert (failed.status, failed.exit_code, count.status) == ("failed", 1, "completed")
    assert count.ended == "2026-03-01T10:00:16.000000+00:00"


def test_the_database_alone_tells(tmp_path: Path) -> None:
    path = database(tmp_path / "letters-0.stampede.db", "file:///nowhere/whole.txt")
    reader = recognised(path)
    assert reader is not None
    assert reader.name == "pegasus"
    run = read_run(str(path), Report())
    assert (run.status, counts(run.tasks)) == ("completed", {"completed": 3})
    count = task(run, "ID0000001")
    assert (count.average_cpu, count.host, count.max_rss_kib) == (87.5, "node7", 2696)
    join = run.workflow.steps[1]  # type: ignore[union-attr]
    assert join.after == ("count",)


@pytest.mark.long
def test_the_crate_of_the_database_alone_is_valid(tmp_path: Path) -> None:
    run = read_run(str(database(tmp_path / "l.stampede.db", "file:///nowhere/w")), Report())
    package_run(run, tmp_path / "crate", PackageOptions(license="MIT"))
    assert_conformant(tmp_path / "crate", "stampede", recommended=92)


def test_the_crate_is_valid_and_holds_the_abstract_workflow(folder: Path, tmp_path: Path) -> None:
    run = read_run(str(folder), Report())
    package_run(run, tmp_path / "crate", PackageOptions(license="MIT"))
    assert_conformant(tmp_path / "crate", "pegasus", recommended=93)
    assert (tmp_path / "crate/workflow/workflow.yml").is_file()


def test_an_output_is_copied_from_where_it_was_registered_if_the_user_says_so(
    folder: Path, tmp_path: Path
) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "whole.txt").write_text("1\n2\n")
    database(folder / "letters-0.stampede.db", (outputs / "whole.txt").as_uri())
    report = Report()
    package_run(read_run(str(folder), report), tmp_path / "crate", report=report)
    assert not (tmp_path / "crate/outputs").exists()
    assert any("--data" in str(found.hint) for found in report)
    (outputs / "whole.txt").write_text("other")  # not what kickstart saw
    run = read_run(str(folder), report, data=[outputs])
    package_run(run, tmp_path / "crate", report=report)
    assert "has changed" in " ".join(found.message for found in report)


def test_a_run_that_did_not_end_is_told_as_one(folder: Path) -> None:
    text = (folder / "jobstate.log").read_text().replace("DAGMAN_FINISHED", "OTHER")
    (folder / "jobstate.log").write_text(text)
    assert read_run(str(folder), Report()).status == "running"


@pytest.mark.parametrize(
    ("place", "said", "other"),
    [
        ('join_ID0000003', "raw: 0\n      regular_exitcode: 0",
         "raw: -1\n      failure_error: 2   No such file or directory"),
        ("count_ID0000002", '<regular exitcode="0"/>',
         '<failure error="2">No such file or directory</failure>'),
    ],
)  # fmt: skip
def test_a_program_that_did_not_start_failed(
    folder: Path, place: str, said: str, other: str
) -> None:
    """Kickstart then records no exit code, as its source says (jobinfo.c)."""
    path = folder / f"00/00/{place}.out.000"
    assert said in path.read_text()
    path.write_text(path.read_text().replace(said, other))
    found = task(read_run(str(folder), Report()), place.rpartition("_")[2])
    assert (found.status, found.exit_code) == ("failed", None)
    assert str(found.error).split("\n")[0].startswith("not started: 2")
    assert "No such file" in str(found.error)


def test_states_are_of_the_longest_id_that_a_name_ends_in(tmp_path: Path) -> None:
    """`join_b_ID0000003` is a job of `b_ID0000003`, and none of `ID0000003`."""
    folder = submitted(tmp_path / "run", records=False)
    text = (folder / "workflow.yml").read_text()
    more = "- {type: job, name: join, id: b_ID0000003, arguments: []}\njobDependencies:"
    (folder / "workflow.yml").write_text(text.replace("jobDependencies:", more))
    states = (folder / "jobstate.log").read_text()
    lines = [line for line in states.splitlines() if "join_" in line]
    other = "\n".join(lines).replace("join_", "join_b_").replace("SUCCESS 0", "FAILURE 7")
    (folder / "jobstate.log").write_text(f"{states}{other}\n")
    run = read_run(str(folder), Report())
    assert task(run, "ID0000003").exit_code == 0
    assert task(run, "b_ID0000003").exit_code == 7
    assert len(run.tasks) == 5


@pytest.mark.parametrize(
    "text",
    [
        "<invocation " * 200_000,
        "- invocation: True\n  mainjob: [\n",
        "- invocation: True\n  mainjob: 3\n  files: [x]\n",
        "<invocation><mainjob></invocation>",
        '<!DOCTYPE x [<!ENTITY e "x">]><invocation>&e;<!-- --></invocation>',
        "\0\0",
    ],
)
def test_odd_records_are_told_or_passed_over(text: str, folder: Path) -> None:
    (folder / "00/00/join_ID0000003.out.000").write_text(text)
    run = read_run(str(folder), Report())
    assert task(run, "ID0000003").status == "completed"  # as the state of the job tells


@pytest.mark.parametrize("text", ["", "[", "pegasus: 5.0\njobs: [3, {id: 4}]\n", "jobs: 3\n"])
def test_odd_workflows_make_no_traceback(text: str, folder: Path) -> None:
    (folder / "workflow.yml").write_text(text)
    try:
        read_run(str(folder), Report())
    except InvalidError as error:
        assert error.report.errors[0].code == "FWF1801"


@pytest.mark.long
def test_runs_that_pegasus_made(tmp_path: Path) -> None:
    named = os.environ.get("FAIRWF_PEGASUS_SAMPLES")
    if named is None:
        pytest.skip(
            "runs that Pegasus made are absent; name their folder in FAIRWF_PEGASUS_SAMPLES"
        )
    found = sorted(path.parent for path in Path(named).rglob("braindump.yml"))
    assert len(found) >= 6
    for number, folder in enumerate(found):
        run = read_run(str(folder), Report())
        assert run.engine.version == "5.0.5"
        package_run(run, tmp_path / str(number), PackageOptions(license="MIT"))
        assert_conformant(tmp_path / str(number), folder.name, recommended=92)
