"""Every place where a document breaks its schema; runs only when the quick check failed."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import inspect

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """What is wrong at a place of the JSON value."""

    path: Path
    message: str
    hint: str | None = None


def faults_of(plain: Any, schema: Any) -> Iterator[Fault]:
    """Yield all faults of a JSON value that should be of type ``schema``, in document order."""
    yield from _check(plain, inspect.type_info(schema), ())


def _shown(value: Any) -> str:
    names = {
        bool: "a truth value",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
        type(None): "null",
    }
    return names[type(value)]


def _check(value: Any, kind: inspect.Type, path: Path) -> Iterator[Fault]:
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.StructType):
        yield from _object(value, kind, path)
    elif isinstance(kind, inspect.ListType):
        yield from _list(value, kind, path)
    elif isinstance(kind, inspect.LiteralType):
        if value not in kind.values or not isinstance(value, str):
            allowed = ", ".join(repr(v) for v in kind.values)
            yield Fault(path, f"{value!r:.60} is not allowed here", f"one of {allowed}")
    elif isinstance(kind, inspect.StrType):
        yield from _text(value, kind, path)
    elif isinstance(kind, inspect.FloatType):
        yield from _number(value, kind, path)
    else:
        raise TypeError(f"the schema has no {type(kind).__name__}")


def _object(value: Any, kind: inspect.StructType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, f"expected an object, found {_shown(value)}")
        return
    known = {field.encode_name: field for field in kind.fields}
    for key, field in known.items():
        if field.required and key not in value:
            yield Fault(path, f"the key {key!r} is missing", misspelt(key, value, known))
    for key, item in value.items():
        if key in known:
            yield from _check(item, known[key].type, (*path, key))


def misspelt(key: str, found: Iterable[str], known: Container[str]) -> str | None:
    """Return the hint that another key may be a misspelling of the missing one."""
    others = {name.lower(): name for name in found if name not in known}
    close = difflib.get_close_matches(key.lower(), others, n=1)
    return f"the key {others[close[0]]!r} may be meant: rename it" if close else None


def _list(value: Any, kind: inspect.ListType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, f"expected a list, found {_shown(value)}")
        return
    if len(value) < (kind.min_length or 0):
        yield Fault(path, "the list is empty, at least one entry is needed")
    for index, item in enumerate(value):
        yield from _check(item, kind.item_type, (*path, index))


def _text(value: Any, kind: inspect.StrType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault(path, f"expected a text, found {_shown(value)}")
    elif len(value) < (kind.min_length or 0):
        yield Fault(path, "the text is empty", "leave the key out where it is not required")
    elif kind.pattern and not re.search(kind.pattern, value):
        allowed = kind.pattern.removeprefix("^[").removesuffix("]*$").replace("\\", "")
        text = f"the identifier {value!r:.80} has a character that is not allowed"
        yield Fault(path, text, f"allowed: {allowed}")


def _number(value: Any, kind: inspect.FloatType, path: Path) -> Iterator[Fault]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield Fault(path, f"expected a number, found {_shown(value)}")
    elif not _in_range(value):
        yield Fault(path, "a number beyond the range of 64-bit floats")
    elif kind.ge is not None and value < kind.ge:
        yield Fault(path, f"{value} is less than {kind.ge:g}")
    elif kind.multiple_of is not None and not _whole(value):
        yield Fault(path, f"expected a whole number, found {value}")


def _in_range(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _whole(value: float) -> bool:
    return isinstance(value, int) or (math.isfinite(value) and value.is_integer())
