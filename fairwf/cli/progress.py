"""What is seen of a run while it runs: a live display on a terminal, else a line now and then."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fairwf.cli.diagnostics import printable
from fairwf.engine.events import (
    AnyEvent,
    ApprovalWanted,
    Listener,
    RunFinished,
    RunStarted,
    StepSkipped,
    TaskCancelled,
    TaskFailed,
    TaskFinished,
    TaskQueued,
    TaskStarted,
    WaitStarted,
)

if TYPE_CHECKING:
    from rich.progress import Progress


def _duration(seconds: float) -> str:
    from fairwf.graph.model import duration  # drawing is loaded only where something is shown

    return duration(seconds)


MOST_NAMED = 4
_LINE_EVERY_S = 1.0


class Tally:
    """What is known of a run from its events."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.run_dir = ""
        self.total = 0
        self.known: int | None = None
        self.done = 0
        self.replayed = 0
        self.reused = 0
        self.failed = 0
        self.skipped = 0
        self.cancelled = 0
        self.running: dict[str, float] = {}

    def hear(self, event: AnyEvent) -> None:
        """Take an event into account."""
        if isinstance(event, RunStarted):
            self.run_dir = event.run_dir
            self.known = event.total
        elif isinstance(event, TaskQueued):
            self.total += 1
        elif isinstance(event, TaskStarted):
            self.running[event.key] = time.monotonic()
        elif isinstance(event, TaskFinished):
            self.running.pop(event.key, None)
            self.done += 1
            self.replayed += event.replayed
            self.reused += event.reused is not None
        elif isinstance(event, TaskFailed):
            self.running.pop(event.key, None)
            self.failed += not event.will_retry
        elif isinstance(event, TaskCancelled):
            self.running.pop(event.key, None)
            self.cancelled += 1
        elif isinstance(event, StepSkipped):
            self.skipped += 1

    @property
    def ended(self) -> int:
        """How many tasks will not run again."""
        return self.done + self.failed + self.cancelled

    @property
    def expected(self) -> int:
        """How many tasks are known of; more may come to be known."""
        return max(self.known or 0, self.total, self.ended + len(self.running))

    def now_running(self) -> str:
        """Return the names of what runs, the longest running first."""
        names = [printable(name) for name in list(self.running)[:MOST_NAMED]]
        more = len(self.running) - len(names)
        return ", ".join(names) + (f" and {more} more" if more > 0 else "")

    def summary(self) -> str:
        """Return one line about the whole run."""
        parts = [f"{self.done} task{'' if self.done == 1 else 's'} done"]
        parts += [f"{self.replayed} of them earlier"] if self.replayed else []
        parts += [f"{self.reused} of them from the cache"] if self.reused else []
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.cancelled} cancelled"] if self.cancelled else []
        parts += (
            [f"{self.skipped} step{'' if self.skipped == 1 else 's'} skipped"]
            if self.skipped
            else []
        )
        return f"{', '.join(parts)} in {_duration(time.monotonic() - self.started)}"


def _notable(event: AnyEvent, tally: Tally, asking: bool) -> str | None:
    """Return a line or two for what a person should see at once."""
    run_dir = tally.run_dir
    if isinstance(event, RunStarted):
        what = "resuming" if event.resumed else "running"
        return f"{what} {event.workflow or 'workflow'} in {event.run_dir}"
    if isinstance(event, RunFinished):
        how = f"\n  after mending the cause: fairwf resume {run_dir}"
        return f"{event.status}: {tally.summary()}{how if event.status == 'failed' else ''}"
    if isinstance(event, TaskFailed):
        again = "; trying again" if event.will_retry else ""
        log = f"\n  what it wrote to stderr: {event.stderr}" if event.stderr else ""
        return f"failed: {event.key}: {event.message}{again}{log}"
    if isinstance(event, ApprovalWanted) and asking:
        return f"waiting for approval: {event.prompt}\n  fairwf approve {run_dir} {event.key}"
    if isinstance(event, WaitStarted):
        what = f"until {event.until}" if event.until else f"for the event {event.name}"
        return f"{event.key} waits {what}"
    return None


class Lines:
    """A listener that writes at most one line a second, and what a person should see at once."""

    def __init__(self, asking: bool = True) -> None:
        self.tally = Tally()
        self._asking = asking
        self._last = 0.0

    def __call__(self, event: AnyEvent) -> None:
        """Hear an event."""
        began = self.tally.running.get(getattr(event, "key", ""), 0.0)
        self.tally.hear(event)
        if isinstance(event, TaskFinished):
            now = time.monotonic()
            if now - self._last >= _LINE_EVERY_S and not event.replayed:
                self._last = now
                took = f" in {_duration(now - began)}" if began else ""
                so_far = "" if self.tally.known is not None else " so far"
                count = f"[{self.tally.ended}/{self.tally.expected}{so_far}]"
                running = self.tally.now_running()
                self._say(
                    f"{count} {event.key}{took}" + (f"; running {running}" if running else "")
                )
        else:
            line = _notable(event, self.tally, self._asking)
            if line is not None:
                self._say(line)

    def _say(self, text: str) -> None:
        click.echo(printable(text), err=True)


class Display:
    """A listener that keeps a bar with counts, rate, time left, and the running steps."""

    def __init__(self, progress: Progress, asking: bool = True) -> None:
        self.tally = Tally()
        self._asking = asking
        self._progress = progress
        self._bar = progress.add_task("starting", total=None, rate="", steps="")

    def __call__(self, event: AnyEvent) -> None:
        """Hear an event."""
        self.tally.hear(event)
        tally = self.tally
        line = _notable(event, tally, self._asking)
        if line is not None:
            console = self._progress.console
            console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
        running = tally.now_running()
        seconds = time.monotonic() - tally.started
        fresh = tally.ended - tally.replayed
        rate = f"{fresh / seconds:.1f}/s" if fresh and seconds > 1 else ""
        self._progress.update(
            self._bar,
            description="tasks",
            completed=tally.ended,
            total=tally.expected or None,
            rate=rate,
            steps=f"running {running}" if running else "",
        )


@contextmanager
def shown(quiet: bool, asking: bool = True) -> Iterator[Listener | None]:
    """Give the listener that shows a run: none when quiet, live on a terminal, else lines.

    ``asking``: what waits for an approval is shown while the run goes on.
    """
    if quiet:
        yield None
        return
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Lines(asking)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.text import Text

    class TimeLeft(ProgressColumn):
        """An estimate, where there is one."""

        max_refresh = 0.5

        def render(self, task: Task) -> Text:
            left = None if task.finished else task.time_remaining
            return Text(f"about {_duration(left)} left" if left else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeLeft(),
        TextColumn("{task.fields[steps]}", markup=False, style="dim"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Display(progress, asking)
