"""What a document says beyond the columns of its instance, kept as patches in ``extensions``."""

from __future__ import annotations

from typing import Any

import msgspec

from fairwf.ir.instance import Instance, Machine
from fairwf_wfformat.emit import FORMAT, Emitter
from fairwf_wfformat.patches import patch

Object = dict[str, Any]


def with_patches(instance: Instance, plain: Object, exact: bool) -> Instance:
    """Return the instance with all that ``plain`` says beyond its columns.

    ``plain`` is the document that the instance was made from. Where it is not ``exact``, but made
    from an older version, a key that it lacks says nothing: 1.5 demands more than 1.4.
    """
    return _Differences(instance, plain, exact).result()


class _Differences:
    def __init__(self, instance: Instance, plain: Object, exact: bool) -> None:
        self.instance = instance
        self.emitter = Emitter(instance)
        self.exact = exact
        self.plain = plain
        self.workflow: Object = plain["workflow"]
        self.specification: Object = self.workflow["specification"]
        execution: Object = self.workflow.get("execution", {})
        self.execution = execution if execution.get("tasks") else {}
        self.runs: list[Object] = self.execution.get("tasks", [])

    def result(self) -> Instance:
        instance = self.instance
        rows = self.tasks()
        own = self.heads()
        files = self.files()
        if files:
            own["files"] = files
        order = self.order()
        if order:
            own["order"] = order
        tasks = instance.tasks
        if any(rows):
            tasks = msgspec.structs.replace(tasks, extensions={**tasks.extensions, FORMAT: rows})
        extensions = {**instance.extensions, FORMAT: own} if own else instance.extensions
        return msgspec.structs.replace(
            instance, tasks=tasks, machines=self.machines(), extensions=extensions
        )

    def patch(
        self, made: Object | None, found: Object | None, but: tuple[str, ...] = ()
    ) -> Object | None:
        change = patch(made, found, but)
        if change and not self.exact and change.pop("absent", None) and not change:
            return None
        return change

    def tasks(self) -> list[Object | None]:
        executed = set(self.emitter.executed)
        runs = {run["id"]: run for run in self.runs}
        rows: list[Object | None] = []
        for index, task in enumerate(self.specification["tasks"]):
            row: Object = {}
            change = self.patch(self.emitter.task(index), task)
            if change:
                row["specification"] = change
            made = self.emitter.run(index) if index in executed else None
            change = self.patch(made, runs.get(task["id"]))
            if change:
                row["execution"] = change
            rows.append(row or None)
        return rows

    def order(self) -> list[int]:
        """Return the tasks in the order of their execution, where it is not that of the tasks."""
        places = {task["id"]: index for index, task in enumerate(self.specification["tasks"])}
        order = [places[run["id"]] for run in self.runs]
        return order if order != sorted(order) else []

    def machines(self) -> tuple[Machine, ...]:
        if not self.execution:
            return self.instance.machines
        listed = self.execution.get("machines", [])
        machines = []
        for index, machine in enumerate(self.instance.machines):
            found = listed[index] if index < len(listed) else None
            change = self.patch(self.emitter.machine(index), found)
            if change:
                extensions = {**machine.extensions, FORMAT: change}
                machine = msgspec.structs.replace(machine, extensions=extensions)
            machines.append(machine)
        return tuple(machines)

    def files(self) -> Object:
        listed = self.specification.get("files", [])
        result: Object = {}
        for index, name in enumerate(self.instance.files.id):
            found = listed[index] if index < len(listed) else None
            change = self.patch(self.emitter.file(index), found)
            if change:
                result[name] = change
        return result

    def heads(self) -> Object:
        made = self.emitter
        listed: Object = {"files": []} if "files" not in self.specification else {}
        changes = {
            "document": self.patch(made.document(), self.plain, ("workflow",)),
            "workflow": self.patch({}, self.workflow, ("specification", "execution")),
            "specification": self.patch(
                {**made.specification(), **listed},
                self.specification,
                ("tasks", "files") if not listed else ("tasks",),
            ),
            "execution": self.patch(
                made.execution(), self.execution or None, ("tasks", "machines")
            ),
        }
        return {name: change for name, change in changes.items() if change}
