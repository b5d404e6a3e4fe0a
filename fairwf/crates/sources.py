"""The documents of a workflow and the files that they name: the crate's ``workflow/``."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from fairwf.atomic import copy_file
from fairwf.crates.payload import Item, Payload
from fairwf.document import Document, DocumentFile
from fairwf.entities.identifiers import safe_name
from fairwf.ir.expressions import Directory, File
from fairwf.ir.iris import is_iri
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Process
from fairwf.report import Report
from fairwf.source import document_tree, in_tree

N = TypeVar("N", File, Directory)


@dataclass(frozen=True)
class Sources:
    """The documents of a workflow: the path in the crate of each, main first.

    ``known`` says of some, by path in the crate, what they are.
    """

    main: str
    files: dict[str, Path]
    known: Mapping[str, DocumentFile] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        files: Sequence[str],
        base: Path | None,
        folder: Path | None,
        process: Process,
        payload: Payload,
        beside: Sequence[Path] = (),
        known: Mapping[Path, DocumentFile] | None = None,
    ) -> Sources:
        """Return the places of documents, and place the files that the workflow names.

        Relative paths of ``files`` count from ``folder``, relative locations in the workflow from
        ``base``. Without documents the IR stands for them. The documents lie so deep that files
        ``beside`` them, which lie relative to ``base``, can lie relative to them.
        """
        paths = [folder / name if folder else Path(name) for name in files]
        paths = [path for path in dict.fromkeys(paths) if path.is_file()]
        if not paths:
            main = f"workflow/{safe_name(process.id or 'workflow')}.ir.json"
            payload.reserve(main)
            return cls(main, {})
        root = Path(os.path.commonpath([str(path.parent) for path in paths]))
        above = _folders_above(paths[0].parent.relative_to(root), base, beside)
        places = {}
        for path in paths:
            place = crate_path("/".join(["workflow", *above, *path.relative_to(root).parts]))
            payload.reserve(place)
            places[place] = path
        main = next(iter(places))
        _place_defaults(process, payload, base, main)
        told = {place: (known or {}).get(path.resolve()) for place, path in places.items()}
        return cls(main, places, {place: part for place, part in told.items() if part})

    def place_of(self, path: Path, base: Path) -> str | None:
        """Return the path in the crate that a file has beside the main document's, if it has one.

        Args:
            path: the file.
            base: the folder of the main document, where it came from.
        """
        relative = Path(os.path.relpath(path, base)).as_posix()
        found = posixpath.normpath(posixpath.join(posixpath.dirname(self.main), relative))
        top, _, rest = found.partition("/")
        return crate_path(found) if top == "workflow" and rest else None

    def copy(self, crate: Path, process: Process) -> None:
        """Copy the documents; without any, write the IR."""
        if not self.files:
            place = crate / self.main
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(Document(workflow=process).encode(bare=True))
        for name, path in self.files.items():
            copy_file(path, crate / name)


def crate_path(path: str) -> str:
    """Return a path with names that every file system takes."""
    return "/".join(safe_name(part) for part in path.split("/"))


def _folders_above(inside: Path, base: Path | None, beside: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the folders that the documents need above them.

    Args:
        inside: the folder of the main document, relative to that of all documents.
        base: where the main document came from.
        beside: files that must have a place relative to it.
    """
    if base is None or not beside:
        return ()
    ways = (Path(os.path.relpath(path, base)).parts for path in beside)
    needed = max(sum(part == ".." for part in way) for way in ways) - len(inside.parts)
    if needed <= 0:
        return ()
    folders = Path(os.path.abspath(base)).parts  # noqa: PTH100 - links stay
    end = len(folders) - len(inside.parts)
    return folders[max(1, end - needed) : end]


def _place_defaults(process: Process, payload: Payload, base: Path | None, main: str) -> None:
    """Copy the files that the workflow names itself (scripts, references) where it expects them."""
    tree = document_tree(base) if base is not None else None
    for folder in nodes(process, Directory):
        place = resolved(folder, base)
        path = payload.path(place.location or "")
        if payload.confined or path is None or not path.exists():
            continue
        if tree is None or not in_tree(path, tree):
            payload.withhold(payload.value(place))
            _tell_outside(str(folder.location), main, payload.report)
    for node in nodes(process, File):
        location = node.location
        if not location or node.contents is not None:
            continue
        known = payload.value(resolved(node, base))
        if not payload.confined and not _may_be_copied(known, tree):
            payload.withhold(known)
            _tell_outside(location, main, payload.report)
            continue
        above = "workflow/files"
        if base is not None and not is_iri(location):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(main), location))
            if beside.startswith("workflow/"):
                folders = posixpath.dirname(beside).split("/")
                above = "/".join(safe_name(folder) for folder in folders)
        payload.place(known, above)


def _tell_outside(location: str, main: str, report: Report) -> None:
    report.add(
        "FWF5005",
        f"{location!r:.120} lies outside of the workflow's own folders: "
        "it is described, not copied",
        file=main,
        hint="keep it in the workflow's repository",
    )


def _may_be_copied(item: Item, tree: Path | None) -> bool:
    """Tell whether all files of an item lie where a document may name files."""
    items = [item, *item.parts]
    found = [part.source for part in items if isinstance(part.source, Path)]
    return all(tree is not None and in_tree(path, tree) for path in found)


def resolved(node: N, base: Path | None) -> N:
    """Return a file or folder of the workflow, and what belongs to it, with absolute locations."""
    if base is None or node.location is None or is_iri(node.location) or "\0" in node.location:
        return node
    place = base / node.location
    uri = place.resolve().as_uri()
    if isinstance(node, Directory):
        return msgspec.structs.replace(node, location=uri)
    secondary = tuple(resolved(s, base) if isinstance(s, File) else s for s in node.secondary)
    return msgspec.structs.replace(node, location=uri, secondary=secondary)
