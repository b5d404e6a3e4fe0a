"""How long to go on with a server that fails, and how long to wait in between.

Exponential backoff with full jitter; a ``Retry-After`` (RFC 9110, 10.2.3) is kept to.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]+")
_LONGEST = 1e9


class Patience:
    """Seconds to wait for a server in all, counted anew after each answer that is no failure."""

    def __init__(
        self,
        seconds: float = 120.0,
        *,
        first: float = 0.5,
        most: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.seconds = seconds
        self._first, self._most = first, most
        self._sleep = sleep
        self._waited, self._tries = 0.0, 0

    def fresh(self) -> Patience:
        """Return the same patience from the start, for something that is waited for."""
        return Patience(self.seconds, first=self._first, most=self._most, sleep=self._sleep)

    def renew(self) -> None:
        """Forget what was waited: the server has answered."""
        self._waited, self._tries = 0.0, 0

    def next(self, asked: float | None = None) -> float | None:
        """Return the seconds to wait before the next try; None where it is enough.

        Args:
            asked: seconds that the server wants to be left alone; where that is more than is left,
                waiting is not begun.
        """
        ceiling = min(self._most, self._first * 2.0**self._tries)
        # Half of it at least: a server that restarts is not asked a dozen times in a second.
        delay = random.uniform(ceiling / 2, ceiling)  # noqa: S311 - spreads load, guards nothing
        if asked is not None:
            delay = asked + delay / 4
        return delay if self._waited + delay <= self.seconds else None

    def spend(self, delay: float) -> None:
        """Wait so many seconds."""
        self._sleep(delay)
        self._waited += delay
        self._tries += 1

    def wait(self) -> bool:
        """Wait before the next try; False, and at once, where it is enough."""
        delay = self.next()
        if delay is not None:
            self.spend(delay)
        return delay is not None


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, given as a number or as a date."""
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return min(float(value), _LONGEST)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None
