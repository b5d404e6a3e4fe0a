"""What changed between a document and what its written form reads as, told of each part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from fairwf.ir.canonical import to_plain
from fairwf.ir.metadata import Metadata
from fairwf.ir.walk import escape, walk
from fairwf.ir.workflow import Process

if TYPE_CHECKING:
    from fairwf_nextflow.write.normalize import Ledger

_PARTS = ("steps", "inputs", "outputs", "processes")


def changes(before: Process, after: Process, ledger: Ledger) -> None:
    """Report each step, port and process that reads in another form than it had."""
    nodes = dict(walk(before))
    new = _leaves(after)
    told: set[str] = set()
    for path, value in _leaves(before).items():
        if path in new and new[path] == value:
            continue
        part = _part(path, nodes)
        if part in told or not part:
            continue
        told.add(part)
        node = nodes[part]
        what = {"steps": "step", "inputs": "input", "outputs": "output", "processes": "process"}
        kind, name = part.rsplit("/", 2)[-2:]
        ledger.tell("FWF3002", f"the {what[kind]} {name!r:.60} is put as Nextflow has it", node)
    _statements(before, after, ledger)


def _statements(before: Process, after: Process, ledger: Ledger) -> None:
    """What the metadata of the whole document says stays in the text, not in the model."""
    facts, kept = before.metadata, after.metadata or Metadata()
    if facts is None:
        return
    whole = ledger.path(facts) or ""

    def lost(path: str) -> None:
        text = f"{path.lstrip('/').split('/')[0]!r} has no place of its own in Nextflow's metadata"
        span = ledger.origins.get(facts)
        ledger.report.add("FWF1608", text, span=span, path=f"{whole}{path}")

    there = _said(kept)
    for path, value in _said(facts).items():
        if there.get(path) != value:
            lost(path)


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
