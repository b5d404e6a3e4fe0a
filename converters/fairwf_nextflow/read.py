"""What Nextflow left behind, as a run: its trace, history and log, and the folders of its tasks.

The trace alone tells no files. Those that a task was given are links in its folder; those that it
left there are what it made, whether or not the process declares them as outputs.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec

from fairwf.formats import ReadOptions, Source, read_file, read_with_parts
from fairwf.ir.expressions import Array, Directory, Expr, File
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.trace import Host, Run, SoftwareAgent, Task, TaskStatus
from fairwf.trace.implied import identity, implied
from fairwf.trace.run import told_apart
from fairwf.trace.times import Clock, earliest, later, latest, not_after, seconds_between
from fairwf_nextflow import units
from fairwf_nextflow.detect import is_trace, trace_files
from fairwf_nextflow.document import read as read_script
from fairwf_nextflow.history import Call, Log, calls, logged_tasks, read_log
from fairwf_nextflow.provenance_crate import FILE
from fairwf_nextflow.provenance_crate import read as read_crate
from fairwf_nextflow.work_folder import WorkFolder, task_folder

Row = Mapping[str, str]
_STATUS: Mapping[str, TaskStatus] = {
    "COMPLETED": "completed",
    "CACHED": "completed",
    "FAILED": "failed",
    "ABORTED": "cancelled",
    "RUNNING": "running",
    "SUBMITTED": "running",
}
_TAGGED = re.compile(r"(.+?) \((.*)\)\Z", re.DOTALL)
_PARTS = ("modules", "subworkflows", "workflows", "lib")
_BESIDE = ("nextflow.config", "nextflow_schema.json", "conf/base.config", "conf/modules.config")
_PROJECT = re.compile(r"[\w.-]+/[\w.-]+")
_MOST_PARTS = 1000
_MOST_ROWS = 1_000_000


def read(path: Path, report: Report) -> Run:
    """Return the run that a trace file, a launch folder or a crate of nf-prov tells of.

    Raises:
        InvalidError: there is neither a trace nor a log with tasks.
    """
    if (path / FILE).is_file():
        return read_crate(path, report)
    return _Reader(path, report).run()


class _Reader:
    def __init__(self, path: Path, report: Report) -> None:
        self._path, self._report = path, report
        self._root = path if path.is_dir() else path.parent
        self._clock = Clock(report, str(path))
        self._calls = calls(self._root)
        self._log = read_log(self._root / ".nextflow.log")
        self._rows = self._trace()
        self._call = self._call_of(self._rows)
        if self._call is not None and self._log.name not in (None, self._call.name):
            self._log = Log()  # of another call
        self._work = str(self._root / "work")

    def run(self) -> Run:
        names = Counter(row.get("name", "") for row in self._rows)
        tasks = told_apart(_retried(_distinct(self._task(row, names) for row in self._rows)))
        call = self._call
        sources = self._sources()
        found = implied(tasks, self._name(sources))
        began = self._clock.time(call.when) if call else None
        started = began or earliest(task.started for task in tasks)
        span = units.seconds(call.duration) if call else None
        return Run(
            id=(call.name if call else self._log.name) or identity(tasks),
            workflow=found.workflow,
            status=_status(call, tasks),
            engine=SoftwareAgent(
                name="Nextflow", version=self._log.version, url="https://www.nextflow.io"
            ),
            source=sources[0] if sources else None,
            format="nextflow",
            source_files=tuple(sources),
            base=str(Path(sources[0]).parent) if sources else None,
            folder=str(self._root),
            hosts=tuple(self._hosts(tasks)),
            started=started,
            ended=later(began, span) or latest(task.ended for task in tasks),
            error=_error(tasks),
            command_line=self._command(),
            inputs=found.inputs,
            outputs=found.outputs,
            tasks=found.tasks,
        )

    def _trace(self) -> list[Row]:
        found = [self._path] if self._path.is_file() else trace_files(self._root)
        if not found:
            if logged := logged_tasks(self._root / ".nextflow.log"):
                return list(logged)
            raise InvalidError.of(
                "FWF1801",
                "holds no trace of Nextflow, and no log that tells of tasks",
                file=str(self._path),
                hint="nextflow run ... -with-trace writes one; name the file itself if it has "
                "another name",
            )
        if len(found) > 1:
            self._report.add(
                "FWF1804",
                f"{len(found)} traces are here; the newest was read",
                file=str(found[0]),
                hint="name the one that is meant",
            )
        if not is_trace(found[0]):
            raise InvalidError.of("FWF1802", "is no trace of Nextflow", file=str(found[0]))
        lines = read_file(found[0]).decode("utf-8", "replace").splitlines()
        fields = [name.strip() for name in lines[0].split("\t")]
        if len(lines) > _MOST_ROWS:
            raise InvalidError.of("FWF1009", f"more than {_MOST_ROWS} tasks", file=str(found[0]))
        rows: list[Row] = []
        for number, line in enumerate(lines[1:], 2):
            cells = line.split("\t")
            if len(cells) != len(fields):
                if line.strip():
                    self._report.add(
                        "FWF1803", f"line {number} has another number of fields", file=str(found[0])
                    )
                continue
            rows.append(dict(zip(fields, cells, strict=True)))
        if not rows:
            raise InvalidError.of("FWF1801", "the trace tells of no task", file=str(found[0]))
        return rows

    def _call_of(self, rows: Sequence[Row]) -> Call | None:
        """Return the call that a trace is of: the last that began before its last task did."""
        if len(self._calls) < 2:
            return self._calls[0] if self._calls else None
        own = [row for row in rows if row.get("status", "").strip() != "CACHED"]
        last = latest(units.time(row.get("submit"), self._clock) for row in own)
        begun = [(call, self._clock.time(call.when)) for call in self._calls]
        earlier = [call for call, when in begun if last and when and not_after(when, last)]
        chosen = earlier[-1] if earlier else self._calls[-1]
        if chosen is not self._calls[-1]:
            self._report.add(
                "FWF1804",
                f"its tasks began before the last call of Nextflow: they are taken as those of "
                f"{chosen.name!r:.60}, called at {chosen.when:.30}",
                file=str(self._path),
            )
        return chosen

    # --- tasks ------------------------------------------------------------------------------

    def _task(self, row: Row, names: Mapping[str, int]) -> Task:
        name = units.present(row.get("name")) or units.present(row.get("process")) or "task"
        tagged = _TAGGED.match(name)
        process = units.present(row.get("process")) or (tagged[1] if tagged else name)
        tag = units.present(row.get("tag")) or (tagged[2] if tagged else None)
        folder = self._folder(row)
        stated = {name: value for name, value in row.items() if units.present(value) is not None}
        measured = {**(folder.measured if folder else {}), **stated}
        submitted = units.time(row.get("submit"), self._clock)
        ended = units.time(row.get("complete"), self._clock) or later(
            submitted, units.seconds(row.get("duration"))
        )
        started = units.time(row.get("start"), self._clock) or _before(
            ended, units.seconds(row.get("realtime"))
        )
        exit_code = units.whole(row.get("exit"))
        if exit_code is None and folder is not None:
            exit_code = folder.exit_code
        status = _STATUS.get(row.get("status", "").strip().upper(), "running")
        script = (folder.script if folder else None) or units.present(row.get("script"))
        identifier = units.present(row.get("hash")) or units.present(row.get("task_id")) or ""
        unique = names[row.get("name", "")] == 1
        peak = units.octets(measured.get("peak_rss") or measured.get("rss"))
        inputs, outputs = _files(folder) if folder else ({}, {})
        failed = status == "failed"
        return Task(
            id=name if unique else f"{name} [{identifier}]",
            step=(process,),
            process=process.rpartition(":")[2],
            kind="script",
            status=status,
            index=(tag,) if tag else (),
            command=("bash", "-ue", "-c", script.strip()) if script else (),
            started=started,
            ended=ended,
            elapsed_s=_elapsed(measured, started, ended),
            exit_code=exit_code,
            error=f"exit code {exit_code}" if failed and exit_code is not None else None,
            inputs=inputs,
            outputs=outputs,
            host=units.present(row.get("hostname")),
            cores=units.number(row.get("cpus")),
            average_cpu=units.number(measured.get("%cpu")),
            max_rss_kib=round(peak / 1024) if peak else None,
            read_bytes=units.octets(measured.get("rchar")),
            written_bytes=units.octets(measured.get("wchar")),
            container=units.present(row.get("container")),
            stdout=folder.stream("out") if folder else None,
            stderr=folder.stream("err") if folder else None,
            folder=folder.path if folder else None,
            attempt=units.whole(row.get("attempt")) or 1,
            reused="an earlier run" if row.get("status", "").strip() == "CACHED" else None,
        )

    def _folder(self, row: Row) -> WorkFolder | None:
        """Return the folder of a task: as the trace names it, else as its hash says below work/.

        A folder outside of the trace's own is not looked into.
        """
        stated = units.present(row.get("workdir"))
        if stated is not None and os.path.isabs(stated) and "\0" not in stated:
            tail = "/".join(stated.rstrip("/").split("/")[-2:])
            for path in (stated, os.path.join(self._work, tail)):
                if self._inside(path):
                    return WorkFolder(path)
        found = task_folder(self._work, units.present(row.get("hash")) or "")
        return WorkFolder(found) if found is not None and self._inside(found) else None

    def _inside(self, path: str) -> bool:
        real, root = os.path.realpath(path), os.path.realpath(self._root)
        return real.startswith(root + "/") and os.path.isdir(real)

    # --- the run ----------------------------------------------------------------------------

    def _hosts(self, tasks: Sequence[Task]) -> list[Host]:
        found = {task.host: Host(name=task.host) for task in tasks if task.host}
        log = self._log
        if log.host is not None:
            found[log.host] = Host(
                name=log.host, system=log.system, release=log.release, cores=log.cores
            )
        return list(found.values())

    def _command(self) -> tuple[str, ...]:
        return (self._call.command if self._call else ()) or self._log.command

    def _sources(self) -> list[str]:
        """Return the script that was launched, and what it is made of, as far as they are here."""
        command = self._command()
        places = [self._root / name for name in _launched(command, self._log.launched)]
        places = [p / "main.nf" if p.is_dir() else p for p in places]
        if not command:
            places = [self._root / "main.nf"]
        main = next((path for path in places if path.is_file()), None)
        if main is None:
            return []
        folder = main.parent
        parts: list[Path] = []
        for part in _PARTS:
            parts += sorted((folder / part).rglob("*.nf"))[:_MOST_PARTS]
        parts += [folder / name for name in _BESIDE]
        if main.is_relative_to(self._root):
            parts += self._named_by(main)
        return list(dict.fromkeys(str(p) for p in [main, *(p for p in parts if p.is_file())]))

    def _named_by(self, main: Path) -> list[Path]:
        """Return what a script of the launch folder reads and names, all of it inside."""
        source = Source(name=str(main), path=main, tree=self._root.resolve())
        try:
            document = read_with_parts(read_script, source, ReadOptions(), Report())
        except FairwfError:  # what is not read as a workflow is packaged as it lies there
            return []
        return [Path(os.path.abspath(part.file)) for part in document.parts]

    def _name(self, sources: Sequence[str]) -> str:
        for word in _launched(self._command(), self._log.launched):
            if not sources and not word.startswith((".", "/")):
                return word  # a project that was fetched, by its name
        return (Path(sources[0]).parent if sources else self._root).name or "workflow"


def _launched(command: Sequence[str], logged: str | None) -> list[str]:
    """Return the word of a command that is the script or project that was run, if one is.

    It is what the log says was launched; else a script, or a word that no option has as its value.
    """
    words = list(command[command.index("run") :]) if "run" in command else []
    behind = [
        (before.startswith("-") and "=" not in before, word)
        for before, word in pairwise(words)
        if not word.startswith("-") and "\0" not in word
    ]
    named = [word for _, word in behind if logged and logged.removesuffix(".git").endswith(word)]
    scripts = [word for _, word in behind if word.endswith(".nf")]
    alone = [word for value, word in behind if not value]
    projects = [word for _, word in behind if _PROJECT.fullmatch(word)]
    return (named or scripts or alone or projects)[:1]


def _distinct(tasks: Iterable[Task]) -> list[Task]:
    """Return the tasks with ids of their own, whatever the trace repeats."""
    seen: Counter[str] = Counter()
    found = []
    for task in tasks:
        seen[task.id] += 1
        again = seen[task.id]
        own = f"{task.id} {again}" if again > 1 else task.id
        found.append(msgspec.structs.replace(task, id=own))
    return found


def _retried(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks with numbers for attempts, which a trace states on request only.

    Those of one name that all failed but for the last are one task that was tried again.
    """
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for number, task in enumerate(tasks):
        groups.setdefault((task.step, task.index), []).append(number)
    found = list(tasks)
    for group in groups.values():
        stated = {tasks[number].attempt for number in group}
        if len(stated) == 1 and all(tasks[number].status == "failed" for number in group[:-1]):
            for attempt, number in enumerate(group, max(stated)):
                found[number] = msgspec.structs.replace(tasks[number], attempt=attempt)
    return found


def _files(folder: WorkFolder) -> tuple[dict[str, Expr], dict[str, Expr]]:
    staged = folder.staged()
    given = [
        Directory(location=path, basename=name)
        if os.path.isdir(path)
        else File(location=path, basename=name.rpartition("/")[2])
        for name, path in staged.items()
    ]
    made = [
        Directory(location=path, basename=os.path.basename(path))
        if is_folder
        else File(location=path, basename=os.path.basename(path))
        for path, is_folder in folder.left()
        if os.path.basename(path) not in staged
    ]
    return _ports("input", given), _ports("output", made)


def _ports(name: str, nodes: Sequence[File | Directory]) -> dict[str, Expr]:
    found: dict[str, Expr] = {}
    for kind, port in ((File, name), (Directory, f"{name}_folder")):
        items = tuple(node for node in nodes if isinstance(node, kind))
        if items:
            found[port] = Array(items=items)
    return found


def _before(ended: str | None, seconds: float | None) -> str | None:
    """Return when a task began: the real time is that from its start to its completion."""
    return later(ended, -seconds) if seconds is not None else None


def _elapsed(row: Row, started: str | None, ended: str | None) -> float | None:
    """Return how long the script itself took, where the trace tells it."""
    stated = units.seconds(row.get("realtime"))
    return stated if stated is not None else seconds_between(started, ended)


def _status(
    call: Call | None, tasks: Sequence[Task]
) -> Literal["completed", "failed", "cancelled", "running"]:
    if call is not None:
        if call.status in ("OK", "ERR"):
            return "completed" if call.status == "OK" else "failed"
        return "cancelled"
    done = {(task.step, task.index) for task in tasks if task.status == "completed"}
    open_ = [t for t in tasks if t.status != "completed" and (t.step, t.index) not in done]
    return "failed" if any(task.status == "failed" for task in open_) else "completed"


def _error(tasks: Sequence[Task]) -> str | None:
    done = {(task.step, task.index) for task in tasks if task.status == "completed"}
    failed = [t for t in tasks if t.status == "failed" and (t.step, t.index) not in done]
    return f"{failed[-1].id} failed" if failed else None
