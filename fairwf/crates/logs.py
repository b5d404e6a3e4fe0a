"""What failed programs said: the end of their standard error, beside the metadata of a crate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fairwf.crates.extras import Extra, free_place
from fairwf.crates.payload import Payload
from fairwf.crates.retrospective import History
from fairwf.entities.identifiers import safe_name
from fairwf.trace.run import Task

FOLDER = "logs"
MOST_LOGS = 100
"""The largest number of logs; the first failures tell the most."""
MOST_BYTES = 64 * 1024
"""How much of the end of a log is kept."""


def failed_logs(history: History, payload: Payload) -> Iterator[Extra]:
    """Yield the logs of executions that failed, each about its execution."""
    left = MOST_LOGS
    for execution in history.all():
        task = execution.task
        if left <= 0 or task is None or task.status != "failed" or task.stderr is None:
            continue
        path = payload.path(task.stderr)  # None where a trace of another engine may not look
        data = _end(path) if path is not None else b""
        if data:
            left -= 1
            step = task.step or (execution.tool.name,)
            name = safe_name("-".join((*step, *task.index, *_attempt(task))))
            yield Extra(
                free_place(f"{FOLDER}/{name}.stderr.txt", payload),
                f"Standard error of {'/'.join(step)}",
                "about",
                data,
                description="The end of what the program wrote before it failed.",
                of=execution.id,
            )


def _attempt(task: Task) -> tuple[str, ...]:
    return (f"attempt{task.attempt}",) if task.attempt > 1 else ()


def _end(path: Path) -> bytes:
    """Return the last bytes of a log, from the beginning of a line on."""
    try:
        if path.is_symlink() or not path.is_file():
            return b""
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - MOST_BYTES))
            data = stream.read(MOST_BYTES)
    except OSError:  # a log that is gone is no fact of the run
        return b""
    return data.partition(b"\n")[2] or data if size > MOST_BYTES else data
