"""The objects of a consistent document as columns. What fits no column is left to the patches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from fairwf.ir.instance import Files, Instance, Machine, Ragged, Tasks
from fairwf.ir.metadata import Metadata
from fairwf_wfformat.emit import NUMBERS, OWN, metadata_of
from fairwf_wfformat.shell import command_of

Object = dict[str, Any]
T = TypeVar("T")

_WHOLE = frozenset({"memory_bytes", "read_bytes", "written_bytes", "priority"})
_LARGEST = 2**63 - 1


def whole(value: Any) -> int | None:
    """Return a whole number of 64 bits, however it was written; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return value if fits else None


def real(value: Any) -> float | None:
    """Return a number as a float; None where it is none, or would lose digits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if number == value else None


def text(value: Any) -> str | None:
    """Return a text; None for anything else."""
    return value if isinstance(value, str) else None


def own_of(found: Object) -> Object:
    """Return what stands under the key ``fairwf``, if it is an object."""
    own = found.get(OWN)
    return own if isinstance(own, dict) else {}


def _unknown(own: Object, key: str) -> bool:
    names = own.get("unknown")
    return isinstance(names, list) and key in names


def _foreign(own: Object) -> dict[str, dict[str, Any]]:
    value = own.get("extensions")
    return (
        {k: v for k, v in value.items() if isinstance(v, dict)} if isinstance(value, dict) else {}
    )


def _kept(column: list[T]) -> list[T]:
    """Return the column, or an empty one where it says nothing."""
    return column if any(item is not None for item in column) else []


def _said(column: list[str]) -> list[str]:
    """Return the column of texts, or an empty one where all are empty."""
    return column if any(column) else []


def _ragged(rows: list[list[int]]) -> Ragged:
    return Ragged.of(rows) if any(rows) else Ragged(offsets=[0], values=[])


class _Names:
    """Identifiers in the order they are first seen."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.index = {name: place for place, name in enumerate(names)}

    def rows(self, lists: Iterable[list[str]]) -> list[list[int]]:
        index = self.index
        return [[index.setdefault(name, len(index)) for name in names] for names in lists]


def instance_of(plain: Object) -> Instance:
    """Return the instance that a document in the shape of 1.5 says, without patches."""
    workflow = plain["workflow"]
    specification, execution = workflow["specification"], workflow.get("execution", {})
    listed = execution.get("machines", [])
    runs = {run["id"]: run for run in execution.get("tasks", ())}
    files = _Names(file["id"] for file in specification.get("files", ()))
    machines = _Names(machine["nodeName"] for machine in listed)
    tasks = _tasks(specification, execution, runs, files, machines)
    own, header = own_of(plain), own_of(execution)
    system = plain.get("runtimeSystem", {})
    makespan = real(execution.get("makespanInSeconds", own.get("makespan_s")))
    executed = text(execution.get("executedAt", own.get("executed")))
    if _unknown(header, "makespanInSeconds") and makespan == 0:
        makespan = None
    if _unknown(header, "executedAt"):
        executed = text(header.get("executed"))
    return Instance(
        id="" if _unknown(own, "name") else plain["name"],
        label=text(own.get("label")),
        doc=text(plain.get("description", own.get("doc"))),
        of=text(own.get("of")),
        tasks=tasks,
        files=_files(specification, list(files.index)),
        machines=_machines(listed, list(machines.index), {} if runs else own),
        makespan_s=makespan,
        executed=executed,
        created=text(plain.get("createdAt", own.get("created"))),
        runtime_system=text(system.get("name", own.get("runtime_system"))),
        runtime_system_version=text(system.get("version", own.get("runtime_system_version"))),
        runtime_system_url=text(system.get("url", own.get("runtime_system_url"))),
        metadata=_metadata(plain, own),
        extensions=_foreign(own),
    )


def _metadata(plain: Object, own: Object) -> Metadata | None:
    if "metadata" in own:
        try:
            return msgspec.convert(own["metadata"], Metadata)
        except msgspec.ValidationError:
            pass  # not ours: it stays a foreign key
    return metadata_of(plain["author"]) if "author" in plain else None


def _tasks(
    specification: Object, execution: Object, runs: dict[str, Object], files: _Names, on: _Names
) -> Tasks:
    found = specification["tasks"]
    index = {task["id"]: place for place, task in enumerate(found)}
    owns = [own_of(task) for task in found]
    ran = [runs.get(task["id"], {}) for task in found]
    ran_own = [own_of(run) for run in ran]
    words = _Names()
    nameless = _unknown(own_of(specification), "name")
    commands = [_command(run.get("command", {})) for run in ran]
    return Tasks(
        id=_ids([task["id"] for task in found], owns),
        name=[] if nameless else _said([_name(t, o) for t, o in zip(found, owns, strict=True)]),
        process=_said([text(task.get("category")) or "" for task in found]),
        parents=_ragged([[index[parent] for parent in task["parents"]] for task in found]),
        inputs=_ragged(files.rows(task.get("inputFiles", []) for task in found)),
        outputs=_ragged(files.rows(task.get("outputFiles", []) for task in found)),
        program=_kept([program for program, _ in commands]),
        arguments=_ragged(words.rows(arguments for _, arguments in commands)),
        words=list(words.index),
        keys=_column(owns, "key", text),
        started=_kept([
            text(run.get("executedAt", own.get("started")))
            for run, own in zip(ran, ran_own, strict=True)
        ]),
        runtime_s=_runtimes(ran, ran_own, _unknown(own_of(execution), "runtimeInSeconds")),
        exit_code=_column(ran_own, "exit_code", whole),
        cores=_kept([
            real(run.get("coreCount", own.get("cores")))
            for run, own in zip(ran, ran_own, strict=True)
        ]),
        machines=_ragged(on.rows(run.get("machines", []) for run in ran)),
        extensions=_extensions(owns),
        **{
            column: _column(ran, key, whole if column in _WHOLE else real)
            for key, column in NUMBERS.items()
        },
    )  # fmt: skip


def _column(found: list[Object], key: str, convert: Any) -> list[Any]:
    column = [convert(item[key]) if key in item else None for item in found]
    return column if any(value is not None for value in column) else []


def _ids(ids: list[str], owns: list[Object]) -> list[str]:
    """Return the ids as they were before they were rewritten, if these are unique."""
    if not any("id" in own for own in owns):
        return ids
    before = []
    for name, own in zip(ids, owns, strict=True):
        old = own.get("id")
        before.append(old if isinstance(old, str) else name)
    return before if len(set(before)) == len(before) else ids


def _name(task: Object, own: Object) -> str:
    name = "" if own.get("name") == "" else task["name"]
    return name if isinstance(name, str) else ""


def _command(command: Object) -> tuple[str | None, list[str]]:
    return command_of(text(command.get("program")), command.get("arguments", []))


def _runtimes(ran: list[Object], owns: list[Object], all_unknown: bool) -> list[float | None]:
    column: list[float | None] = []
    for run, own in zip(ran, owns, strict=True):
        value = real(run.get("runtimeInSeconds"))
        if value == 0 and (all_unknown or _unknown(own, "runtimeInSeconds")):
            value = None
        column.append(value)
    return _kept(column)


def _extensions(owns: list[Object]) -> dict[str, list[Object | None]]:
    columns: dict[str, list[Object | None]] = {}
    for index, own in enumerate(owns):
        for name, value in _foreign(own).items():
            if value:
                columns.setdefault(name, [None] * len(owns))[index] = value
    return columns


def _files(specification: Object, ids: list[str]) -> Files:
    listed = specification.get("files", [])
    rest: list[Object] = [{} for _ in ids[len(listed) :]]
    found = [*listed, *rest]
    owns = [own_of(file) for file in found]
    all_unknown = _unknown(own_of(specification), "sizeInBytes")
    sizes: list[int | None] = []
    for file, own in zip(found, owns, strict=True):
        size = whole(own["size"] if "size" in own else file.get("sizeInBytes"))
        if size == 0 and (all_unknown or _unknown(own, "sizeInBytes")):
            size = None
        sizes.append(size)
    return Files(
        id=_ids(ids, owns),
        size=_kept(sizes),
        sha256=_column(owns, "sha256", text),
        location=_column(owns, "location", text),
    )


def _machines(listed: list[Object], names: list[str], own: Object) -> tuple[Machine, ...]:
    """Return the machines; those of a document without execution stand under ``fairwf``."""
    if "machines" in own and not names:
        try:
            return msgspec.convert(own["machines"], tuple[Machine, ...])
        except msgspec.ValidationError:
            return ()  # not ours: it stays a foreign key
    rest = [{"nodeName": name} for name in names[len(listed) :]]
    return tuple(_machine(item) for item in [*listed, *rest])


def _machine(found: Object) -> Machine:
    own, cpu = own_of(found), found.get("cpu", {})
    return Machine(
        name=text(own.get("name", found["nodeName"])) or "",
        system=text(own.get("system", found.get("system"))),
        architecture=text(found.get("architecture", own.get("architecture"))),
        release=text(found.get("release", own.get("release"))),
        cores=whole(cpu.get("coreCount", own.get("cores"))),
        speed_mhz=whole(cpu.get("speedInMHz", own.get("speed_mhz"))),
        vendor=text(cpu.get("vendor", own.get("vendor"))),
        memory_bytes=whole(found.get("memoryInBytes", own.get("memory_bytes"))),
        extensions=_foreign(own),
    )
