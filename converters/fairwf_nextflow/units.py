"""Values of Nextflow's trace, raw or made for people (Nextflow documentation, "Trace file").

Raw, times are milliseconds and volumes octets. For people they are ``1m 3s`` and ``1.5 MB``, where
a KB has 1024 octets.
"""

from __future__ import annotations

import re

from fairwf.trace import numbers
from fairwf.trace.times import Clock, from_epoch

_SPANS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\b")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGTPE]?)B?\Z")
_POWERS = {unit: 1024**power for power, unit in enumerate(["", *"KMGTPE"])}
_NUMBER = re.compile(r"\d+(?:\.\d+)?\Z")
_NONE = frozenset({"", "-", "null"})
_LONGEST = 100


def present(text: str | None) -> str | None:
    """Return a value; None where the trace has none."""
    found = (text or "").strip()
    return None if found in _NONE else found


def seconds(text: str | None) -> float | None:
    """Return a duration in seconds."""
    value = present(text)
    if value is None or len(value) > _LONGEST:
        return None
    if (milliseconds := numbers.whole(value)) is not None:
        return milliseconds / 1000
    spans = _SPAN.findall(value)
    if not spans or _SPAN.sub("", value).strip():
        return None
    return round(sum(float(number) * _SPANS[unit] for number, unit in spans), 3)


def octets(text: str | None) -> int | None:
    """Return a volume in octets."""
    value = present(text)
    match = _SIZE.match(value) if value is not None and len(value) <= _LONGEST else None
    return round(float(match[1]) * _POWERS[match[2]]) if match is not None else None


def number(text: str | None) -> float | None:
    """Return a number, of a percentage without its sign."""
    value = present(text)
    bare = value.removesuffix("%") if value is not None and len(value) <= _LONGEST else ""
    return float(bare) if _NUMBER.match(bare) else None


def whole(text: str | None) -> int | None:
    """Return a whole number."""
    return numbers.whole(present(text))


def time(text: str | None, clock: Clock) -> str | None:
    """Return a time: milliseconds since 1970, or a date in the local time of the run."""
    value = present(text)
    if value is None:
        return None
    if (milliseconds := numbers.whole(value)) is not None:
        return from_epoch(milliseconds / 1000)
    return clock.time(value)
