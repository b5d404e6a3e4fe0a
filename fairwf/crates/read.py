"""Reading crates of strangers: a folder or a zip file.

Nothing leaves the crate: paths that escape it, links, duplicated members and zip bombs are refused,
and no context is fetched.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from urllib.parse import unquote

import msgspec

from fairwf.archive import DAMAGE, Archive, Limits
from fairwf.entities.metadata import FILES
from fairwf.entities.reading import Entity, types, values
from fairwf.report import InvalidError


class Crate:
    """An open crate. ``metadata`` are the octets of ``file``, ``name`` is for messages."""

    def __init__(self, name: str, payload: FolderPayload | Archive, limits: Limits) -> None:
        self.name = name
        self._payload = payload
        file = next((f for f in FILES if payload.size(f) is not None), None)
        if file is None:
            raise InvalidError.of(
                "FWF5001",
                "this is no crate: it has no ro-crate-metadata.json",
                file=name,
                hint="name the folder or zip file that holds it at its top",
            )
        if (payload.size(file) or 0) > limits.metadata_bytes:
            raise InvalidError.of("FWF1009", "the metadata file is too large", file=name)
        self.file = file
        try:
            with payload.open(file) as stream:
                self.metadata = stream.read(limits.metadata_bytes + 1)
        except DAMAGE as error:
            raise InvalidError.of("FWF5001", f"is damaged: {error}", file=name) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files that are held open."""
        self._payload.close()

    # --- metadata -----------------------------------------------------------------------------

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The metadata as JSON values.

        Raises:
            InvalidError: it is no JSON object with a ``@graph`` of objects.
        """
        try:
            found = msgspec.json.decode(self.metadata)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise self._invalid(f"the metadata is no JSON: {what}") from None
        graph = found.get("@graph") if isinstance(found, dict) else None
        if not isinstance(graph, list) or not all(isinstance(e, dict) for e in graph):
            raise self._invalid("the metadata has no @graph of entities")
        return cast(Mapping[str, Any], found)

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        """The entities by ``@id``, in their order; of several with one id the first."""
        found: dict[str, Entity] = {}
        for entity in self.document["@graph"]:
            identifier = entity.get("@id")
            if isinstance(identifier, str):
                found.setdefault(identifier, entity)
        return found

    @cached_property
    def root(self) -> Entity:
        """The root data entity: what the metadata descriptor is about.

        Raises:
            InvalidError: there is none.
        """
        for identifier, entity in self.entities.items():
            if posixpath.basename(identifier) in FILES:
                about = next(iter(self.resolve(entity.get("about"))), None)
                if about is not None:
                    return about
        found = self.entities.get("./")
        if found is None:
            raise self._invalid("the metadata has no root data entity (./)")
        return found

    @property
    def main(self) -> Entity | None:
        """The main entity, in a workflow crate the workflow."""
        return next(iter(self.resolve(self.root.get("mainEntity"))), None)

    def get(self, identifier: str) -> Entity | None:
        """Return an entity by its id."""
        return self.entities.get(identifier)

    def resolve(self, value: Any) -> list[Entity]:
        """Return the entities that a property refers to; others are left out."""
        found = []
        for item in values(value):
            identifier = item.get("@id") if isinstance(item, dict) else None
            entity = self.entities.get(identifier) if isinstance(identifier, str) else None
            if entity is not None:
                found.append(entity)
        return found

    def of_type(self, name: str) -> Iterator[Entity]:
        """Yield the entities of a type, by its name in the context."""
        return (entity for entity in self.entities.values() if name in types(entity))

    @property
    def profiles(self) -> tuple[str, ...]:
        """IRIs of the profiles that the root claims."""
        claims = (c.get("@id") for c in values(self.root.get("conformsTo")) if isinstance(c, dict))
        return tuple(iri for iri in claims if isinstance(iri, str))

    # --- payload ------------------------------------------------------------------------------

    def files(self) -> Iterator[str]:
        """Yield the paths of all files of the crate, relative to its root."""
        return self._payload.files()

    def has(self, identifier: str) -> bool:
        """Tell whether the crate holds the file or folder of a data entity's id."""
        path = local_path(identifier)
        return path is not None and self._payload.size(path) is not None

    def links(self) -> Iterator[tuple[str, bool]]:
        """Yield the links of a folder, and whether they lead to something inside."""
        if isinstance(self._payload, FolderPayload):
            yield from self._payload.links()

    @property
    def prefix(self) -> str:
        """The folder of a zip file that the crate lies in, with a slash; empty where it is none."""
        return self._payload.prefix if isinstance(self._payload, Archive) else ""

    def size(self, path: str) -> int | None:
        """Return the octets of a file by its path, 0 for a folder, None for what is not there."""
        return self._payload.size(path)

    def open_path(self, path: str) -> BinaryIO:
        """Return a stream of a file by its path, as :meth:`files` gives it.

        Raises:
            InvalidError: it cannot be read, or is a link that leaves the crate.
        """
        return self._payload.open(path)

    def open(self, identifier: str) -> BinaryIO:
        """Return a stream of the file of a data entity's id.

        Raises:
            InvalidError: the crate does not hold it, or the id leads out of the crate.
        """
        path = local_path(identifier)
        if path is None:
            raise InvalidError.of(
                "FWF5006", f"{identifier!r:.80} is no path inside the crate", file=self.name
            )
        if self._payload.size(path) is None:
            raise self._invalid(f"the crate does not hold {path!r:.80}")
        return self._payload.open(path)

    def _invalid(self, message: str) -> InvalidError:
        return InvalidError.of("FWF5001", message, file=self.name)


def open_crate(path: str | Path, limits: Limits | None = None) -> Crate:
    """Open a crate: a folder, a zip file, or the metadata file inside a folder.

    Raises:
        InvalidError: there is none (FWF5001), or it is unsafe (FWF5006).
    """
    place, bounds = Path(path), limits or Limits()
    if place.name in FILES and place.is_file():
        place = place.parent
    if place.is_dir():
        place = crate_root(place)
        return Crate(str(path), FolderPayload(place, str(path)), bounds)
    if not place.exists():
        raise InvalidError.of("FWF1001", "no such file or folder", file=str(path))
    if not place.is_file():  # opening a pipe would wait for its writer
        raise InvalidError.of("FWF5001", "neither a folder nor a file", file=str(path))
    return Crate(str(path), Archive(place, str(path), bounds, FILES), bounds)


def crate_root(folder: Path) -> Path:
    """Return the folder of a crate: itself, or its payload where it is a bag (RFC 8493)."""
    inside = folder / "data"
    is_bag = (folder / "bagit.txt").is_file() and any((inside / n).is_file() for n in FILES)
    return inside if is_bag else folder


def local_path(identifier: str) -> str | None:
    """Return the path that a data entity's id names inside the crate; None where it names none.

    RO-Crate 1.1: a relative URI reference with percent-encoding; ``file:`` and absolute paths are
    not followed.
    """
    text = unquote(identifier.partition("#")[0].partition("?")[0])
    first = text.partition("/")[0]
    if not text or text.startswith(("/", "\\")) or ":" in identifier.partition("/")[0]:
        return None
    path = posixpath.normpath(text)
    unsafe = "\0" in path or "\\" in path or path == ".." or path.startswith("../")
    return None if unsafe or (len(first) == 2 and first[1] == ":") else path


class FolderPayload:
    """The files of a crate that is a folder; links lead to nothing outside."""

    def __init__(self, root: Path, name: str) -> None:
        self._root = root.resolve()
        self._name = name

    def close(self) -> None:
        """Nothing is held open."""

    def _inside(self, path: str) -> Path:
        found = (self._root / path).resolve()
        if not found.is_relative_to(self._root):
            raise InvalidError.of(
                "FWF5006", f"{path!r:.80} is a link that leaves the crate", file=self._name
            )
        return found

    def size(self, path: str) -> int | None:
        """Return the octets of a file, 0 for a folder, None for what is not there.

        Raises:
            InvalidError: it is a link that leaves the crate.
        """
        found = self._inside(path)
        try:
            if found.is_dir():
                return 0
            return found.stat().st_size if found.is_file() else None
        except OSError:  # a name that is too long, a folder that may not be looked into
            return None

    def links(self) -> Iterator[tuple[str, bool]]:
        """Yield the links of the folder, and whether they lead to something inside."""
        for path in sorted(self._root.rglob("*")):
            if path.is_symlink():
                inside = path.resolve().is_relative_to(self._root)
                yield path.relative_to(self._root).as_posix(), inside

    def open(self, path: str) -> BinaryIO:
        """Return a stream of a file.

        Raises:
            InvalidError: it cannot be read, or is a link that leaves the crate.
        """
        try:
            return self._inside(path).open("rb")
        except OSError as error:
            message = f"{path!r:.80} cannot be read: {error.strerror}"
            raise InvalidError.of("FWF5001", message, file=self._name) from None

    def files(self) -> Iterator[str]:
        """Yield the paths of all files."""
        for path in sorted(self._root.rglob("*")):
            if path.is_file() and path.resolve().is_relative_to(self._root):
                yield path.relative_to(self._root).as_posix()
