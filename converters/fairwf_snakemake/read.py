"""The working directory of Snakemake as a run: its records, made whole by its logs.

Snakemake keeps one record an output, the latest: what is told is how the files that are there came
to be, over all times that it was called.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fairwf.formats import ReadOptions, Source, read_with_parts
from fairwf.ir.expressions import Array, Directory, Expr, File
from fairwf.ir.values import to_literal
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.trace import Host, Run, SoftwareAgent, Task, TaskStatus
from fairwf.trace.implied import identity, implied
from fairwf.trace.times import earliest, from_epoch, latest
from fairwf_snakemake.document import read as read_snakefile
from fairwf_snakemake.log import Log, LoggedJob, read_logs
from fairwf_snakemake.metadata import Record, folder_of, parameter, records

_SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")
_PARTS = ("workflow", "rules")
_MOST_PARTS = 500
_PLATFORM = re.compile(r"(Linux|Darwin|macOS|Windows)-(\S+)\Z")
_MIB_KIB = 1024
_QUARTER = 900
"""Zones differ by quarters of an hour, in seconds."""
_LONGEST_START = 600
"""How many seconds Snakemake may take before its first job, for the zone to be told."""
_MOST_BENCHMARK = 64 * 1024


@dataclass
class _Job:
    """The records of one job's outputs, and how a log shows it."""

    records: list[Record]
    outputs: list[str]
    logged: LoggedJob | None = None
    log: Log | None = None
    wildcards: tuple[str, ...] = field(default=())


def read(path: Path, report: Report) -> Run:
    """Return the run that a working directory, or its ``.snakemake`` folder, tells of.

    Raises:
        InvalidError: there are no records.
    """
    folder = folder_of(path)
    if folder is None:
        raise InvalidError.of(
            "FWF1801",
            "holds no records of Snakemake (.snakemake/metadata)",
            file=str(path),
            hint="name the folder that snakemake worked in",
        )
    return _Reader(folder, report).run()


class _Reader:
    def __init__(self, folder: Path, report: Report) -> None:
        self._folder, self._report = folder, report
        self._root = folder.parent
        self._logs = read_logs(folder)
        self._records = list(records(folder, report))
        self._sha256: dict[str, str] = {}
        for record in sorted(self._records, key=lambda r: r.started or 0.0):
            self._sha256.update(record.checksums)
        self._backwards = 0
        self._absent: dict[str, str] = {}

    def run(self) -> Run:
        jobs = self._jobs()
        if not jobs:
            raise InvalidError.of("FWF1801", "no job was recorded", file=str(self._folder))
        tasks = [self._task(job) for job in jobs]
        if self._backwards:
            self._report.add(
                "FWF1803",
                f"{self._backwards} jobs began, as Snakemake recorded it, after they had ended: "
                "when they began is left out",
                file=str(self._folder),
            )
        header = self._logs[-1].header if self._logs else {}
        sources = self._sources(header)
        name = Path(sources[0]).parent.name if sources else self._root.name
        if name == "workflow":
            name = self._root.name
        found = implied(tasks, name or "workflow", docs=_docs(jobs))
        first = earliest(task.started for task in tasks)
        return Run(
            id=header.get("Workflow ID") or identity(tasks),
            workflow=found.workflow,
            status=self._status(),
            engine=SoftwareAgent(
                name="Snakemake",
                version=header.get("Snakemake version"),
                url="https://snakemake.github.io",
            ),
            source=sources[0] if sources else None,
            format="snakemake",
            source_files=tuple(sources),
            absent_files=self._absent,
            base=str(Path(sources[0]).parent) if sources else None,
            folder=str(self._root),
            hosts=tuple(self._hosts()),
            started=self._began(header, first) or first,
            ended=latest(task.ended for task in tasks),
            error=self._error(),
            command_line=tuple(header.get("Command", "").split()),
            inputs=found.inputs,
            outputs=found.outputs,
            tasks=found.tasks,
        )

    def _began(self, header: Mapping[str, str], first: str | None) -> str | None:
        """Return when the only call of Snakemake began.

        The header says it in local time; the first job, whose time is known, tells the zone.
        """
        if len(self._logs) != 1 or first is None:
            return None
        try:
            local = datetime.fromisoformat(header.get("Date", "")).replace(tzinfo=UTC)
        except ValueError:
            return None
        late = (datetime.fromisoformat(first) - local).total_seconds() % _QUARTER
        if late > _LONGEST_START:
            return None
        return (datetime.fromisoformat(first) - timedelta(seconds=late)).isoformat()

    def _status(self) -> Any:
        told = [log.status for log in self._logs if log.status or log.jobs]
        if not told:
            return "completed" if not any(r.incomplete for r in self._records) else "cancelled"
        if told[-1] is not None:
            return told[-1]
        locks = self._folder / "locks"
        return "running" if locks.is_dir() and any(locks.iterdir()) else "cancelled"

    def _error(self) -> str | None:
        last = self._logs[-1] if self._logs else None
        jobs = [job for job in last.jobs if not job.tried_again] if last else []
        failed = [job.error for job in jobs if job.status == "failed"]
        return "; ".join(each for each in failed if each) or None

    # --- jobs -------------------------------------------------------------------------------

    def _jobs(self) -> list[_Job]:
        """Return the jobs: records alike but for their output, then those that logs alone show."""
        grouped: dict[tuple[object, ...], list[Record]] = {}
        for record in self._records:
            key = (record.rule, record.job, record.inputs, record.logs, record.params,
                   record.command)  # fmt: skip
            grouped.setdefault(key, []).append(record)
        logged = {
            (job.rule, output): (job, log)
            for log in self._logs
            for job in log.jobs
            for output in job.outputs
        }
        jobs = []
        seen: set[int] = set()
        for found in grouped.values():
            job = _Job(found, [record.output for record in found])
            shown = logged.get((found[0].rule, found[0].output))
            if shown is not None:
                job.logged, job.log = shown
                job.wildcards = job.logged.wildcards
                seen.add(id(job.logged))
                job.outputs += sorted(job.logged.outputs - set(job.outputs))
            jobs.append(job)
        for log in self._logs[-1:]:
            for alone in log.jobs:
                ended = alone.status == "completed" or not alone.outputs
                if id(alone) not in seen and (alone.status == "failed" or not ended):
                    jobs.append(_Job([], sorted(alone.outputs), alone, log, alone.wildcards))
        return sorted(
            jobs, key=lambda job: min((r.started or 0.0 for r in job.records), default=math.inf)
        )

    def _task(self, job: _Job) -> Task:
        logged, first = job.logged, job.records[0] if job.records else None
        started = min((r.started for r in job.records if r.started is not None), default=None)
        ended = max((r.ended for r in job.records if r.ended is not None), default=None)
        if started is not None and ended is not None and ended < started:
            started = None
            self._backwards += 1
        rule = first.rule if first is not None else logged.rule if logged is not None else "rule"
        command = (first.command if first else None) or (logged.command if logged else None)
        shell = (job.log.shell if job.log else None) or "bash"
        taken = first.inputs if first else _names(logged.fields.get("input") if logged else None)
        logs = first.logs if first else _names(logged.fields.get("log") if logged else None)
        inputs: dict[str, Expr] = {}
        outputs: dict[str, Expr] = {}
        if taken:
            inputs["input"] = Array(items=tuple(self._file(name) for name in taken))
        if first is not None and first.params:
            inputs["params"] = to_literal([parameter(text) for text in first.params])
        again = logged is not None and logged.tried_again  # what it made is gone
        made = [self._file(name) for name in job.outputs] if not again else []
        if files := tuple(node for node in made if isinstance(node, File)):
            outputs["output"] = Array(items=files)
        if folders := tuple(node for node in made if isinstance(node, Directory)):
            outputs["directory"] = Array(items=folders)
        if logs and not again:
            outputs["log"] = Array(items=tuple(self._file(name) for name in logs))
        benchmark = logged.fields.get("benchmark") if logged and not again else None
        measured = self._benchmark(benchmark)
        if benchmark:
            outputs["benchmark"] = self._file(benchmark)
        threads = logged.threads if logged else None
        attempt = logged.attempt if logged else 1
        own = "/".join((rule, *(job.wildcards or job.outputs[:1])))
        return Task(
            id=f"{own}@{attempt}" if again else own,
            step=(rule,),
            process=rule,
            kind="script",
            status=_task_status(job),
            index=job.wildcards,
            command=(shell, "-c", command) if command else (),
            started=from_epoch(started),
            ended=from_epoch(ended),
            exit_code=logged.exit_code if logged else None,
            error=logged.error if logged else None,
            inputs=inputs,
            outputs=outputs,
            host=job.log.header.get("Host") if job.log and job.log.local else None,
            cores=float(threads) if threads else None,
            max_rss_kib=measured,
            container=first.container if first else None,
            attempt=attempt,
        )

    def _file(self, name: str) -> File | Directory:
        path = os.path.normpath(os.path.join(self._root, name))
        if os.path.isdir(path) and not os.path.islink(path):
            return Directory(location=path, basename=os.path.basename(path))
        sha256 = self._sha256.get(name)
        return File(
            location=path,
            basename=os.path.basename(path),
            checksum=f"sha256${sha256}" if sha256 else None,
        )

    def _benchmark(self, name: str | None) -> int | None:
        """Return the largest resident set, in KiB, that a benchmark of one repetition shows."""
        path = Path(os.path.realpath(self._root / name)) if name else None
        root = os.path.realpath(self._root)
        if path is None or not str(path).startswith(root + "/") or not path.is_file():
            return None
        if path.stat().st_size > _MOST_BENCHMARK:
            return None
        rows = [line.split("\t") for line in path.read_text("utf-8", "replace").splitlines()]
        if len(rows) != 2 or "max_rss" not in rows[0]:
            return None
        try:
            megabytes = float(rows[1][rows[0].index("max_rss")])
        except (ValueError, IndexError):
            return None
        return round(megabytes * _MIB_KIB) if 0 < megabytes < 1e9 else None

    # --- what it ran ------------------------------------------------------------------------

    def _sources(self, header: Mapping[str, str]) -> list[str]:
        """Return the Snakefile, its parts and its configuration, as far as they are here."""
        stated = header.get("Snakefile")
        own = [self._root / name for name in _SNAKEFILES]
        named = [Path(stated)] if stated else []
        inside = [path for path in named if path.is_relative_to(self._root)]
        places = [*inside, *own, *named]
        main = next((path for path in places if path.is_file()), None)
        if main is None:
            return []
        parts: list[Path] = []
        for folder in _PARTS:
            parts += sorted((self._root / folder).rglob("*.smk"))[:_MOST_PARTS]
        configured = re.findall(r"'([^']+)'", header.get("Config file(s)", ""))
        parts += [self._root / name for name in configured]
        if main.is_relative_to(self._root):
            parts += self._named_by(main)
        found = [main, *(path for path in parts if path.is_file())]
        return list(dict.fromkeys(str(path) for path in found))

    def _named_by(self, main: Path) -> list[Path]:
        """Return what a Snakefile of the working directory reads and names, all of it inside."""
        source = Source(name=str(main), path=main, tree=self._root.resolve())
        try:
            document = read_with_parts(read_snakefile, source, ReadOptions(), Report())
        except FairwfError:  # what is not read as a workflow is packaged as it lies there
            return []
        paths = {part: Path(os.path.abspath(part.file)) for part in document.parts}
        self._absent = {str(path): p.what for p, path in paths.items() if not path.is_file()}
        return list(paths.values())

    def _hosts(self) -> Iterable[Host]:
        for log in self._logs:
            name = log.header.get("Host")
            if name and log.local:
                platform = _PLATFORM.match(log.header.get("Platform", ""))
                yield Host(
                    name=name,
                    system=platform[1] if platform else None,
                    release=platform[2] if platform else None,
                )
                return


def _task_status(job: _Job) -> TaskStatus:
    if job.logged is not None and job.logged.status == "failed":
        return "failed"
    if any(record.incomplete for record in job.records) or not job.records:
        return "cancelled"  # it began, and neither ended nor failed
    return "completed"


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _docs(jobs: Sequence[_Job]) -> dict[str, str]:
    """Return what is known of each rule: what it runs, and its conda environment."""
    docs: dict[str, str] = {}
    for job in jobs:
        for record in job.records[:1]:
            told = []
            if record.code:
                told.append(f"The rule runs: {record.code.strip()}")
            if record.conda:
                told.append(f"Conda environment: {record.conda.strip()}")
            if told:
                docs.setdefault(record.rule, "\n\n".join(told))
    return docs
