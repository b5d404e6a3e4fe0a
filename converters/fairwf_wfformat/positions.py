"""Where columns of an instance stand in the text; looked up only when a finding is about them."""

from __future__ import annotations

from collections.abc import Callable

from fairwf.ir.instance import Instance
from fairwf.ir.origins import Origins, Span
from fairwf_wfformat.emit import NUMBERS
from fairwf_wfformat.faults import Path
from fairwf_wfformat.parse import Text
from fairwf_wfformat.upgrade import Places

_DOCUMENT: dict[str, tuple[Path, ...]] = {
    "id": (("name",),),
    "doc": (("description",),),
    "created": (("createdAt",),),
    "runtime_system": (("runtimeSystem",), ("wms",)),
    "executed": (("workflow", "execution", "executedAt"), ("workflow", "executedAt")),
    "makespan_s": (
        ("workflow", "execution", "makespanInSeconds"),
        ("workflow", "makespanInSeconds"),
        ("workflow", "makespan"),
    ),
}
_RUN = {
    "runtime_s": ("runtimeInSeconds", "runtime"),
    "started": ("executedAt",),
    "cores": ("coreCount", "cores"),
    "program": ("command",),
    "arguments": ("command",),
} | {column: (key, column) for key, column in NUMBERS.items()}


def origins_of(instance: Instance, text: Text, places: Places) -> Origins:
    """Return the origins of an instance: tasks, files, machines and the values of columns.

    The positions of a column are those of its first task; ``id/N`` of the tasks and the files is
    the item of that number.
    """
    origins, whole = Origins(), text.whole()

    def first(*paths: Path) -> Span | None:
        spans = (text.exact(path) for path in paths)
        return next((span for span in spans if span is not None), None)

    def document(field: str | None) -> Span | None:
        return first(*_DOCUMENT.get(field or "", ()))

    def tasks(field: str | None) -> Span | None:
        head, _, number = (field or "").partition("/")
        if head == "id" and number:
            return first((*places.tasks, int(number)))
        if head == "extensions":
            columns = instance.tasks.extensions.values()
            rows = (n for column in columns for n, row in enumerate(column) if row)
            return first(*((*places.tasks, n) for n in rows if n < _LOOKED))
        count = len(instance.tasks.id)
        keys = _RUN.get(head, ())
        found = ((*places.executed, n, key) for n in range(min(count, _LOOKED)) for key in keys)
        return first(*found)

    def files(field: str | None) -> Span | None:
        head, _, number = (field or "").partition("/")
        return first((*places.files, int(number))) if head == "id" and number else None

    def machine(number: int) -> Callable[[str | None], Span | None]:
        return lambda field: first((*places.machines, number))

    for node in (instance, instance.tasks, instance.files, *instance.machines):
        origins.set(node, whole)
    origins.refine(instance, document)
    origins.refine(instance.tasks, tasks)
    if places.files != places.tasks:  # of older versions files stand in their tasks
        origins.refine(instance.files, files)
    for number, node in enumerate(instance.machines):
        origins.refine(node, machine(number))
    return origins


_LOOKED = 1000
"""In how many tasks a value of a column is looked for."""
