"""Differences in meaning, place by place of the canonical form."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from fairwf.cli.outputs import Change
from fairwf.document import Document
from fairwf.ir.canonical import plain_bytes, to_plain
from fairwf.ir.walk import escape

_ABSENT = object()


def differences(a: Document, b: Document) -> Iterator[Change]:
    """Yield what differs in meaning, by canonical path.

    Relative locations count from the folder of their document: two that lead to one place are the
    same.
    """
    for change in _compare("", meaning(a), meaning(b)):
        is_place = change.change == "changed" and change.path.endswith("/location")
        if not (is_place and _leads(a, change.before) == _leads(b, change.after)):
            yield change


def _leads(document: Document, location: Any) -> Any:
    """Return the path that a relative location leads to; anything else as it is."""
    if not isinstance(location, str) or ":" in location.partition("/")[0]:
        return location
    source = document.source if document.source not in (None, "-") else document.file
    return os.path.abspath(os.path.join(os.path.dirname(source or ""), location))  # noqa: PTH100, PTH118, PTH120 - no file system is asked


def meaning(document: Document) -> dict[str, Any]:
    """Return a document as plain values: processes written out, foreign keys left out."""
    plain = _written_out(to_plain(document.workflow), {})
    assert isinstance(plain, dict)
    return plain


def _written_out(value: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_written_out(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("kind") == "ref" and set(value) == {"kind", "name"} and value["name"] in scope:
        inner = {name: item for name, item in scope.items() if name != value["name"]}
        return _written_out(scope[value["name"]], inner)
    if value.get("kind") == "workflow":
        scope = {**scope, **value.get("processes", {})}
    left_out = {"extensions", "processes" if value.get("kind") == "workflow" else ""}
    return {key: _written_out(item, scope) for key, item in value.items() if key not in left_out}


def _compare(path: str, a: Any, b: Any) -> Iterator[Change]:
    if isinstance(a, dict) and isinstance(b, dict) and a.get("kind") == b.get("kind"):
        for key in dict.fromkeys([*a, *b]):
            yield from _member(f"{path}/{escape(key)}", a.get(key, _ABSENT), b.get(key, _ABSENT))
    elif isinstance(a, list) and isinstance(b, list):
        by_a, by_b = _keyed(a), _keyed(b)
        for key in dict.fromkeys([*by_a, *by_b]):
            yield from _member(
                f"{path}/{escape(key)}", by_a.get(key, _ABSENT), by_b.get(key, _ABSENT)
            )
    elif plain_bytes([a]) != plain_bytes([b]):
        yield Change(path=path or "/", change="changed", before=a, after=b)


def _member(path: str, a: Any, b: Any) -> Iterator[Change]:
    if a is _ABSENT:
        yield Change(path=path, change="added", after=b)
    elif b is _ABSENT:
        yield Change(path=path, change="removed", before=a)
    else:
        yield from _compare(path, a, b)


def _keyed(items: list[Any]) -> dict[str, Any]:
    """Return a list by the ids of its items, where all have one; else by number."""
    names = [
        next((item[n] for n in ("id", "name") if isinstance(item.get(n), str)), None)
        if isinstance(item, dict) and "kind" not in item
        else None
        for item in items
    ]
    if items and all(names) and len(set(names)) == len(names):
        return {str(name): item for name, item in zip(names, items, strict=True)}
    return {str(number): item for number, item in enumerate(items)}
