"""A task on its way at a site where a program of our own runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fairwf.engine.backends.bundles.bundle import Line
from fairwf.engine.task import Completion, PreparedTask
from fairwf.engine.task.view import View


@dataclass(eq=False)
class SiteTask:
    """A task on its way; ``line`` is how it ended there. ``logs`` is where its output is kept."""

    prepared: PreparedTask
    tmp: str
    logs: str
    state: Literal["moving", "ready", "running", "fetching"] = "moving"
    bundle: str = ""
    number: int = 0
    line: Line | None = None
    host: str = ""
    unwanted: bool = False

    @property
    def id(self) -> str:
        """The key of the task in the journal."""
        return self.prepared.task_id

    def program(self, view: View) -> dict[str, Any]:
        """Return what starts the program there; ``view`` says what it sees."""
        prepared, request = self.prepared, self.prepared.request
        assert request is not None
        entry = prepared.program()
        for name in ("cwd", "stdin", "stdout", "stderr"):
            if entry[name] is not None:
                entry[name] = view.seen(entry[name])
        kept = prepared.streams(declared=True)
        return {**entry, "kept": kept, "cores": request.cores, "ram": request.ram_mib}


Result = Completion | str | Exception
"""An end, a warning, or why nothing can run there any more."""


def completion_of(task: SiteTask, line: Line) -> Completion:
    """Return the end of a task that its site tells of in a line."""
    return Completion(
        task_id=task.id,
        exit_code=line.code,
        started=line.t0,
        ended=line.t1,
        cpu_user_s=line.u,
        cpu_system_s=line.s,
        max_rss_kib=line.rss,
        timed_out=line.to,
        cancelled=line.cut,
        error=line.err,
        signal=line.sig,
        host=task.host or None,
    )
