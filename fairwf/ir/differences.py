"""What differs between two forms of a process: its steps, ports, inner processes, and facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fairwf.ir.canonical import to_plain
from fairwf.ir.metadata import Metadata
from fairwf.ir.walk import escape, walk
from fairwf.ir.workflow import Process

_PARTS = {"steps": "step", "inputs": "input", "outputs": "output", "processes": "process"}


def changed_parts(before: Process, after: Process) -> Iterator[tuple[str, msgspec.Struct]]:
    """Yield each step, port and process that is not the same after, in words and as a node.

    A part that holds a changed one is not told of for that.
    """
    nodes = dict(walk(before))
    new = _leaves(after)
    told: set[str] = set()
    for path, value in _leaves(before).items():
        if path in new and new[path] == value:
            continue
        part = _part(path, nodes)
        if part and part not in told:
            told.add(part)
            kind, name = part.rsplit("/", 2)[-2:]
            yield f"the {_PARTS[kind]} {name!r:.60}", nodes[part]


def facts_left_out(before: Process, after: Process) -> Iterator[str]:
    """Yield the paths, in the metadata of a process, of facts that are not the same after."""
    if before.metadata is None:
        return
    there = _said(after.metadata or Metadata())
    for path, value in _said(before.metadata).items():
        if there.get(path) != value:
            yield path


def _said(facts: Metadata) -> dict[str, Any]:
    """Return the scalars in a statement of metadata by path."""
    found: dict[str, Any] = {}
    for path, node in walk(facts):
        for field in msgspec.structs.fields(type(node)):
            value = getattr(node, field.name)
            if isinstance(value, tuple):
                texts = [one for one in value if isinstance(one, str)]
                found.update({f"{path}/{field.encode_name}/{escape(one)}": one for one in texts})
            elif value is not None and value is not False:
                found[f"{path}/{field.encode_name}"] = value
    return found


def _part(path: str, nodes: Mapping[str, msgspec.Struct]) -> str:
    """Return the step, port or process that is nearest around a path."""
    parts = path.split("/")
    for end in range(len(parts), 1, -1):
        if parts[end - 2] in _PARTS and "/".join(parts[:end]) in nodes:
            return "/".join(parts[:end])
    return ""


def _leaves(root: Process) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, node in walk(root):
        found[path] = type(node).__name__
        for field in msgspec.structs.fields(type(node)):
            for place, value in _scalars(f"{path}/{field.encode_name}", getattr(node, field.name)):
                found[place] = value
    return found


def _scalars(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, msgspec.Struct):
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(item, msgspec.Struct):
                yield f"{path}/{key}", repr(to_plain(item))
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from _scalars(f"{path}/{index}", item)
    else:
        yield path, repr(value)
