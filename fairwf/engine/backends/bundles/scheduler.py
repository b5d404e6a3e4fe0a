"""What has bundles run somewhere: a batch scheduler, or pilots.

It may know nothing of what it was asked before, and be wrong: only the logs of the workers count.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from fairwf.engine.backends.bundles.sizing import Shape

State = Literal["queued", "running", "ended"]


class Listed(NamedTuple):
    """A job as the scheduler lists it; ``reason`` says in words how it ended badly.

    ``held``: it will not start any more, and is listed until it is deleted.
    """

    id: str
    name: str
    state: State
    reason: str | None = None
    held: bool = False


class RefusedError(Exception):
    """The scheduler did not take a job. ``passing``: it may take it later, or may have taken it."""

    def __init__(self, words: str, passing: bool = False) -> None:
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        super().__init__("; ".join(lines[-3:])[:500] or "it gave no reason")
        self.passing = passing


class JobSubmitter(Protocol):
    """Submits and cancels jobs. :meth:`submit` is called from a thread of its own."""

    @property
    def room(self) -> int | None:
        """How many jobs keep the place busy, where it takes more at any time.

        None where jobs wait in a queue: as many go there as the deployment says.
        """
        ...

    def submit(self, tag: str, command: Sequence[str], shape: Shape) -> str:
        """Submit a job of this name and return the scheduler's id of it.

        Raises:
            RefusedError: the scheduler does not take it.
        """
        ...

    def cancel(self, job_id: str) -> str | None:
        """Cancel a job; return why it could not be, None where it could or has ended already."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class JobLister(Protocol):
    """Asks for all jobs, beside other work.

    ``asked`` is when the question was put whose answer was given last or is awaited, by the
    monotonic clock; ``error`` says why the last one was not answered.
    """

    asked: float
    error: str | None

    @property
    def waiting(self) -> bool:
        """Whether an answer is awaited."""
        ...

    def ask(self, ids: Sequence[str]) -> None:
        """Put the question; ``ids`` are the jobs that matter, empty where not all are known."""
        ...

    def answer(self) -> list[Listed] | None:
        """Return the jobs, once; None while there is no answer, or where there will be none.

        Raises:
            EnvironmentFault: no job can run any more.
        """
        ...

    def now(self, timeout: float) -> list[Listed] | None:
        """Ask, and wait for the answer so many seconds; None where there is none in time."""
        ...

    def close(self) -> None:
        """Let go of a question that is under way."""
        ...


class Scheduler(Protocol):
    """A place for jobs.

    ``name`` is how a person calls it. ``held`` says that its jobs must end when whoever started
    them does; the standard input of such a job is a pipe from there.
    """

    name: str
    held: bool
    lister: JobLister

    def connect(self, folder: Path) -> JobSubmitter:
        """Return what submits jobs, once; ``folder`` is that of bundles, which nodes see too.

        Raises:
            EnvironmentFault: it cannot work here.
        """
        ...
