"""What Pegasus left behind, as a run: each start of each job of the abstract workflow.

A submit folder has the abstract workflow, kickstart records and the states of jobs; the stampede
database has what was measured, and where outputs went. Each is used for what the others lack. Jobs
that Pegasus adds (staging, registration, cleanup) are its own business, and are left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from fairwf.ir.expressions import Array, Expr, File
from fairwf.ir.metadata import Agent, Metadata
from fairwf.report import InvalidError, Report
from fairwf.trace import Host, Run, SoftwareAgent, Task, TaskStatus
from fairwf.trace.database import Row
from fairwf.trace.implied import implied
from fairwf.trace.numbers import finite
from fairwf.trace.times import earliest, from_epoch, later, zoned
from fairwf_pegasus.detect import database_of
from fairwf_pegasus.documents import (
    AbstractJob,
    AbstractWorkflow,
    JobState,
    States,
    abstract_workflow,
    braindump,
    starts,
    states,
)
from fairwf_pegasus.kickstart import Invocation, RecordedFile, invocations
from fairwf_pegasus.stampede import Stampede, stampede

_UNAME = re.compile(r"(\w+)-(.+)-(\w+)\Z")
_LONGEST = 2000


def read(path: Path, report: Report) -> Run:
    """Return the run that a submit folder or a stampede database tells of.

    Raises:
        InvalidError: neither tells of a job.
    """
    return _Reader(path, report).run()


class _Reader:
    def __init__(self, path: Path, report: Report) -> None:
        self._path, self._report = path, report
        self._folder = path if path.is_dir() else None
        folder = self._folder
        self._known = braindump(folder) if folder else {}
        self._abstract = (
            abstract_workflow(folder, self._known.get("dax"), report)
            if folder
            else AbstractWorkflow()
        )
        self._states = states(folder) if folder else States()
        place = database_of(path)
        self._stampede = stampede(place, self._known.get("wf_uuid")) if place else Stampede()
        self._hosts: dict[str, Host] = {}
        self._files: dict[str, RecordedFile] = {}

    def run(self) -> Run:
        told, abstract = self._stampede, self._abstract
        records = list(invocations(self._folder, self._report)) if self._folder else []
        for record in records:
            self._files.update({k: v for k, v in record.files.items() if v.sha256 or v.size})
        by_job: dict[str, list[Invocation]] = {}
        for record in records:
            if record.derivation in abstract.jobs or record.derivation in told.tasks:
                by_job.setdefault(record.derivation, []).append(record)
        identifiers = list(dict.fromkeys([*abstract.jobs, *told.tasks, *by_job]))
        self._started = starts(self._states, identifiers)
        tasks = [task for each in identifiers for task in self._tasks(each, by_job.get(each, []))]
        if not tasks:
            raise InvalidError.of(
                "FWF1801",
                "tells of no job that ran",
                file=str(self._path),
                hint="name the submit folder (with braindump.yml), or its stampede database",
            )
        others = {record.job for record in records} - {r.job for rs in by_job.values() for r in rs}
        if others:
            self._report.add(
                "FWF1803",
                "what Pegasus added (staging, registration, cleanup) is left out: "
                f"{len(others)} job{'' if len(others) == 1 else 's'}",
                file=str(self._path),
                severity="note",
            )
        known, name = self._known, abstract.name or self._known.get("dax_label")
        parents = {**told.parents, **abstract.parents}
        metadata = Metadata(creators=(Agent(name=abstract.creator),)) if abstract.creator else None
        found = implied(
            tasks,
            name or str(told.workflow.get("dax_label") or "workflow"),
            after={task.id: parents.get(task.id.partition("@")[0], ()) for task in tasks},
            metadata=metadata,
        )
        began = self._states.started or told.started
        ended = self._states.ended or told.ended
        return Run(
            id=str(known.get("wf_uuid") or told.workflow.get("wf_uuid") or self._path.name),
            workflow=found.workflow,
            status=self._status(tasks),
            engine=SoftwareAgent(
                name="Pegasus",
                version=known.get("planner_version") or _text(told.workflow.get("planner_version")),
                url="https://pegasus.isi.edu",
            ),
            source=abstract.file,
            format="pegasus",
            format_version=abstract.version,
            source_files=(abstract.file,) if abstract.file else (),
            base=str(self._folder) if abstract.file else None,
            folder=str(self._folder or self._path.parent),
            hosts=tuple(self._hosts.values()),
            started=from_epoch(began) or earliest(task.started for task in tasks),
            ended=from_epoch(ended),
            command_line=self._command(),
            inputs=found.inputs,
            outputs=found.outputs,
            tasks=found.tasks,
        )

    def _command(self) -> tuple[str, ...]:
        arguments = self._known.get("planner_arguments") or _text(
            self._stampede.workflow.get("planner_arguments")
        )
        if not arguments:
            return ()
        return ("pegasus-plan", *arguments.strip('" ').split())

    def _status(
        self, tasks: Sequence[Task]
    ) -> Literal["completed", "failed", "cancelled", "running"]:
        code = self._states.status if self._states.started else self._stampede.status
        if code is not None:
            return "completed" if code == 0 else "failed"
        if self._states.ended or self._stampede.ended:
            failed = any(task.status == "failed" and "@" not in task.id for task in tasks)
            return "failed" if failed else "completed"
        if not self._states.started and not self._stampede.started:
            done = {task.id for task in tasks if task.status == "completed"}
            return "completed" if done >= set(self._abstract.jobs) else "running"
        return "running"

    # --- jobs -------------------------------------------------------------------------------

    def _tasks(self, identifier: str, records: Sequence[Invocation]) -> list[Task]:
        """Return a task for each start of a job; the last one has the job's own id."""
        job = self._abstract.jobs.get(identifier)
        if records:
            found = [self._of_record(job, record) for record in records]
        else:
            found = self._of_stampede(identifier, job) or self._of_states(identifier, job)
        last = len(found)
        return [
            msgspec.structs.replace(
                task,
                id=identifier if number == last else f"{identifier}@{number}",
                index=(identifier,),
                attempt=number,
            )
            for number, task in enumerate(found, 1)
        ]

    def _of_record(self, job: AbstractJob | None, record: Invocation) -> Task:
        name = job.name if job is not None else record.transformation or "job"
        failed = record.signalled or record.exit_code != 0
        maxrss = record.usage.get("maxrss")
        if record.host is not None:
            self._host(record)
        words = [record.executable or name, *(record.arguments or (job.arguments if job else ()))]
        started = zoned(record.started)
        ended = later(started, record.duration)
        return Task(
            **self._shared(job, name),
            status="failed" if failed else "completed",
            command=tuple(words),
            started=started,
            ended=ended,
            elapsed_s=record.duration,
            exit_code=record.exit_code,
            error=_error(record) if failed else None,
            host=record.host,
            cpu_user_s=record.usage.get("utime"),
            cpu_system_s=record.usage.get("stime"),
            max_rss_kib=round(maxrss) if maxrss else None,
        )

    def _of_stampede(self, identifier: str, job: AbstractJob | None) -> list[Task]:
        task = self._stampede.tasks.get(identifier)
        name = job.name if job is not None else _text(task and task["transformation"]) or "job"
        found = []
        for row in self._stampede.invocations.get(identifier, ()):
            host = self._stampede.hosts.get(row["job_instance_id"])
            if host is not None:
                self._stampede_host(host)
            start, duration = finite(row["start_time"]), finite(row["remote_duration"])
            code, memory = row["exitcode"], finite(row["maxrss"])
            cpu = finite(row["avg_cpu"])
            words = [_text(row["executable"]) or name, *_words(_text(row["argv"]) or "")]
            found.append(
                Task(
                    **self._shared(job, name),
                    status=_status_of(code),
                    command=tuple(words),
                    started=from_epoch(start),
                    ended=from_epoch(start + duration) if start and duration is not None else None,
                    elapsed_s=duration,
                    exit_code=_exit_code(code),
                    host=_text(host["hostname"]) if host is not None else None,
                    average_cpu=round(100 * cpu, 2) if cpu is not None else None,
                    max_rss_kib=round(memory) if memory else None,
                )
            )
        return found

    def _of_states(self, identifier: str, job: AbstractJob | None) -> list[Task]:
        name = job.name if job is not None else identifier
        return [
            Task(
                **self._shared(job, name),
                status=_state_status(state),
                command=(name, *job.arguments) if job is not None and job.kind == "job" else (),
                started=from_epoch(state.started),
                ended=from_epoch(state.ended),
                exit_code=state.exit_code,
            )
            for state in self._started.get(identifier, ())
        ]

    def _shared(self, job: AbstractJob | None, name: str) -> dict[str, Any]:
        uses = job.uses if job is not None else ()
        given = [self._file(use.lfn) for use in uses if not use.output]
        made = [self._file(use.lfn) for use in uses if use.output]
        inside = job is not None and job.kind != "job"
        inputs: dict[str, Expr] = {"input": Array(items=tuple(given))} if given else {}
        outputs: dict[str, Expr] = {"output": Array(items=tuple(made))} if made else {}
        return {
            "id": "",
            "step": (name,),
            "process": name,
            "kind": "operation" if inside else "command",
            "inputs": inputs,
            "outputs": outputs,
        }

    def _file(self, lfn: str) -> File:
        known = self._files.get(lfn, RecordedFile())
        return File(
            location=self._stampede.places.get(lfn) or f"urn:pegasus:{quote(lfn, safe='')}",
            basename=lfn.rstrip("/").rpartition("/")[2] or lfn,
            size=known.size,
            checksum=f"sha256${known.sha256}" if known.sha256 else None,
        )

    def _host(self, record: Invocation) -> None:
        machine, name = record.machine, record.host
        cores, memory = machine.get("cores"), machine.get("memory_kib")
        assert name is not None
        self._hosts.setdefault(
            name,
            Host(
                name=name,
                system=machine.get("system"),
                release=machine.get("release"),
                architecture=machine.get("architecture"),
                cores=cores if isinstance(cores, int) else None,
                memory_bytes=memory * 1024 if isinstance(memory, int) else None,
                cpu=machine.get("cpu"),
            ),
        )

    def _stampede_host(self, row: Row) -> None:
        name = _text(row["hostname"])
        uname = _UNAME.match(_text(row["uname"]) or "")
        memory = row["total_memory"]
        if name:
            self._hosts.setdefault(
                name,
                Host(
                    name=name,
                    system=uname[1] if uname else None,
                    release=uname[2] if uname else None,
                    architecture=uname[3] if uname else None,
                    memory_bytes=memory * 1024 if isinstance(memory, int) else None,
                ),
            )


def _status_of(code: Any) -> TaskStatus:
    """Return how an execution ended; one whose exit code is not known did not."""
    if not isinstance(code, int):
        return "running"
    return "failed" if code else "completed"


def _state_status(state: JobState) -> TaskStatus:
    if state.failed is not None:
        return "failed" if state.failed else "completed"
    return "running" if state.ended is None else "cancelled"


def _exit_code(code: Any) -> int | None:
    """Return an exit code: the database holds that of ``wait`` where a program failed."""
    if not isinstance(code, int) or code < 0:
        return None
    return code >> 8 if code > 255 else code


def _error(record: Invocation) -> str:
    if record.signalled:
        told = "killed by a signal"
    elif record.exit_code is not None:
        told = f"exit code {record.exit_code}"
    else:
        told = f"not started: {record.failure}" if record.failure else "no exit code"
    text = (record.error or "").strip()
    return f"{told}: {text[-_LONGEST:]}" if text else told


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
