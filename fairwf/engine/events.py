"""What listeners hear of a run: progress bars, event files, packages.

Times are ISO 8601 in UTC. ``key`` names an activity: step ids joined by ``/``, with ``[i]`` for
items, ``#n`` for rounds and ``{k=v}`` for demanded keys.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Self, Union

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """Something that listeners are told."""

    time: str


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """The engine begins. ``total`` counts tasks where that is known before."""

    run_id: str
    run_dir: str
    workflow: str
    total: int | None = None
    resumed: bool = False


class TaskQueued(Event, frozen=True, kw_only=True, tag="task_queued"):
    """All that the task needs is there; it waits for resources."""

    key: str
    process: str


class TaskStarted(Event, frozen=True, kw_only=True, tag="task_started"):
    """The program was started. ``site``: where, in a run with several sites."""

    key: str
    attempt: int
    command: tuple[str, ...]
    folder: str
    site: str | None = None


class TaskFinished(Event, frozen=True, kw_only=True, tag="task_finished"):
    """The task ended well. ``replayed``: it had, in an earlier session of this run.

    ``reused``: it was not run; its result is that of the run of this id, from the cache.
    """

    key: str
    attempt: int
    exit_code: int | None = None
    replayed: bool = False
    reused: str | None = None


class TaskFailed(Event, frozen=True, kw_only=True, tag="task_failed"):
    """An attempt failed. ``stderr`` is the path of its log."""

    key: str
    attempt: int
    message: str
    exit_code: int | None = None
    will_retry: bool = False
    stderr: str | None = None


class StepSkipped(Event, frozen=True, kw_only=True, tag="step_skipped"):
    """The condition of a step (or of an item of it) is false."""

    key: str


class StepCancelled(Event, frozen=True, kw_only=True, tag="step_cancelled"):
    """A step (or an item of it) that runs is ended, as the workflow says (``cancel``)."""

    key: str


class TaskCancelled(Event, frozen=True, kw_only=True, tag="task_cancelled"):
    """A program of a cancelled step has ended, or does not start."""

    key: str
    attempt: int


class FrameStarted(Event, frozen=True, kw_only=True, tag="subworkflow_started"):
    """A subworkflow begins."""

    key: str
    workflow: str


class FrameFinished(Event, frozen=True, kw_only=True, tag="subworkflow_finished"):
    """A subworkflow ended."""

    key: str
    failed: bool = False


class ApprovalWanted(Event, frozen=True, kw_only=True, tag="approval_wanted"):
    """A step waits until a person says yes."""

    key: str
    prompt: str
    who: tuple[str, ...] = ()


class ApprovalGiven(Event, frozen=True, kw_only=True, tag="approval_given"):
    """The person said yes."""

    key: str
    who: str | None = None


class WaitStarted(Event, frozen=True, kw_only=True, tag="wait_started"):
    """A step waits for a time (``until``) or an event of a name."""

    key: str
    until: str | None = None
    name: str | None = None


class RunFinished(Event, frozen=True, kw_only=True, tag="run_finished"):
    """The engine stops: completed, failed, cancelled, waiting (approval), interrupted."""

    status: str
    error: str | None = None


AnyEvent = Union[  # noqa: UP007 -- msgspec evaluates it at run time
    RunStarted,
    TaskQueued,
    TaskStarted,
    TaskFinished,
    TaskFailed,
    TaskCancelled,
    StepSkipped,
    StepCancelled,
    FrameStarted,
    FrameFinished,
    ApprovalWanted,
    ApprovalGiven,
    WaitStarted,
    RunFinished,
]

Listener = Callable[[AnyEvent], None]
"""Called in the engine's thread, in order. It must be quick; what it raises ends the run."""


class Audience(tuple[Listener, ...]):
    """Those who listen to a run. False where nobody does, and nobody need make an event then."""

    __slots__ = ()

    def __new__(cls, *listeners: Listener | None) -> Self:
        """Take listeners; None is nobody."""
        return super().__new__(cls, (each for each in listeners if each is not None))

    def __call__(self, event: AnyEvent) -> None:
        """Tell an event to all."""
        for listener in self:
            listener(event)


def to_file(path: Path) -> Listener:
    """Return a listener that appends each event to a file as a line of JSON.

    Raises:
        OSError: the file cannot be opened.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    encoder = msgspec.json.Encoder()

    def listen(event: AnyEvent) -> None:
        try:
            os.write(handle, encoder.encode(event) + b"\n")
        except OSError as error:
            error.filename = str(path)
            raise
        if isinstance(event, RunFinished):
            os.close(handle)

    return listen
