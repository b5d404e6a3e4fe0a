"""Equality, order and absence."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from fairwf.engine.evaluate.collections import StreamValue
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.texts import describe
from fairwf.ir.expressions import Directory, File


def identity(value: Any) -> Hashable:
    """Return a key that equal values share and no others.

    1 and 1.0 are equal, true and 1 are not; NaN equals nothing. Files are equal when location (or
    path), basename and contents are; record members have no order.

    Raises:
        FunctionError: the value cannot be compared (a stream).
    """
    if value is None or isinstance(value, (str, bytes)):
        return (type(value).__name__, value)
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", value) if value == value else object()
    if isinstance(value, File):
        place = value.location or value.path
        inside = tuple(identity(entry) for entry in value.secondary)
        return ("File", place, value.basename, value.contents, inside)
    if isinstance(value, Directory):
        place = value.location or value.path
        # Two objects of one place are equal whether or not one of them was listed.
        listing = () if place or value.listing is None else value.listing
        return ("Directory", place, value.basename, tuple(identity(entry) for entry in listing))
    if isinstance(value, Mapping):
        return ("record", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, Sequence):
        return ("array", tuple(identity(item) for item in value))
    raise FunctionError(f"{describe(value)} cannot be compared")


def equal(a: Any, b: Any) -> bool:
    """Tell whether two values are the same."""
    try:
        return identity(a) == identity(b)
    except RecursionError:
        raise FunctionError("the values are nested too deeply to compare") from None


def sort_key(values: Sequence[Any]) -> None:
    """Refuse values that have no common order: all must be numbers, or all texts."""
    numbers = sum(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    texts = sum(isinstance(v, str) for v in values)
    if len(values) not in (numbers, texts):
        other = values[0] if values else None
        kinds = ", ".join(dict.fromkeys(describe(value) for value in values[:3])) or describe(other)
        raise FunctionError(f"only numbers or only texts have an order, not {kinds}")


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(a: Any, b: Any) -> bool:
        sort_key((a, b))
        return compare(a, b)

    return test


def _first_defined(values: Sequence[Any]) -> Any:
    for value in values:
        if value is not None:
            return value
    raise FunctionError("all values are none")


def _only_defined(values: Sequence[Any]) -> Any:
    defined = [value for value in values if value is not None]
    if len(defined) != 1:
        found = "more than one value is not none" if defined else "all values are none"
        raise FunctionError(found)
    return defined[0]


def _contains(values: Sequence[Any], value: Any) -> bool:
    wanted = identity(value)
    return any(identity(item) == wanted for item in values)


def _unique(values: Sequence[Any]) -> list[Any]:
    first: dict[Hashable, Any] = {}
    for item in values:
        first.setdefault(identity(item), item)
    return list(first.values())


def _defined(value: Any) -> bool:
    return isinstance(value, StreamValue) or value is not None


TABLE: dict[str, Callable[..., Any]] = {
    "equal": equal,
    "not_equal": lambda a, b: not equal(a, b),
    "less": _ordered(lambda a, b: a < b),
    "less_equal": _ordered(lambda a, b: a <= b),
    "greater": _ordered(lambda a, b: a > b),
    "greater_equal": _ordered(lambda a, b: a >= b),
    "not": lambda value: not value,
    "defined": _defined,
    "first_defined": _first_defined,
    "only_defined": _only_defined,
    "all_defined": lambda values: [value for value in values if value is not None],
    "contains": _contains,
    "unique": _unique,
}
"""Implementations by name."""
