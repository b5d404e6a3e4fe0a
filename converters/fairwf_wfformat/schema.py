"""What a document must look like: the published JSON Schemas 1.3, 1.4 and 1.5 as types.

Objects may hold other keys too: the schemas allow it, and tools of WfCommons use it. ``#`` in
identifiers is what the newest schema file of version 1.5 allows and the older ones do not. What
``wfcommons`` 1.6 writes as 1.6 has the shape of 1.5, with ``metrics`` beside its tasks.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
ParentId = Annotated[str, Meta(pattern=r"^[0-9a-zA-Z\-_.#]*$")]
FileId = Annotated[str, Meta(min_length=1, pattern=r"^[0-9a-zA-Z\-_./:#]*$")]
Count = Annotated[float, Meta(ge=0, multiple_of=1)]
Positive = Annotated[float, Meta(ge=1, multiple_of=1)]
Cores = Annotated[float, Meta(ge=1)]
System = Literal["linux", "macos", "windows"]

Fields = dict[str, Any]


def _object(name: str, required: Fields, optional: Fields) -> Any:
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = list(required.items())
    for key, kind in optional.items():
        fields.append((key, kind | msgspec.UnsetType, msgspec.UNSET))
    return msgspec.defstruct(name, fields, kw_only=True, gc=False)


def _any(kind: Any) -> Any:
    return list[kind]


def _some(kind: Any) -> Any:
    return Annotated[list[kind], Meta(min_length=1)]


def _document(versions: Any, workflow: Any, system_key: str) -> Any:
    system = _object("System", {"name": Text, "version": Text}, {"url": Text})
    author = _object(
        "Author", {"name": Text, "email": Text}, {"institution": Text, "country": Text}
    )
    return _object(
        "Document",
        {"name": Text, "schemaVersion": versions, "workflow": workflow},
        {"description": Text, "createdAt": Text, system_key: system, "author": author},
    )


def _machine(cores: str, memory: str, speed: str) -> Any:
    cpu = _object("Cpu", {}, {cores: Positive, speed: Positive, "vendor": Text})
    return _object(
        "Machine",
        {"nodeName": Text},
        {"system": System, "architecture": Text, "release": Text, memory: Positive, "cpu": cpu},
    )


_COMMAND = _object("Command", {}, {"program": Text, "arguments": list[Text]})


def _current() -> Any:
    files = list[FileId]
    task = _object(
        "Task",
        {"name": Text, "id": Text, "parents": list[ParentId], "children": list[ParentId]},
        {"inputFiles": files, "outputFiles": files},
    )
    file = _object("File", {"id": FileId, "sizeInBytes": Count}, {})
    numbers = "avgCPU readBytes writtenBytes memoryInBytes energyInKWh avgPowerInW priority"
    executed = _object(
        "Executed",
        {"id": Text, "runtimeInSeconds": float},
        {
            "executedAt": Text,
            "command": _COMMAND,
            "coreCount": Cores,
            **dict.fromkeys(numbers.split(), float),
            "machines": list[Text],
        },
    )
    specification = _object("Specification", {"tasks": _some(task)}, {"files": _any(file)})
    execution = _object(
        "Execution",
        {"makespanInSeconds": float, "executedAt": Text, "tasks": _some(executed)},
        {"machines": _some(_machine("coreCount", "memoryInBytes", "speedInMHz"))},
    )
    workflow = _object("Workflow", {"specification": specification}, {"execution": execution})
    return _document(Literal["1.5", "1.6"], workflow, "runtimeSystem")


def _older(versions: Any, size: str, makespan: str, memory: str, numbers: str) -> Any:
    file = _object("File", {"name": Text, size: Count, "link": Literal["input", "output"]}, {})
    task = _object(
        "Task",
        {"name": Text, "type": Literal["compute", "transfer", "auxiliary"]},
        {
            "id": Text,
            "category": Text,
            "command": _COMMAND,
            "parents": list[Annotated[ParentId, Meta(min_length=1)]],
            "files": _any(file),
            "cores": Cores,
            **dict.fromkeys(numbers.split(), float),
            memory: float,
            "machine": Text,
        },
    )
    workflow = _object(
        "Workflow",
        {makespan: float, "executedAt": Text, "tasks": _some(task)},
        {"machines": _some(_machine("count", memory, "speed"))},
    )
    return _document(versions, workflow, "wms")


_V15 = _current()
_V14 = _older(
    Literal["1.0", "1.1", "1.2", "1.3", "1.4"],
    "sizeInBytes",
    "makespanInSeconds",
    "memoryInBytes",
    "runtimeInSeconds avgCPU readBytes writtenBytes energy avgPower priority",
)
_V13 = _older(
    Literal["1.0", "1.1", "1.2", "1.3"],
    "size",
    "makespan",
    "memory",
    "runtime avgCPU bytesRead bytesWritten energy avgPower priority",
)

SCHEMAS: dict[str, Any] = {
    "1.0": _V13,
    "1.1": _V13,
    "1.2": _V13,
    "1.3": _V13,
    "1.4": _V14,
    "1.5": _V15,
    "1.6": _V15,
}
"""The type of a document by its schemaVersion."""
