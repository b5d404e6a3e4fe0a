"""Documents of the versions 1.0 to 1.4 in the shape of 1.5.

Until 1.4, a task holds its files and its execution. Until 1.3, volumes are in KB; a KB is taken
for 1000 bytes, as WfCommons did when it converted its own collection.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from fairwf_wfformat.emit import OWN
from fairwf_wfformat.faults import Path
from fairwf_wfformat.identifiers import legal_files, legal_tasks

Object = dict[str, Any]

KB = 1000

_EXECUTED = {
    "runtimeInSeconds": "runtimeInSeconds",
    "runtime": "runtimeInSeconds",
    "command": "command",
    "cores": "coreCount",
    "avgCPU": "avgCPU",
    "readBytes": "readBytes",
    "bytesRead": "readBytes",
    "writtenBytes": "writtenBytes",
    "bytesWritten": "writtenBytes",
    "memoryInBytes": "memoryInBytes",
    "memory": "memoryInBytes",
    "energy": "energyInKWh",
    "avgPower": "avgPowerInW",
    "priority": "priority",
}
_IN_KB = frozenset({"bytesRead", "bytesWritten", "memory", "size"})
_OLD_ONLY = {
    "1.4": frozenset({"runtime", "bytesRead", "bytesWritten", "memory"}),
    "1.3": frozenset({"runtimeInSeconds", "readBytes", "writtenBytes", "memoryInBytes"}),
}
"""Keys that mean nothing in a version, though another one knows them: they stay foreign."""


ASIDE = "wfformat-before-1.5"
"""Where foreign keys of an old document go that 1.5 would take for its own."""

_RESERVED = {
    "document": frozenset({"runtimeSystem"}),
    "workflow": frozenset({"specification", "execution"}),
    "task": frozenset({"children", "inputFiles", "outputFiles"}),
    "file": frozenset({"id", "sizeInBytes"}),
    "machine": frozenset({"memoryInBytes"}),
    "cpu": frozenset({"coreCount", "speedInMHz"}),
}


class Places(NamedTuple):
    """Where the parts stand in the text, as prefixes of paths."""

    tasks: Path = ("workflow", "specification", "tasks")
    executed: Path = ("workflow", "execution", "tasks")
    files: Path = ("workflow", "specification", "files")
    machines: Path = ("workflow", "execution", "machines")


OLD_PLACES = Places(
    tasks=("workflow", "tasks"),
    executed=("workflow", "tasks"),
    files=("workflow", "tasks"),
    machines=("workflow", "machines"),
)


def upgrade(plain: Object) -> tuple[Object, Places, list[tuple[Path, str]]]:
    """Return a valid document in the shape of 1.5, where its parts stand, and contradictions.

    The result need not have a runtime for each task, which 1.5 demands and 1.4 does not.
    """
    version = plain["schemaVersion"]
    if version == "1.5":
        return plain, Places(), []
    if version == "1.6":
        return {**plain, "schemaVersion": "1.5"}, Places(), []
    return _Upgrade("1.4" if version == "1.4" else "1.3").document(plain)


class _Upgrade:
    def __init__(self, version: str) -> None:
        self.skip = _OLD_ONLY[version]
        self.size = "sizeInBytes" if version == "1.4" else "size"
        self.memory = "memoryInBytes" if version == "1.4" else "memory"
        self.makespan = "makespanInSeconds" if version == "1.4" else "makespan"
        self.files: dict[str, Object] = {}
        self.legal: dict[str, str] = {}
        self.wrong: list[tuple[Path, str]] = []

    def document(self, plain: Object) -> tuple[Object, Places, list[tuple[Path, str]]]:
        workflow: Object = dict(plain["workflow"])
        old_tasks = workflow.pop("tasks")
        ids = [task.get("id", task["name"]) for task in old_tasks]
        names = Counter(task["name"] for task in old_tasks)
        by_name = {
            task["name"]: name
            for task, name in zip(old_tasks, ids, strict=True)
            if names[task["name"]] == 1
        }
        by_name |= {name: name for name in ids}
        self.legal = legal_tasks(ids)
        tasks, executed = [], []
        for index, (old, name) in enumerate(zip(old_tasks, ids, strict=True)):
            task, run = self.task(index, old, name)
            parents = [by_name.get(parent, parent) for parent in task["parents"]]
            task["parents"] = [self.legal.get(parent, parent) for parent in parents]
            tasks.append(task)
            if len(run) > 1:
                executed.append(run)
        _fill_children(tasks)
        execution: Object = {
            "makespanInSeconds": workflow.pop(self.makespan),
            "executedAt": workflow.pop("executedAt"),
            "tasks": executed,
        }
        if "machines" in workflow:
            execution["machines"] = [self.machine(m) for m in workflow.pop("machines")]
        rest = {**plain, "schemaVersion": "1.5"}
        head = {"runtimeSystem": rest.pop("wms")} if "wms" in rest else {}
        whole = _joined("document", head, rest)
        specification = {"tasks": tasks, "files": self.legal_files(tasks)}
        parts = {"specification": specification, "execution": execution}
        whole["workflow"] = _joined("workflow", parts, workflow)
        return whole, OLD_PLACES, self.wrong

    def legal_files(self, tasks: list[Object]) -> list[Object]:
        """Return the files under ids that 1.5 allows, and use these in the tasks."""
        legal = legal_files(list(self.files))
        for name, new in legal.items():
            self.files[name] |= {"id": new, OWN: {"id": name}}
        if legal:
            for task in tasks:
                for key in ("inputFiles", "outputFiles"):
                    task[key] = [legal.get(name, name) for name in task[key]]
        return list(self.files.values())

    def task(self, index: int, old: Object, name: str) -> tuple[Object, Object]:
        """Return a task's specification and its execution."""
        rest = dict(old)
        rest.pop("id", None)
        task: Object = {"name": rest.pop("name"), "id": self.legal.get(name, name)}
        if name in self.legal:
            task[OWN] = {"id": name}
        task["parents"] = rest.pop("parents", [])
        inputs: list[str] = []
        outputs: list[str] = []
        task |= {"inputFiles": inputs, "outputFiles": outputs}
        for place, file in enumerate(rest.pop("files", [])):
            (inputs if file["link"] == "input" else outputs).append(file["name"])
            self.file(file, ("workflow", "tasks", index, "files", place))
        run: Object = {"id": task["id"]}
        for key, now in _EXECUTED.items():
            if key in rest and key not in self.skip:
                value = rest.pop(key)
                run[now] = value * KB if key in _IN_KB else value
        if "machine" in rest:
            run["machines"] = [rest.pop("machine")]
        if _is_texts(rest.get("children")):
            task["children"] = rest.pop("children")
        return _joined("task", task, rest), run

    def file(self, old: Object, path: Path) -> None:
        rest = dict(old)
        name, size = rest.pop("name"), rest.pop(self.size)
        del rest["link"]
        size = size * KB if self.size in _IN_KB else size
        new = _joined("file", {"id": name, "sizeInBytes": size}, rest)
        first = self.files.setdefault(name, new)
        if first["sizeInBytes"] != new["sizeInBytes"]:
            text = f"the file {name!r:.80} has another size here than where it stands first"
            self.wrong.append((path, text))

    def machine(self, old: Object) -> Object:
        rest = dict(old)
        new: Object = {}
        if self.memory in rest:
            memory = rest.pop(self.memory)
            new["memoryInBytes"] = memory * KB if self.memory in _IN_KB else memory
        if "cpu" in rest:
            other = dict(rest.pop("cpu"))
            cpu: Object = {}
            for key, now in (("count", "coreCount"), ("speed", "speedInMHz")):
                if key in other:
                    cpu[now] = other.pop(key)
            new["cpu"] = _joined("cpu", cpu, other)
        return _joined("machine", new, rest)


def _joined(level: str, new: Object, rest: Object) -> Object:
    """Return both; what of ``rest`` has another meaning in 1.5 is set aside."""
    aside = {key: value for key, value in rest.items() if key in _RESERVED[level] or key in new}
    kept = {key: value for key, value in rest.items() if key not in aside}
    return {**new, **kept, ASIDE: aside} if aside else {**new, **kept}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _fill_children(tasks: list[Object]) -> None:
    """Give each task the children that follow from the parents; what it states orders them."""
    by_id: dict[str, list[str]] = {task["id"]: [] for task in tasks}
    for task in tasks:
        for parent in dict.fromkeys(task["parents"]):
            if parent in by_id:
                by_id[parent].append(task["id"])
    for task in tasks:
        derived, stated = by_id[task["id"]], task.pop("children", None)
        same = stated is not None and sorted(stated) == sorted(derived)
        task["children"] = stated if same else derived
        if stated is not None and not same:
            task[ASIDE] = {**task.get(ASIDE, {}), "children": stated}
