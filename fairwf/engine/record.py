"""The record of a run, read from its run directory: what packaging and scoring start from."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from fairwf.document import Document
from fairwf.engine.facts import (
    AnyFact,
    Approved,
    Done,
    Given,
    SessionEnded,
    SessionStarted,
    Started,
)
from fairwf.engine.history import brief_facts, facts_of, logged_facts
from fairwf.engine.journal import Brief
from fairwf.engine.resources import machine_memory_mib
from fairwf.engine.rundir import RESTORE, RunDir, locked
from fairwf.ir.codec import DecodeError
from fairwf.ir.expressions import Expr
from fairwf.report import InvalidError
from fairwf.trace import Host, Run, RunStream, SoftwareAgent, StepApproval, Task


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
    return assemble(run, load_document(run), facts_of(run))


def stream_run(run_dir: Path | str) -> RunStream:
    """Return the record of a run whose tasks are read one after another, each time anew.

    Raises:
        InvalidError: the folder is no run directory, or is damaged.
    """
    run = RunDir.open(Path(run_dir))
    last: dict[int, int] = {}
    attempts: dict[str, int] = {}
    rest: list[AnyFact] = []
    for number, fact in enumerate(brief_facts(run)):
        if not isinstance(fact, Brief):
            rest.append(fact)
        elif fact.fact == "done" and fact.key is not None:
            last[hash((fact.key, fact.attempt))] = number
            if fact.attempt > 1:
                attempts[fact.key] = max(fact.attempt, attempts.get(fact.key, 1))
    counted = frozenset(last.values())
    del last

    def tasks() -> Iterator[Task]:
        for number, fact in enumerate(logged_facts(run)):
            if isinstance(fact, Done) and number in counted:
                task = _task(run, fact)
                if fact.attempt != attempts.get(fact.key, 1):
                    task = msgspec.structs.replace(task, id=f"{fact.key}@{fact.attempt}")
                yield task

    return RunStream(assemble(run, load_document(run), rest), len(counted), tasks)


def assemble(run: RunDir, document: Document, facts: Iterable[AnyFact]) -> Run:
    """Return the record that facts add up to."""
    said = run.read_description()
    tasks: dict[tuple[str, int], Task] = {}
    going: dict[str, int] = {}
    hosts: dict[str, Host] = {}
    first: SessionStarted | None = None
    ended: SessionEnded | None = None
    inputs: Mapping[str, Expr] | None = None
    approvals: list[StepApproval] = []
    for fact in facts:
        if isinstance(fact, SessionStarted):
            first, ended = first or fact, None
            hosts.setdefault(fact.host, _host(fact))
            going.clear()
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
        elif isinstance(fact, Started):
            going[fact.key] = fact.attempt
        elif isinstance(fact, Done):
            going.pop(fact.key, None)
            tasks[(fact.key, fact.attempt)] = _task(run, fact)
    sources = tuple(str(run.root / name) for name in said.get("source_copies", []))
    return Run(
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
        base=said.get("source_base"),
        inputs_source=_under(run, said.get("inputs_copy")),
        folder=str(run.root),
        agent=first.agent if first is not None else None,
        hosts=tuple(hosts.values()),
        started=first.time if first is not None else None,
        ended=ended.time if ended is not None else None,
        error=ended.error if ended is not None else None,
        command_line=tuple(said.get("command_line", ())),
        inputs=inputs if inputs is not None else _literals(run),
        outputs=ended.outputs if ended is not None else {},
        tasks=tuple(_unique(tasks)),
        approvals=tuple(approvals),
    )


def _unique(tasks: dict[tuple[str, int], Task]) -> list[Task]:
    """Give the last attempt of each task its key as id; earlier ones end in ``@attempt``."""
    last = dict(sorted(tasks))
    return [
        task if last[key] == attempt else msgspec.structs.replace(task, id=f"{key}@{attempt}")
        for (key, attempt), task in tasks.items()
    ]


def _task(run: RunDir, done: Done) -> Task:
    return Task(
        id=done.key,
        step=done.step,
        process=done.process,
        kind=done.kind,
        status=done.status,
        index=done.index,
        parent=done.parent,
        command=done.command,
        started=done.started,
        ended=done.ended,
        exit_code=done.exit_code,
        error=done.error,
        inputs=done.inputs,
        outputs=done.outputs,
        host=done.host,
        cores=done.cores,
        cpu_user_s=done.cpu_user_s,
        cpu_system_s=done.cpu_system_s,
        max_rss_kib=done.max_rss_kib,
        container=done.container,
        container_digest=done.container_digest,
        stdin=_under(run, done.stdin),
        stdout=_under(run, done.stdout),
        stderr=_under(run, done.stderr),
        folder=_under(run, done.folder),
        attempt=done.attempt,
        reused=done.reused,
    )


def _under(run: RunDir, path: str | None) -> str | None:
    return os.path.join(run.root, path) if path is not None else None


def _literals(run: RunDir) -> dict[str, Expr]:
    return run.read_values(run.inputs)


def _status(
    run: RunDir, ended: SessionEnded | None
) -> Literal["completed", "failed", "cancelled", "running"]:
    if ended is None:
        return "running" if locked(run) else "cancelled"
    if ended.status == "waiting":
        return "running"
    if ended.status in ("completed", "failed"):
        return ended.status
    return "cancelled"


def _host(fact: SessionStarted) -> Host:
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
