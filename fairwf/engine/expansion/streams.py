"""Streams: collections that arrive item by item.

Items carry their lineage; a failed item is kept beside the others, so that the rest flows on and
``collect`` fails in the end.
"""

from __future__ import annotations

from fairwf.engine.evaluate import StreamItem, StreamValue
from fairwf.engine.expansion.scheduler import Cell, Scheduler
from fairwf.engine.failures import Failed, Failure, merge
from fairwf.ir.values import Value


class Closing(Cell):
    """The cell that is settled when a stream closes; it knows its stream."""

    __slots__ = ("stream",)

    def __init__(self, stream: Stream, label: str) -> None:
        super().__init__(label)
        self.stream = stream


class Stream:
    """A stream while it is being filled."""

    def __init__(self, scheduler: Scheduler, label: str) -> None:
        self._scheduler = scheduler
        self._label = label
        self._snapshot: StreamValue | None = None
        self.items: list[StreamItem] = []
        self.failures: list[Failure] = []
        self.closing = Closing(self, f"the end of {label}")
        self.changed = Cell(f"an item of {label}")

    @property
    def closed(self) -> bool:
        """True when no more items will come."""
        return self.closing.settled

    def push(self, lineage: tuple[int, ...], value: Value) -> None:
        """Add an item."""
        self.items.append(StreamItem(lineage, value))
        self._wake()

    def fail(self, failure: Failure) -> None:
        """Record that an item failed."""
        self.failures.append(failure)

    def close(self) -> None:
        """No more items will come."""
        self._scheduler.settle(self.closing)
        self._wake()

    def _wake(self) -> None:
        self._snapshot = None
        changed, self.changed = self.changed, Cell(f"an item of {self._label}")
        self._scheduler.settle(changed)

    def snapshot(self, flowing: bool) -> StreamValue:
        """Return what the stream holds by now.

        ``flowing``: for a consumer that takes items as they come and looks at failures itself.

        Raises:
            Failed: it is closed and an item failed, and the consumer does not flow.
        """
        if self.closed and self.failures and not flowing:
            raise Failed(merge(self.failures))
        if self._snapshot is None:
            waits = frozenset() if self.closed else frozenset([self.closing])
            self._snapshot = StreamValue(tuple(self.items), self.closed, waits)
        return self._snapshot
