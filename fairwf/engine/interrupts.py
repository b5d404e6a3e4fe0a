"""Ctrl-C and SIGTERM: the first stops cleanly, the second kills at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """While entered, signals set :attr:`asked` instead of raising. In the main thread only."""

    def __init__(self, kill: Callable[[], None]) -> None:
        """``kill`` ends all tasks at once; it is called before the process dies."""
        self._kill = kill
        self._before: dict[signal.Signals, Any] = {}
        self.asked = False

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            self._kill()
            os._exit(128 + number)
        self.asked = True

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


class Interrupted(KeyboardInterrupt):
    """The run was interrupted and its state kept; ``resume`` continues it."""

    def __init__(self, run_dir: str) -> None:
        super().__init__(f"interrupted; continue with: fairwf resume {run_dir}")
        self.run_dir = run_dir
