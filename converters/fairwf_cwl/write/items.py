"""Items of a scatter: CWL names them after the inputs that they are given to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairwf.ir.expressions import Each, Local
from fairwf.ir.rewriting import map_children
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import ProcessRef, Scatter, Step


def with_named_items(step: Step) -> Step:
    """Return the step with items of the scatter named after the inputs that they are given to."""
    scatter = step.scatter
    if not isinstance(scatter, Scatter) or isinstance(step.run, ProcessRef):
        return step
    ports = [port.id for port in step.run.inputs]
    taken = {part.name for part in scatter.over}
    names: dict[str, str] = {}
    for part in scatter.over:
        if part.name in ports and part.name in step.inputs:
            continue
        if part.name in ports:  # an item of this name would be given to the process
            names[part.name] = _unused_name(part.name, {*ports, *taken})
            taken.add(names[part.name])
            continue
        for name, value in step.inputs.items():
            direct = isinstance(value, Local) and value.name == part.name
            if direct and name in ports and name not in taken:
                names[part.name] = name
                taken.add(name)
                break
    if not names:
        return step

    expressions = [*step.inputs.values(), *([step.when] if step.when is not None else [])]
    bound = {each.name for one in expressions for each in nodes(one, Each)}
    if bound & {*names, *names.values()}:
        return step  # a name would come to mean what an inner one binds

    over = tuple(
        msgspec.structs.replace(part, name=names.get(part.name, part.name)) for part in scatter.over
    )
    return msgspec.structs.replace(
        step,
        scatter=msgspec.structs.replace(scatter, over=over),
        inputs={name: _renamed(value, names) for name, value in step.inputs.items()},
        when=_renamed(step.when, names) if step.when is not None else None,
    )


def _unused_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_item"
    return name


def _renamed(expression: Any, names: Mapping[str, str]) -> Any:
    if isinstance(expression, Local):
        new = names.get(expression.name)
        return expression if new is None else Local(name=new)
    return map_children(expression, lambda node: _renamed(node, names))
