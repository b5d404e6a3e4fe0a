"""Arrays and maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fairwf.engine.evaluate.attributes import item
from fairwf.engine.evaluate.bounds import allow_items
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.functions.comparison import identity, sort_key
from fairwf.engine.evaluate.functions.strings import offsets
from fairwf.engine.evaluate.texts import describe, text_of

Items = Sequence[Any]


def is_array(value: Any) -> bool:
    """Tell arrays from texts and all else."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _length(value: Any) -> int:
    if isinstance(value, (str, Mapping)) or is_array(value):
        return len(value)
    raise FunctionError(f"{describe(value)} has no length")


def _range(end: int) -> list[int]:
    if end < 0:
        raise FunctionError(f"a range cannot end at {end}")
    allow_items(end)
    return list(range(end))


def _range_step(start: int, end: int, step: int) -> list[int]:
    if step == 0:
        raise FunctionError("the step of a range must not be 0")
    numbers = range(start, end, step)
    # len() of a range fails beyond the machine's word
    allow_items(max(0, (end - start + step - (1 if step > 0 else -1)) // step))
    return list(numbers)


def _first(items: Items) -> Any:
    if not items:
        raise FunctionError("the array is empty")
    return items[0]


def _last(items: Items) -> Any:
    if not items:
        raise FunctionError("the array is empty")
    return items[-1]


def _concat(*arrays: Items) -> list[Any]:
    allow_items(sum(map(len, arrays)))
    return [one for array in arrays for one in array]


def _merge_flattened(*values: Any) -> list[Any]:
    return _concat(*(value if is_array(value) else [value] for value in values))


def _sort(items: Items) -> list[Any]:
    sort_key(items)
    return sorted(items)


def _equal_lengths(arrays: Sequence[Items]) -> None:
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise FunctionError(f"arrays of equal length are wanted, not of length {lengths[:5]}")


def _zip(a: Items, b: Items) -> list[list[Any]]:
    _equal_lengths((a, b))
    return [[x, y] for x, y in zip(a, b, strict=True)]


def _pairs(items: Sequence[Items]) -> Sequence[Items]:
    for one in items:
        if len(one) != 2:
            raise FunctionError(f"a pair is wanted, not {describe(one)}")
    return items


def _unzip(items: Sequence[Items]) -> list[list[Any]]:
    pairs = _pairs(items)
    return [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]


def _cross(a: Items, b: Items) -> list[list[Any]]:
    allow_items(len(a) * len(b))
    return [[x, y] for x in a for y in b]


def _transpose(rows: Sequence[Items]) -> list[list[Any]]:
    _equal_lengths(rows)
    return [list(column) for column in zip(*rows, strict=True)]


def _chunk(items: Items, length: int) -> list[list[Any]]:
    if length < 1:
        raise FunctionError(f"pieces of length {length} make no sense")
    return [list(items[start : start + length]) for start in range(0, len(items), length)]


def _as_map(items: Sequence[Items]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in _pairs(items):
        if not isinstance(key, str):
            raise FunctionError(f"a key of a map must be a text, not {describe(key)}")
        if key in result:
            raise FunctionError(f"the key {key!r} occurs twice")
        result[key] = value
    return result


def _merge(*maps: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for one in maps for key, value in one.items()}


def _has_key(mapping: Mapping[str, Any], key: Any) -> bool:
    return isinstance(key, str) and mapping.get(key) is not None


def _get(whole: Any, key: Any) -> Any:
    if whole is None:
        return None
    if isinstance(whole, Mapping) and (not isinstance(key, str) or key not in whole):
        return None
    if is_array(whole) and isinstance(key, int) and not isinstance(key, bool):
        return whole[key] if 0 <= key < len(whole) else None
    return item(whole, key)


def _group_by_key(items: Sequence[Items]) -> list[list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for key, value in _pairs(items):
        groups.setdefault(identity(key), [key, []])[1].append(value)
    return list(groups.values())


TABLE: dict[str, Callable[..., Any]] = {
    "length": _length,
    "range": _range,
    "range_step": _range_step,
    "first": _first,
    "last": _last,
    "slice": lambda items, start, end=None: list(items[offsets(start, end)]),
    "append": lambda items, one: _concat(items, [one]),
    "concat_arrays": _concat,
    "flatten": lambda arrays: _concat(*arrays),
    "merge_flattened": _merge_flattened,
    "reverse": lambda items: list(reversed(items)),
    "sort": _sort,
    "zip": _zip,
    "unzip": _unzip,
    "cross": _cross,
    "transpose": _transpose,
    "chunk": _chunk,
    "prefix_each": lambda text, items: [text + text_of(one) for one in items],
    "suffix_each": lambda text, items: [text_of(one) + text for one in items],
    "keys": list,
    "values": lambda mapping: list(mapping.values()),
    "entries": lambda mapping: [[key, value] for key, value in mapping.items()],
    "as_map": _as_map,
    "merge": _merge,
    "has_key": _has_key,
    "get": _get,
    "group_by_key": _group_by_key,
}
"""Implementations by name."""
