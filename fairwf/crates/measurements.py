"""What a task used, as property values: times, memory, volumes, exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fairwf.entities.identifiers import local_id, timestamp
from fairwf.trace.run import Task

_GETRUSAGE = "https://man7.org/linux/man-pages/man2/getrusage.2.html#"
_PROC_IO = "https://man7.org/linux/man-pages/man5/proc_pid_io.5.html#"
_PS = "https://man7.org/linux/man-pages/man1/ps.1.html#%25CPU"
_UNIT = "https://qudt.org/vocab/unit/"

_TIME = "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/time.html"
# field of a task: name, what it is, unit
_USAGE = {
    "cpu_user_s": ("user CPU time", _GETRUSAGE + "ru_utime", _UNIT + "SEC"),
    "cpu_system_s": ("system CPU time", _GETRUSAGE + "ru_stime", _UNIT + "SEC"),
    "average_cpu": ("average CPU use", _PS, _UNIT + "PERCENT"),
    "max_rss_kib": ("maximum resident set size", _GETRUSAGE + "ru_maxrss", _UNIT + "KibiBYTE"),
    "read_bytes": ("octets read", _PROC_IO + "rchar", _UNIT + "BYTE"),
    "written_bytes": ("octets written", _PROC_IO + "wchar", _UNIT + "BYTE"),
}
_EXIT_CODE = "https://pubs.opengroup.org/onlinepubs/9799919799/functions/exit.html"


def usage(task: Task) -> Iterator[dict[str, Any]]:
    """Yield the entities of all that was measured of a task, with its exit code."""
    yield from measured(task)
    if task.exit_code is not None:
        yield exit_code(task.exit_code)


def measured(task: Task) -> Iterator[dict[str, Any]]:
    """Yield what a task used: the values of its ``resourceUsage``."""
    for name, (title, property_id, unit) in _USAGE.items():
        value = getattr(task, name)
        if value is not None:
            if isinstance(value, float):
                value = round(value, 6)  # sums of microseconds have no more digits than that
            yield {
                "@type": "PropertyValue",
                "@id": local_id("usage", name, str(value)),
                "name": title,
                "propertyID": property_id,
                "unitCode": unit,
                "value": value,
            }

    elapsed = _elapsed(task)
    if elapsed is not None:
        yield {
            "@type": "PropertyValue",
            "@id": local_id("usage", "elapsed_s", str(elapsed)),
            "name": "elapsed time",
            "propertyID": _TIME,
            "unitCode": _UNIT + "SEC",
            "value": elapsed,
        }


def _elapsed(task: Task) -> float | None:
    """Return the seconds that a task took, to the millisecond."""
    if task.elapsed_s is not None:
        return round(max(0.0, task.elapsed_s), 3)
    started, ended = timestamp(task.started), timestamp(task.ended)
    if started is None or ended is None:
        return None
    span = datetime.fromisoformat(ended) - datetime.fromisoformat(started)
    return round(max(0.0, span.total_seconds()), 3)


def exit_code(code: int) -> dict[str, Any]:
    """Return the entity of an exit code."""
    return {
        "@type": "PropertyValue",
        "@id": local_id("exit-code", str(code)),
        "name": "exit code",
        "propertyID": _EXIT_CODE,
        "value": code,
    }
