"""The logs of Snakemake: ``.snakemake/log/*.snakemake.log``, one for each time it was called.

They are written for people. What is taken from them: the header (version 9), jobs with their
wildcards and threads, and which of them failed and why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fairwf.formats import read_file
from fairwf.trace.numbers import whole

_HEADER = re.compile(r"  ([A-Z][A-Za-z0-9() ]*): (.*)\Z")
_JOB = re.compile(r"(?:local)?(?:rule|checkpoint) (\S+):\Z")
_ERROR = re.compile(r"Error in (?:rule|checkpoint) (\S+):\Z")
_FIELD = re.compile(r"    ([a-z_]+): ?(.*)\Z")
_FINISHED = re.compile(r"Finished job(?:id:)? (\d+)")
_STATUS = re.compile(r"returned non-zero exit status (\d+)")
_STEPS = re.compile(r"(\d+) of (\d+) steps \(100%\) done")


@dataclass
class LoggedJob:
    """A job as a log shows it. ``outputs`` are the names as they stand, comma and all."""

    rule: str
    fields: dict[str, str] = field(default_factory=dict)
    command: str | None = None
    status: str = "running"
    exit_code: int | None = None
    error: str | None = None
    attempt: int = 1
    tried_again: bool = False

    @property
    def outputs(self) -> frozenset[str]:
        """The paths of its outputs."""
        text = self.fields.get("output", "")
        return frozenset(text.split(", ")) if text else frozenset()

    @property
    def wildcards(self) -> tuple[str, ...]:
        """Its wildcards, ``name=value``."""
        text = self.fields.get("wildcards", "")
        return tuple(re.split(r", (?=[A-Za-z_]\w*=)", text)) if text else ()

    @property
    def threads(self) -> int | None:
        """How many threads it was given."""
        return whole(self.fields.get("threads"), 9)


@dataclass
class Log:
    """What a log tells. ``local``: jobs ran on the machine of the header.

    ``by_id`` has the latest job of each number, for it is shown again when it is tried again.
    """

    header: dict[str, str] = field(default_factory=dict)
    jobs: list[LoggedJob] = field(default_factory=list)
    by_id: dict[str, LoggedJob] = field(default_factory=dict)
    shell: str | None = None
    local: bool = False
    status: str | None = None


def read_logs(folder: Path) -> list[Log]:
    """Return what the logs of a ``.snakemake`` folder tell, the oldest first."""
    places = folder / "log"
    paths = sorted(places.glob("*.snakemake.log")) if places.is_dir() else []
    kept = [path for path in paths if not path.is_symlink()]
    return [_log(read_file(path).decode("utf-8", "replace").splitlines()) for path in kept]


def _log(lines: Iterable[str]) -> Log:
    log = Log()
    exit_code: int | None = None
    for head, body in _blocks(lines):
        if (job := _JOB.match(head)) is not None:
            _show(log, _job(job[1], body))
        elif (failed := _ERROR.match(head)) is not None:
            _fail(log, _job(failed[1], body), exit_code)
            exit_code = None
        elif (finished := _FINISHED.match(head)) is not None:
            if finished[1] in log.by_id:
                log.by_id[finished[1]].status = "completed"
        elif (status := _STATUS.search(head)) is not None:
            exit_code = whole(status[1], 9)
        elif head == "=========":
            log.header.update(
                (match[1], match[2]) for line in body if (match := _HEADER.match(line))
            )
        elif head.startswith("host: "):  # version 8
            log.header.setdefault("Host", head.removeprefix("host: ").strip())
        elif head.startswith("Using shell: "):
            log.shell = head.removeprefix("Using shell: ")
        elif head.startswith("Provided cores: "):
            log.local = True
        elif head.startswith("Exiting because a job execution failed"):
            log.status = "failed"
        elif _STEPS.match(head):
            log.status = "completed"
    return log


def _blocks(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each line that is not indented, with the indented ones that follow it."""
    head: str | None = None
    body: list[str] = []
    for line in lines:
        if line.startswith("  "):
            body.append(line)
            continue
        if head is not None:
            yield head, body
        head, body = line, []
    if head is not None:
        yield head, body


def _job(rule: str, body: list[str]) -> LoggedJob:
    job = LoggedJob(rule)
    shell: list[str] = []
    inside = False
    for line in body:
        match = _FIELD.match(line)
        if match is not None and not line.startswith("     "):
            inside = match[1] == "shell"
            if not inside:
                job.fields[match[1]] = match[2]
        elif inside and line.startswith("        ("):
            inside = False
        elif inside:
            shell.append(line.removeprefix("        "))
    job.command = "\n".join(shell) or None
    return job


def _show(log: Log, job: LoggedJob) -> None:
    log.jobs.append(job)
    number = job.fields.get("jobid")
    if number is None:
        return
    before = log.by_id.get(number)
    if before is not None and before.status == "failed":
        before.tried_again = True
        job.attempt = before.attempt + 1
    log.by_id[number] = job


def _fail(log: Log, told: LoggedJob, exit_code: int | None) -> None:
    """Note that a job failed; it was shown before, unless that part of the log is gone."""
    job = log.by_id.get(told.fields.get("jobid", ""))
    if job is None:
        _show(log, told)
        job = told
    for name in ("input", "log"):
        if name in told.fields:
            job.fields.setdefault(name, told.fields[name].split(" (check log file")[0])
    job.status, job.exit_code = "failed", exit_code
    job.command = told.command
    code = f" with exit code {exit_code}" if exit_code is not None else ""
    job.error = f"Error in rule {job.rule}{code}"
