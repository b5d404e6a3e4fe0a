"""The journal's files: one line a fact, a torn end is cut off, the database follows."""

import sqlite3
from pathlib import Path

import pytest

from fairwf.engine.journal.facts import AnyFact, Approved, Done, EventArrived, literals, values
from fairwf.engine.journal.log import BATCH, Journal, LogReader, line_of, read_entries, read_log
from fairwf.ir.expressions import Directory, File
from fairwf.report import InvalidError


def paths(folder: Path) -> tuple[Path, Path]:
    return folder / "journal.log", folder / "journal.sqlite"


def read_facts(log: Path, database: Path) -> list[AnyFact]:
    """The facts that the index leads to."""
    with LogReader(log) as reader:
        return [reader.read(entry.at) for entry in read_entries(log, database)]


def fact(number: int) -> Approved:
    return Approved(key=f"step {number}\nnext line", time="2026-01-01T00:00:00.000+00:00")


def test_what_is_written_is_read_while_the_journal_is_open(tmp_path: Path) -> None:
    with Journal(*paths(tmp_path)) as journal:
        for number in range(BATCH + 3):
            journal.write(fact(number))
        assert read_facts(*paths(tmp_path)) == [fact(n) for n in range(BATCH + 3)]
        rows = sqlite3.connect(paths(tmp_path)[1]).execute("SELECT count(*) FROM facts").fetchone()
        assert rows == (BATCH,)
    assert read_facts(*paths(tmp_path)) == [fact(n) for n in range(BATCH + 3)]


def test_every_length_of_a_torn_end_is_recognised(tmp_path: Path) -> None:
    log, database = paths(tmp_path)
    with Journal(log, database) as journal:
        journal.write(fact(1))
    whole, last = log.read_bytes(), line_of(fact(2))
    for length in range(len(last)):
        log.write_bytes(whole + last[:length])
        assert [f for _, f in read_log(log)] == [fact(1)]
    with Journal(log, database) as journal:
        assert log.read_bytes() == whole
        journal.write(fact(3))
    assert read_facts(log, database) == [fact(1), fact(3)]


def test_a_changed_line_with_others_behind_it_is_refused(tmp_path: Path) -> None:
    log, database = paths(tmp_path)
    log.write_bytes(line_of(fact(1)).replace(b"step 1", b"step 9") + line_of(fact(2)))
    with pytest.raises(InvalidError) as fault:
        Journal(log, database)
    assert fault.value.report.errors[0].code == "FWF4012"


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough" * 50])
def test_the_database_can_be_made_again_from_the_log(
    tmp_path: Path, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairwf.engine.journal.log.BATCH", 2)
    log, database = paths(tmp_path)
    log.write_bytes(line_of(fact(1)) + line_of(fact(2)))
    if content is not None:
        database.write_bytes(content)
    assert read_facts(log, database) == [fact(1), fact(2)]
    with Journal(log, database):
        pass
    rows = sqlite3.connect(database).execute("SELECT fact, key FROM facts ORDER BY at").fetchall()
    assert rows == [("approved", fact(1).key), ("approved", fact(2).key)]


def test_few_facts_need_no_database(tmp_path: Path) -> None:
    log, database = paths(tmp_path)
    with Journal(log, database) as journal:
        journal.write(fact(1))
    assert not database.exists()
    with Journal(log, database) as journal:
        journal.write(fact(2))
    assert read_facts(log, database) == [fact(1), fact(2)]


def test_a_database_is_made_of_many_facts_those_of_earlier_sessions_too(tmp_path: Path) -> None:
    log, database = paths(tmp_path)
    with Journal(log, database) as journal:
        journal.write(fact(0))
    with Journal(log, database) as journal:
        for number in range(1, BATCH + 1):
            journal.write(fact(number))
        journal.write(fact(BATCH + 1))
    count = sqlite3.connect(database).execute("SELECT count(*) FROM facts").fetchone()
    assert count == (BATCH + 2,)
    assert read_facts(log, database) == [fact(number) for number in range(BATCH + 2)]


def test_a_database_ahead_of_a_torn_log_follows_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairwf.engine.journal.log.BATCH", 1)
    log, database = paths(tmp_path)
    with Journal(log, database) as journal:
        journal.write(fact(1))
        journal.write(fact(2))
    assert database.exists()
    log.write_bytes(line_of(fact(1)) + line_of(fact(2))[:-1])
    assert read_facts(log, database) == [fact(1)]
    with Journal(log, database) as journal:
        journal.write(EventArrived(key="e", time="t"))
    assert [type(f) for f in read_facts(log, database)] == [Approved, EventArrived]


def test_values_keep_their_types() -> None:
    given = {
        "int": 1,
        "float": 1.0,
        "big": 2**63,
        "infinite": float("inf"),
        "none": None,
        "bytes": b"\x00\xff",
        "nested": [{"a": [True, "x"]}],
        "file": File(location="file:///a%20b", secondary=(Directory(location="file:///d"),)),
    }
    done = Done(key="k", kind="pure", status="completed", process="p", outputs=literals(given))
    (_, again), *_ = [(0, f) for f in _decoded(line_of(done))]
    assert repr(values(again.outputs)) == repr(given)


def _decoded(line: bytes) -> list[Done]:
    import msgspec

    return [msgspec.json.decode(line[9:], type=Done)]


def test_a_full_disk_is_said_and_leaves_no_torn_line(tmp_path: Path) -> None:
    import subprocess
    import sys

    log, database = paths(tmp_path)
    with Journal(log, database) as journal:
        journal.write(fact(1))
    size = log.stat().st_size
    program = f"""
import resource, signal, sys
from pathlib import Path
from fairwf.engine.journal.facts import Approved
from fairwf.engine.journal.log import BATCH, Journal
from fairwf.report import EnvironmentFault
journal = Journal(Path({str(log)!r}), Path({str(database)!r}))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 20}, {size + 20}))
try:
    journal.write(Approved(key="x" * 100, time="t"))
except EnvironmentFault as fault:
    print(fault.exit_code, fault)
"""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.stdout.startswith("3 ") and "cannot be written" in done.stdout, done.stderr
    assert log.stat().st_size == size
