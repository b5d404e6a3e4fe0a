"""Which tasks come before which, in arrays: twelve bytes a link and sixteen a task."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator
from itertools import accumulate


class Precedence:
    """Tasks by number, each after its parents."""

    def __init__(self, count: int, parents: Callable[[int], Collection[int]]) -> None:
        self._missing = array("i", bytes(4 * count))
        self._offsets = array("q", bytes(8 * (count + 1)))
        for task in range(count):
            before = parents(task)
            self._missing[task] = len(before)
            for parent in before:
                self._offsets[parent + 1] += 1
        self._offsets = array("q", accumulate(self._offsets))
        self._children = array("i", bytes(4 * self._offsets[-1]))
        free = self._offsets[:-1]
        for task in range(count):
            for parent in parents(task):
                self._children[free[parent]] = task
                free[parent] += 1

    def first(self) -> Iterator[int]:
        """Yield the tasks that come after none."""
        return (task for task, missing in enumerate(self._missing) if missing == 0)

    def done(self, task: int) -> list[int]:
        """Note that a task has ended; return the tasks that have waited for it alone."""
        ready, missing = list[int](), self._missing
        for child in self._children[self._offsets[task] : self._offsets[task + 1]]:
            missing[child] -= 1
            if missing[child] == 0:
                ready.append(child)
        return ready

    def stuck(self) -> list[int]:
        """Return the tasks that never come to their turn, for they wait for each other."""
        whole = self._missing[:]
        ready = list(self.first())
        while ready:
            ready += self.done(ready.pop())
        stuck = [task for task, missing in enumerate(self._missing) if missing]
        self._missing = whole
        return stuck
