"""Parsl's monitoring database as a run: each try of each app call.

Monitoring keeps no arguments, only the files that were named as inputs and outputs; times are those
of the machine's clock, without a zone. Memory is the largest of the samples that were taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from fairwf.ir.expressions import Array, Expr, File
from fairwf.ir.metadata import Metadata
from fairwf.report import InvalidError, Report
from fairwf.trace import Host, Run, SoftwareAgent, Task, TaskStatus
from fairwf.trace.database import Database, Row, opened
from fairwf.trace.implied import implied
from fairwf.trace.numbers import finite
from fairwf.trace.times import Clock
from fairwf_parsl.detect import database_of

_MARK = "<File at 0x"
_FILE = re.compile(r"[0-9a-f]+ url=(.*?) scheme=(\S*) netloc=\S* path=(.*?) filename=", re.DOTALL)
_VERSION = re.compile(rb"Parsl version: (\S+)")
_DONE = frozenset({"exec_done", "memo_done"})
_FAILED = frozenset({"failed", "dep_fail", "fail_retryable"})
_HEAD = 1024 * 1024
_LONGEST = 10_000
"""More characters than the description of one file has: its pattern looks at each often."""

_WORKFLOW = ("run_id", "workflow_name", "workflow_version", "time_began", "time_completed", "host",
             "rundir", "tasks_failed_count")  # fmt: skip
_TASK = ("task_id", "task_depends", "task_func_name", "task_inputs", "task_outputs", "task_stdin",
         "task_stdout", "task_stderr", "task_time_invoked", "task_time_returned")  # fmt: skip
_TRY = ("try_id", "task_id", "hostname", "task_executor", "task_try_time_launched",
        "task_try_time_running", "task_try_time_returned", "task_fail_history")  # fmt: skip
_STATUS = ("task_id", "try_id", "task_status_name", "timestamp")
_NODE = ("hostname", "cpu_count", "total_memory")
_RESOURCE = ("task_id", "try_id", "psutil_process_memory_resident")


def read(path: Path, report: Report) -> Run:
    """Return the latest run that a monitoring database tells of.

    Raises:
        InvalidError: there is no database, or it tells of no run.
    """
    place = database_of(path)
    if place is None:
        raise InvalidError.of(
            "FWF1801",
            "holds no monitoring database of Parsl (monitoring.db)",
            file=str(path),
            hint="Config(monitoring=MonitoringHub(...)) keeps one",
        )
    with opened(place) as database:
        return _Reader(place, database, report).run()


class _Reader:
    def __init__(self, place: Path, database: Database, report: Report) -> None:
        self._place, self._report = place, report
        self._database = database
        self._clock = Clock(report, str(place))
        # Apps see paths relative to where the program was started; runinfo is made there.
        self._root = place.parent.parent if place.parent.name == "runinfo" else place.parent

    def run(self) -> Run:
        workflow = self._workflow()
        run_id = {"run_id": workflow["run_id"]}
        tasks = self._database.rows("task", _TASK, run_id)
        if not tasks:
            raise InvalidError.of("FWF1801", "no task was monitored", file=str(self._place))
        tries = _by_task(self._database.rows("try", _TRY, run_id))
        statuses = _latest(self._database.each("status", _STATUS, run_id))
        memory = _largest(self._database.each("resource", _RESOURCE, run_id))
        completed = self._clock.time(_text(workflow["time_completed"]))
        told: list[Task] = []
        after: dict[str, list[str]] = {}
        for row in sorted(tasks, key=lambda row: _whole(row["task_id"])):
            each_try = self._tries(row, tries.get(row["task_id"], []), statuses, memory, completed)
            told += each_try
            waits = [f"task {each.strip()}" for each in _text(row["task_depends"], "").split(",")]
            after[each_try[-1].id] = [each for each in waits if each != "task "]
        name = _text(workflow["workflow_name"]) or "workflow"
        script = self._root / name
        sources = (str(script),) if name.endswith(".py") and script.is_file() else ()
        version = _text(workflow["workflow_version"])
        metadata = Metadata(version=version) if version else None
        found = implied(told, name.removesuffix(".py"), after=after, metadata=metadata)
        failed = any(t.status == "failed" and "@" not in t.id for t in told)
        return Run(
            id=str(workflow["run_id"]),
            workflow=found.workflow,
            status=_run_status(completed, failed),
            engine=SoftwareAgent(
                name="Parsl", version=self._version(workflow), url="https://parsl-project.org"
            ),
            source=sources[0] if sources else None,
            format="parsl",
            source_files=sources,
            base=str(self._root) if sources else None,
            folder=str(self._root),
            hosts=tuple(self._hosts(run_id, workflow)),
            started=self._clock.time(_text(workflow["time_began"])),
            ended=completed,
            inputs=found.inputs,
            outputs=found.outputs,
            tasks=found.tasks,
        )

    def _workflow(self) -> Row:
        rows = self._database.rows("workflow", _WORKFLOW)
        if not rows:
            raise InvalidError.of("FWF1801", "no run was monitored", file=str(self._place))
        if len(rows) > 1:
            self._report.add(
                "FWF1804",
                f"{len(rows)} runs were monitored here; the latest was read",
                file=str(self._place),
            )
        return max(rows, key=lambda row: _text(row["time_began"], ""))

    def _tries(
        self,
        row: Row,
        tries: Sequence[Row],
        statuses: Mapping[tuple[Any, Any], str],
        memory: Mapping[tuple[Any, Any], float],
        completed: str | None,
    ) -> list[Task]:
        """Return a task for each try; the last one has the task's own id."""
        key = f"task {row['task_id']}"
        name = _text(row["task_func_name"]) or "app"
        inputs, outputs = self._files(row["task_inputs"]), self._files(row["task_outputs"])
        found = []
        known = sorted(tries, key=lambda each: _whole(each["try_id"]))
        attempts: list[Row] = known or [{}]
        for number, at in enumerate(attempts, 1):
            last = number == len(attempts)
            status = statuses.get((row["task_id"], at.get("try_id")), "")
            status = statuses.get((row["task_id"], None), status) if last else status
            history = _text(at.get("task_fail_history"))
            returned = at.get("task_try_time_returned") or (
                row["task_time_returned"] if last else None
            )
            resident = memory.get((row["task_id"], at.get("try_id")))
            found.append(
                Task(
                    id=key if last else f"{key}@{number}",
                    step=(name,),
                    process=name,
                    kind="script",
                    status=_status(status, history, last, completed),
                    index=(str(row["task_id"]),),
                    started=self._clock.time(_text(at.get("task_try_time_running"))),
                    ended=self._clock.time(_text(returned)),
                    error=history or None,
                    inputs=inputs,
                    outputs=outputs if last else {},
                    host=_text(at.get("hostname")),
                    max_rss_kib=round(resident / 1024) if resident else None,
                    stdin=_text(row["task_stdin"]) or None,
                    stdout=_text(row["task_stdout"]) or None,
                    stderr=_text(row["task_stderr"]) or None,
                    attempt=number,
                    reused="an earlier call" if status == "memo_done" else None,
                )
            )
        return found

    def _files(self, told: Any) -> dict[str, Expr]:
        nodes = []
        for url, scheme, path in described(_text(told, "")):
            place = path if scheme in ("", "file") else url
            if scheme in ("", "file"):
                place = os.path.normpath(os.path.join(self._root, place))
            nodes.append(File(location=place, basename=path.rstrip("/").rpartition("/")[2]))
        return {"files": Array(items=tuple(nodes))} if nodes else {}

    def _hosts(self, run_id: Mapping[str, Any], workflow: Row) -> list[Host]:
        found: dict[str, Host] = {}
        for node in self._database.rows("node", _NODE, run_id):
            name = _text(node["hostname"])
            if name:
                cores, memory = node["cpu_count"], node["total_memory"]
                found[name] = Host(
                    name=name,
                    cores=cores if isinstance(cores, int) else None,
                    memory_bytes=memory if isinstance(memory, int) else None,
                )
        name = _text(workflow["host"])
        if name and name not in found:
            found[name] = Host(name=name)
        return list(found.values())

    def _version(self, workflow: Row) -> str | None:
        """Return the version that the log of the run tells, which lies beside the database."""
        number = os.path.basename(_text(workflow["rundir"], "").rstrip("/"))
        path = self._place.parent / number / "parsl.log"
        if not number.isdigit() or not path.is_file() or path.is_symlink():
            return None
        with path.open("rb") as stream:  # of any length: each task writes to it
            match = _VERSION.search(stream.read(_HEAD))
        return match[1].decode("ascii", "replace") if match is not None else None


def described(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield URL, scheme and path of each file in a text as Parsl writes its lists of files."""
    for part in text.split(_MARK)[1:]:
        match = _FILE.match(part[:_LONGEST])
        if match is not None:
            yield match[1], match[2], match[3]


def _status(status: str, history: str | None, last: bool, completed: str | None) -> TaskStatus:
    if status in _DONE:
        return "completed"
    if status in _FAILED or (history and not last):
        return "failed"
    return "cancelled" if completed is not None else "running"


def _run_status(
    completed: str | None, failed: bool
) -> Literal["completed", "failed", "cancelled", "running"]:
    if completed is None:
        return "running"
    return "failed" if failed else "completed"


def _by_task(rows: Sequence[Row]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row["task_id"], []).append(row)
    return found


def _latest(rows: Iterable[Row]) -> dict[tuple[Any, Any], str]:
    """Return the latest status of each try, and of each task (with None in place of the try)."""
    found: dict[tuple[Any, Any], str] = {}
    for row in sorted(rows, key=lambda row: _text(row["timestamp"], "")):
        status = _text(row["task_status_name"], "")
        if status == "running_ended":
            continue  # the worker is done, the task is not
        found[row["task_id"], row["try_id"]] = status
        found[row["task_id"], None] = status
    return found


def _largest(rows: Iterable[Row]) -> dict[tuple[Any, Any], float]:
    found: dict[tuple[Any, Any], float] = {}
    for row in rows:
        value = finite(row["psutil_process_memory_resident"])
        if value is not None:
            key = (row["task_id"], row["try_id"])
            found[key] = max(found.get(key, 0.0), value)
    return found


def _text(value: Any, otherwise: str | None = None) -> Any:
    return value if isinstance(value, str) else otherwise


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else -1
