"""Short tasks that are prepared and handed over before there is room for them.

To wake the engine for each task that ends costs as much as all that it then does. So where tasks
last for milliseconds, some are given to the backend ahead: each starts in the place of the next
task of its lane that ends, and ends are told together. Tasks of a lane want the same, so a place
that fits one fits the next. Where tasks last longer, none is prepared ahead, and the order in which
tasks start is always the one in which they would start without.

What this risks is little: where the engine is killed, tasks are repeated that ended in the last few
milliseconds, and those that waited for a place get another folder.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from fairwf.engine.programs.resources import Wanted

T = TypeVar("T")

SHORT_S = 0.01
"""Nothing is prepared ahead in a lane whose tasks last longer, in seconds.

How long they last tell the shorter half of the last ones: on a busy machine, any may be held up.
"""
AHEAD_S = 0.05
"""How much work of a lane is prepared ahead, in seconds of one place."""
MOST = 32
"""How many tasks of a lane are prepared ahead at most."""
_LOOKED_AT = 8


class Lane(Generic[T]):
    """Tasks of equal wants: how many hold a place, and those that came ahead, in order."""

    def __init__(self, want: Wanted, name: str | None = None) -> None:
        self.want = want
        self.name = name or f"{want.cores!r} {want.ram_mib!r} {want.site}".rstrip()
        self._ahead: deque[T] = deque()
        self._holding = 0
        self._last: deque[float] = deque(maxlen=_LOOKED_AT)

    def room(self) -> int:
        """Return how many more tasks may be handed over ahead."""
        if not self._last or not self._holding:
            return 0
        half = sorted(self._last)[: (len(self._last) + 1) // 2]
        lasting = sum(half) / len(half)
        if lasting > SHORT_S:
            return 0
        most = MOST if lasting * MOST <= AHEAD_S else int(AHEAD_S / lasting)
        return most - len(self._ahead)

    def begin(self) -> None:
        """Note that a task holds a place of its own."""
        self._holding += 1

    def put(self, task: T) -> None:
        """Note that a task was handed over ahead."""
        self._ahead.append(task)

    def end(self, lasted: float) -> T | None:
        """Note that a task ended after so many seconds; return the one that has its place now."""
        self._last.append(lasted)
        if self._ahead:
            return self._ahead.popleft()
        self._holding -= 1
        return None
