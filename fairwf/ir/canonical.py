"""Canonical form and content hash: two documents of one meaning have the same bytes.

JSON with sorted keys and no blanks as RFC 8785 prescribes, but for numbers: a float keeps its
point (``1.0`` is not ``1``), since literals of different types differ. A field at its default is
left out, however the default was written.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

HASH_PREFIX = "fairwf1:sha256:"
"""Names the IR version and algorithm that a content hash was made with."""


@cache
def _fields(cls: type[msgspec.Struct]) -> tuple[tuple[str, str, bool, Any], ...]:
    # Not `msgspec.structs.fields`: it evaluates every annotation, which takes a program that
    # writes one small document as long as all the rest.
    names, keys = cls.__struct_fields__, cls.__struct_encode_fields__
    given = cls.__struct_defaults__
    defaults = (msgspec.NODEFAULT,) * (len(names) - len(given)) + given
    rows = []
    for name, key, default in zip(names, keys, defaults, strict=True):
        if default is not msgspec.NODEFAULT:
            factory = getattr(default, "factory", None)
            default = to_plain(default if factory is None else factory())
        rows.append((name, key, _has_floats(cls, name), default))
    return tuple(rows)


def _has_floats(cls: type[msgspec.Struct], name: str) -> bool:
    """Tell whether a field holds floats, also where they are whole."""
    for base in cls.__mro__:
        written = inspect.get_annotations(base).get(name)
        if written is None:
            continue
        if isinstance(written, str) and "float" not in written:
            return False  # an annotation here writes `float` out; a test holds this
        return _holds_floats(get_type_hints(cls)[name])
    raise LookupError(f"{cls.__name__} has no field {name!r}")


def _holds_floats(hint: Any) -> bool:
    args = get_args(hint)
    if any(_holds_floats(a) for a in args if get_args(a)):
        return True
    return hint is float or (float in args and int not in args)


def _as_floats(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    return float(value) if type(value) is int else value


_PLAIN = frozenset({str, bool, int, float, type(None)})


def to_plain(value: Any) -> Any:
    """Return a node as JSON values, in field order, without fields at their default."""
    if isinstance(value, msgspec.Struct):
        cls = type(value)
        tag = cls.__struct_config__.tag
        plain: dict[str, Any] = {} if tag is None else {"kind": tag}
        for name, key, floats, default in _fields(cls):
            item = to_plain(getattr(value, name))
            if floats:
                item = _as_floats(item)
            if not _same(item, default):
                plain[key] = item
        return plain
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _PLAIN else to_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    raise TypeError(f"not a value of the IR: {type(value).__name__}")


def _same(a: Any, b: Any) -> bool:
    """Tell whether two plain values are written alike (so 1, 1.0 and True differ)."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (dict, list)) and len(a) != len(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float):
        return repr(a) == repr(b)
    return bool(a == b)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value) if _bmp(value) else sorted(value, key=_utf16)
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list):
        return [_ordered(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


def _bmp(keys: dict[str, Any]) -> bool:
    return all(key.isascii() for key in keys)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def plain_bytes(plain: Any) -> bytes:
    """Return the canonical bytes of plain JSON values.

    Raises:
        ValueError: a number is not finite, or a text holds half of a surrogate pair.
    """
    text = json.dumps(_ordered(plain), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def canonical_bytes(node: msgspec.Struct) -> bytes:
    """Return the canonical bytes of a node.

    Raises:
        ValueError: a text holds half of a surrogate pair.
    """
    return plain_bytes(to_plain(node))


def content_hash(node: msgspec.Struct) -> str:
    """Return the content hash of a node: ``fairwf1:sha256:`` and 64 hex digits."""
    return HASH_PREFIX + hashlib.sha256(canonical_bytes(node)).hexdigest()


def same(a: msgspec.Struct, b: msgspec.Struct) -> bool:
    """Tell whether two nodes have the same meaning: equality of canonical bytes."""
    if a is b:
        return True
    if a.__struct_config__.tag != b.__struct_config__.tag:  # the tag is a part of the bytes
        return False
    return canonical_bytes(a) == canonical_bytes(b)
