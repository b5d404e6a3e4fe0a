"""What belongs to one process itself, without the processes inside it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fairwf.ir.expressions import Input
from fairwf.ir.walk import children
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Workflow

PROCESSES = (Command, Script, Pure, Operation, Workflow)


def own_nodes(process: Process) -> Iterator[msgspec.Struct]:
    """Yield every node of a process, parents first, but for those of processes inside it."""
    stack: list[msgspec.Struct] = [process]
    while stack:
        node = stack.pop()
        yield node
        inside = [child for _, child in children(node) if not isinstance(child, PROCESSES)]
        stack.extend(reversed(inside))


def inputs_seen(process: Process) -> frozenset[str]:
    """Return the names of the inputs that the expressions of a process see."""
    return frozenset(node.name for node in own_nodes(process) if isinstance(node, Input))
