"""Command lines of a run's tasks as they run again anywhere.

A recorded command names files by absolute paths and says nothing of standard streams. Here a task
sees its files under names inside its own folder, and a line with streams is given to a shell.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fairwf.ir.expressions import File, StringLit
from fairwf.ir.iris import file_path
from fairwf.ir.workflow import Command, Script
from fairwf.trace.processes import declares
from fairwf.trace.run import Task

STREAMS = ("stdin", "stdout", "stderr")
_SIGNS = {"stdin": "<", "stdout": ">", "stderr": "2>"}
_ENDS = r"(?![A-Za-z0-9_/\-]|\.[A-Za-z0-9_])"
"""What may not follow a path where it ends."""


class Line(msgspec.Struct, frozen=True):
    """A task's command line, and which streams are asked for but were not recorded.

    ``foreign`` are words with a path of the run's own folder that no file of the task stands for.
    """

    words: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def path_of(location: str | None) -> str | None:
    """Return the absolute path of a file's location on this machine, None where it has none."""
    if location is None:
        return None
    if location.startswith("file:"):
        return file_path(location)
    return location if location.startswith("/") else None


def local_names(task: Task, inputs: Sequence[File], outputs: Sequence[File]) -> dict[str, str]:
    """Return a path inside the task's folder for each of its files, by location.

    Outputs keep theirs. Inputs have their own names; those of a folder of which one would take
    another's place lie in a folder of their own, so that what belongs together stays together.
    """
    names: dict[str, str] = {}
    folder = f"{task.folder}/" if task.folder else None
    for file in outputs:
        path = path_of(file.location)
        inside = path is not None and folder is not None and path.startswith(folder)
        name = path.removeprefix(folder or "") if path is not None and inside else _basename(file)
        names[file.location or ""] = name
    folders: dict[str, list[File]] = {}
    for file in inputs:
        if file.location not in names:
            folders.setdefault(posixpath.dirname(file.location or ""), []).append(file)
    taken = set(names.values())
    for number, files in enumerate(folders.values(), 1):
        own = [_basename(file) for file in files]
        if taken & set(own) or len(set(own)) < len(own):
            own = [f"inputs_{number}/{name}" for name in own]
        for file, name in zip(files, own, strict=True):
            names[file.location or ""] = name
        taken.update(own)
    return names


def _basename(file: File) -> str:
    return file.basename or posixpath.basename(path_of(file.location) or file.location or "") or "_"


def line_of(
    task: Task, process: Command | Script | None, names: Mapping[str, str], root: str | None
) -> Line:
    """Return the command line of a task. ``root`` is the folder of the run."""
    if not task.command:
        return Line(())
    paths = {path: name for location, name in names.items() if (path := path_of(location))}
    if task.folder:
        paths.setdefault(task.folder, ".")
    words = tuple(_renamed(task.command, paths))
    if root is not None:
        words = tuple(_restaged(words, names.values(), root))
    foreign = tuple(word for word in words if root is not None and f"{root}/" in word)
    files: dict[str, str] = {}
    unknown: list[str] = []
    for stream in STREAMS:
        if process is None or not declares(process, stream):
            continue
        path, said = getattr(task, stream), getattr(process, stream)
        name = _stream(path, task, paths)
        if path is None and stream != "stdin" and isinstance(said, StringLit):
            name = said.value  # a result that was not made here: nothing was recorded
        if name is not None:
            files[stream] = name
        elif path is None or stream == "stdin":
            unknown.append(stream)  # else it went to a log, which nobody asked for
    if not files:
        return Line(words, tuple(unknown), foreign)
    line = shlex.join(words)
    for stream, name in files.items():
        if stream == "stderr" and name == files.get("stdout"):
            line += " 2>&1"
        else:
            line += f" {_SIGNS[stream]} {shlex.quote(name)}"
    outs = [files[stream] for stream in ("stdout", "stderr") if stream in files]
    made = dict.fromkeys(shlex.quote(posixpath.dirname(n)) for n in outs if posixpath.dirname(n))
    if made:
        line = f"mkdir -p {' '.join(made)} && {line}"
    return Line(("sh", "-c", line), tuple(unknown), foreign)


def _stream(path: str | None, task: Task, paths: Mapping[str, str]) -> str | None:
    if path is None:
        return None
    if path in paths:
        return paths[path]
    inside = task.folder is not None and path.startswith(f"{task.folder}/")
    return path.removeprefix(f"{task.folder}/") if inside else None


def _renamed(words: Iterable[str], paths: Mapping[str, str]) -> Iterable[str]:
    """Yield the words with names for paths; the longest path counts."""
    if not paths:
        yield from words
        return
    longest = sorted(paths, key=len, reverse=True)
    found = re.compile(f"(?:{'|'.join(map(re.escape, longest))}){_ENDS}")
    folders = {path for path, name in paths.items() if name == "."}
    anywhere = [f"{path}/" for path in folders]
    for word in words:
        new = found.sub(lambda match: paths[match[0]], word)
        for prefix in anywhere:  # a file of the task's folder that is none of its outputs
            new = new.replace(prefix, "")
        yield new


def _restaged(words: Iterable[str], names: Iterable[str], root: str) -> Iterable[str]:
    """Yield the words with names for files that were laid out for the task under other paths."""
    by_base: dict[str, set[str]] = {}
    for name in names:
        by_base.setdefault(posixpath.basename(name), set()).add(name)
    only = {base: found.pop() for base, found in by_base.items() if len(found) == 1}
    if not only:
        yield from words
        return
    bases = "|".join(map(re.escape, sorted(only, key=len, reverse=True)))
    laid = re.compile(f"{re.escape(root)}/staged/(?:[^/\\s'\"]+/)+({bases}){_ENDS}")
    for word in words:
        yield laid.sub(lambda match: only[match[1]], word)
