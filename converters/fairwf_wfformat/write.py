"""Instances to WfFormat 1.5."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from fairwf.document import Document
from fairwf.formats import Written
from fairwf.ir.instance import Instance, normal
from fairwf.ir.origins import Span
from fairwf.ir.walk import escape
from fairwf.report import Report
from fairwf_wfformat.collector import without_collector
from fairwf_wfformat.emit import EPOCH, FORMAT, NUMBERS, Emitter
from fairwf_wfformat.locations import located
from fairwf_wfformat.patches import apply, is_patch

Object = dict[str, Any]

MAIN = "workflow.wfformat.json"
HEADS = ("document", "workflow", "specification", "execution")
MOST_OF_A_KIND = 20
"""How many findings of one kind are told one by one."""


def write(document: Document, report: Report, folder: Path | None = None) -> Written:
    """Return an instance as a WfFormat 1.5 document, with locations that count from ``folder``.

    All of it can be read back. What the schema demands and nobody measured is reported as
    approximated, identifiers that the schema forbids as rewritten.
    """
    instance = document.workflow
    if not isinstance(instance, Instance):
        span = document.origins.get(instance)
        report.add("FWF3001", "WfFormat holds instances: tasks, not a workflow", span=span)
        return Written(main=MAIN, files={})
    if not writable(document, report):
        return Written(main=MAIN, files={})
    told = _Findings(document, report)
    with without_collector():
        emitter = Emitter(normal(located(instance, document.file, folder)))
        told.placeholders(emitter)
        told.renamed(emitter)
        return Written(main=MAIN, files={MAIN: encode(assemble(emitter, told))})


def writable(document: Document, report: Report) -> bool:
    """Tell whether WfFormat can hold an instance at all; the report says why not."""
    instance = document.workflow
    return isinstance(instance, Instance) and _Findings(document, report).writable(instance)


def encode(plain: Object) -> bytes:
    """Return JSON in UTF-8, indented, with a newline at the end."""
    try:
        data = msgspec.json.format(msgspec.json.encode(plain), indent=2)
    except OverflowError:
        data = json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False).encode()
    return data + b"\n"


def assemble(emitter: Emitter, told: _Findings | None = None) -> Object:
    """Return the document that the emitter's objects and the instance's patches make."""
    instance = emitter.instance
    own = _patches(instance.extensions.get(FORMAT), (*HEADS, "files", "order"), "", told)
    column = instance.tasks.extensions.get(FORMAT) or [None] * emitter.count
    rows = [
        _patches(row, ("specification", "execution"), f"/tasks/{escape(name)}", told)
        for row, name in zip(column, instance.tasks.id, strict=True)
    ]
    tasks = [apply(emitter.task(i), rows[i].get("specification")) for i in range(emitter.count)]
    per_file = own.get("files", {})
    files = [apply(emitter.file(i), per_file.get(name)) for i, name in enumerate(instance.files.id)]
    specification: Object = {"tasks": tasks}
    specification["files"] = [file for file in files if file is not None]
    head = apply({**emitter.specification(), "files": []}, own.get("specification")) or {}
    if "files" not in head and not specification["files"]:
        del specification["files"]
    specification |= {key: value for key, value in head.items() if key != "files"}
    workflow: Object = {"specification": specification}
    execution = _execution(emitter, own, rows, told)
    if execution is not None:
        workflow["execution"] = execution
    whole = apply(emitter.document(), own.get("document")) or {}
    last = {key: whole.pop(key) for key in ("fairwf",) if key in whole}
    return {**whole, "workflow": apply(workflow, own.get("workflow")), **last}


def _execution(
    emitter: Emitter, own: Object, rows: list[Object], told: _Findings | None
) -> Object | None:
    executed = set(emitter.executed)
    runs: dict[int, Object] = {}
    for index, row in enumerate(rows):
        run = apply(emitter.run(index) if index in executed else None, row.get("execution"))
        if run is not None:
            runs[index] = run
    head = apply(emitter.execution(), own.get("execution"))
    if head is None or not runs:
        return None
    order = own.get("order")
    if not isinstance(order, list) or sorted(order) != list(runs):
        order = list(runs)
    result: Object = {}
    last = {key: head.pop(key) for key in ("fairwf",) if key in head}
    result = {**head, "tasks": [runs[index] for index in order]}
    machines = []
    for index, machine in enumerate(emitter.instance.machines):
        change = machine.extensions.get(FORMAT)
        if change is not None and not is_patch(change):
            if told is not None:
                told.lost(f"/machines/{escape(machine.name)}/extensions/{FORMAT}")
            change = None
        made = apply(emitter.machine(index), dict(change) if change else None)
        if made is not None:
            machines.append(made)
    if machines:
        result["machines"] = machines
    return {**result, **last}


def _patches(value: Any, keys: tuple[str, ...], path: str, told: _Findings | None) -> Object:
    """Return the patches of an extension that the reader made; others are told as lost."""
    if not value:
        return {}
    heads = [key for key in keys if key not in ("files", "order")]
    sound = (
        isinstance(value, dict)
        and value.keys() <= set(keys)
        and all(is_patch(value[key]) for key in heads if key in value)
        and isinstance(value.get("files", {}), dict)
        and all(is_patch(change) for change in value.get("files", {}).values())
    )
    if sound:
        return dict(value)
    if told is not None:
        told.lost(f"{path}/extensions/{FORMAT}")
    return {}


class _Findings:
    """What the report says of an instance, at the smallest place that is concerned."""

    def __init__(self, document: Document, report: Report) -> None:
        self._document = document
        self._report = report
        self._span: Span | None = document.origins.get(document.workflow)

    def _add(self, code: str, message: str, path: str, hint: str | None = None) -> None:
        self._report.add(code, message, span=self._span, path=path, hint=hint)

    def lost(self, path: str) -> None:
        """Tell of an extension that is not the reader's."""
        self._add("FWF3004", "an extension 'wfformat' that no WfFormat document has", path)

    def writable(self, instance: Instance) -> bool:
        """Tell whether the format can hold the instance at all."""
        if not instance.tasks.id:
            text = "WfFormat needs at least one task, and here no step runs a program"
            self._add("FWF3001", text, "/tasks", "steps that only compute are no tasks")
            return False
        tasks = instance.tasks
        reals = ["runtime_s", "cores", *NUMBERS.values()]
        wrong = [
            (name, index)
            for name in reals
            for index, value in enumerate(getattr(tasks, name))
            if value is not None and not math.isfinite(value)
        ]
        for name, index in wrong[:MOST_OF_A_KIND]:
            path = f"/tasks/{name}/{escape(tasks.id[index])}"
            self._add("FWF3001", "JSON has no number for infinity or NaN", path)
        if instance.makespan_s is not None and not math.isfinite(instance.makespan_s):
            self._add("FWF3001", "JSON has no number for infinity or NaN", "/makespan_s")
            return False
        return not wrong

    def placeholders(self, emitter: Emitter) -> None:
        """Tell of each value that the schema demands and the instance does not know."""
        one, tasks = emitter.instance, emitter.instance.tasks
        if not one.id:
            self._add("FWF3003", "the name is not known; 'workflow' stands for it", "/id")
        self._column("the size of the file", "0 bytes", "/files/size", one.files.size, one.files.id)
        if emitter.executed:
            executed = [tasks.id[index] for index in emitter.executed]
            column = [tasks.runtime_s[i] for i in emitter.executed] if tasks.runtime_s else []
            self._column("the runtime of the task", "0 s", "/tasks/runtime_s", column, executed)
            if one.makespan_s is None:
                text = "the makespan is not known; 0 s stands for it"
                self._add("FWF3003", text, "/makespan_s")
            if not one.executed:
                head = emitter.execution() or {}
                text = f"the start is not known; {head.get('executedAt', EPOCH)} stands for it"
                self._add("FWF3003", text, "/executed")

    def _column(
        self, what: str, stand_in: str, path: str, column: list[Any], ids: list[str]
    ) -> None:
        if not ids:
            return
        if not column:
            text = f"{what} is not known, for all {len(ids)}; {stand_in} stands for each"
            self._add("FWF3003", text, path)
            return
        missing = [name for name, value in zip(ids, column, strict=True) if value is None]
        for name in missing[:MOST_OF_A_KIND]:
            text = f"{what} {name!r:.80} is not known; {stand_in} stands for it"
            self._add("FWF3003", text, f"{path}/{escape(name)}")
        self._more(missing, path, "FWF3003")

    def _more(self, items: list[str], path: str, code: str) -> None:
        if len(items) > MOST_OF_A_KIND:
            more = f"and {len(items) - MOST_OF_A_KIND} more like this"
            self._add(code, more, path)

    def renamed(self, emitter: Emitter) -> None:
        """Tell of each identifier that the schema does not allow."""
        one = emitter.instance
        names = [machine.name for machine in one.machines]
        hint = "the old one stands beside it, under the key fairwf"
        columns: Iterable[tuple[str, str, list[str], list[str]]] = (
            ("task", "/tasks/id", one.tasks.id, emitter.ids),
            ("file", "/files/id", one.files.id, emitter.files),
            ("machine", "/machines", names, emitter.machines),
        )
        for what, path, before, after in columns:
            changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
            for old, new in changed[:MOST_OF_A_KIND]:
                text = f"the {what} {old!r:.80} is called {new!r:.80}"
                self._add("FWF3002", text, f"{path}/{escape(old)}", hint)
            self._more([old for old, _ in changed], path, "FWF3002")
