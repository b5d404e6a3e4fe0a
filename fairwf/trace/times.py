"""Times as engines write them, as ISO 8601 with an offset."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone

from fairwf.report import Report

_LATEST = 253402300799.0
"""The last second of the year 9999."""


def from_epoch(seconds: float | None) -> str | None:
    """Return the time so many seconds after 1970-01-01T00:00Z; None for what is no time."""
    if seconds is None or not math.isfinite(seconds) or not 0 < seconds <= _LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


class Clock:
    """Times without a time zone, as a machine's own clock showed them.

    ``offset`` is the zone where the trace tells it; else the zone of this machine is taken, and
    the report says so once.
    """

    def __init__(self, report: Report, file: str, offset: timedelta | None = None) -> None:
        self._report = report
        self._file = file
        self._zone = timezone(offset) if offset is not None else None
        self._told = offset is not None

    def time(self, text: str | None) -> str | None:
        """Return a time with an offset; None for what is no time."""
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
        return self.moment(moment)

    def moment(self, moment: datetime) -> str | None:
        """Return a moment as text with an offset; None where it cannot be placed."""
        if moment.tzinfo is None:
            try:
                moment = moment.astimezone() if self._zone is None else moment.replace(
                    tzinfo=self._zone
                )  # fmt: skip
            except (OverflowError, OSError, ValueError):
                return None
            self._tell(moment)
        return moment.isoformat()

    def _tell(self, moment: datetime) -> None:
        if self._told:
            return
        self._told = True
        zone = moment.strftime("%z")
        self._report.add(
            "FWF1804",
            f"its times have no time zone: that of this machine was taken (UTC{zone})",
            file=self._file,
            hint="if the run was made elsewhere, package it with TZ=... set to the zone there",
        )


def zoned(text: str | None) -> str | None:
    """Return a text if it is a time with an offset, else None."""
    return text if text is not None and _moment(text) is not None else None


def seconds_between(started: str | None, ended: str | None) -> float | None:
    """Return how long it took, in seconds; None where a time is missing."""
    one, other = _moment(started), _moment(ended)
    return (
        max(0.0, (other - one).total_seconds()) if one is not None and other is not None else None
    )


def not_after(one: str, other: str) -> bool:
    """Tell whether a time is none after another; False where either is no time with an offset."""
    first, second = _moment(one), _moment(other)
    return first is not None and second is not None and first <= second


def earliest(times: Iterable[str | None]) -> str | None:
    """Return the first moment of all; None where none is a time with an offset."""
    return min(_placed(times), default=(None, None))[1]


def latest(times: Iterable[str | None]) -> str | None:
    """Return the last moment of all; None where none is a time with an offset."""
    return max(_placed(times), default=(None, None))[1]


def _placed(times: Iterable[str | None]) -> Iterator[tuple[datetime, str]]:
    for text in times:
        moment = _moment(text)
        if moment is not None and text is not None:
            yield moment, text


def later(started: str | None, seconds: float | None) -> str | None:
    """Return the time so many seconds after another; None where either is missing."""
    moment = _moment(started)
    if moment is None or seconds is None or not math.isfinite(seconds):
        return None
    try:
        return (moment + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return None


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
