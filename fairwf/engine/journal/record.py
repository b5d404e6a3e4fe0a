"""The record of a run, read from its run directory: what packaging and scoring start from."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairwf.document import Document
from fairwf.engine.journal.facts import (
    Approved,
    Given,
    SessionEnded,
    SessionStarted,
    SiteReached,
    Started,
)
from fairwf.engine.journal.given import GivenInputs
from fairwf.engine.journal.history import History
from fairwf.engine.journal.recorded import RecordedTasks, under
from fairwf.engine.places.rundir import RESTORE, RunDir, locked
from fairwf.engine.programs.resources import machine_memory_mib
from fairwf.ir.codec import DecodeError
from fairwf.ir.expressions import Expr
from fairwf.report import InvalidError
from fairwf.trace import Host, Run, RunStream, SoftwareAgent, StepApproval
from fairwf.trace.run import RunStatus

MOST_HELD = 10_000
"""How many tasks a record holds; those of larger runs stay in the journal."""


def load_document(run: RunDir) -> Document:
    """Return the document that a run directory runs.

    Raises:
        InvalidError: it is damaged.
    """
    plain = run.read_json(run.workflow)
    if not isinstance(plain, dict):
        raise InvalidError.of(
            "FWF4012", "is damaged: no object", file=str(run.workflow), hint=RESTORE
        )
    try:
        return Document.from_plain(plain)
    except (DecodeError, ValueError, RecursionError) as error:
        raise InvalidError.of(
            "FWF4012", f"is damaged: {error}", file=str(run.workflow), hint=RESTORE
        ) from None


def load_run(run_dir: Path | str) -> Run:
    """Return the record of a run, finished or not, complete with every task.

    Raises:
        InvalidError: the folder is no run directory, or is damaged.
    """
    run = RunDir.open(Path(run_dir))
    return recorded(run, load_document(run))


def recorded(run: RunDir, document: Document) -> Run:
    """Return the record of a run whose document is known.

    More than :data:`MOST_HELD` tasks stay in the journal, and are read when they are asked for.

    Raises:
        InvalidError: the journal is damaged.
    """
    record, tasks = assemble(run, document)
    held = tasks if len(tasks) > MOST_HELD else tuple(tasks)
    return msgspec.structs.replace(record, tasks=held)


def stream_run(run_dir: Path | str) -> RunStream:
    """Return the record of a run whose tasks are read one after another, each time anew.

    Raises:
        InvalidError: the folder is no run directory, or is damaged.
    """
    run = RunDir.open(Path(run_dir))
    record, tasks = assemble(run, load_document(run))
    return RunStream(record, len(tasks), lambda: iter(tasks))


def assemble(run: RunDir, document: Document) -> tuple[Run, RecordedTasks]:
    """Return the record that the facts of a run add up to, and beside it its tasks.

    Raises:
        InvalidError: the journal is damaged.
    """
    said = run.read_description()
    history = History(run)
    tasks = RecordedTasks(run, history)
    hosts: dict[str, Host] = {}
    first: SessionStarted | None = None
    session = 0
    ended: SessionEnded | None = None
    inputs: Mapping[str, Expr] | None = None
    approvals: list[StepApproval] = []
    begun: dict[tuple[str, int], int] = {}
    with history:
        for entry in history.entries():
            key = entry.key
            if entry.fact == "done" and key is not None:
                if begun:
                    begun.pop((key, entry.attempt), None)
                tasks.add(key, entry.attempt, entry.at)
                continue
            if entry.fact == "started" and key is not None:
                if not tasks.has(key, entry.attempt):
                    begun[key, entry.attempt] = entry.at
                continue
            fact = history.fact(entry.at)
            if isinstance(fact, SessionStarted):
                first, ended, session = first or fact, None, entry.at
                hosts.setdefault(fact.host, _host(fact))
            elif isinstance(fact, SiteReached):
                hosts.setdefault(fact.host, _host(fact))
            elif isinstance(fact, SessionEnded):
                ended = fact
            elif isinstance(fact, Given):
                inputs = fact.inputs
            elif isinstance(fact, Approved):
                approvals.append(
                    StepApproval(
                        step=fact.step,
                        index=fact.index,
                        time=fact.time,
                        who=fact.who,
                        prompt=fact.prompt,
                    )
                )
        given = GivenInputs(document.workflow, inputs or {}, tasks.completed)
        for (key, attempt), at in begun.items():
            fact = history.fact(at)
            if isinstance(fact, Started) and fact.time is not None:
                tasks.add(key, attempt, at, given.of(fact))
    tasks.close(alive=ended is None and locked(run), session=session)
    sources = tuple(str(run.root / name) for name in said.get("source_copies", []))
    record = Run(
        id=said["id"],
        workflow=document.workflow,
        workflow_hash=said.get("workflow_hash"),
        status=_status(run, ended),
        engine=SoftwareAgent(
            name="fairwf", version=first.engine_version if first is not None else None
        ),
        source=sources[0] if sources else said.get("source"),
        format=document.format,
        format_version=said.get("format_version"),
        source_files=sources,
        absent_files=said.get("source_absent", {}),
        base=_base(said),
        inputs_source=under(run, said.get("inputs_copy")),
        folder=str(run.root),
        agent=first.agent if first is not None else None,
        hosts=tuple(hosts.values()),
        started=first.time if first is not None else None,
        ended=ended.time if ended is not None else None,
        error=_error(ended),
        command_line=tuple(said.get("command_line", ())),
        inputs=inputs if inputs is not None else _literals(run),
        outputs=ended.outputs if ended is not None else {},
        approvals=tuple(approvals),
    )
    return record, tasks


def _literals(run: RunDir) -> dict[str, Expr]:
    return run.read_values(run.inputs)


def _base(said: Mapping[str, Any]) -> str | None:
    """Return the folder that the main document came from; all lie below that of the record."""
    base, copies = said.get("source_base"), said.get("source_copies")
    if not isinstance(base, str) or not copies:
        return None
    return str(Path(base, *Path(copies[0]).parent.parts[1:]))


def _error(ended: SessionEnded | None) -> str | None:
    if ended is None or ended.error is not None:
        return ended.error if ended is not None else None
    return "interrupted by a signal" if ended.status == "interrupted" else None


def _status(run: RunDir, ended: SessionEnded | None) -> RunStatus:
    if ended is None:
        return "running" if locked(run) else "interrupted"
    if ended.status == "waiting":
        return "running"
    if ended.status in ("completed", "failed"):
        return ended.status
    return "cancelled"


def _host(fact: SessionStarted | SiteReached) -> Host:
    return Host(
        name=fact.host,
        system=fact.system,
        release=fact.release,
        architecture=fact.architecture,
        cores=fact.cores,
        memory_bytes=fact.memory_bytes,
        cpu=fact.cpu,
    )


def this_machine() -> dict[str, Any]:
    """Return the facts of this machine that a :class:`SessionStarted` holds."""
    return {
        "host": platform.node() or "localhost",
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "memory_bytes": int(machine_memory_mib() * 2**20),
    }


def _cpu() -> str | None:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        return None
    return None
