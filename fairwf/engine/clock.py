"""The clock of a session, which nobody can set: it begins with the system's, and goes on steadily.

The system's clock may be set while a run goes on, by a person or the network. Times that a session
records then keep their order, no duration is negative, and what waits for a while waits that long.
"""

from __future__ import annotations

import time

from msgspec.structs import replace

from fairwf.engine.task import Completion

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""It counts the time in which a machine sleeps, too, where the system has such a clock."""


class Clock:
    """Seconds since 1970, as a function; never before ``not_before``."""

    def __init__(self, not_before: float = 0.0) -> None:
        self._offset = max(time.time(), not_before) - time.clock_gettime(_STEADY)

    def __call__(self) -> float:
        """Return the time."""
        return self._offset + time.clock_gettime(_STEADY)


def placed(completion: Completion, submitted: float, now: float) -> Completion:
    """Return the end of a task with times that lie between its submission and now.

    What measured them may have another clock: a node of a cluster, or this machine before its clock
    was set. How long the task took stays as it is, as far as it fits.
    """
    started, ended = completion.started, completion.ended
    if submitted <= started <= ended <= now:
        return completion
    lasted = min(max(0.0, ended - started), max(0.0, now - submitted))
    started = min(max(started, submitted), now - lasted)
    return replace(completion, started=started, ended=started + lasted)
