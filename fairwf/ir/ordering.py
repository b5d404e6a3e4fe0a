"""The order of steps: each after those that it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from fairwf.ir.expressions import Output
from fairwf.ir.walk import children
from fairwf.ir.workflow import Step, Workflow


def in_order(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield steps after those that they wait for; within a cycle, in some order."""
    by_id = {step.id: step for step in steps}
    edges = {name: [w for w in waits(step) if w in by_id] for name, step in by_id.items()}
    begun, done = set[str](), set[str]()
    for name in by_id:
        stack = [name]
        while stack:
            top = stack[-1]
            if top not in begun:
                begun.add(top)
                stack.extend(other for other in edges[top] if other not in begun)
                continue
            stack.pop()
            if top not in done:
                done.add(top)
                yield by_id[top]


def waits(step: Step) -> dict[str, msgspec.Struct]:
    """Return the ids of the steps that a step waits for, each with the node that says so."""
    found: dict[str, msgspec.Struct] = dict.fromkeys(step.after, step)
    for _, child in children(step):
        if child is step.run or child is step.cancel:
            continue  # what may end a step does not hold it up
        for reference in _outputs(child):
            found.setdefault(reference.step, reference)
    return found


def _outputs(node: msgspec.Struct) -> Iterable[Output]:
    if isinstance(node, Output):
        return [node]
    if isinstance(node, Workflow):
        return []
    return [found for _, child in children(node) for found in _outputs(child)]
