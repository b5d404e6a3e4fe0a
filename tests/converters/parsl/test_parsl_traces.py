"""Parsl's monitoring database: one that Parsl 2026.10.26 wrote for `letters.py`, kept as SQL."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run, recognised
from fairwf.ir.expressions import Array, File
from fairwf.report import InvalidError, Report
from fairwf.trace.run import counts
from fairwf_parsl.read import described
from tests.crates.judged import assert_conformant

HERE = Path(__file__).parent
LOG = "1795785324.9 2026-11-27 13:15:24 MainThread parsl.dataflow.dflow INFO: Parsl version: {}\n"


def recorded(root: Path, *changes: str) -> Path:
    """Make the folder that the program was started in, with the database of its run."""
    (root / "runinfo/000").mkdir(parents=True)
    (root / "runinfo/000/parsl.log").write_text(LOG.format("2026.10.26"))
    connection = sqlite3.connect(root / "runinfo/monitoring.db")
    connection.executescript((HERE / "recorded/monitoring.sql").read_text())
    for change in changes:
        connection.execute(change)
    connection.commit()
    connection.close()
    (root / "letters.py").write_text((HERE / "letters.py").read_text())
    for name, text in (("a.txt", "a\nb\n"), ("b.txt", "a\na\n"), ("a.count", "1\n"),
                       ("b.count", "2\n"), ("whole.txt", "1\n2\n")):  # fmt: skip
        (root / name).write_text(text)
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return recorded(tmp_path / "started")


def test_the_database_is_recognised_wherever_it_is_named(folder: Path) -> None:
    for path in (folder, folder / "runinfo", folder / "runinfo/monitoring.db"):
        found = recognised(path)
        assert found is not None
        assert found.name == "parsl"


def test_every_try_of_every_app_is_told(folder: Path) -> None:
    report = Report()
    run = read_run(str(folder), report)
    assert (run.status, run.engine.name, run.engine.version) == ("failed", "Parsl", "2026.10.26")
    assert [task.id for task in run.tasks] == ["task 0", "task 1", "task 2", "task 3@1", "task 3"]
    assert counts(run.tasks) == {"completed": 3, "failed": 1}
    join, failed = run.tasks[2], run.tasks[4]
    files = join.inputs["files"]
    assert isinstance(files, Array)
    assert [f.basename for f in files.items if isinstance(f, File)] == ["a.count", "b.count"]
    assert (failed.attempt, failed.status, failed.error) == (2, "failed", "ValueError('not 3')")
    assert (join.host, [(h.name, h.cores) for h in run.hosts]) == ("vm", [("vm", 2)])
    assert join.max_rss_kib is not None
    assert join.max_rss_kib > 10_000
    assert run.workflow.metadata is not None
    assert run.workflow.metadata.version == "1.0"
    assert [found.code for found in report] == ["FWF1804"]  # the zone of its local times


def test_the_crate_is_valid_and_holds_the_program(folder: Path, tmp_path: Path) -> None:
    run = read_run(str(folder), Report())
    package_run(run, tmp_path / "crate", PackageOptions(license="CC0-1.0"))
    assert_conformant(tmp_path / "crate", "parsl", recommended=93)
    for part in ("workflow/letters.py", "inputs/a.txt", "outputs/whole.txt"):
        assert (tmp_path / "crate" / part).is_file(), part


def test_nothing_is_written_beside_the_database(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    read_run(str(folder), Report())
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_rows_that_wait_in_the_write_ahead_log_count(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect(folder / "runinfo/monitoring.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("UPDATE task SET task_func_name = 'later' WHERE task_id = 2")
    connection.commit()
    assert (folder / "runinfo/monitoring.db-wal").stat().st_size
    run = read_run(str(folder), Report())
    assert run.tasks[2].step == ("later",)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", None)  # the log is not copied to recognise it
        assert recognised(folder) is not None
    connection.close()


def test_a_database_whose_tables_are_in_the_log_is_recognised(tmp_path: Path) -> None:
    place = tmp_path / "monitoring.db"
    connection = sqlite3.connect(place)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.executescript((HERE / "recorded/monitoring.sql").read_text())
    assert recognised(place) is not None
    connection.close()


def test_the_log_may_be_of_any_length(folder: Path) -> None:
    """Parsl writes to it with each task; only its head is read."""
    with (folder / "runinfo/000/parsl.log").open("r+b") as stream:
        stream.truncate(600 * 1024**2)
    assert read_run(str(folder), Report()).engine.version == "2026.10.26"


@pytest.mark.parametrize(
    "part", ["<File at 0x0 url=", "<File at 0x0 url=a scheme=b netloc= path=", " scheme=b netloc="]
)
def test_lists_of_files_that_do_not_end_are_read_once(part: str) -> None:
    text = "<File at 0x1 url=a" + part * 40_000
    good = "<File at 0x2 url=b.txt scheme=file netloc= path=b.txt filename=b.txt>"
    assert list(described(text + good))[-1:] == [("b.txt", "file", "b.txt")]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM workflow",
        "DELETE FROM task",
        "DROP TABLE try",
        "UPDATE task SET task_id = 'x' || task_id, task_inputs = x'00ff', task_depends = 7",
        "UPDATE task SET task_inputs = '<File at 0x1 url=/etc/passwd scheme=file netloc= "
        "path=/etc/passwd filename=passwd>'",
        "UPDATE task SET task_stderr = '/etc/passwd', task_stdout = '/etc/passwd'",
        "UPDATE try SET task_try_time_running = 'soon', hostname = NULL",
    ],
)
def test_odd_rows_make_no_traceback_and_no_file_of_others(change: str, tmp_path: Path) -> None:
    folder = recorded(tmp_path / "started", change)
    report = Report()
    try:
        run = read_run(str(folder), report, "parsl")
    except InvalidError as error:
        assert error.report.errors[0].code.startswith("FWF18")
        return
    package_run(run, tmp_path / "crate", report=report)
    assert not list((tmp_path / "crate").rglob("passwd*"))
    for path in (tmp_path / "crate").rglob("*"):
        assert not path.is_file() or b"root:x:0" not in path.read_bytes(), path


def test_a_damaged_database_is_told(folder: Path) -> None:
    path = folder / "runinfo/monitoring.db"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(len(data) - 4096))
    with pytest.raises(InvalidError) as caught:
        read_run(str(folder), Report(), "parsl")
    assert caught.value.report.errors[0].code == "FWF1802"
