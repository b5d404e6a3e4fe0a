"""The queue of tasks of a run with several sites: one queue a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from fairwf.engine.programs.resources import Pool, Wanted
from fairwf.engine.task import PreparedTask

T = TypeVar("T")


class AheadPool(Pool[T]):
    """Hands out more tasks than can run at once, so that files move while others run."""

    def __init__(self, cores: float, ram_mib: float, times: int) -> None:
        super().__init__(cores, ram_mib)
        self._free_cores, self._free_ram = cores * times, ram_mib * times


class Room:
    """Cores and memory of a site, for the tasks that run there now."""

    def __init__(self, cores: float, ram_mib: float) -> None:
        self.cores, self.ram_mib = cores, ram_mib
        self._free_cores, self._free_ram = cores, ram_mib

    def enter(self, task: PreparedTask) -> bool:
        """Give a task its share; False where there is too little left."""
        assert task.request is not None
        cores, ram = task.request.cores, task.request.ram_mib
        if cores > self._free_cores + 1e-9 or ram > self._free_ram + 1e-9:
            alone = abs(self._free_cores - self.cores) < 1e-9
            if not alone:  # what is rounded up may be a little more than all that there is
                return False
        self._free_cores -= cores
        self._free_ram -= ram
        return True

    def leave(self, task: PreparedTask) -> None:
        """Take back the share of a task."""
        assert task.request is not None
        self._free_cores += task.request.cores
        self._free_ram += task.request.ram_mib


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
