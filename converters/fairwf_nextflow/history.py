"""What Nextflow keeps of its calls: ``.nextflow/history`` and the head of ``.nextflow.log``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fairwf.trace.numbers import whole

_MOST_HISTORY = 16 * 1024 * 1024
_MOST_LOG = 64 * 1024 * 1024
_VERSION = re.compile(r"(?:N E X T F L O W\s+~\s+version|^\s*Version:) (\d[\w.\-]*)", re.MULTILINE)
_SYSTEM = re.compile(r"^\s*System: (\S+) (\S+)", re.MULTILINE)
_PROCESS = re.compile(r"^\s*Process: \d+@(\S+)", re.MULTILINE)
_CPUS = re.compile(r"^\s*CPUs: (\d+)", re.MULTILINE)
_CALL = re.compile(r"\$> (nextflow .*)")
_DONE = re.compile(
    r"Task completed > TaskHandler\[(.*?)name: (.+?); status: (\w+); exit: (\S+?); "
    r".*?workDir: (\S+?)(?:;? ?(started: .*?))?\]\s*$",
    re.MULTILINE,
)
_ID = re.compile(r"\bid: (\d+);")
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
    """What the head of a log tells, and the tasks that it saw end."""

    version: str | None = None
    system: str | None = None
    release: str | None = None
    host: str | None = None
    cores: int | None = None
    command: tuple[str, ...] = ()
    name: str | None = None
    tasks: list[dict[str, str]] = field(default_factory=list)


def calls(folder: Path) -> list[Call]:
    """Return the calls that ``.nextflow/history`` of a launch folder tells of, in order."""
    path = folder / ".nextflow" / "history"
    if not path.is_file() or path.is_symlink() or path.stat().st_size > _MOST_HISTORY:
        return []
    found = []
    for line in path.read_text("utf-8", "replace").splitlines():
        cells = line.split("\t")
        if len(cells) >= 7:
            when, duration, name, status, revision, session, command = cells[:7]
            words = _words(command)
            found.append(Call(when, duration, name, status, revision, session, words))
    return found


def read_log(path: Path) -> Log:
    """Return what a log tells; nothing where there is none."""
    log = Log()
    if not path.is_file() or path.is_symlink() or path.stat().st_size > _MOST_LOG:
        return log
    text = path.read_text("utf-8", "replace")
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
        log.name = launched[2]
    log.tasks = list(_tasks(text))
    return log


def _tasks(text: str) -> Iterator[dict[str, str]]:
    """Yield a row, with the names of fields that the trace has, for each task that ended."""
    for match in _DONE.finditer(text):
        identifier = _ID.search(match[1])
        yield {
            "task_id": identifier[1] if identifier else "",
            "name": match[2],
            "status": match[3] if match[4] in ("0", "-") else "FAILED",
            "exit": match[4],
            "workdir": match[5],
        }


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())
