"""An instance's columns as the objects of WfFormat 1.5.

What the schema has no key for stands under the key ``fairwf``, which it allows. Where the schema
demands a number that is not known, 0 stands there and ``fairwf: {unknown: [...]}`` says so.
"""

from __future__ import annotations

from typing import Any

from fairwf.ir.canonical import same, to_plain
from fairwf.ir.instance import Instance, Machine, Ragged
from fairwf.ir.metadata import Agent, Metadata
from fairwf_wfformat.identifiers import file_ids, machine_names, task_ids
from fairwf_wfformat.shell import quoted

FORMAT = "wfformat"
OWN = "fairwf"
EPOCH = "1970-01-01T00:00:00Z"
SYSTEMS = {"linux": "linux", "darwin": "macos", "macos": "macos", "windows": "windows"}

NUMBERS = {
    "avgCPU": "average_cpu",
    "readBytes": "read_bytes",
    "writtenBytes": "written_bytes",
    "memoryInBytes": "memory_bytes",
    "energyInKWh": "energy_kwh",
    "avgPowerInW": "average_power_w",
    "priority": "priority",
}
"""Keys of an executed task that hold any number, with their columns."""

Object = dict[str, Any]


class Emitter:
    """Makes each object of a document; linear in tasks, files and edges."""

    def __init__(self, instance: Instance) -> None:
        tasks = instance.tasks
        self.instance = instance
        self.tasks = tasks
        self.count = len(tasks.id)
        self.parents = _rows(tasks.parents, self.count)
        self.inputs = _rows(tasks.inputs, self.count)
        self.outputs = _rows(tasks.outputs, self.count)
        self.arguments = _rows(tasks.arguments, self.count)
        self._words = [quoted(word) for word in tasks.words]
        self.on = _rows(tasks.machines, self.count)
        self.children: list[list[int]] = [[] for _ in range(self.count)]
        for task, row in enumerate(self.parents):
            for parent in row:
                below = self.children[parent]
                if not below or below[-1] != task:
                    below.append(task)
        linked = {i for i in range(self.count) if self.parents[i] or self.children[i]}
        self.ids = task_ids(tasks.id, linked)
        self.files = file_ids(instance.files.id)
        self.machines = machine_names([machine.name for machine in instance.machines])
        self._numbers = [
            (key, getattr(tasks, column))
            for key, column in NUMBERS.items()
            if getattr(tasks, column)
        ]
        self._foreign = [(k, rows) for k, rows in tasks.extensions.items() if k != FORMAT and rows]
        self.executed = [i for i in range(self.count) if self._executed(i)]

    def document(self) -> Object:
        """Return the outermost object, without ``workflow``."""
        one = self.instance
        own: Object = {}
        made: Object = {"name": one.id}
        if not one.id:
            made["name"], own["unknown"] = "workflow", ["name"]
        _place(made, "description", own, "doc", one.doc)
        _place(made, "createdAt", own, "created", one.created)
        made["schemaVersion"] = "1.5"
        self._system(made, own)
        self._metadata(made, own)
        for key in ("label", "of"):
            if getattr(one, key) is not None:
                own[key] = getattr(one, key)
        if not self.executed:
            for key in ("makespan_s", "executed"):
                if getattr(one, key) is not None:
                    own[key] = getattr(one, key)
            if one.machines:
                own["machines"] = [_without_patch(machine) for machine in one.machines]
        foreign = {k: v for k, v in one.extensions.items() if k != FORMAT}
        if foreign:
            own["extensions"] = to_plain(foreign)
        return _closed(made, own)

    def _system(self, made: Object, own: Object) -> None:
        one = self.instance
        name, version = one.runtime_system, one.runtime_system_version
        if name and version:
            system = made["runtimeSystem"] = {"name": name, "version": version}
            _place(system, "url", own, "runtime_system_url", one.runtime_system_url)
            return
        for key in ("runtime_system", "runtime_system_version", "runtime_system_url"):
            if getattr(one, key) is not None:
                own[key] = getattr(one, key)

    def _metadata(self, made: Object, own: Object) -> None:
        metadata = self.instance.metadata
        if metadata is None:
            return
        author = next((a for a in metadata.creators if a.name and a.email), None)
        if author is not None:
            made["author"] = {"name": author.name, "email": author.email}
            if author.affiliation:
                made["author"]["institution"] = author.affiliation
            if same(metadata, metadata_of(made["author"])):
                return
        own["metadata"] = to_plain(metadata)

    def specification(self) -> Object:
        """Return the specification, without its tasks and files."""
        unknown = []
        if not self.tasks.name and self.count:
            unknown.append("name")
        if not self.instance.files.size and self.files:
            unknown.append("sizeInBytes")
        return _closed({}, {"unknown": unknown} if unknown else {})

    def task(self, index: int) -> Object:
        """Return a task of the specification."""
        tasks, name = self.tasks, self.ids[index]
        own: Object = {}
        made: Object = {"name": name, "id": name}
        if tasks.name:
            made["name"] = tasks.name[index] or name
            if not tasks.name[index]:
                own["name"] = ""
        made["parents"] = [self.ids[i] for i in self.parents[index]]
        made["children"] = [self.ids[i] for i in self.children[index]]
        made["inputFiles"] = [self.files[i] for i in self.inputs[index]]
        made["outputFiles"] = [self.files[i] for i in self.outputs[index]]
        if tasks.process and tasks.process[index]:
            made["category"] = tasks.process[index]
        if name != tasks.id[index]:
            own["id"] = tasks.id[index]
        if tasks.keys and tasks.keys[index] is not None:
            own["key"] = tasks.keys[index]
        foreign = {key: rows[index] for key, rows in self._foreign if rows[index]}
        if foreign:
            own["extensions"] = foreign
        return _closed(made, own)

    def file(self, index: int) -> Object:
        """Return a file of the specification."""
        files, name = self.instance.files, self.files[index]
        own: Object = {}
        made: Object = {"id": name, "sizeInBytes": 0}
        if files.size:
            size = files.size[index]
            if size is None:
                own["unknown"] = ["sizeInBytes"]
            elif size < 0:
                own["size"] = size
            else:
                made["sizeInBytes"] = size
        if name != files.id[index]:
            own["id"] = files.id[index]
        if files.sha256 and files.sha256[index] is not None:
            own["sha256"] = files.sha256[index]
        if files.location and files.location[index] is not None:
            own["location"] = files.location[index]
        return _closed(made, own)

    def execution(self) -> Object | None:
        """Return the execution, without its tasks and machines; None where nothing ran."""
        if not self.executed:
            return None
        one, unknown = self.instance, []
        own: Object = {}
        made: Object = {"makespanInSeconds": one.makespan_s, "executedAt": one.executed}
        if one.makespan_s is None:
            unknown.append("makespanInSeconds")
            made["makespanInSeconds"] = 0
        if not one.executed:
            unknown.append("executedAt")
            made["executedAt"] = min((s for s in self.tasks.started if s), default=EPOCH)
            if one.executed is not None:
                own["executed"] = one.executed
        if not self.tasks.runtime_s:
            unknown.append("runtimeInSeconds")
        if unknown:
            own["unknown"] = unknown
        return _closed(made, own)

    def _executed(self, i: int) -> bool:
        tasks = self.tasks
        columns = (tasks.runtime_s, tasks.program, tasks.started, tasks.exit_code, tasks.cores)
        return (
            any(column and column[i] is not None for column in columns)
            or bool(self.arguments[i] or self.on[i])
            or any(column[i] is not None for _, column in self._numbers)
        )

    def run(self, index: int) -> Object:
        """Return a task of the execution."""
        tasks = self.tasks
        own: Object = {}
        made: Object = {"id": self.ids[index], "runtimeInSeconds": 0}
        if tasks.runtime_s:
            if tasks.runtime_s[index] is None:
                own["unknown"] = ["runtimeInSeconds"]
            else:
                made["runtimeInSeconds"] = tasks.runtime_s[index]
        if tasks.started:
            _place(made, "executedAt", own, "started", tasks.started[index])
        self._command(index, made, own)
        if tasks.cores and tasks.cores[index] is not None:
            cores = tasks.cores[index]
            assert cores is not None
            into, key = (made, "coreCount") if cores >= 1 else (own, "cores")
            into[key] = int(cores) if cores >= 1 and float(cores).is_integer() else cores
        for key, column in self._numbers:
            if column[index] is not None:
                made[key] = column[index]
        if self.on[index]:
            made["machines"] = [self.machines[i] for i in self.on[index]]
        if tasks.exit_code and tasks.exit_code[index] is not None:
            own["exit_code"] = tasks.exit_code[index]
        return _closed(made, own)

    def _command(self, index: int, made: Object, own: Object) -> None:
        program = self.tasks.program[index] if self.tasks.program else None
        words = [self._words[i] for i in self.arguments[index]]
        if program is None and not words:
            return
        command: Object = {}
        if program is not None:
            command["program"] = quoted(program)
        command["arguments"] = words
        made["command"] = command

    def machine(self, index: int) -> Object:
        """Return a machine."""
        node, name = self.instance.machines[index], self.machines[index]
        made: Object = {"nodeName": name}
        own: Object = {}
        cpu: Object = {}
        if name != node.name:
            own["name"] = node.name
        if node.system is not None:
            said = SYSTEMS.get(node.system.lower())
            if said:
                made["system"] = said
            if said != node.system:
                own["system"] = node.system
        _place(made, "architecture", own, "architecture", node.architecture)
        _place(made, "release", own, "release", node.release)
        _place(cpu, "vendor", own, "vendor", node.vendor)
        _place(cpu, "coreCount", own, "cores", node.cores)
        _place(cpu, "speedInMHz", own, "speed_mhz", node.speed_mhz)
        if cpu:
            made["cpu"] = cpu
        _place(made, "memoryInBytes", own, "memory_bytes", node.memory_bytes)
        foreign = {k: v for k, v in node.extensions.items() if k != FORMAT}
        if foreign:
            own["extensions"] = to_plain(foreign)
        return _closed(made, own)


def metadata_of(author: Object) -> Metadata:
    """Return what an ``author`` object says."""
    agent = Agent(name=author["name"], email=author["email"], affiliation=author.get("institution"))
    return Metadata(creators=(agent,))


def _without_patch(machine: Machine) -> Object:
    plain: Object = to_plain(machine)
    foreign = {k: v for k, v in plain.pop("extensions", {}).items() if k != FORMAT}
    return {**plain, "extensions": foreign} if foreign else plain


def _rows(column: Ragged, count: int) -> list[list[int]]:
    if len(column) == 0:
        return [[]] * count
    offsets, values = column.offsets, column.values
    return [values[offsets[i] : offsets[i + 1]] for i in range(count)]


def _place(made: Object, key: str, own: Object, own_key: str, value: Any) -> None:
    """Put a value where the schema has it, or, where it is too small for that, under ``fairwf``."""
    if value is None:
        return
    fits = bool(value) if isinstance(value, str) else value >= 1
    if fits:
        made[key] = value
    else:
        own[own_key] = value


def _closed(made: Object, own: Object) -> Object:
    if own:
        made[OWN] = own
    return made
