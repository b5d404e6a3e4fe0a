"""What a task needs at a site where files are copied to: files, folders, links, by their paths."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from typing import Any

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.made_files import entries_of
from fairwf.engine.task import Completion, PreparedTask
from fairwf.engine.task.files import is_literal
from fairwf.engine.task.staging import source_of
from fairwf.ir.expressions import Directory


@dataclass
class Needs:
    """Paths of this machine. ``links`` are symlinks, with what they lead to."""

    files: dict[str, None] = field(default_factory=dict)
    folders: dict[str, None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def add(self, other: Needs) -> None:
        """Need what another needs, too."""
        self.files.update(other.files)
        self.folders.update(other.folders)
        self.links.update(other.links)


def needs_of(prepared: PreparedTask) -> Needs:
    """Return what a prepared task reads, and the folders that it works in.

    Inputs are needed as what they hold, whatever links lead to them; what was staged for the task
    is needed as it was laid.

    Raises:
        OSError: something is not there any more.
    """
    request = prepared.request
    assert request is not None
    needs = Needs()
    values: list[Any] = [*map(prepared.view.host_values, prepared.inputs.values())]
    for entry in entries_of([*values, *prepared.staged]):
        if is_literal(entry):
            continue
        try:
            source = str(source_of(entry))
        except FunctionError:
            continue
        if isinstance(entry, Directory):
            _content(source, needs)
        else:
            os.stat(source)
            needs.files[source] = None
    for folder in (request.folder, request.tmp):
        needs.folders[folder] = None
    for folder in (request.folder, request.staged, request.logs):
        if os.path.isdir(folder):
            _as_laid(folder, needs)
    return needs


def without_needs(task_id: str, error: OSError) -> Completion:
    """Return the end of a task that cannot start, as something that it needs cannot be read."""
    now = time.time()
    why = f"what it needs cannot be read: {error.filename}: {error.strerror}"
    return Completion(task_id=task_id, exit_code=0, started=now, ended=now, lost=why)


def _content(folder: str, needs: Needs) -> None:
    """A folder that is read. Links within it stay links; of others, what they lead to is needed.

    A link to a folder around this one leads nowhere else, and is left out.
    """
    root = os.path.realpath(folder)
    todo = [folder]
    done: set[tuple[int, int]] = set()
    while todo:
        inside = todo.pop()
        status = os.stat(inside)
        if (status.st_dev, status.st_ino) in done:
            continue
        done.add((status.st_dev, status.st_ino))
        needs.folders[inside] = None
        with os.scandir(inside) as entries:
            for entry in entries:
                real = os.path.realpath(entry.path) if entry.is_symlink() else ""
                if real.startswith(f"{root}/"):
                    needs.links[entry.path] = folder + real[len(root) :]
                elif real and f"{root}/".startswith(f"{real.rstrip('/')}/"):
                    continue
                elif entry.is_dir():
                    todo.append(entry.path)
                elif entry.is_file():
                    needs.files[entry.path] = None


def _as_laid(folder: str, needs: Needs) -> None:
    for inside, folders, files in os.walk(folder):
        needs.folders[inside] = None
        for name in (*folders, *files):
            path = os.path.join(inside, name)
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                needs.links[path] = os.readlink(path)
            elif stat.S_ISREG(status.st_mode):
                needs.files[path] = None
