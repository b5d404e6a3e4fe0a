"""The pace at which tasks are expanded: not faster than they can go on.

What a task holds while it waits is several kilobytes. Where few tasks wait, it is still in the
processor's cache when its turn comes, which saves a short task a fifth of its cost, and memory
does not grow with the width of a workflow.
"""

from __future__ import annotations

from fairwf.engine.expansion.scheduler import Waits, wait
from fairwf.engine.expansion.world import World

TOGETHER = 32
"""How many tasks are expanded before those have their turn."""


class Pace:
    """Lets what was begun go on before more begins, and more begin only while few tasks wait."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._begun = 0

    def due(self) -> bool:
        """Note that a task was begun; tell whether others are to go on before another one is."""
        self._begun += 1
        return not self._begun % TOGETHER

    def keep(self) -> Waits[None]:
        """Let what was begun go on, and wait until more may begin."""
        yield from wait(self._world.scheduler.spawn(_nothing(), "the tasks that were begun"))
        cell = self._world.crowded()
        if cell is not None:
            yield from wait(cell)


def _nothing() -> Waits[None]:
    return
    yield
