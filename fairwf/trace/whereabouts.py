"""Which file of a run a file value is: where it lies, or of a copy, where its original lay.

Equal octets make no one file of two: what two tasks wrote are two files, whatever is in them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.walk import nodes
from fairwf.trace.commands import path_of
from fairwf.trace.run import Task

E = TypeVar("E", File, Directory)

ORIGINAL = "original"
"""Names, among a value's own extensions, the location (or id) of what it is a copy of."""
_MOST_COPIES = 1000
_NUMBERED = re.compile(r"_[0-9]+(?=\.[^.]*\Z|\Z)")
"""What our engine puts into the name of an output where another one has that name."""


def with_original(node: E, original: str | None) -> E:
    """Return a file or folder that says what it is a copy of; as it is where that is None."""
    if original is None:
        return node
    own = {**node.extensions.get("fairwf", {}), ORIGINAL: original}
    return msgspec.structs.replace(node, extensions={**node.extensions, "fairwf": own})


def stated_original(node: File | Directory) -> str | None:
    """Return where the original of a copy lay, as far as its record says so."""
    own = node.extensions.get("fairwf")
    stated = own.get(ORIGINAL) if isinstance(own, dict) else None
    return stated if isinstance(stated, str) else None


def location_of(node: File | Directory) -> str:
    """Return what a file or folder of a run is known by; empty for one that lies nowhere."""
    return stated_original(node) or node.location or node.path or ""


def inside(location: str, folder: str | None) -> str | None:
    """Return the path in the run's folder of a location; None where it is elsewhere."""
    path = path_of(location)
    if path is None:
        if not location or ":" in location or folder is None:
            return None
        found = posixpath.normpath(location)
    else:
        root = f"{folder.rstrip('/')}/" if folder else None
        path = posixpath.normpath(path)
        if root is None or not path.startswith(root):
            return None
        found = path[len(root) :]
    return None if found in ("", ".", "..") or found.startswith("../") else found


def place_of(node: File | Directory, folder: str | None) -> str | None:
    """Return the path in the run's folder under which a file or folder was made, if it was there.

    Where a store of files keeps it under a checksum, that is no name of it.
    """
    found = inside(location_of(node), folder)
    last = found.rpartition("/")[2] if found is not None else None
    if stated_original(node) is None and node.basename is not None and last != node.basename:
        return None
    return found


def originals(
    outputs: Mapping[str, Expr], tasks: Iterable[Task], inputs: Mapping[str, Expr]
) -> dict[str, str]:
    """Return where tasks left the outputs of a run that are copies and do not say of what.

    A copy is one of the only file of its checksum that a task gave, of several the one of its name;
    else of such an input. Where that says nothing, it stays unknown.
    """
    wanted = {
        node.location: node
        for value in outputs.values()
        for node in nodes(value, File)
        if node.location is not None and stated_original(node) is None and _checksums(node)
    }
    made = _copies(wanted, (task.outputs for task in tasks))
    return made | _copies(wanted, [inputs])


def _copies(wanted: dict[str, File], sides: Iterable[Mapping[str, Expr]]) -> dict[str, str]:
    """Return what files are copies of; those found, and those that are no copies, leave."""
    sought = {each for node in wanted.values() for each in _checksums(node)}
    found: dict[str, dict[str, str | None]] = {}
    if not wanted:
        return {}
    for node in (node for values in sides for node in _files(values)):
        if not wanted:
            break
        wanted.pop(node.location or "", None)
        for checksum in sought.intersection(_checksums(node)) if node.location else ():
            known = found.setdefault(checksum, {})
            if len(known) < _MOST_COPIES:
                known.setdefault(location_of(node), node.basename)
    made = {}
    for location, node in list(wanted.items()):
        known = next((found[each] for each in _checksums(node) if each in found), {})
        if known:
            del wanted[location]
        names = {node.basename, _NUMBERED.sub("", node.basename or "")}
        named = [place for place, name in known.items() if name in names]
        only = named if len(named) == 1 else list(known)
        if len(only) == 1:
            made[location] = only[0]
    return made


def _files(values: Mapping[str, Expr]) -> Iterator[File]:
    return (node for value in values.values() for node in nodes(value, File))


def _checksums(node: File) -> list[str]:
    own = node.extensions.get("fairwf")
    sha256 = own.get("sha256") if isinstance(own, dict) else None
    stated = (node.checksum or "").partition("$")[2]
    return [each for each in (sha256, stated) if isinstance(each, str) and each]
