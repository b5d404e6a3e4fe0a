"""What Nextflow keeps of its calls: ``.nextflow/history`` and the head of ``.nextflow.log``."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from fairwf.trace.numbers import whole

_MOST_HISTORY = 16 * 1024 * 1024
_MOST_HEAD = 1024 * 1024
"""How much of a log is looked at for what it says of the run as a whole."""
_LONGEST_LINE = 64 * 1024
_VERSION = re.compile(r"(?:N E X T F L O W +~ +version|^[ \t]*Version:) (\d[\w.\-]*)", re.MULTILINE)
_SYSTEM = re.compile(r"^[ \t]*System: (\S+) (\S+)", re.MULTILINE)
_PROCESS = re.compile(r"^[ \t]*Process: \d+@(\S+)", re.MULTILINE)
_CPUS = re.compile(r"^[ \t]*CPUs: (\d+)", re.MULTILINE)
_CALL = re.compile(r"\$> (nextflow .*)")
_DONE = "Task completed > TaskHandler["
_FIELD = re.compile(r"(?:^|; )([A-Za-z]+): ")
_LAUNCHED = re.compile(r"Launching [`']?([^`'\s]+)[`']? \[([\w-]+)\]")


@dataclass(frozen=True)
class Call:
    """A line of the history. ``status``: ``OK``, ``ERR``, or ``-`` where it did not end."""

    when: str
    duration: str
    name: str
    status: str
    revision: str
    session: str
    command: tuple[str, ...]


@dataclass
class Log:
    """What the head of a log tells.

    ``launched`` is the script or project as the user named it.
    """

    version: str | None = None
    system: str | None = None
    release: str | None = None
    host: str | None = None
    cores: int | None = None
    command: tuple[str, ...] = ()
    name: str | None = None
    launched: str | None = None


def calls(folder: Path) -> list[Call]:
    """Return the calls that ``.nextflow/history`` of a launch folder tells of, in order."""
    path = folder / ".nextflow" / "history"
    if not path.is_file() or path.is_symlink():
        return []
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _MOST_HISTORY))
        lines = stream.read(_MOST_HISTORY).decode("utf-8", "replace").split("\n")
    found = []
    for line in lines:
        cells = line.split("\t")
        if len(cells) >= 7:
            when, duration, name, status, revision, session, command = cells[:7]
            words = _words(command)
            found.append(Call(when, duration, name, status, revision, session, words))
    return found


def read_log(path: Path) -> Log:
    """Return what a log tells; nothing where there is none."""
    log = Log()
    if not path.is_file() or path.is_symlink():
        return log
    with path.open("rb") as stream:
        text = stream.read(_MOST_HEAD).decode("utf-8", "replace")
    if (version := _VERSION.search(text)) is not None:
        log.version = version[1]
    if (system := _SYSTEM.search(text)) is not None:
        log.system, log.release = system[1], system[2]
    if (process := _PROCESS.search(text)) is not None:
        log.host = process[1]
    if (cpus := _CPUS.search(text)) is not None:
        log.cores = whole(cpus[1])
    if (call := _CALL.search(text)) is not None:
        log.command = _words(call[1])
    if (launched := _LAUNCHED.search(text)) is not None:
        log.launched, log.name = launched[1], launched[2]
    return log


def logged_tasks(path: Path) -> list[dict[str, str]]:
    """Return a row, with the names of fields that the trace has, for each task that ended."""
    if not path.is_file() or path.is_symlink():
        return []
    with path.open("rb") as stream:
        lines = iter(lambda: stream.readline(_LONGEST_LINE), b"")
        rows = [_ended(line.decode("utf-8", "replace")) for line in lines]
    return [row for row in rows if row is not None]


def _ended(line: str) -> dict[str, str] | None:
    _, mark, told = line.rstrip().partition(_DONE)
    if not mark or not told.endswith("]"):
        return None
    _, *parts = _FIELD.split(told[:-1])
    found: dict[str, str] = {}
    for name, value in zip(parts[::2], parts[1::2], strict=True):
        found.setdefault(name, value)
    if not {"name", "status", "exit", "workDir"} <= set(found):
        return None
    return {
        "task_id": found.get("id", ""),
        "name": found["name"],
        "status": found["status"] if found["exit"] in ("0", "-") else "FAILED",
        "exit": found["exit"],
        "workdir": re.split(r"[; ]", found["workDir"], maxsplit=1)[0],
    }


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())
