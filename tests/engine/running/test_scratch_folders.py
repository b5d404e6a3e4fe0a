"""Temporary folders of tasks: used again only where a task left nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fairwf.engine.programs.scratch import Scratch


def test_a_folder_that_was_left_alone_is_used_again(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tmp")
    first = scratch.take()
    assert not any(Path(first).iterdir())
    scratch.give_back(first)
    assert scratch.take() == first


def test_two_tasks_at_once_have_two_folders(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tmp")
    assert scratch.take() != scratch.take()


def test_a_folder_on_a_node_is_named_and_never_touched_here(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tmp")
    node = tmp_path / "node"
    folders = [Path(scratch.on_a_node(f"{node}/")) for _ in range(2)]
    assert len(set(folders)) == 2 and {folder.parent for folder in folders} == {node}
    folders[0].mkdir(parents=True)
    scratch.give_back(str(folders[0]))
    assert folders[0].exists() and not folders[1].exists()
    assert Path(scratch.take()).parent.parent == tmp_path / "tmp"


def _file(folder: Path) -> None:
    (folder / "left").write_text("x")


def _folder(folder: Path) -> None:
    (folder / "left").mkdir()


def _file_behind_an_old_date(folder: Path) -> None:
    before = folder.stat()
    (folder / "left").write_text("x")
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))


def _mode(folder: Path) -> None:
    folder.chmod(0o500)


def _gone(folder: Path) -> None:
    folder.rmdir()


def _link(folder: Path) -> None:
    folder.rmdir()
    folder.symlink_to("/")


@pytest.mark.parametrize("act", [_file, _folder, _file_behind_an_old_date, _mode, _gone, _link])
def test_no_task_finds_what_another_one_left(tmp_path: Path, act: Callable[[Path], None]) -> None:
    scratch = Scratch(tmp_path / "tmp")
    first = scratch.take()
    act(Path(first))
    scratch.give_back(first)
    second = scratch.take()
    assert not any(Path(second).iterdir())
    assert os.lstat(second).st_mode & 0o777 == 0o700
    (Path(second) / "mine").write_text("x")


def test_what_a_task_removed_itself_does_not_count(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tmp")
    folder = scratch.take()
    for _ in range(3):
        (Path(folder) / "t").write_text("x")
        (Path(folder) / "t").unlink()
        scratch.give_back(folder)
        assert scratch.take() == folder
