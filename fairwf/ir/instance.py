"""The instance level: every task of one execution, in columns.

A million tasks are held in lists of equal length instead of a million objects. Sources: WfFormat
1.5 (specification and execution), Pegasus, run traces.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from fairwf.ir.base import Extensions, Node, Part
from fairwf.ir.metadata import Metadata

S = TypeVar("S", bound=msgspec.Struct)

OWN, NAMES = "fairwf", "names"
"""In ``Tasks.extensions``: where a task's folder has a file under another name than its id, the
row of ``fairwf`` holds ``{"names": {id of the file: path in the folder}}``."""


def names_of(tasks: Tasks, task: int) -> dict[str, str]:
    """Return the paths in its folder of those files of a task that are not called by their ids."""
    rows = tasks.extensions.get(OWN) or []
    row = rows[task] if task < len(rows) else None
    names = row.get(NAMES) if row else None
    if not isinstance(names, dict):
        return {}
    return {k: v for k, v in names.items() if isinstance(k, str) and isinstance(v, str) and v}


class Ragged(Part, frozen=True, kw_only=True):
    """A list of lists of whole numbers (compressed sparse rows).

    Row ``i`` is ``values[offsets[i]:offsets[i + 1]]``; there are ``len(offsets) - 1`` rows.
    """

    offsets: list[int]
    values: list[int]

    def row(self, index: int) -> list[int]:
        """Return row ``index``."""
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @staticmethod
    def of(rows: list[list[int]]) -> Ragged:
        """Return ``rows`` in compressed form."""
        offsets, values = [0], list[int]()
        for row in rows:
            values.extend(row)
            offsets.append(len(values))
        return Ragged(offsets=offsets, values=values)


class Machine(Part, frozen=True, kw_only=True):
    """A machine that tasks ran on. Memory in bytes, CPU speed in MHz."""

    name: str
    system: str | None = None
    architecture: str | None = None
    release: str | None = None
    cores: int | None = None
    speed_mhz: int | None = None
    vendor: str | None = None
    memory_bytes: int | None = None
    extensions: Extensions = {}


class Files(Part, frozen=True, kw_only=True):
    """The files of an instance, by column. ``size`` in bytes; ``sha256`` in hex."""

    id: list[str] = []
    size: list[int | None] = []
    sha256: list[str | None] = []
    location: list[str | None] = []


class Tasks(Part, frozen=True, kw_only=True):
    """The tasks of an instance, by column; an empty column says nothing.

    ``process`` names the kind of task; ``parents``, ``inputs`` and ``outputs`` hold indexes of
    tasks and files; ``program`` and ``arguments`` are the command line (``arguments`` holds indexes
    into ``words``). Times in seconds, ``started`` in ISO 8601; ``memory_bytes`` is the peak,
    ``read_bytes`` and ``written_bytes`` the volumes, ``average_cpu`` in percent; ``machines`` holds
    indexes of machines. ``keys`` says which item of its step a task is.
    """

    id: list[str] = []
    name: list[str] = []
    process: list[str] = []
    parents: Ragged = Ragged(offsets=[0], values=[])
    inputs: Ragged = Ragged(offsets=[0], values=[])
    outputs: Ragged = Ragged(offsets=[0], values=[])
    program: list[str | None] = []
    words: list[str] = []
    arguments: Ragged = Ragged(offsets=[0], values=[])
    keys: list[str | None] = []
    started: list[str | None] = []
    runtime_s: list[float | None] = []
    exit_code: list[int | None] = []
    cores: list[float | None] = []
    average_cpu: list[float | None] = []
    memory_bytes: list[int | None] = []
    read_bytes: list[int | None] = []
    written_bytes: list[int | None] = []
    energy_kwh: list[float | None] = []
    average_power_w: list[float | None] = []
    priority: list[int | None] = []
    machines: Ragged = Ragged(offsets=[0], values=[])
    extensions: dict[str, list[dict[str, Any] | None]] = {}


class Instance(Node, frozen=True, kw_only=True, tag="instance"):
    """A workflow with every task expanded (WfFormat, Pegasus, a finished run).

    ``of`` is the content hash of the workflow that it expands. ``makespan_s`` and ``executed`` (ISO
    8601) are there when it ran; ``runtime_system`` and its version say what ran it.
    """

    id: str = ""
    label: str | None = None
    doc: str | None = None
    of: str | None = None
    tasks: Tasks = Tasks()
    files: Files = Files()
    machines: tuple[Machine, ...] = ()
    makespan_s: float | None = None
    executed: str | None = None
    created: str | None = None
    runtime_system: str | None = None
    runtime_system_version: str | None = None
    runtime_system_url: str | None = None
    metadata: Metadata | None = None
    extensions: Extensions = {}


def normal(instance: Instance) -> Instance:
    """Return the instance with its columns in normal form; what it says stays the same.

    A column that says nothing is empty, and ``words`` holds each word once, in order of first use.
    """
    tasks, files = instance.tasks, instance.files
    index: dict[str, int] = {}
    arguments = [index.setdefault(tasks.words[i], len(index)) for i in tasks.arguments.values]
    changes: dict[str, Any] = {
        "arguments": Ragged(offsets=tasks.arguments.offsets, values=arguments),
        "words": list(index),
        "extensions": {
            name: [row or None for row in rows]
            for name, rows in tasks.extensions.items()
            if any(rows)
        },
    }
    full = msgspec.structs.replace(tasks, **changes)
    return msgspec.structs.replace(
        instance,
        tasks=_without_idle_columns(full, frozenset({"id", "words"})),
        files=_without_idle_columns(files, frozenset({"id"})),
    )


def _without_idle_columns(node: S, but: frozenset[str]) -> S:
    changes: dict[str, Any] = {}
    for name in node.__struct_fields__:
        column = getattr(node, name)
        if isinstance(column, Ragged) and not column.values:
            changes[name] = Ragged(offsets=[0], values=[])
        elif isinstance(column, list) and name not in but:
            texts = name in ("name", "process")
            idle = not any(column) if texts else all(item is None for item in column)
            if idle:
                changes[name] = []
    return msgspec.structs.replace(node, **changes)
