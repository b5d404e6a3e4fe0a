"""What a document says beyond, or other than, what its columns make.

A patch is ``{set: {...}, absent: [...]}`` against the object that :mod:`fairwf_wfformat.emit`
makes, or ``{none: true}`` where the document has no such object. So reading and writing again is
the identity for every key, known or foreign, without a rule for each.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

_KEYS = frozenset({"set", "absent", "none"})


def patch(made: Object | None, found: Object | None, but: tuple[str, ...] = ()) -> Object | None:
    """Return what turns ``made`` into ``found``; keys in ``but`` are none of its business."""
    if found is None:
        return None if made is None else {"none": True}
    base = made or {}
    result: Object = {}
    change = {
        key: value
        for key, value in found.items()
        if key not in but and (key not in base or not equal(base[key], value))
    }
    if change or made is None:
        result["set"] = change
    absent = [key for key in base if key not in found and key not in but]
    if absent:
        result["absent"] = absent
    return result or None


def apply(made: Object | None, change: Object | None) -> Object | None:
    """Return ``made`` with a patch applied."""
    if not change:
        return made
    if change.get("none"):
        return None
    result = {**(made or {}), **change.get("set", {})}
    for key in change.get("absent", ()):
        result.pop(key, None)
    return result


def is_patch(value: Any) -> bool:
    """Tell whether a value is a patch."""
    return (
        isinstance(value, dict)
        and value.keys() <= _KEYS
        and isinstance(value.get("set", {}), dict)
        and isinstance(value.get("absent", []), list)
    )


def equal(a: Any, b: Any) -> bool:
    """Tell whether two JSON values are equal: numbers by value, truth values only each other."""
    if type(a) is str:
        return bool(a == b)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return False
        return a == b if all(type(item) is str for item in a) else all(map(equal, a, b))
    return bool(a == b)
