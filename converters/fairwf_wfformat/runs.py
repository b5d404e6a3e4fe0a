"""An instance with an execution as a run: its tasks by kind, as far as they were measured.

WfFormat 1.5 says how long each task took and where, not when, and of files their sizes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from fairwf.formats import Source
from fairwf.ir.expressions import Array, Expr, File
from fairwf.ir.instance import Files, Instance, Machine, Ragged
from fairwf.report import InvalidError, Report
from fairwf.trace import Host, Run, SoftwareAgent, Task
from fairwf.trace.implied import identity, implied
from fairwf.trace.kinds import kind_of_task
from fairwf.trace.times import later, zoned
from fairwf_wfformat.detect import detect
from fairwf_wfformat.read import read

_EXECUTION = re.compile(rb'"execution"\s*:\s*\{|"makespan(?:InSeconds)?"\s*:')
_LEFT_OUT = ("energy_kwh", "average_power_w", "priority")
T = TypeVar("T")


def detect_run(path: Path) -> int:
    """Return how sure it is, 0 to 100, that a file is an instance that was executed."""
    if not path.is_file() or path.suffix != ".json":
        return 0
    source = Source.at(path)
    sure = detect(source)
    return sure if sure > 0 and _EXECUTION.search(source.data) else 0


def read_run(path: Path, report: Report) -> Run:
    """Return the execution of an instance as a run.

    Raises:
        InvalidError: the file is no instance, or tells of no execution.
    """
    instance = read(Source.at(path), report).workflow
    assert isinstance(instance, Instance)
    tasks = instance.tasks
    if instance.executed is None and not tasks.runtime_s:
        raise InvalidError.of(
            "FWF1801", "the instance was not executed: it has no execution", file=str(path)
        )
    told = [_task(instance, number) for number in range(len(tasks.id))]
    after = {
        tasks.id[number]: [tasks.id[parent] for parent in tasks.parents.row(number)]
        for number in range(len(tasks.parents))
    }
    found = implied(
        told,
        instance.id or "workflow",
        after=after,
        metadata=instance.metadata,
        label=instance.label,
        doc=instance.doc,
    )
    started = _started(instance, path, report)
    left = [name for name in _LEFT_OUT if any(v is not None for v in getattr(tasks, name))]
    if left:
        report.add("FWF1803", f"a run has no place for {', '.join(left)} of tasks", file=str(path))
    failed = any(task.status == "failed" for task in told)
    return Run(
        id=identity(told),
        workflow=found.workflow,
        status="failed" if failed else "completed",
        engine=SoftwareAgent(
            name=instance.runtime_system or "unknown",
            version=instance.runtime_system_version,
            url=instance.runtime_system_url,
        ),
        source=str(path),
        format="wfformat",
        source_files=(str(path),),
        folder=str(path.parent),
        hosts=tuple(_host(machine) for machine in instance.machines),
        started=started,
        ended=later(started, instance.makespan_s),
        inputs=found.inputs,
        outputs=found.outputs,
        tasks=found.tasks,
    )


def _started(instance: Instance, path: Path, report: Report) -> str | None:
    """Return when it was executed; a time that may mean several is none."""
    stated = instance.executed
    if stated is None:
        return None
    if zoned(stated) is None:
        report.add("FWF1803", f"when it was executed is unclear: {stated!r:.60}", file=str(path))
        return None
    return stated


def _task(instance: Instance, number: int) -> Task:
    tasks, files = instance.tasks, instance.files
    program = _at(tasks.program, number)
    kind = kind_of_task(tasks, number)
    words = _row(tasks.arguments, number)
    exit_code = _at(tasks.exit_code, number)
    memory = _at(tasks.memory_bytes, number)
    machines = _row(tasks.machines, number)
    inputs: dict[str, Expr] = {}
    outputs: dict[str, Expr] = {}
    if taken := _row(tasks.inputs, number):
        inputs["input"] = Array(items=tuple(_file(files, file) for file in taken))
    if made := _row(tasks.outputs, number):
        outputs["output"] = Array(items=tuple(_file(files, file) for file in made))
    started = zoned(_at(tasks.started, number))
    runtime = _at(tasks.runtime_s, number)
    return Task(
        id=tasks.id[number],
        step=(kind,),
        process=kind,
        kind="command",
        status="failed" if exit_code else "completed",
        index=(tasks.id[number],),
        command=(program, *(tasks.words[word] for word in words)) if program else (),
        started=started,
        ended=later(started, runtime),
        elapsed_s=runtime,
        exit_code=exit_code,
        inputs=inputs,
        outputs=outputs,
        host=instance.machines[machines[0]].name if machines else None,
        cores=_at(tasks.cores, number),
        average_cpu=_at(tasks.average_cpu, number),
        max_rss_kib=round(memory / 1024) if memory is not None else None,
        read_bytes=_at(tasks.read_bytes, number),
        written_bytes=_at(tasks.written_bytes, number),
    )


def _file(files: Files, number: int) -> File:
    """Return a file. Its id is no path: one of that name here may be another file."""
    identifier = files.id[number]
    sha256 = _at(files.sha256, number)
    located = _at(files.location, number)
    return File(
        location=located or f"urn:wfformat:{quote(identifier, safe='')}",
        basename=identifier.rstrip("/").rpartition("/")[2] or identifier,
        size=_at(files.size, number),
        checksum=f"sha256${sha256}" if sha256 else None,
    )


def _host(machine: Machine) -> Host:
    return Host(
        name=machine.name,
        system=machine.system,
        release=machine.release,
        architecture=machine.architecture,
        cores=machine.cores,
        memory_bytes=machine.memory_bytes,
        cpu=machine.vendor,
    )


def _at(column: Sequence[T], number: int) -> T | None:
    return column[number] if number < len(column) else None


def _row(column: Ragged, number: int) -> list[int]:
    return column.row(number) if number < len(column) else []
