"""The queue of tasks for a cluster: its scheduler has the resources, not the engine."""

from __future__ import annotations

from typing import TypeVar

from fairwf.engine.programs.resources import Pool, Wanted

T = TypeVar("T")


class BatchPool(Pool[T]):
    """Hands out tasks by priority until so many are on their way."""

    def __init__(self, most: int, cores: float = float("inf"), ram: float = float("inf")) -> None:
        super().__init__(cores, ram)
        self._most = most
        self._out = 0

    def take(self) -> T | None:
        """Return the next task; None where none waits or enough are on their way."""
        if self._out >= self._most:
            return None
        task = super().take()
        if task is not None:
            self._out += 1
        return task

    def give_back(self, want: Wanted) -> None:
        """Let another task go."""
        super().give_back(want)
        self._out -= 1
