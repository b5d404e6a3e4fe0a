"""Launch folders and traces of Nextflow, written to its documentation."""

from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run, recognised
from fairwf.ir.expressions import Array, File
from fairwf.report import InvalidError, Report
from fairwf.trace import Run, Task
from fairwf.trace.run import counts
from fairwf_nextflow import units
from tests.converters.nextflow.launch import (
    DEFAULT,
    HISTORY,
    HUMAN,
    RAW_FIELDS,
    SPLIT,
    UP_1,
    launched,
    table,
)
from tests.crates.judged import assert_conformant

TRACE = table(DEFAULT, HUMAN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return launched(tmp_path / "launch", TRACE)


def task(run: Run, name: str) -> Task:
    (found,) = [task for task in run.tasks if task.id == name]
    return found


def names(task: Task, side: str, port: str) -> list[str | None]:
    value = getattr(task, side)[port]
    assert isinstance(value, Array)
    return [item.basename for item in value.items if isinstance(item, File)]


def alone(folder: Path, rows: list[tuple[object, ...]]) -> Run:
    """Return the run that a trace alone tells of."""
    (folder / "trace.txt").write_text(table(DEFAULT, rows))
    return read_run(str(folder / "trace.txt"), Report())


def test_a_launch_folder_is_recognised_and_so_is_a_trace_alone(folder: Path) -> None:
    for path in (folder, folder / "trace.txt"):
        found = recognised(path)
        assert found is not None
        assert found.name == "nextflow"


def test_a_trace_for_people_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report()
    run = read_run(str(folder), report)
    assert (run.id, run.status, run.engine.version) == ("happy_ada", "completed", "23.10.1")
    assert run.command_line == ("nextflow", "run", "main.nf", "-with-trace")
    assert [(h.name, h.system, h.cores) for h in run.hosts] == [("node7", "Linux", 8)]
    upper = task(run, "UPPER (x)")
    assert (upper.step, upper.index, upper.elapsed_s) == (("UPPER",), ("x",), 60.0)
    assert (upper.average_cpu, upper.max_rss_kib) == (99.9, 2560)
    assert (upper.exit_code, upper.read_bytes) == (0, 10)
    assert upper.command == ("bash", "-ue", "-c", "#!/bin/bash -ue\ntr a-z A-Z < part_aa > up.txt")
    assert names(upper, "inputs", "input") == ["part_aa"]
    assert names(upper, "outputs", "output") == ["up.txt"]
    assert upper.ended is not None
    assert upper.ended.startswith("2026-03-01T10:01:05.1")
    assert [found.code for found in report] == ["FWF1804"]  # the zone of its local times


def test_a_raw_trace_of_other_fields_is_told(tmp_path: Path) -> None:
    root = tmp_path / "launch"
    rows: list[tuple[object, ...]] = [
        (2, UP_1, "NF:UPPER", "x", "NF:UPPER (x)", "COMPLETED", 0, 1772359202100, 1772359202600,
         1772359265100, 62500, 99.9, 2621440, 4, 2, "quay.io/a/b:1", "node9",
         f"{root}/work/b2/0002bb77"),
    ]  # fmt: skip
    launched(root, table(RAW_FIELDS, rows))
    report = Report()
    run = read_run(str(root / "trace.txt"), report)
    (found,) = run.tasks
    assert (found.step, found.process, found.index) == (("NF:UPPER",), "UPPER", ("x",))
    assert (found.started, found.ended) == (
        "2026-03-01T10:00:02.600000+00:00", "2026-03-01T10:01:05.100000+00:00",
    )  # fmt: skip
    assert (found.elapsed_s, found.cores, found.attempt) == (62.5, 4.0, 2)
    assert (found.container, found.host) == ("quay.io/a/b:1", "node9")
    assert names(found, "inputs", "input") == ["part_aa"]


def test_a_retried_task_failed_and_the_run_did_not(folder: Path) -> None:
    run = read_run(str(folder), Report())
    failed = task(run, "UPPER (y) [b3/0003bc]")
    assert (failed.status, failed.exit_code) == ("failed", 2)
    again = task(run, "UPPER (y) [c4/0004cc]")
    assert (again.status, failed.attempt, again.attempt) == ("completed", 1, 2)
    assert failed.index == again.index == ("y",)
    assert (run.status, run.error) == ("completed", None)


def test_a_retried_task_without_a_tag_is_one_task(tmp_path: Path) -> None:
    rows = [(1, SPLIT, 101, "SPLIT", "FAILED", 1, *HUMAN[0][6:]), HUMAN[0]]
    run = alone(tmp_path, rows)
    assert [(task.index, task.attempt) for task in run.tasks] == [((), 1), ((), 2)]
    assert (run.status, run.error, counts(run.tasks)) == ("completed", None, {"completed": 1})


def test_tasks_that_share_a_tag_are_told_apart(tmp_path: Path) -> None:
    again = [(n, f"d{n}/0005dd", n, *HUMAN[1][3:]) for n in (2, 3, 4)]
    run = alone(tmp_path, again)
    assert counts(run.tasks) == {"completed": 3}
    assert len({task.index for task in run.tasks}) == 3
    assert all(task.index[0] == "x" for task in run.tasks)


def test_a_trace_is_of_the_call_that_its_tasks_ran_in(folder: Path) -> None:
    later = HISTORY.replace("2026-03-01 09", "2026-03-02 09").replace("happy_ada", "sad_bob")
    (folder / ".nextflow/history").write_text(HISTORY + later.replace("OK", "ERR"))
    log = folder / ".nextflow.log"
    log.write_text(log.read_text().replace("happy_ada", "sad_bob").replace("23.10.1", "99.1"))
    report = Report()
    run = read_run(str(folder / "trace.txt"), report)
    assert (run.id, run.status, run.engine.version) == ("happy_ada", "completed", None)
    assert run.started is not None
    assert run.started.startswith("2026-03-01T09:59:58")
    assert any("'happy_ada'" in found.message for found in report)


def test_a_trace_of_cached_tasks_is_of_the_last_call(folder: Path) -> None:
    later = HISTORY.replace("2026-03-01 09", "2026-03-02 09").replace("happy_ada", "sad_bob")
    (folder / ".nextflow/history").write_text(HISTORY + later)
    cached = [(*row[:4], "CACHED", *row[5:]) for row in HUMAN if row[4] == "COMPLETED"]
    (folder / "trace.txt").write_text(table(DEFAULT, cached))
    assert read_run(str(folder), Report()).id == "sad_bob"


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("run nf-core/rnaseq -r 3.14", "nf-core/rnaseq"),
        ("run -r 3.14 nf-core/rnaseq -profile test", "nf-core/rnaseq"),
        ("run -profile docker -resume nf-core/rnaseq", "nf-core/rnaseq"),
        ("run -ansi-log=false hello -with-docker", "hello"),
    ],
)
def test_values_of_options_are_no_project(folder: Path, command: str, name: str) -> None:
    (folder / ".nextflow/history").write_text(HISTORY.replace("run main.nf -with-trace", command))
    (folder / ".nextflow.log").unlink()
    assert read_run(str(folder), Report()).workflow.id == name


def test_the_log_says_which_project_was_launched(folder: Path) -> None:
    command = "run -dump-hashes json hello -resume"
    (folder / ".nextflow/history").write_text(HISTORY.replace("run main.nf -with-trace", command))
    log = folder / ".nextflow.log"
    log.write_text(log.read_text().replace("`main.nf`", "`https://github.com/nextflow-io/hello`"))
    assert read_run(str(folder), Report()).workflow.id == "hello"


def test_every_file_of_a_task_is_told(folder: Path) -> None:
    work = folder / "work/b2/0002bb77"
    for number in range(10_050):
        (work / f"{number}.txt").touch()
    assert (
        len(names(task(read_run(str(folder), Report()), "UPPER (x)"), "outputs", "output")) > 10_050
    )


def test_texts_that_never_end_are_read_once(tmp_path: Path) -> None:
    """Each of these took hours while a pattern began anew at every line or mark."""
    root = launched(tmp_path / "launch")
    log = root / ".nextflow.log"
    marks = "Task completed > TaskHandler[name: a; status: b; exit: c; " * 20_000
    log.write_text(log.read_text() + "\n" * 1_000_000 + marks + "\n")
    script = root / "work/b2/0002bb77/.command.run"
    script.write_text(script.read_text() + "nxf_stage() {\n" * 100_000)
    other = root / "work/a1/0001aa77/.command.run"
    other.write_text("nxf_stage() {\n" + "\n" * 1_000_000 + "}\n")
    run = read_run(str(root), Report())
    assert names(task(run, "UPPER (x)"), "inputs", "input") == ["part_aa"]


def test_the_log_tells_tasks_where_no_trace_was_asked_for(tmp_path: Path) -> None:
    folder = launched(tmp_path / "launch")
    run = read_run(str(folder), Report())
    assert counts(run.tasks) == {"completed": 2}
    assert names(task(run, "UPPER (x)"), "outputs", "output") == ["up.txt"]


def test_the_crate_is_valid_and_holds_the_script(folder: Path, tmp_path: Path) -> None:
    package_run(read_run(str(folder), Report()), tmp_path / "crate", PackageOptions(license="MIT"))
    assert_conformant(tmp_path / "crate", "nextflow", recommended=93)
    for part in ("workflow/main.nf", "workflow/nextflow.config", "inputs/in.txt", "outputs/up.txt"):
        assert (tmp_path / "crate" / part).is_file(), part


@pytest.mark.long
def test_a_trace_alone_is_a_valid_crate(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t/mine.tsv").write_text(TRACE)
    run = read_run(str(tmp_path / "t/mine.tsv"), Report(), "nextflow")
    package_run(run, tmp_path / "crate", PackageOptions(license="MIT"))
    assert_conformant(tmp_path / "crate", "nextflow trace", recommended=92)


def test_what_lies_outside_is_not_read_unless_the_user_says_so(
    folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "elsewhere/secret.txt"
    secret.parent.mkdir()
    secret.write_text("secret")
    staged = folder / "work/b2/0002bb77"
    (staged / "stolen.txt").symlink_to(secret)
    (folder / "data/link.txt").symlink_to(secret)
    report = Report()
    run = read_run(str(folder), report)
    package_run(run, tmp_path / "crate", PackageOptions(intermediate=True), report)
    told = " ".join(path.read_text() for path in (tmp_path / "crate").rglob("*.txt"))
    assert "secret" not in told
    assert "lies outside" in " ".join(found.message for found in report)
    allowed = read_run(str(folder), Report(), data=[secret.parent])
    package_run(allowed, tmp_path / "crate")
    assert (tmp_path / "crate/inputs/stolen.txt").read_text() == "secret"


def test_a_script_outside_is_told_and_read_if_the_user_says_so(
    folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "pipeline/main.nf"
    script.parent.mkdir()
    (folder / "main.nf").rename(script)
    (folder / ".nextflow/history").write_text(HISTORY.replace("main.nf", str(script)))
    (folder / ".nextflow.log").unlink()
    report = Report()
    assert read_run(str(folder), report).source is None
    (found,) = [each for each in report if each.code == "FWF1803"]
    assert (found.file, str(script.parent) in str(found.hint)) == (str(script), True)
    report = Report()
    assert read_run(str(folder), report, data=[script.parent]).source == str(script)
    assert "FWF1803" not in {each.code for each in report}


def test_damaged_lines_are_told_and_the_rest_is_read(folder: Path) -> None:
    (folder / "trace.txt").write_text(TRACE + "5\tonly\tthree\n")
    report = Report()
    assert len(read_run(str(folder), report).tasks) == 4
    assert "FWF1803" in {found.code for found in report}


def test_a_folder_without_trace_and_tasks_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".nextflow").mkdir()
    (tmp_path / ".nextflow/history").write_text("")
    with pytest.raises(InvalidError) as caught:
        read_run(str(tmp_path), Report())
    assert "-with-trace" in str(caught.value.report.errors[0].hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1m 3s", 63.0), ("356ms", 0.356), ("2d 1h", 176400.0), ("1500", 1.5), ("-", None),
     ("soon", None), ("1m of 3s", None)],
)  # fmt: skip
def test_durations(text: str, value: float | None) -> None:
    assert units.seconds(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5 KB", 1536), ("20 B", 20), ("0", 0), ("3 GB", 3 * 1024**3), ("-", None), ("big", None)],
)
def test_volumes(text: str, value: int | None) -> None:
    assert units.octets(text) == value
