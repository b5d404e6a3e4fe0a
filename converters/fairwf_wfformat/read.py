"""WfFormat 1.3, 1.4 and 1.5 to instances."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.instance import Instance, Machine
from fairwf.ir.origins import Origins
from fairwf.report import InvalidError, Report
from fairwf_wfformat.columns import instance_of
from fairwf_wfformat.consistency import Finding, findings
from fairwf_wfformat.emit import FORMAT, Emitter
from fairwf_wfformat.parse import Text, parse
from fairwf_wfformat.patches import patch
from fairwf_wfformat.upgrade import Places, upgrade

Object = dict[str, Any]

MOST_OF_A_KIND = 20
"""How many findings of one kind are told one by one."""


def read(source: Source, report: Report) -> Document:
    """Return the document of a WfFormat file: an :class:`~fairwf.ir.instance.Instance`.

    Contradictions of which the meaning is clear are warnings (FWF1203). Time and memory are linear
    in the size of the text; positions are looked up only for findings.

    Raises:
        InvalidError: no JSON, the schema of its version is broken, or it contradicts itself.
    """
    plain, text = parse(source, report)
    plain, places, wrong = upgrade(plain)
    found = [Finding("warning", "size", message, path) for path, message in wrong]
    found.extend(findings(plain, places))
    _tell(found, places, text, report)
    if any(item.severity == "error" for item in found):
        raise InvalidError(report)
    instance = patched(instance_of(plain), plain)
    origins = Origins()
    span = text.whole()
    for node in (instance, instance.tasks, instance.files, *instance.machines):
        origins.set(node, span)
    return Document(workflow=instance, origins=origins, format=FORMAT, source=source.name)


def _tell(found: list[Finding], places: Places, text: Text, report: Report) -> None:
    count: Counter[str] = Counter()
    for item in found:
        count[item.kind] += 1
        if count[item.kind] <= MOST_OF_A_KIND:
            path = item.path
            text.tell(report, "FWF1203", item.message, path, item.hint, item.severity)
    for kind, number in count.items():
        if number > MOST_OF_A_KIND:
            last = next(item for item in found if item.kind == kind)
            more = f"and {number - MOST_OF_A_KIND} more findings like this: {last.message}"
            report.add("FWF1203", more, file=text.file, severity=last.severity)


def patched(instance: Instance, plain: Object) -> Instance:
    """Return the instance with all that ``plain`` says beyond its columns, as patches."""
    emitter = Emitter(instance)
    workflow = plain["workflow"]
    specification = workflow["specification"]
    execution = workflow.get("execution") or {}
    if not execution.get("tasks"):
        execution = {}
    runs = {run["id"]: run for run in execution.get("tasks", ())}
    rows, order = _task_patches(emitter, specification["tasks"], runs)
    machines = instance.machines
    if execution:
        machines = _patched_machines(emitter, execution.get("machines", []))
    own = _head_patches(emitter, plain, execution)
    files = _file_patches(emitter, specification.get("files", []))
    if files:
        own["files"] = files
    if order != [run["id"] for run in execution.get("tasks", ())]:
        places = {task["id"]: index for index, task in enumerate(specification["tasks"])}
        own["order"] = [places[run["id"]] for run in execution["tasks"]]
    tasks = instance.tasks
    if any(rows):
        tasks = msgspec.structs.replace(tasks, extensions={**tasks.extensions, FORMAT: rows})
    extensions = {**instance.extensions, FORMAT: own} if own else instance.extensions
    return msgspec.structs.replace(instance, tasks=tasks, machines=machines, extensions=extensions)


def _patched_machines(emitter: Emitter, listed: list[Object]) -> tuple[Machine, ...]:
    machines = []
    for index, machine in enumerate(emitter.instance.machines):
        change = patch(emitter.machine(index), listed[index] if index < len(listed) else None)
        if change:
            extensions = {**machine.extensions, FORMAT: change}
            machine = msgspec.structs.replace(machine, extensions=extensions)
        machines.append(machine)
    return tuple(machines)


def _task_patches(
    emitter: Emitter, tasks: list[Object], runs: dict[str, Object]
) -> tuple[list[Object | None], list[str]]:
    """Return the patches of each task, and the order of executed tasks that needs no saying."""
    executed = set(emitter.executed)
    rows: list[Object | None] = []
    order: list[str] = []
    for index, task in enumerate(tasks):
        row: Object = {}
        change = patch(emitter.task(index), task)
        if change:
            row["specification"] = change
        run = runs.get(task["id"])
        change = patch(emitter.run(index) if index in executed else None, run)
        if change:
            row["execution"] = change
        if run is not None:
            order.append(task["id"])
        rows.append(row or None)
    return rows, order


def _head_patches(emitter: Emitter, plain: Object, execution: Object) -> Object:
    workflow = plain["workflow"]
    specification = workflow["specification"]
    own: Object = {}
    heads: tuple[tuple[str, Object | None, Object | None, tuple[str, ...]], ...] = (
        ("document", emitter.document(), plain, ("workflow",)),
        ("workflow", {}, workflow, ("specification", "execution")),
        ("specification", {**emitter.specification(), "files": []}, specification, ("tasks",)),
        ("execution", emitter.execution(), execution or None, ("tasks", "machines")),
    )
    for name, made, found, but in heads:
        if name == "specification" and found is not None and "files" in found:
            made, but = {k: v for k, v in (made or {}).items() if k != "files"}, ("tasks", "files")
        change = patch(made, found, but)
        if change:
            own[name] = change
    return own


def _file_patches(emitter: Emitter, listed: list[Object]) -> Object:
    result: Object = {}
    for index, name in enumerate(emitter.instance.files.id):
        change = patch(emitter.file(index), listed[index] if index < len(listed) else None)
        if change:
            result[name] = change
    return result
