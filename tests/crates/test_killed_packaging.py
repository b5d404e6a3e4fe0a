"""`kill -9` while a crate is written leaves the old crate or the new one, at every point.

The process kills itself at the n-th thing that it asks of the file system, so that the points are
the same each time and none is missed between two of a clock's ticks.
"""

import hashlib
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import PackageOptions, open_crate, package_run
from fairwf.crates import target as target_module
from fairwf.trace import Run

EVENTS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "ctypes.call_function")
KILL_POINTS = 24


def contents(target: Path) -> str:
    """Stand for everything that a crate holds."""
    paths = sorted(target.rglob("*")) if target.is_dir() else [target]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(target)} {path.is_dir()}\n".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def in_child(run: Run, target: Path, options: PackageOptions, die_at: int | None) -> int:
    """Package in a process of its own and return the events seen, or -9 where it was killed."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork of pytest-xdist's worker
        child = os.fork()
    if child == 0:
        seen = 0

        def count(event: str, _: Any) -> None:
            nonlocal seen
            if event in EVENTS:
                seen += 1
                if seen == die_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(count)
            package_run(run, target, options)
            os.write(writer, str(seen).encode())
        finally:
            os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    told = os.read(reader, 100)
    os.close(reader)
    if os.WIFSIGNALED(status):
        return -os.WTERMSIG(status)
    assert told, "the child failed"
    return int(told)


@pytest.mark.parametrize("name", ["crate", "crate.zip"])
def test_a_kill_at_any_point_leaves_the_old_or_the_new_crate(
    example: Run, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_module, "_FRESH_S", 0.0)
    target = tmp_path / name
    old, new = (PackageOptions(name=n, published="2026-11-24") for n in ("old", "new"))
    package_run(example, target, old)
    before = contents(target)
    total = in_child(example, target, new, None)
    after = contents(target)
    outcomes = []
    # the end is where it is decided: every one of the last points, and some of those before
    last = range(total - KILL_POINTS // 2, total)
    for point in (*range(1, total, total // (KILL_POINTS // 2)), *last):
        if contents(target) == after:
            package_run(example, target, old)
        killed = in_child(example, target, new, point) == -signal.SIGKILL
        outcomes.append(contents(target))
        assert outcomes[-1] in (before, after), point
        assert killed or outcomes[-1] == after
    assert before in outcomes
    package_run(example, target, new)
    with open_crate(target) as crate:
        assert crate.root["name"] == "new"
    assert [p.name for p in tmp_path.iterdir()] == [name], "what a killed process left is cleared"


def test_a_kill_before_there_is_a_crate_leaves_none(example: Run, tmp_path: Path) -> None:
    assert in_child(example, tmp_path / "crate", PackageOptions(), 8) == -signal.SIGKILL
    assert not (tmp_path / "crate").exists()


def test_what_another_process_is_writing_is_not_cleared(example: Run, tmp_path: Path) -> None:
    with target_module.staged(tmp_path / "crate") as folder:
        (folder / "ro-crate-metadata.json").write_text("{}")
        os.utime(folder, (0, 0))
        package_run(example, tmp_path / "crate")
        assert folder.is_dir()
        other = tmp_path / ".crate.notes.tmp"
        other.mkdir()
    package_run(example, tmp_path / "crate")
    assert other.is_dir()
