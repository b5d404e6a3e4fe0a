"""Running workflows: plan, schedule, stage, evaluate, record.

::

    record = run(document, inputs, RunOptions(cores=4), listener)
    record = resume("run-dir")
    approve("run-dir", "release"); cancel("run-dir"); status("run-dir"); load_run("run-dir")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairwf.engine.interrupts import Interrupted
    from fairwf.engine.options import RunOptions
    from fairwf.engine.reasons import why
    from fairwf.engine.record import load_run, stream_run
    from fairwf.engine.requests import RunStatus, approve, cancel, send_event, status
    from fairwf.engine.session import resume, run
    from fairwf.engine.volumes_of import volumes

_HOMES = {
    "Interrupted": "interrupts",
    "RunOptions": "options",
    "RunStatus": "requests",
    "approve": "requests",
    "cancel": "requests",
    "load_run": "record",
    "stream_run": "record",
    "resume": "session",
    "run": "session",
    "send_event": "requests",
    "status": "requests",
    "volumes": "volumes_of",
    "why": "reasons",
}

__all__ = [
    "Interrupted",
    "RunOptions",
    "RunStatus",
    "approve",
    "cancel",
    "load_run",
    "resume",
    "run",
    "send_event",
    "status",
    "stream_run",
    "volumes",
    "why",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"fairwf.engine.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'fairwf.engine' has no attribute {name!r}")
