"""What is noted of files at sites: a torn line costs itself, and none that comes after it."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairwf.engine.backends.sites.ledger import Ledger
from fairwf.engine.backends.sites.line_log import LineLog
from fairwf.engine.backends.sites.staying import Staying
from fairwf.engine.places.away import AWAY, Absent


@pytest.mark.parametrize("before", ["", '["/a", 1, 2, "x"]\n'])
def test_what_follows_the_torn_line_of_a_killed_engine_is_kept(tmp_path: Path, before: str) -> None:
    log = tmp_path / "moved"
    log.write_text(before + '["/torn", 5, 1')
    file = tmp_path / "file"
    file.write_text("hello")
    ledger = Ledger(log)
    ledger.add(str(file), file.stat(), "digest")
    ledger.close()
    later = Ledger(log)
    assert later.has(str(file))
    assert later.files() == [*([("/a", 1)] if before else []), (str(file), 5)]
    later.close()


def test_the_same_of_files_that_stay(tmp_path: Path) -> None:
    log = tmp_path / "staying"
    log.write_text('["torn", 5, "aa"')
    staying = Staying("a", str(tmp_path), log)
    absent = Absent("a", 7, "aa", "bb", False)
    staying.stay(f"{tmp_path}/large", absent)
    assert (tmp_path / "large").stat().st_size == 7
    staying.close()
    later = Staying("a", str(tmp_path), log)
    assert later.files() == {f"{tmp_path}/large": absent}
    later.close()
    assert not AWAY


def test_lines_of_another_form_say_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b'1\nnull\n{"a": 1}\n["/a", "b", 2, 3]\n["/b", 1]\n\xff\n\n["/c", 1, 2, "x"]\n')
    ledger = Ledger(log)
    assert ledger.files() == [("/c", 1)]
    ledger.close()


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Have the system write no more than this into any file, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_line_that_found_no_room_is_told_and_the_next_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LineLog(path)
    log.add("one")
    with no_file_longer_than(path.stat().st_size + 4), pytest.raises(OSError):
        log.add("two")
    log.add("three")
    log.close()
    assert path.read_bytes() == b'["one"]\n["tw\n["three"]\n'
    assert list(LineLog(path).lines()) == [["one"], ["three"]]
