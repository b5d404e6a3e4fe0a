"""Executions as a table in Apache Parquet, for those who count rather than query RDF.

A row is an execution; memory is in bytes, times in seconds or UTC. What is not known is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from fairwf.crates.command_lines import CommandLines
from fairwf.crates.executions import execution_id
from fairwf.crates.written import WrittenFile
from fairwf.entities.identifiers import ref, timestamp
from fairwf.report import EnvironmentFault
from fairwf.trace.run import Task

PLACE = "provenance/executions.parquet"
MEDIA_TYPE = "application/vnd.apache.parquet"
_ROWS_AT_ONCE = 8192


@dataclass(eq=False, kw_only=True)
class ExecutionTable(WrittenFile):
    """The table of a crate. ``rows`` counts the executions."""

    rows: int

    def entities(self, main: str) -> Iterator[dict[str, Any]]:
        """Yield its entity."""
        yield self.described(
            description=f"A table of the {self.rows} executions: times, status, resources.",
            about=ref("#run"),
            encodingFormat=MEDIA_TYPE,
        )


def write_table(
    tasks: Iterable[Task], crate: Path, lines: CommandLines, place: str = PLACE
) -> ExecutionTable:
    """Write the table of executions into a crate, a bounded number of rows at a time.

    Raises:
        EnvironmentFault: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise EnvironmentFault.of(
            "FWF5003", "pyarrow is not installed", hint="pip install 'fairwf[parquet]'"
        ) from None
    text, whole, real = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    moment = pyarrow.timestamp("ms", tz="UTC")
    columns = {
        "id": text, "task": text, "step": text, "index": text, "attempt": whole, "kind": text,
        "status": text, "started": moment, "ended": moment, "elapsed_s": real,
        "exit_code": whole, "error": text, "host": text, "cores": real, "cpu_user_s": real,
        "cpu_system_s": real, "max_rss_bytes": whole, "read_bytes": whole, "written_bytes": whole,
        "container": text, "command": text,
    }  # fmt: skip
    schema = pyarrow.schema(list(columns.items()))
    target = crate / place
    target.parent.mkdir(exist_ok=True)
    rows, left = 0, iter(tasks)
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        while some := [_row(task, lines) for task in islice(left, _ROWS_AT_ONCE)]:
            writer.write_table(pyarrow.Table.from_pylist(some, schema=schema))
            rows += len(some)
    return ExecutionTable(place=place, crate=crate, rows=rows)


def _row(task: Task, lines: CommandLines) -> dict[str, Any]:
    started, ended = _moment(task.started), _moment(task.ended)
    return {
        "id": execution_id(task) if task.step else "#run",
        "task": task.id,
        "step": "/".join(task.step),
        "index": ".".join(task.index) if task.index else None,
        "attempt": task.attempt,
        "kind": task.kind,
        "status": task.status,
        "started": started,
        "ended": ended,
        "elapsed_s": (ended - started).total_seconds() if started and ended else None,
        "exit_code": task.exit_code,
        "error": lines.text(task.error, task) if task.error else None,
        "host": task.host,
        "cores": task.cores,
        "cpu_user_s": task.cpu_user_s,
        "cpu_system_s": task.cpu_system_s,
        "max_rss_bytes": None if task.max_rss_kib is None else 1024 * task.max_rss_kib,
        "read_bytes": task.read_bytes,
        "written_bytes": task.written_bytes,
        "container": task.container,
        "command": lines.shown(task, most=None),
    }


def _moment(text: str | None) -> datetime | None:
    stamp = timestamp(text)
    return datetime.fromisoformat(stamp) if stamp else None
