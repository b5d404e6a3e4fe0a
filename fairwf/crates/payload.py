"""The files of a crate: which are copied where, and which are only described.

A file is one entity wherever it appears: it is known by its name and its checksum. Inputs and
outputs of the run are copied; what only steps saw is described by size and checksum, under a local
id, and never by its place on the machine that made it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fairwf.crates.checksums import checksums, measure, recorded_sha256, split_checksum
from fairwf.crates.formats import format_entity, media_type
from fairwf.entities.identifiers import (
    digest,
    local_id,
    quote_path,
    ref,
    refs,
    safe_name,
    timestamp,
)
from fairwf.foreign import lies_in
from fairwf.ir.expressions import Directory, File
from fairwf.ir.iris import file_path, is_iri, is_web
from fairwf.report import Report


@dataclass(eq=False)
class Item:
    """A file, folder or collection, and the parameters that it is an example of.

    ``place`` is its path in the crate (None: described only); ``source`` the file to copy, or the
    octets themselves; ``location`` is where the run left it, for messages. Sizes in bytes;
    ``parts`` are the files of a folder or collection. ``created`` is when the run made it.
    """

    kind: str
    name: str
    identity: str
    source: Path | bytes | None = None
    size: int | None = None
    sha256: str | None = None
    sha1: str | None = None
    url: str | None = None
    place: str | None = None
    location: str | None = None
    created: str | None = None
    formats: dict[str, None] = field(default_factory=dict)
    parts: list[Item] = field(default_factory=list)
    examples: dict[str, None] = field(default_factory=dict)

    @property
    def total_size(self) -> int:
        """Octets of the file, or of all parts."""
        return (self.size or 0) + sum(part.total_size for part in self.parts)

    def contents(self) -> Iterator[Item]:
        """Yield what is described with it: itself, and the files of a folder."""
        yield self
        if self.kind == "Dataset":
            yield from self.parts

    @property
    def id(self) -> str:
        """The entity's id."""
        if self.place is None:
            return local_id(self.kind.lower(), self.identity, self.name)
        return quote_path(self.place) + ("/" if self.kind == "Dataset" else "")

    def entity(self) -> dict[str, Any]:
        """Return the entity."""
        shared = {"@type": self.kind, "@id": self.id, "exampleOfWork": refs(self.examples)}
        if self.kind == "Collection":
            parts = refs(part.id for part in self.parts)
            return {**shared, "name": self.name, "mainEntity": parts[0], "hasPart": parts}
        shown = {**shared, "name": self.name, "alternateName": self._former_name()}
        if self.kind == "Dataset":
            return {**shown, "url": self.url, "hasPart": refs(part.id for part in self.parts)}
        path = self.source if isinstance(self.source, Path) else None
        media = media_type(self.name, path)
        return {
            **shown,
            "contentSize": self.size,
            "sha256": self.sha256,
            "sha1": self.sha1 if self.sha256 is None else None,
            "encodingFormat": [media, *(ref(iri) for iri in self.formats)][:2],
            "dateCreated": self.created,
            "url": self.url,
        }

    def _former_name(self) -> str | None:
        last = self.place.rpartition("/")[2] if self.place else self.name
        return self.name if last != self.name else None


class Payload:
    """Every file that the run names. ``folder`` is what relative locations count from.

    ``copy_of`` finds another file of the same SHA-1 or SHA-256, for one that is gone. ``within``
    are the only folders whose files are looked at, links followed (None: any).
    """

    def __init__(
        self, folder: Path | None, report: Report, within: Sequence[str] | None = None
    ) -> None:
        self._folder = folder
        self._within = within
        self.copy_of: Callable[[str], Path | None] = lambda checksum: None
        self.report = report
        self._known: dict[tuple[str, str], Item] = {}
        self._located: dict[str, Item] = {}
        self._taken: set[str] = {"ro-crate-metadata.json", "ro-crate-preview.html", "readme.md"}
        self._told: set[Item] = set()
        self._nowhere = 0
        self.items: list[Item] = []

    @property
    def confined(self) -> bool:
        """True where no file outside of certain folders is looked at."""
        return self._within is not None

    def reserve(self, place: str) -> bool:
        """Take a path in the crate; False where it is taken."""
        key = place.casefold()
        if key in self._taken:
            return False
        parts = key.split("/")
        self._taken.add(key)
        self._taken.update("/".join(parts[:n]) + "/" for n in range(1, len(parts)))
        return True

    def known(self, checksum: str, name: str) -> Item | None:
        """Return the file of a checksum and name, if the run's own values have it."""
        return self._known.get((checksum, name))

    def placed(self, node: File | Directory) -> str | None:
        """Return the path in the crate of a file or folder, None where it is only described."""
        found = [self._located.get(node.location or node.path or "")]
        if isinstance(node, File):
            name = node.basename or _last(node.location or node.path or "")
            found += [self._known.get((checksum, name)) for checksum in checksums(node)]
        return next((item.place for item in found if item is not None and item.place), None)

    def formats(self) -> Iterator[dict[str, Any]]:
        """Yield an entity for each format that a file states."""
        for iri in dict.fromkeys(iri for item in self.items for iri in item.formats):
            yield format_entity(iri)

    # --- values to items --------------------------------------------------------------------

    def value(self, node: File | Directory) -> Item:
        """Return the item of a file with its secondary files, or of a folder."""
        if isinstance(node, Directory):
            return self._directory(node)
        if not node.secondary:
            return self._file(node)
        parts = [self._file(node), *(self.value(other) for other in node.secondary)]
        identity = digest([(part.kind, part.identity, part.name) for part in parts])
        return self._once(Item("Collection", parts[0].name, identity, parts=parts))

    def place(self, item: Item, folder: str) -> None:
        """Give an item, with its parts, a path in the crate; they stay beside each other."""
        items = item.parts if item.kind == "Collection" else [item]
        for part in items:
            self._tell_missing(part, folder)
        loose = [part for part in items if part.place is None and part.source is not None]
        home = next((part.place for part in items if part.place), None)
        for part in loose:
            if isinstance(part.source, Path) and part.kind == "File":
                self._verify(part, part.source)
        loose = [part for part in loose if part.source is not None]
        names = [safe_name(part.name) for part in loose]
        for base in _bases(folder, home, item):
            if len(set(names)) == len(names) and not any(self._clash(base + n) for n in names):
                for part, name in zip(loose, names, strict=True):
                    self._put(part, base + name)
                return
        for number, (part, name) in enumerate(zip(loose, names, strict=True)):
            self._put(part, f"{folder}/{part.identity[:12]}-{number}/{name}")

    def withhold(self, item: Item) -> None:
        """Never copy an item, whatever else names it: it is described only."""
        for part in (item, *item.parts):
            part.source = None
            self._told.add(part)

    def tell_nowhere(self) -> None:
        """Tell how many inputs and outputs have no place on this machine."""
        if self._nowhere:
            self.report.add(
                "FWF5005",
                f"{self._nowhere} inputs and outputs of the run: the trace does not say where they "
                "are; they are described, not copied",
            )

    def _tell_missing(self, item: Item, folder: str) -> None:
        if item.source is not None or item.url or item.place or item in self._told:
            return
        self._told.add(item)
        if self.confined and self._named(item.location or "") is None:
            self._nowhere += 1
            return
        path = self._named(item.location or "")
        if self._outside(path):
            self.report.add(
                "FWF5005",
                f"{item.name!r:.80}, one of the {folder}, lies outside of the trace's own folder: "
                "it is described, not copied",
                file=str(path),
                hint=f"if it may go into the crate: --data {path.parent}" if path else None,
            )
            return
        what = "folder is gone, or parts of it are" if item.kind == "Dataset" else "file is gone"
        self.report.add(
            "FWF5005",
            f"{item.name!r:.80}, one of the {folder}: the {what}; it is described, not copied",
            file=str(path) if path is not None else item.location,
        )

    def _clash(self, place: str) -> bool:
        return place.casefold() in self._taken or place.casefold() + "/" in self._taken

    def _put(self, item: Item, place: str) -> None:
        item.place = self._free(place)
        for part in item.parts:
            inside = "/".join(safe_name(segment) for segment in part.name.split("/"))
            part.place = self._free(f"{item.place}/{inside}")

    def _free(self, place: str) -> str:
        """Take a path; it gets a number where it is taken, also in other case."""
        found, number = place, 1
        while not self.reserve(found):
            number += 1
            found = f"{place}~{number}"
        return found

    # --- files ------------------------------------------------------------------------------

    def _file(self, node: File) -> Item:
        location = node.location or node.path or ""
        recorded = split_checksum(node.checksum)
        known = self._located.get(location)
        if known is not None and (recorded is None or _has(known, recorded)):
            return self._stated(known, node)
        name = node.basename or _last(location) or "file"
        item = self._measured(node, name, location, recorded)
        for key in ((item.sha256, name), (item.sha1, name)):
            if key[0] is not None and (key[0], name) in self._known:
                item = self._known[key[0], name]
                break
        else:
            self.items.append(item)
        for checksum in (item.sha256, item.sha1):
            if checksum is not None:
                self._known[checksum, name] = item
        if location:
            self._located[location] = item
        return self._stated(item, node)

    def _measured(
        self, node: File, name: str, location: str, recorded: tuple[str, str] | None
    ) -> Item:
        item = Item("File", name, "", size=node.size, url=location if is_web(location) else None)
        item.sha256, item.location = recorded_sha256(node), location or None
        if recorded is not None:
            setattr(item, recorded[0], recorded[1])
        path = self.path(location)
        if path is not None and not path.is_file():
            copies = (self.copy_of(checksum) for checksum in checksums(node))
            path = next((copy for copy in copies if copy is not None), None)
        if not location and node.contents is not None:
            item.source = node.contents.encode("utf-8")
            item.size = len(item.source)
            item.sha256 = hashlib.sha256(item.source).hexdigest()
        elif path is not None:
            item.source = path
            if item.sha256 is None or item.size is None:
                self._verify(item, path)
        item.identity = item.sha256 or item.sha1 or digest(location or name)
        return item

    def _verify(self, item: Item, path: Path) -> bool:
        """Measure a file; one that is not what the run recorded is not copied."""
        size, sha1, sha256 = measure(path)
        if item.sha256 not in (None, sha256) or item.sha1 not in (None, sha1):
            item.source = None
            self._told.add(item)
            self.report.add(
                "FWF5005",
                f"{item.name!r:.80} has changed since the run: it is described, not copied",
                file=str(path),
            )
            return False
        item.size, item.sha1, item.sha256 = size, sha1, sha256
        return True

    def _stated(self, item: Item, node: File) -> Item:
        if node.format and is_iri(node.format):
            item.formats[node.format] = None
        own = node.extensions.get("fairwf")
        created = own.get("created") if isinstance(own, dict) else None
        if item.created is None and isinstance(created, str):
            item.created = timestamp(created)
        return item

    def path(self, location: str) -> Path | None:
        """Return the path on this machine that a location names, if it names one for us to see."""
        path = self._named(location)
        return None if self._outside(path) else path

    def _outside(self, path: Path | None) -> bool:
        """Tell whether a path lies outside of the folders that may be looked at."""
        if self._within is None or path is None:
            return False
        return not lies_in(str(path), self._within)

    def _named(self, location: str) -> Path | None:
        if location.startswith("file:"):
            named = file_path(location)
            return Path(named) if named is not None else None
        if not location or "\0" in location or is_web(location) or location.startswith("urn:"):
            return None
        path = Path(location)
        if path.is_absolute():
            return path
        return self._folder / path if self._folder else None

    # --- folders ----------------------------------------------------------------------------

    def _directory(self, node: Directory) -> Item:
        location = node.location or node.path or ""
        if location and location in self._located:
            return self._located[location]
        path = self.path(location)
        name = node.basename or _last(location) or "directory"
        if path is not None and path.is_dir():
            parts = list(self._walk(path))
        else:
            path, parts = None, list(self._listed(node, ""))
        content = [(part.name, part.kind, part.identity) for part in parts]
        identity = digest(content) if parts else digest([location, name])
        item = Item("Dataset", name, identity, source=path, parts=parts)
        item.url = location if is_web(location) else None
        item.location = location or None
        if path is None and parts and all(part.source is not None for part in parts):
            item.source = b""
        item = self._once(item)
        if location:
            self._located[location] = item
        return item

    def _walk(self, root: Path) -> Iterator[Item]:
        real = root.resolve()
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_symlink() and not path.resolve().is_relative_to(real):
                self.report.add("FWF5005", f"the link {name!r:.80} leaves its folder", file=name)
            elif path.is_dir() and not any(path.iterdir()):
                yield Item("Dataset", name, digest(name), source=path)
            elif path.is_file():
                size, sha1, sha256 = measure(path)
                yield Item("File", name, sha256, path, size, sha256, sha1)

    def _listed(self, node: Directory, prefix: str) -> Iterator[Item]:
        for entry in node.listing or ():
            if isinstance(entry, Directory):
                yield from self._listed(entry, f"{prefix}{entry.basename or 'directory'}/")
            else:
                location = entry.location or entry.path or ""
                name = prefix + (entry.basename or _last(location) or "file")
                yield self._measured(entry, name, location, split_checksum(entry.checksum))

    def _once(self, item: Item) -> Item:
        key = (f"{item.kind}:{item.identity}", item.name)
        known = self._known.setdefault(key, item)
        if known is item:
            self.items.append(item)
        return known


def _bases(folder: str, home: str | None, item: Item) -> Iterable[str]:
    if home is not None:
        yield home.rpartition("/")[0] + "/"
    yield f"{folder}/"
    yield f"{folder}/{item.identity[:12]}/"


def _has(item: Item, recorded: tuple[str, str]) -> bool:
    return recorded[1] in (item.sha1, item.sha256)


def _last(location: str) -> str:
    text = location
    if is_iri(location):
        try:
            text = unquote(urlsplit(location).path)
        except ValueError:  # http://[x
            text = unquote(location)
    return text.rstrip("/").rpartition("/")[2]
