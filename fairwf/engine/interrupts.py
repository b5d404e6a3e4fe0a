"""Ctrl-C and SIGTERM: the first stops cleanly, the second kills at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """From :meth:`listen` on, signals set :attr:`asked` instead of raising; a second one kills.

    A context manager, which listens no more when it is left, and which a ``KeyboardInterrupt``
    leaves as :class:`Interrupted`. In the main thread only.
    """

    def __init__(self, run_dir: Path) -> None:
        """``run_dir`` is what to go on with."""
        self._run_dir = run_dir
        self._words = f"killed; continue with: fairwf resume {run_dir}\n".encode()
        self._kill: Callable[[], None] | None = None
        self._before: dict[signal.Signals, Any] = {}
        self.asked = False

    def listen(self, kill: Callable[[], None] | None) -> None:
        """Hear signals. ``kill`` ends tasks that would outlive this process."""
        self._kill = kill
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            with suppress(OSError):
                os.write(2, self._words)
            if self._kill is not None:
                self._kill()
            os._exit(128 + number)
        self.asked = True

    def unlisten(self) -> None:
        """Leave signals to those who heard them before :meth:`listen`."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.unlisten()
        if kind is KeyboardInterrupt:
            raise Interrupted(str(self._run_dir)) from None


class Interrupted(KeyboardInterrupt):
    """The run was interrupted and its state kept; ``resume`` continues it."""

    def __init__(self, run_dir: str) -> None:
        super().__init__(f"interrupted; continue with: fairwf resume {run_dir}")
        self.run_dir = run_dir
