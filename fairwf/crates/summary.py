"""Runs of very many tasks: the crate describes steps, and the tasks stand in N-Quads beside it.

The tasks are read once. Each is written to the file of its step and added to the step's totals; the
totals become one execution a step, as if the step had run once. What the files say has the same ids
as the metadata, resolved against the base IRI that they name.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from fairwf.crates.command_lines import CommandLines
from fairwf.crates.executions import Executions
from fairwf.crates.payload import Payload
from fairwf.crates.prospective import Plan, Tool
from fairwf.crates.quads import QuadWriter
from fairwf.crates.retrospective import FAILED, control_id, error_of, reasons, status_of
from fairwf.crates.written import WrittenFile
from fairwf.entities.descriptors import agent_id
from fairwf.entities.identifiers import local_id, ref, refs, safe_name, timestamp
from fairwf.ir.metadata import Agent
from fairwf.trace.run import PROGRAMS, Run, Task, TaskStatus, counts_text
from fairwf.trace.stream import RunStream

FOLDER = "provenance"
PREFIX = "executions"
"""Begins the ids of what stands for all executions of a step."""
BASE_PROPERTY = "https://www.w3.org/TR/json-ld11/#base-iri"
N_QUADS = "https://www.w3.org/TR/n-quads/"
_MOST_FILES = 64
_SUMS = ("cpu_user_s", "cpu_system_s", "read_bytes", "written_bytes")


@dataclass(eq=False)
class Totals:
    """What the executions of a step add up to. Times are UTC as the crate writes them."""

    step: tuple[str, ...]
    tool: Tool
    kind: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    started: str | None = None
    ended: str | None = None
    open: dict[tuple[str, ...], Task] = field(default_factory=dict)
    sums: dict[str, float] = field(default_factory=dict)
    max_rss_kib: int | None = None
    place: str | None = None

    def add(self, task: Task) -> None:
        """Add an execution; of several attempts, only the last one has a status that counts."""
        before = self.open.pop(task.index, None) if task.attempt > 1 else None
        if before is not None and before.attempt < task.attempt:
            self.statuses[before.status] -= 1
            self.statuses["retried"] += 1
        if task.id.endswith(f"@{task.attempt}"):
            self.statuses["retried"] += 1
        else:
            self.statuses[task.status] += 1
            if task.status not in ("completed", "skipped"):  # these are few, and may be repeated
                self.open[task.index] = msgspec.structs.replace(task, inputs={}, outputs={})
        self.kind = task.kind
        started, ended = timestamp(task.started), timestamp(task.ended)
        if started is not None and (self.started is None or started < self.started):
            self.started = started
        if ended is not None and (self.ended is None or ended > self.ended):
            self.ended = ended
        for name in _SUMS:
            value = getattr(task, name)
            if value is not None:
                self.sums[name] = self.sums.get(name, 0) + value
        if task.max_rss_kib is not None:
            self.max_rss_kib = max(self.max_rss_kib or 0, task.max_rss_kib)

    @property
    def error(self) -> str | None:
        """Why executions failed: each reason once, of many the first ones."""
        failed = [task for task in self.open.values() if status_of(task.status) == FAILED]
        return reasons(error_of(task) for task in failed)

    @property
    def ran(self) -> bool:
        """True where a part of it was not skipped."""
        return any(count for status, count in self.statuses.items() if status != "skipped")

    @property
    def status(self) -> TaskStatus:
        """The status of all executions together."""
        order: tuple[TaskStatus, ...] = (
            "failed",
            "cancelled",
            "interrupted",
            "running",
            "completed",
        )
        return next((status for status in order if self.statuses[status]), "skipped")

    @property
    def count(self) -> int:
        """How many executions there were, attempts that were repeated not counted."""
        return sum(n for s, n in self.statuses.items() if s not in ("skipped", "retried"))

    def text(self) -> str:
        """Return what people are told."""
        parts = [f"{n} {status}" for status, n in sorted(self.statuses.items()) if n]
        return f"All executions together: {', '.join(parts)}."

    def task(self) -> Task:
        """Return one execution that stands for all."""
        sums = {
            name: round(value, 3) if name.startswith("cpu") else int(value)
            for name, value in self.sums.items()
        }
        return Task(
            id="/".join(self.step),
            step=self.step,
            process=self.tool.process.id or self.step[-1],
            kind=self.kind,  # type: ignore[arg-type]
            status=self.status,
            started=self.started,
            ended=None if self.status in ("running", "interrupted") else self.ended,
            error=self.error,
            max_rss_kib=self.max_rss_kib,
            **sums,  # type: ignore[arg-type]
        )


@dataclass(eq=False, kw_only=True)
class ProvenanceFile(WrittenFile):
    """A file with the executions of a step; the last of many, with those of all further steps."""

    about: dict[str, None]
    base: str
    executions: int = 0
    quads: int = 0

    def entities(self, main: str) -> Iterator[dict[str, Any]]:
        """Yield its entity and what it refers to."""
        yield self.described(
            description=f"Executions one by one: {self.executions}, as {self.quads} N-Quads.",
            about=refs(self.about),
            encodingFormat=["application/gzip", ref(N_QUADS)],
            additionalProperty=ref("#base-iri"),
        )
        yield {"@type": "WebSite", "@id": N_QUADS, "name": "RDF 1.1 N-Quads"}
        yield {
            "@type": "PropertyValue",
            "@id": "#base-iri",
            "name": "base IRI of the crate's ids in N-Quads",
            "propertyID": BASE_PROPERTY,
            "value": self.base,
        }


class Summary:
    """Reads the tasks of a run once, into files of the crate's folder and the totals of steps."""

    def __init__(
        self,
        stream: RunStream,
        plan: Plan,
        payload: Payload,
        agent: Agent | None,
        crate: Path,
        terms: dict[str, str],
    ) -> None:
        self._run = stream.run
        self._plan = plan
        self._crate = crate
        self._totals: dict[tuple[str, ...], Totals] = {}
        self._main: Task | None = None
        self._files: dict[str, ProvenanceFile] = {}
        self._base = f"arcp://uuid,{_uuid(stream.run.id)}/"
        self._terms = terms
        self._executions = Executions(
            payload.known,
            agent_id(agent) if agent else None,
            frozenset(host.name for host in stream.run.hosts),
            CommandLines(stream.run.folder, payload.placed, stream.run.base),
            stream.run.folder,
        )
        (crate / FOLDER).mkdir()
        with ExitStack() as stack:
            writers: dict[str, QuadWriter] = {}
            for task in stream.tasks():
                self._take(task, writers, payload, stack)
            for file in self._files.values():
                writers[file.place].close()
                file.quads = writers[file.place].quads

    @property
    def files(self) -> list[ProvenanceFile]:
        """The files that were made."""
        return list(self._files.values())

    @property
    def run(self) -> Run:
        """The run with one execution for each step."""
        tasks = [totals.task() for totals in self._totals.values() if totals.ran]
        if self._main is not None:
            tasks.insert(0, self._main)
        return msgspec.structs.replace(self._run, tasks=tuple(tasks))

    def counted(self) -> str:
        """Return how many tasks there were, by status."""
        found: Counter[str] = Counter()
        for totals in self._totals.values():
            for status, count in totals.statuses.items():
                if status == "skipped" or (totals.kind in PROGRAMS and status != "retried"):
                    found[status] += count
        return counts_text(dict(found))

    def texts(self) -> dict[str, tuple[str, str]]:
        """Return name and description of the executions that stand for several, by action."""
        return {
            executions_id(totals.step): (
                f"{totals.count} run{'' if totals.count == 1 else 's'} of {totals.tool.name}",
                totals.text(),
            )
            for totals in self._totals.values()
        }

    def _take(
        self, task: Task, writers: dict[str, QuadWriter], payload: Payload, stack: ExitStack
    ) -> None:
        if not task.step:
            self._main = task
            return
        tool = self._plan.at(task.step)
        if tool is None:
            return
        totals = self._totals.get(task.step)
        if totals is None:
            totals = self._totals[task.step] = Totals(task.step, tool)
        totals.add(task)
        if task.status == "skipped":
            return
        if totals.place is None:
            totals.place = self._place(totals, writers, payload, stack)
        around = task.step[:-1]
        parent = executions_id(around) if around else local_id("run")
        self._executions.write(task, tool, control_id(parent, task.step), writers[totals.place])
        self._files[totals.place].executions += 1

    def _place(
        self,
        totals: Totals,
        writers: dict[str, QuadWriter],
        payload: Payload,
        stack: ExitStack,
    ) -> str:
        """Return the file of a step; it is opened where it is new."""
        about = executions_id(totals.step)
        if len(writers) >= _MOST_FILES:
            file = list(self._files.values())[-1]
            file.about[about] = None
            return file.place
        last = len(writers) == _MOST_FILES - 1
        name = "other-steps" if last else safe_name(".".join(totals.step))
        place, number = f"{FOLDER}/{name}.nq.gz", 1
        while not payload.reserve(place):
            number += 1
            place = f"{FOLDER}/{name}~{number}.nq.gz"
        stream = stack.enter_context((self._crate / place).open("wb"))
        writers[place] = QuadWriter(stream, self._terms, self._base)
        self._files[place] = ProvenanceFile(
            place=place, crate=self._crate, about={about: None}, base=self._base
        )
        return place


def executions_id(step: tuple[str, ...]) -> str:
    """Return the id of all executions of a step together."""
    return local_id(PREFIX, *step)


def _uuid(run_id: str) -> str:
    """Return the run's id as a UUID: itself, or one derived from it."""
    try:
        return str(uuid.UUID(run_id))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:fairwf:run:{quote(run_id)}"))
