"""A run as an instance: its tasks and files with real times, sizes and machines."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from fairwf.ir.expressions import Array, Directory, Expr, File, Record
from fairwf.ir.instance import NAMES, OWN, Files, Instance, Machine, Ragged, Tasks
from fairwf.trace.commands import line_of, local_names
from fairwf.trace.processes import process_of
from fairwf.trace.run import Host, Run, Task
from fairwf.trace.times import seconds_between


def files_of(values: Mapping[str, Expr]) -> list[File]:
    """Return the files in literal values that lie somewhere, each location once, in order.

    Secondary files and the listings of folders are included.
    """
    found: dict[str, File] = {}
    stack: list[Expr] = list(reversed(list(values.values())))
    while stack:
        node = stack.pop()
        if isinstance(node, File):
            if node.location is not None:
                found.setdefault(node.location, node)
            stack.extend(reversed(node.secondary))
        elif isinstance(node, Directory):
            stack.extend(reversed(node.listing or ()))
        elif isinstance(node, Array):
            stack.extend(reversed(node.items))
        elif isinstance(node, Record):
            stack.extend(reversed(list(node.fields.values())))
    return list(found.values())


def instance_of(run: Run) -> Instance:
    """Return the instance level of a run: the programs that ran, and the files between them.

    Parents are the tasks that made a task's input files. Computed steps and subworkflows are no
    tasks of their own; of several attempts the last one counts. Commands name files as a task's own
    folder has them, and say where standard streams went (:mod:`fairwf.trace.commands`).
    """
    tasks = [task for task in run.tasks if counted(task)]
    inputs = [files_of(task.inputs) for task in tasks]
    outputs = [files_of(task.outputs) for task in tasks]
    taken = [{file.location for file in row} for row in inputs]
    makers: dict[str, int] = {}
    for number, row in enumerate(outputs):
        for file in row:
            if file.location is not None and file.location not in taken[number]:
                makers.setdefault(file.location, number)
    files = _Files(run, tasks, makers)
    in_rows = [[files.index(file) for file in row] for row in inputs]
    out_rows = [
        [files.index(file) for file in row if makers.get(file.location or "") == number]
        for number, row in enumerate(outputs)
    ]
    parents = [
        sorted({makers[f.location] for f in row if f.location in makers} - {number})
        for number, row in enumerate(inputs)
    ]
    names = [
        local_names(task, row, [f for f in made if f.location not in here])
        for task, row, made, here in zip(tasks, inputs, outputs, taken, strict=True)
    ]
    lines = [
        line_of(task, process_of(run, task), known, run.folder).words
        for task, known in zip(tasks, names, strict=True)
    ]
    words: dict[str, int] = {}
    arguments = [[words.setdefault(w, len(words)) for w in line[1:]] for line in lines]
    hosts = {host.name: number for number, host in enumerate(run.hosts)}
    columns = files.columns()
    ids = files.ids(columns)
    rows = [_own({ids[at]: name for at, name in known.items() if at in ids}) for known in names]
    return Instance(
        id=run.workflow.id or "workflow",
        label=run.workflow.label,
        doc=run.workflow.doc,
        of=run.workflow_hash,
        tasks=Tasks(
            id=[task.id for task in tasks],
            name=[_name(task) for task in tasks],
            process=[task.process for task in tasks],
            parents=Ragged.of(parents),
            inputs=Ragged.of(in_rows),
            outputs=Ragged.of(out_rows),
            program=[line[0] if line else None for line in lines],
            words=list(words),
            arguments=Ragged.of(arguments),
            keys=[",".join(task.index) if task.index else None for task in tasks],
            started=[task.started for task in tasks],
            runtime_s=[_elapsed(task) for task in tasks],
            exit_code=[task.exit_code for task in tasks],
            cores=[task.cores for task in tasks],
            average_cpu=[_average_cpu(task) for task in tasks],
            memory_bytes=[
                task.max_rss_kib * 1024 if task.max_rss_kib is not None else None for task in tasks
            ],
            read_bytes=[
                _volume(task.read_bytes, row) for task, row in zip(tasks, inputs, strict=True)
            ],
            written_bytes=[
                _volume(task.written_bytes, row) for task, row in zip(tasks, outputs, strict=True)
            ],
            machines=Ragged.of([[hosts[t.host]] if t.host in hosts else [] for t in tasks]),
            extensions={OWN: rows} if any(rows) else {},
        ),
        files=columns,
        machines=tuple(_machine(host) for host in run.hosts),
        makespan_s=seconds_between(run.started, run.ended),
        executed=run.started,
        created=run.ended,
        runtime_system=run.engine.name,
        runtime_system_version=run.engine.version,
        runtime_system_url=run.engine.url,
        metadata=run.workflow.metadata,
    )


def counted(task: Task) -> bool:
    """Tell whether a task of a run is one of its instance: a program that ran, at its last try."""
    times = any(each is not None for each in (task.started, task.ended, task.elapsed_s))
    ran = task.status in ("completed", "failed") and times
    return ran and task.kind in ("command", "script") and not task.id.endswith(f"@{task.attempt}")


def _own(names: Mapping[str, str]) -> dict[str, Any] | None:
    changed = {file: name for file, name in names.items() if file != name}
    return {NAMES: changed} if changed else None


def _name(task: Task) -> str:
    return "/".join(task.step) or task.process


class _Files:
    """The file columns. A file's id is its name, with the name of its maker where two share one."""

    def __init__(self, run: Run, tasks: list[Task], makers: Mapping[str, int]) -> None:
        self._run = run
        self._tasks = tasks
        self._makers = makers
        self._numbers: dict[str, int] = {}
        self._files: list[File] = []

    def index(self, file: File) -> int:
        """Return the number of a file."""
        assert file.location is not None
        number = self._numbers.setdefault(file.location, len(self._files))
        if number == len(self._files):
            self._files.append(file)
        return number

    def ids(self, columns: Files) -> dict[str, str]:
        """Return the ids of the files by their locations."""
        return dict(zip(self._numbers, columns.id, strict=True))

    def columns(self) -> Files:
        """Return the columns of all files asked for."""
        names = [file.basename or posixpath.basename(file.location or "") for file in self._files]
        shared = {name for name, count in Counter(names).items() if count > 1}
        ids: list[str] = []
        used: set[str] = set()
        tried: Counter[str] = Counter()
        for file, name in zip(self._files, names, strict=True):
            maker = self._makers.get(file.location or "")
            wanted = name
            if name in shared and maker is not None:
                wanted = f"{self._tasks[maker].id}/{name}"
            ids.append(_unused(wanted, used, tried))
        return Files(
            id=ids,
            size=[file.size for file in self._files],
            sha256=[_sha256(file) for file in self._files],
            location=[file.location for file in self._files],
        )


def _unused(wanted: str, used: set[str], tried: Counter[str]) -> str:
    """Return a name that none has; ``tried`` says how many numbers were tried for each."""
    name, (root, extension) = wanted, posixpath.splitext(wanted)
    while name in used:
        tried[wanted] += 1
        name = f"{root}_{tried[wanted] + 1}{extension}"
    used.add(name)
    return name


def _sha256(file: File) -> str | None:
    found = file.extensions.get("fairwf", {}).get("sha256")
    if isinstance(found, str):
        return found
    if file.checksum is not None and file.checksum.startswith("sha256$"):
        return file.checksum.removeprefix("sha256$")
    return None


def _volume(measured: int | None, files: Iterable[File]) -> int | None:
    """Bytes as measured, else the sizes of the files, where all are known."""
    if measured is not None:
        return measured
    sizes = [file.size for file in files]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _elapsed(task: Task) -> float | None:
    return (
        task.elapsed_s if task.elapsed_s is not None else seconds_between(task.started, task.ended)
    )


def _average_cpu(task: Task) -> float | None:
    if task.average_cpu is not None:
        return task.average_cpu
    seconds = seconds_between(task.started, task.ended)
    if not seconds or task.cpu_user_s is None or task.cpu_system_s is None:
        return None
    return round(100 * (task.cpu_user_s + task.cpu_system_s) / seconds, 2)


def _machine(host: Host) -> Machine:
    return Machine(
        name=host.name,
        system=host.system,
        architecture=host.architecture,
        release=host.release,
        cores=host.cores,
        vendor=host.cpu,
        memory_bytes=host.memory_bytes,
    )
