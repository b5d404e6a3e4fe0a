"""The stampede database: tasks, what was measured of them, and where files were registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairwf.ir.iris import file_path
from fairwf.trace.database import Row, opened
from fairwf.trace.numbers import finite


@dataclass
class Stampede:
    """What the database tells of one workflow; executions by the task that they are of."""

    workflow: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, Row] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    invocations: dict[str, list[Row]] = field(default_factory=dict)
    hosts: dict[Any, Row] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    started: float | None = None
    ended: float | None = None
    status: int | None = None


def stampede(place: Path, wanted: str | None) -> Stampede:
    """Return what a database tells of a workflow, by its UUID, or of the outermost.

    Raises:
        InvalidError: it is damaged.
    """
    told = Stampede()
    with opened(place) as database:
        columns = ("wf_id", "wf_uuid", "dax_label", "planner_version", "planner_arguments",
                   "parent_wf_id")  # fmt: skip
        workflows = database.rows("workflow", columns)
        chosen = next((w for w in workflows if w["wf_uuid"] == wanted), None) or next(
            (w for w in workflows if w["parent_wf_id"] is None), None
        )
        if chosen is None:
            return told
        told.workflow = dict(chosen)
        of = {"wf_id": chosen["wf_id"]}
        tasks = database.rows("task", ("abs_task_id", "transformation", "type_desc"), of)
        told.tasks = {str(row["abs_task_id"]): row for row in tasks}
        edges = database.rows("task_edge", ("parent_abs_task_id", "child_abs_task_id"), of)
        for edge in edges:
            child = str(edge["child_abs_task_id"])
            told.parents.setdefault(child, []).append(str(edge["parent_abs_task_id"]))
        rows = sorted(
            database.rows(
                "invocation",
                ("abs_task_id", "job_instance_id", "task_submit_seq", "start_time",
                 "remote_duration", "exitcode", "executable", "argv", "maxrss", "avg_cpu"),
                of,
            ),
            key=lambda row: finite(row["start_time"]) or 0.0,
        )  # fmt: skip
        for row in rows:
            told.invocations.setdefault(str(row["abs_task_id"]), []).append(row)
        hosts = {
            row["host_id"]: row
            for row in database.rows("host", ("host_id", "hostname", "uname", "total_memory"), of)
        }
        instances = database.rows("job_instance", ("job_instance_id", "host_id"))
        told.hosts = {
            row["job_instance_id"]: hosts[row["host_id"]]
            for row in instances
            if row["host_id"] in hosts
        }
        _places(told, database.rows("rc_lfn", ("lfn_id", "lfn")),
                     database.rows("rc_pfn", ("lfn_id", "pfn")))  # fmt: skip
        for row in database.rows("workflowstate", ("state", "timestamp", "status"), of):
            _state(told, row)
    return told


def _places(told: Stampede, lfns: Sequence[Row], pfns: Sequence[Row]) -> None:
    """Note where files were registered: on this machine, or at an address."""
    names = {row["lfn_id"]: str(row["lfn"]) for row in lfns}
    for row in pfns:
        place, name = _text(row["pfn"]), names.get(row["lfn_id"])
        if place and name:
            told.places[name] = file_path(place) or place


def _state(told: Stampede, row: Row) -> None:
    when = finite(row["timestamp"])
    if row["state"] == "WORKFLOW_STARTED":
        told.started = told.started or when
        told.ended = told.status = None
    elif row["state"] == "WORKFLOW_TERMINATED":
        told.ended = when
        told.status = row["status"] if isinstance(row["status"], int) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
