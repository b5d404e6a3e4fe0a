"""Resources of the machine: what a task wants, and the queue of tasks that wait for it."""

from __future__ import annotations

import heapq
import itertools
import math
import os
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from fairwf.engine.evaluate import Bindings, Evaluator
from fairwf.engine.expansion.world import Libraries
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.values import Value

T = TypeVar("T")

DEFAULT_RAM_MIB = 256
DEFAULT_SPACE_MIB = 1024
PATIENCE = 100
"""How many later tasks may overtake the first one that does not fit."""


class Wanted(msgspec.Struct, frozen=True):
    """What a task wants: cores (maybe a fraction), memory and space in MiB, and at which site."""

    cores: float
    ram_mib: float
    tmp_mib: float = DEFAULT_SPACE_MIB
    out_mib: float = DEFAULT_SPACE_MIB
    site: str = ""


_NOTHING = (None, None, None, None)
_DEFAULT = Wanted(1, DEFAULT_RAM_MIB)


def wanted(
    resources: Resources, inputs: Mapping[str, Value], evaluator: Evaluator, libraries: Libraries
) -> Wanted:
    """Return what a task with these inputs wants (CWL v1.2 "ResourceRequirement").

    Raises:
        EvaluationError: an amount has no value.
        ValueError: an amount is no number from 0.
    """
    asked = resources.cores, resources.memory, resources.tmp_space, resources.out_space
    if asked == _NOTHING:
        return _DEFAULT
    scope = Bindings(inputs=inputs)

    def amount(given: Amount | None, default: float, what: str) -> float:
        if given is None:
            return default
        asked = given.min if given.min is not None else given.max
        if asked is None:
            return default
        value = evaluator.plain(asked, scope, libraries)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{what} must be a number, not {value!r:.60}")
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{what} must be from 0 on, not {value}")
        return float(value)

    return Wanted(
        cores=amount(resources.cores, 1, "cores"),
        ram_mib=amount(resources.memory, DEFAULT_RAM_MIB, "memory"),
        tmp_mib=amount(resources.tmp_space, DEFAULT_SPACE_MIB, "temporary space"),
        out_mib=amount(resources.out_space, DEFAULT_SPACE_MIB, "output space"),
    )


def machine_memory_mib() -> float:
    """Return the memory of this machine in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20


class Pool(Generic[T]):
    """Cores and memory, and the tasks that wait for them: by priority, then in order."""

    def __init__(self, cores: float, ram_mib: float) -> None:
        self.cores = cores
        self.ram_mib = ram_mib
        self._free_cores = cores
        self._free_ram = ram_mib
        self._order = itertools.count()
        self._waiting: dict[tuple[float, float], list[tuple[int, int, T]]] = {}
        self._overtaken = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def shortage(self, want: Wanted) -> str:
        """Return what a task that never fits wants too much of, and how much there is."""
        parts = []
        if want.cores > self.cores:
            parts.append(f"{_counted(want.cores, 'core')}, and there {_are(self.cores, 'core')}")
        if want.ram_mib > self.ram_mib:
            there = f"there are {self.ram_mib:.0f} MiB"
            parts.append(f"{want.ram_mib:.0f} MiB of memory, and {there}")
        return f"wants {'; and '.join(parts)}"

    def most(self, want: Wanted) -> tuple[float, float]:
        """Return the cores and the memory in MiB that a task may have at most."""
        return self.cores, self.ram_mib

    def fits_ever(self, want: Wanted) -> bool:
        """Tell whether the whole machine is enough."""
        return want.cores <= self.cores and want.ram_mib <= self.ram_mib

    def put(self, want: Wanted, priority: int, task: T) -> None:
        """Let a task wait."""
        queue = self._waiting.setdefault((want.cores, want.ram_mib), [])
        heapq.heappush(queue, (-priority, next(self._order), task))
        self._count += 1

    def take(self) -> T | None:
        """Return the next task that fits, its resources taken; None where none does.

        Tasks of equal wants stand in one queue, so that only the heads are compared.
        """
        heads = [(queue[0][:2], size) for size, queue in self._waiting.items()]
        if len(heads) > 1:
            heads.sort()
        for number, (_, size) in enumerate(heads):
            cores, ram = size
            if cores <= self._free_cores + 1e-9 and ram <= self._free_ram + 1e-9:
                if number:
                    if self._overtaken >= PATIENCE:
                        return None
                    self._overtaken += 1
                else:
                    self._overtaken = 0
                queue = self._waiting[size]
                task = heapq.heappop(queue)[2]
                if not queue:
                    del self._waiting[size]
                self._free_cores -= cores
                self._free_ram -= ram
                self._count -= 1
                return task
        return None

    def take_next(self, want: Wanted) -> T | None:
        """Return the first of all tasks, where it wants as much as this one; it gets nothing."""
        queue = self._waiting.get((want.cores, want.ram_mib))
        if not queue:
            return None
        others = self._waiting.values() if len(self._waiting) > 1 else ()
        if any(other[0][:2] < queue[0][:2] for other in others):
            return None
        task = heapq.heappop(queue)[2]
        if not queue:
            del self._waiting[want.cores, want.ram_mib]
        self._count -= 1
        return task

    def withdraw(self, unwanted: Callable[[T], bool]) -> list[T]:
        """Remove and return the tasks that wait and are not wanted any more."""
        gone: list[T] = []
        for size, queue in list(self._waiting.items()):
            kept = [entry for entry in queue if not unwanted(entry[2])]
            if len(kept) < len(queue):
                gone += [entry[2] for entry in sorted(queue) if unwanted(entry[2])]
                heapq.heapify(kept)
                self._waiting[size] = kept
            if not kept:
                del self._waiting[size]
        self._count -= len(gone)
        return gone

    def give_back(self, want: Wanted) -> None:
        """Free what a task had."""
        self._free_cores += want.cores
        self._free_ram += want.ram_mib

    def clear(self) -> list[T]:
        """Remove and return all that wait."""
        tasks = [task for queue in self._waiting.values() for *_, task in queue]
        self._waiting.clear()
        self._count = 0
        return tasks


def _counted(number: float, what: str) -> str:
    return f"{number:g} {what}{'' if number == 1 else 's'}"


def _are(number: float, what: str) -> str:
    return f"{'is' if number == 1 else 'are'} {_counted(number, what)}"
