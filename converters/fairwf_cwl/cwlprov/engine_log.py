"""cwltool's log in a research object: command lines, what became of each job, the time zone.

Its times are in UTC, those of the provenance in the zone of the machine that made it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairwf.formats import read_file

_LINE = re.compile(r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d),(\d{1,3})[.\d]*Z\] (.*)\Z", re.DOTALL)
_JOB = re.compile(r"\[job (.+?)\] (.*)\Z", re.DOTALL)
_COMMAND = re.compile(r"(\S*)\$ (.*)\Z", re.DOTALL)
_WORD = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+""", re.DOTALL)
_SIGNS = ("<", ">", "2>")
_STREAM = re.compile(r"(?:^| )(<|>|2>) ")
_QUARTER = 900
_STATUS = {"success": "completed", "permanentFail": "failed", "temporaryFail": "failed"}


@dataclass
class Job:
    """What the log tells of a job. ``streams``: the path for ``<``, ``>`` and ``2>``."""

    command: tuple[str, ...] = ()
    streams: dict[str, str] = field(default_factory=dict)
    status: str | None = None
    exit_code: int | None = None


@dataclass
class EngineLog:
    """What the log tells of a run; ``began`` is its first time, in UTC."""

    jobs: dict[str, Job] = field(default_factory=dict)
    status: str | None = None
    command: tuple[str, ...] = ()
    began: datetime | None = None

    def offset(self, started: str | None) -> timedelta | None:
        """Return the zone of a time without one, at which the engine of this log began.

        Zones differ by quarters of an hour, and an engine takes less to begin.
        """
        if self.began is None or started is None:
            return None
        try:
            local = datetime.fromisoformat(started).replace(tzinfo=UTC)
        except ValueError:
            return None
        quarters = round((local - self.began).total_seconds() / _QUARTER)
        return timedelta(seconds=quarters * _QUARTER) if abs(quarters) <= 4 * 14 else None


def read_log(root: Path) -> EngineLog:
    """Return what the log of a research object tells; nothing where it has none."""
    log = EngineLog()
    folder = root / "metadata" / "logs"
    names = sorted(folder.glob("engine.*.txt")) if folder.is_dir() else []
    for path in names[:1]:
        lines = read_file(path).decode("utf-8", "replace").splitlines()
        for when, message in _entries(lines):
            if log.began is None:
                log.began = when
            _note(message, log)
    return log


def _entries(lines: Iterable[str]) -> Iterable[tuple[datetime, str]]:
    when: datetime | None = None
    text: list[str] = []
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            text.append(line)
            continue
        if when is not None:
            yield when, "\n".join(text)
        when = _moment(match[1], match[2]) or when
        text = [match[3]]
    if when is not None:
        yield when, "\n".join(text)


def _moment(text: str, milliseconds: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{text}.{milliseconds:0>3}").replace(tzinfo=UTC)
    except ValueError:
        return None


def _note(message: str, log: EngineLog) -> None:
    if message.startswith("[cwltool] ") and not log.command:
        log.command = tuple(message.removeprefix("[cwltool] ").split(" "))
    if message.startswith("Final process status is "):
        log.status = _STATUS.get(message.rpartition(" ")[2])
    match = _JOB.match(message)
    if match is None:
        return
    job, said = log.jobs.setdefault(match[1], Job()), match[2]
    if said.startswith("completed "):
        job.status = _STATUS.get(said.split()[1])
    elif exited := re.match(r"exited with status: (\d{1,9})\b", said):
        job.exit_code = int(exited[1])
    elif (command := _COMMAND.match(said)) is not None and not job.command:
        _command(command[2], job)


def _command(line: str, job: Job) -> None:
    """Take a command as the log writes it: quoted words, then where streams go, unquoted."""
    whole = line.replace(" \\\n", " ")
    end = next((w.start() for w in _WORD.finditer(whole) if w[0] in _SIGNS), len(whole))
    _, *streams = _STREAM.split(whole[end:])
    job.streams = {s: path for s, path in zip(streams[::2], streams[1::2], strict=True) if path}
    try:
        job.command = tuple(shlex.split(whole[:end]))
    except ValueError:
        job.command = ()
