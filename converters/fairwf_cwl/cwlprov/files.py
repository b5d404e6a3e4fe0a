"""Which file of a research object is which, where equal octets lie in one place.

cwltool gives a file that a task made an entity of its own, and names it by that wherever it keeps
it. Files that were given to the run get new entities each time: of them, equal octets are one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from fairwf.ir.expressions import Expr, File
from fairwf.ir.rewriting import rewrite
from fairwf.ir.walk import nodes
from fairwf.trace import Task
from fairwf.trace.whereabouts import ORIGINAL, stated_original, with_original

Values = Mapping[str, Expr]


def one_by_one(
    inputs: Values, outputs: Values, tasks: Sequence[Task]
) -> tuple[dict[str, Expr], dict[str, Expr], tuple[Task, ...]]:
    """Return values in which files name the entity that a task made, and no others.

    Where an entity is not one of those, the file is the only one of its octets (and name, of
    several) that tasks made, unless the run was given it.
    """
    given = {file.checksum for value in inputs.values() for file in nodes(value, File)}
    made: dict[str | None, dict[str, str | None]] = {}
    for task in tasks:
        for file in (file for value in task.outputs.values() for file in nodes(value, File)):
            if (entity := stated_original(file)) is not None:
                made.setdefault(file.checksum, {})[entity] = file.basename

    def change(node: msgspec.Struct) -> msgspec.Struct:
        if not isinstance(node, File) or stated_original(node) in made.get(node.checksum, ()):
            return node
        found = {} if node.checksum in given else made.get(node.checksum, {})
        named = [entity for entity, name in found.items() if name == node.basename]
        only = named if len(named) == 1 else list(found)
        plain = _without_original(node)
        return with_original(plain, only[0]) if len(only) == 1 else plain

    values = partial(_changed, change=change)
    told = tuple(
        msgspec.structs.replace(task, inputs=values(task.inputs), outputs=values(task.outputs))
        for task in tasks
    )
    return values(inputs), values(outputs), told


def _changed(values: Values, change: Callable[[msgspec.Struct], msgspec.Struct]) -> dict[str, Expr]:
    return {name: rewrite(value, change) for name, value in values.items()}


def _without_original(file: File) -> File:
    own = {k: v for k, v in file.extensions.get("fairwf", {}).items() if k != ORIGINAL}
    rest = {name: value for name, value in file.extensions.items() if name != "fairwf"}
    kept = {**rest, "fairwf": own} if own else rest
    return msgspec.structs.replace(file, extensions=kept)
