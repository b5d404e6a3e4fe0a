"""The queue of tasks of a run with several sites: one queue a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from fairwf.engine.resources import Pool, Wanted

T = TypeVar("T")


class SitesPool(Pool[T]):
    """Hands out tasks that fit at their site, one site after the other."""

    def __init__(self, pools: Mapping[str, Pool[T]]) -> None:
        cores = sum(pool.cores for pool in pools.values())
        super().__init__(cores, sum(pool.ram_mib for pool in pools.values()))
        self._pools = dict(pools)
        self._turn = list(pools)

    def __len__(self) -> int:
        return sum(map(len, self._pools.values()))

    def shortage(self, want: Wanted) -> str:
        """Return what a task that never fits its site wants too much of."""
        return f"{self._pools[want.site].shortage(want)} at the site {want.site!r}"

    def most(self, want: Wanted) -> tuple[float, float]:
        """Return what a task may have at most at its site."""
        return self._pools[want.site].most(want)

    def fits_ever(self, want: Wanted) -> bool:
        """Tell whether the whole site is enough."""
        return self._pools[want.site].fits_ever(want)

    def put(self, want: Wanted, priority: int, task: T) -> None:
        """Let a task wait for its site."""
        self._pools[want.site].put(want, priority, task)

    def take(self) -> T | None:
        """Return the next task that fits at its site."""
        for name in list(self._turn):
            task = self._pools[name].take()
            if task is not None:
                self._turn.remove(name)
                self._turn.append(name)
                return task
        return None

    def take_next(self, want: Wanted) -> T | None:
        """Return the first task of a site, where it wants as much as this one."""
        return self._pools[want.site].take_next(want)

    def withdraw(self, unwanted: Callable[[T], bool]) -> list[T]:
        """Remove and return the tasks that wait and are not wanted any more."""
        return [task for pool in self._pools.values() for task in pool.withdraw(unwanted)]

    def give_back(self, want: Wanted) -> None:
        """Free what a task had."""
        self._pools[want.site].give_back(want)

    def clear(self) -> list[T]:
        """Remove and return all that wait."""
        return [task for pool in self._pools.values() for task in pool.clear()]
