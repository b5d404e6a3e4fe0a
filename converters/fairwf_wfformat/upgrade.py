"""Documents of the versions 1.0 to 1.4 in the shape of 1.5.

Until 1.4, a task holds its files and its execution. Until 1.3, volumes are in KB; a KB is taken
for 1000 bytes, as WfCommons did when it converted its own collection.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fairwf_wfformat.faults import Path

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
    return _Upgrade("1.4" if version == "1.4" else "1.3").document(plain)


class _Upgrade:
    def __init__(self, version: str) -> None:
        self.skip = _OLD_ONLY[version]
        self.size = "sizeInBytes" if version == "1.4" else "size"
        self.memory = "memoryInBytes" if version == "1.4" else "memory"
        self.makespan = "makespanInSeconds" if version == "1.4" else "makespan"
        self.files: dict[str, Object] = {}
        self.wrong: list[tuple[Path, str]] = []

    def document(self, plain: Object) -> tuple[Object, Places, list[tuple[Path, str]]]:
        workflow: Object = dict(plain["workflow"])
        old_tasks = workflow.pop("tasks")
        ids = [task.get("id", task["name"]) for task in old_tasks]
        by_name = {task["name"]: name for task, name in zip(old_tasks, ids, strict=True)}
        known = set(ids)
        tasks, executed = [], []
        for index, (old, name) in enumerate(zip(old_tasks, ids, strict=True)):
            task, run = self.task(index, old, name)
            task["parents"] = [p if p in known else by_name.get(p, p) for p in task["parents"]]
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
        whole = {**plain, "schemaVersion": "1.5"}
        if "wms" in whole:
            whole["runtimeSystem"] = whole.pop("wms")
        specification = {"tasks": tasks, "files": list(self.files.values())}
        whole["workflow"] = {**workflow, "specification": specification, "execution": execution}
        return whole, OLD_PLACES, self.wrong

    def task(self, index: int, old: Object, name: str) -> tuple[Object, Object]:
        """Return a task's specification and its execution."""
        rest = {**old, "id": name}
        task: Object = {"name": rest.pop("name"), "id": rest.pop("id")}
        task["parents"] = rest.pop("parents", [])
        inputs: list[str] = []
        outputs: list[str] = []
        task |= {"inputFiles": inputs, "outputFiles": outputs}
        for place, file in enumerate(rest.pop("files", [])):
            (inputs if file["link"] == "input" else outputs).append(file["name"])
            self.file(file, ("workflow", "tasks", index, "files", place))
        run: Object = {"id": name}
        for key, now in _EXECUTED.items():
            if key in rest and key not in self.skip:
                value = rest.pop(key)
                run[now] = value * KB if key in _IN_KB else value
        if "machine" in rest:
            run["machines"] = [rest.pop("machine")]
        return {**task, **rest}, run

    def file(self, old: Object, path: Path) -> None:
        rest = dict(old)
        name, size = rest.pop("name"), rest.pop(self.size)
        del rest["link"]
        new = {"id": name, "sizeInBytes": size * KB if self.size in _IN_KB else size, **rest}
        first = self.files.setdefault(name, new)
        if first["sizeInBytes"] != new["sizeInBytes"]:
            text = f"the file {name!r:.80} has another size here than where it stands first"
            self.wrong.append((path, text))

    def machine(self, old: Object) -> Object:
        new = dict(old)
        if self.memory != "memoryInBytes" and self.memory in new:
            new["memoryInBytes"] = new.pop(self.memory) * KB
        if "cpu" in new:
            cpu = dict(new["cpu"])
            for key, now in (("count", "coreCount"), ("speed", "speedInMHz")):
                if key in cpu:
                    cpu[now] = cpu.pop(key)
            new["cpu"] = cpu
        return new


def _fill_children(tasks: list[Object]) -> None:
    """Give each task the children that follow from the parents, unless it states its own."""
    by_id: dict[str, list[str]] = {task["id"]: [] for task in tasks}
    for task in tasks:
        for parent in dict.fromkeys(task["parents"]):
            if parent in by_id:
                by_id[parent].append(task["id"])
    for task in tasks:
        stated = task.get("children")
        if not isinstance(stated, list) or not all(isinstance(c, str) for c in stated):
            task["children"] = by_id[task["id"]]
