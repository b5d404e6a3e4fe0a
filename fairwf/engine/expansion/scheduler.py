"""The scheduler: a pure state machine without input, output, clock or thread.

A **strand** is a generator that yields the cells that it waits for; it goes on when all of them
are settled. A **cell** is settled once, by a strand's end or from outside, and wakes those that
wait for it. There is an index of waiters and a ready queue, never a scan: the work done is in
proportion to the number of waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

Waits = Generator["frozenset[Cell]", None, T]
"""A computation that may wait for cells before it returns a ``T``."""


class Cell:
    """A place for one value that somebody may wait for. ``label`` says in words what it is."""

    __slots__ = ("label", "settled", "value", "waiters")

    def __init__(self, label: str) -> None:
        self.label = label
        self.settled = False
        self.value: Any = None
        self.waiters: list[Cell] | None = None

    def __repr__(self) -> str:
        return f"<Cell {self.label}{' settled' if self.settled else ''}>"


class Strand(Cell):
    """A running generator, how many cells it still waits for, and the cell of what it returns."""

    __slots__ = ("body", "missing")

    def __init__(self, body: Waits[Any], label: str) -> None:
        self.label = label
        self.settled = False
        self.value = None
        self.waiters = None
        self.body = body
        self.missing = 0


class Scheduler:
    """Strands, and the queue of those that can go on."""

    def __init__(self) -> None:
        self._ready: deque[Strand] = deque()
        self._waiting: dict[Strand, frozenset[Cell]] = {}
        self.steps_taken = 0
        """How often a strand was resumed: the work that the scheduler did."""

    def spawn(self, body: Waits[Any], label: str) -> Cell:
        """Start a strand; the cell returned is settled with what the generator returns."""
        strand = Strand(body, label)
        self._ready.append(strand)
        return strand

    def settle(self, cell: Cell, value: Any = None) -> None:
        """Give a cell its value and make those ready that waited for nothing else.

        Raises:
            RuntimeError: the cell has a value already.
        """
        if cell.settled:
            raise RuntimeError(f"{cell.label} is settled twice")
        cell.value = value
        settled = [cell]
        for cell in settled:
            cell.settled = True
            waiters, cell.waiters = cell.waiters, None
            for waiter in waiters or ():
                if not isinstance(waiter, Strand):
                    if not waiter.settled:
                        settled.append(waiter)
                    continue
                waiter.missing -= 1
                if waiter.missing == 0:
                    del self._waiting[waiter]
                    self._ready.append(waiter)

    def any_of(self, cells: Iterable[Cell], label: str) -> Cell:
        """Return a cell that is settled as soon as one of ``cells`` is."""
        either = Cell(label)
        for cell in cells:
            if cell.settled:
                self.settle(either)
                break
            if cell.waiters is None:
                cell.waiters = []
            cell.waiters.append(either)
        return either

    def run(self) -> None:
        """Resume strands until none is ready."""
        while self._ready:
            self._resume(self._ready.popleft())

    def _resume(self, strand: Strand) -> None:
        while True:
            self.steps_taken += 1
            try:
                waits = strand.body.send(None)
            except StopIteration as end:
                self.settle(strand, end.value)
                return
            pending = waits
            for cell in waits:
                if cell.settled:
                    pending = frozenset([cell for cell in waits if not cell.settled])
                    break
            if pending:
                break
        strand.missing = len(pending)
        self._waiting[strand] = pending
        for cell in pending:
            if cell.waiters is None:
                cell.waiters = [strand]
            else:
                cell.waiters.append(strand)

    @property
    def idle(self) -> bool:
        """True where no strand is ready."""
        return not self._ready

    def waits(self) -> list[tuple[str, list[str]]]:
        """Return who waits for what, by label: the graph of waits."""
        return [
            (strand.label, sorted(cell.label for cell in cells if not cell.settled))
            for strand, cells in self._waiting.items()
        ]

    def cycle(self) -> list[str]:
        """Return the labels around a cycle of strands that wait for each other; empty if none."""
        done: set[Strand] = set()
        for start in self._waiting:
            path: list[Strand] = []
            place: dict[Strand, int] = {}
            stack: list[tuple[Strand, int]] = [(start, 0)]
            while stack:
                strand, level = stack.pop()
                for left in path[level:]:
                    del place[left]
                    done.add(left)
                del path[level:]
                if strand in done:
                    continue
                place[strand] = len(path)
                path.append(strand)
                for other in self._waiting.get(strand, ()):
                    if not isinstance(other, Strand) or other.settled:
                        continue
                    if other in place:
                        return [each.label for each in path[place[other] :]]
                    stack.append((other, len(path)))
            done.update(path)
        return []


def wait(*cells: Cell) -> Waits[None]:
    """Wait until all ``cells`` are settled."""
    pending = frozenset([cell for cell in cells if not cell.settled])
    if pending:
        yield pending
