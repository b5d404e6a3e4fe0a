"""Every fault of a document with its path.

msgspec stops at the first fault. This walks msgspec's own type information beside the plain
values and reports all of them; it runs only when decoding failed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect


class Fault(NamedTuple):
    """What is wrong at a place. ``path`` holds keys and indexes from the root."""

    path: tuple[str | int, ...]
    message: str
    hint: str | None = None


@cache
def _info(cls: Any) -> inspect.Type:
    return inspect.type_info(cls)


def faults_of(plain: Any, cls: Any, max_depth: int = 1024) -> list[Fault]:
    """Return all faults of plain JSON values that should be of type ``cls``, in document order."""
    return list(_check(plain, _info(cls), (), max_depth))


def _name(value: Any) -> str:
    names = {
        bool: "a truth value",
        int: "a whole number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
        type(None): "null",
    }
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a value")


def _expected(value: Any, what: str) -> str:
    return f"expected {what}, found {_name(value)}"


def _check(v: Any, t: inspect.Type, path: tuple[str | int, ...], left: int) -> Iterator[Fault]:
    if left <= 0:
        yield Fault(path, "nested too deeply")
    elif isinstance(t, inspect.StructType):
        yield from _struct(v, t, path, left - 1)
    elif isinstance(t, inspect.UnionType):
        yield from _union(v, t, path, left)
    elif isinstance(t, (inspect.ListType, inspect.VarTupleType)):
        if not isinstance(v, list):
            yield Fault(path, _expected(v, "a list"))
        else:
            for index, item in enumerate(v):
                yield from _check(item, t.item_type, (*path, index), left - 1)
    elif isinstance(t, inspect.DictType):
        if not isinstance(v, dict):
            yield Fault(path, _expected(v, "an object"))
        else:
            for key, item in v.items():
                yield from _check(item, t.value_type, (*path, key), left - 1)
    elif isinstance(t, inspect.LiteralType):
        if not any(v == x and type(v) is type(x) for x in t.values):
            allowed = ", ".join(repr(x) for x in t.values)
            yield Fault(path, f"{v!r:.60} is not allowed here", f"one of {allowed}")
    elif not isinstance(t, inspect.AnyType):
        yield from _scalar(v, t, path)


def _scalar(v: Any, t: inspect.Type, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(t, inspect.BoolType):
        right, what = isinstance(v, bool), "true or false"
    elif isinstance(t, inspect.IntType):
        right, what = isinstance(v, int) and not isinstance(v, bool), "a whole number"
    elif isinstance(t, inspect.FloatType):
        right = isinstance(v, (int, float)) and not isinstance(v, bool)
        what = "a number"
    elif isinstance(t, inspect.StrType):
        right, what = isinstance(v, str), "a text"
    elif isinstance(t, inspect.NoneType):
        right, what = v is None, "null"
    elif isinstance(t, inspect.BytesType):
        right, what = isinstance(v, str) and _is_base64(v), "octets in base64"
    else:
        raise TypeError(f"the IR has no fields of type {type(t).__name__}")
    if not right:
        yield Fault(path, _expected(v, what))


def _close(name: str, known: Iterable[str]) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(name, known, 1)), None)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _struct(
    v: Any, t: inspect.StructType, path: tuple[str | int, ...], left: int
) -> Iterator[Fault]:
    if not isinstance(v, dict):
        yield Fault(path, _expected(v, "an object"))
        return
    known = {field.encode_name: field for field in t.fields}
    found = False
    for key, item in v.items():
        if key == t.tag_field:
            if item != t.tag:
                found = True
                yield Fault((*path, key), f"kind {item!r:.60} does not fit here", f"use {t.tag!r}")
        elif key not in known:
            close = _close(str(key), known)
            hint = f"did you mean {close!r}?" if close else f"known: {', '.join(known)}"
            found = True
            yield Fault((*path, key), f"unknown key {key!r:.60}", hint)
        else:
            for fault in _check(item, known[key].type, (*path, key), left):
                found = True
                yield fault
    for key, field in known.items():
        if field.required and key not in v:
            found = True
            yield Fault(path, f"the key {key!r} is missing")
    if not found:
        yield from _post_init(v, t, path)


def _post_init(v: Any, t: inspect.StructType, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if hasattr(t.cls, "__post_init__"):
        try:
            msgspec.convert(v, t.cls)
        except msgspec.ValidationError as error:
            yield Fault(path, str(error))


def _union(v: Any, t: inspect.UnionType, path: tuple[str | int, ...], left: int) -> Iterator[Fault]:
    structs = [m for m in t.types if isinstance(m, inspect.StructType)]
    others = [m for m in t.types if not isinstance(m, inspect.StructType)]
    if isinstance(v, dict) and structs:
        yield from _dispatch(v, structs, path, left)
        return
    attempts = [list(_check(v, member, path, left)) for member in others]
    if any(not faults for faults in attempts):
        return
    for faults, member in zip(attempts, others, strict=True):
        if isinstance(v, (list, dict)) and isinstance(
            member, (inspect.ListType, inspect.VarTupleType, inspect.DictType)
        ):
            yield from faults
            return
    if any(isinstance(m, inspect.LiteralType) for m in others) and isinstance(v, str):
        yield from next(
            f for f, m in zip(attempts, others, strict=True) if isinstance(m, inspect.LiteralType)
        )
    elif structs:
        yield Fault(path, _expected(v, "an object with a kind"))
    else:
        yield attempts[0][0] if attempts else Fault(path, _expected(v, "something else"))


def _dispatch(
    v: dict[str, Any],
    structs: list[inspect.StructType],
    path: tuple[str | int, ...],
    left: int,
) -> Iterator[Fault]:
    if len(structs) == 1 and structs[0].tag is None:
        yield from _struct(v, structs[0], path, left - 1)
        return
    by_tag = {s.tag: s for s in structs}
    kind = v.get("kind")
    if kind is None:
        yield Fault(path, "the key 'kind' is missing", f"one of {', '.join(map(str, by_tag))}")
    elif not isinstance(kind, str) or kind not in by_tag:
        close = _close(str(kind), [str(tag) for tag in by_tag])
        hint = f"did you mean {close!r}?" if close else f"one of {', '.join(map(str, by_tag))}"
        yield Fault((*path, "kind"), f"kind {kind!r:.60} does not fit here", hint)
    else:
        yield from _struct(v, by_tag[kind], path, left - 1)
