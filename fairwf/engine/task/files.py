"""Files and folders as values: where they lie, what they are called, their digests.

``location`` is an absolute ``file:`` URI, ``checksum`` is ``sha1$hex`` (which CWL wants) and
``extensions["fairwf"]["sha256"]`` the SHA-256 (which packages want), both from one reading.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.reading import (
    file_uri,
    load_listing,
    local_path,
    path_of_location,
    path_text,
)
from fairwf.engine.places.away import digests_of
from fairwf.ir.expressions import Directory, File
from fairwf.ir.origins import Origins

Entry = File | Directory

SCALARS = frozenset({type(None), bool, int, float, str, bytes})
"""The classes of values that hold no file."""
MAX_NAME_BYTES = 255
_SMALL = 1 << 14
_BLOCK = 1 << 20


def map_files(value: Any, change: Callable[[Entry], Entry]) -> Any:
    """Return the value with every outermost file and folder in it changed."""
    if type(value) in SCALARS:
        return value
    if isinstance(value, (File, Directory)):
        return change(value)
    if isinstance(value, dict):
        return {key: map_files(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [item if type(item) in SCALARS else map_files(item, change) for item in value]
    return value


def named(file: File, basename: str) -> File:
    """Return the file with this basename, and the parts of it."""
    root, extension = posixpath.splitext(basename)
    return replace(file, basename=basename, nameroot=root, nameext=extension)


def at_path(entry: Entry, path: Path) -> Entry:
    """Return the entry as a task sees it at a path: with ``path``, ``dirname`` and names of it."""
    if isinstance(entry, Directory):
        inside = entry.listing
        if inside is not None:
            inside = tuple(at_path(one, path / name_of(one)) for one in inside)
        return replace(entry, path=str(path), basename=path.name, listing=inside)
    return replace(named(entry, path.name), path=str(path), dirname=str(path.parent))


def name_of(entry: Entry) -> str:
    """Return the name under which the entry is staged.

    Raises:
        FunctionError: it has none, or one that is no plain file name.
    """
    name = entry.basename
    if name is None:
        if entry.location is None and entry.path is None:
            if isinstance(entry, File) and entry.contents is not None:
                digest = hashlib.sha256(entry.contents.encode("utf-8", "surrogatepass"))
                return digest.hexdigest()[:16]
            if isinstance(entry, Directory) and entry.listing is not None:
                return hashlib.sha256(repr(entry).encode()).hexdigest()[:16]
            raise FunctionError("a file has neither location nor contents")
        name = local_path(entry).name
    if not name or name in (".", "..") or "/" in name or "\0" in name:
        raise FunctionError(f"{name!r:.120} is no name of a file")
    return allow_length(name)


def allow_length(name: str) -> str:
    """Return a name that a file system takes.

    Raises:
        FunctionError: it is too long.
    """
    length = len(name.encode("utf-8", "surrogatepass"))
    if length > MAX_NAME_BYTES:
        raise FunctionError(
            f"the name {name!r:.60}... has {length} bytes, and file systems take {MAX_NAME_BYTES}"
        )
    return name


def is_literal(entry: Entry) -> bool:
    """Tell whether the entry lies nowhere yet: its text or listing is all there is."""
    return entry.location is None and entry.path is None


def resolved(entry: Entry, folder: Path | None) -> Entry:
    """Return the entry with an absolute location, where it is on this machine.

    ``folder`` is what relative locations and paths are relative to. Secondary files and listings
    likewise.

    Raises:
        FunctionError: the location is relative and there is no folder, or the entry has nothing.
    """
    location = _absolute(entry, folder)
    if isinstance(entry, Directory):
        listing = entry.listing
        if listing is not None:
            listing = tuple(resolved(one, folder) for one in listing)
        elif location is None:
            raise FunctionError("a folder has neither location nor listing")
        placed: Entry = replace(entry, location=location, path=None, listing=listing)
        return replace(placed, basename=name_of(placed))
    if location is None and entry.contents is None:
        raise FunctionError("a file has neither location nor contents")
    inside = tuple(resolved(one, folder) for one in entry.secondary)
    file = replace(entry, location=location, path=None, dirname=None, secondary=inside)
    return named(file, name_of(file))


def _absolute(entry: Entry, folder: Path | None) -> str | None:
    if entry.location is None and entry.path is None:
        return None
    if entry.location is not None:
        path = path_of_location(entry.location)
        if path is not None:
            return file_uri(Path(os.path.normpath(path)))
        head = entry.location.split("/", 1)[0]
        if ":" in head and not head.startswith("."):
            return entry.location
        relative = entry.location
    else:
        assert entry.path is not None
        if entry.path.startswith("/"):
            return file_uri(Path(os.path.normpath(entry.path)))
        relative = entry.path
    if folder is None:
        raise FunctionError(f"{relative!r:.120} is relative, and to what is not known")
    if entry.location is not None:
        as_path = path_of_location(file_uri(folder) + "/" + relative)
        exact = folder / relative
        chosen = exact if exact.exists() or as_path is None else as_path
        return file_uri(Path(os.path.normpath(chosen)))
    return file_uri(Path(os.path.normpath(folder / relative)))


def anchored(value: Any, origins: Origins) -> Any:
    """Return the value with the relative locations of files that a document says made absolute.

    They are relative to the document that their node came from.
    """

    if type(value) in SCALARS:
        return value

    def anchor(entry: Entry) -> Entry:
        span = origins.get(entry)
        if span is None or entry.location is None:
            return entry
        return resolved(entry, Path(span.file).absolute().parent)

    return map_files(value, anchor)


def described(entry: Entry, digests: bool = False) -> Entry:
    """Return the entry with what the disk says: size, and digests if they are asked for.

    Raises:
        FunctionError: it does not exist, or is a folder where a file is said (or the reverse).
    """
    if isinstance(entry, Directory):
        if not is_literal(entry):
            path = local_path(entry)
            if not path.is_dir():
                why = "is a file, not a folder" if path.exists() else "does not exist"
                raise FunctionError(f"the folder {str(path)!r:.300} {why}")
        if entry.listing is None:
            return entry
        return replace(entry, listing=tuple(described(one, digests) for one in entry.listing))
    inside = tuple(described(one, digests) for one in entry.secondary)
    file = replace(entry, secondary=inside) if inside else entry
    if is_literal(file):
        assert file.contents is not None
        size = len(file.contents.encode("utf-8", "surrogatepass"))
        return with_digests(replace(file, size=size)) if digests else replace(file, size=size)
    place = path_text(file)
    try:
        status = os.stat(place)
    except (OSError, ValueError):
        raise FunctionError(f"the file {place!r:.300} does not exist") from None
    if stat.S_ISDIR(status.st_mode):
        raise FunctionError(f"{place!r:.300} is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise FunctionError(f"{place!r:.300} is a pipe, socket or device, not a file")
    file = replace(file, size=status.st_size)
    return with_digests(file) if digests else file


def with_digests(entry: Entry) -> Entry:
    """Return the entry with size, SHA-1 and SHA-256 of it and of all files inside it.

    Raises:
        FunctionError: a file cannot be read or is no regular file.
    """
    if isinstance(entry, Directory):
        if entry.listing is None:
            return entry
        return replace(entry, listing=tuple(with_digests(one) for one in entry.listing))
    inside = tuple(with_digests(one) for one in entry.secondary)
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    size = 0
    if is_literal(entry):
        blocks = [(entry.contents or "").encode("utf-8", "surrogatepass")]
        for block in blocks:
            size += len(block)
            sha1.update(block)
            sha256.update(block)
    elif (absent := digests_of(path_text(entry))) is not None:
        return _with(entry, inside, absent.size, absent.sha1, absent.sha256)
    else:
        path = path_text(entry)
        try:
            # Not to wait for ever for somebody to write into a pipe.
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise FunctionError(f"{path!r} is no regular file")
                # A small file needs no large buffer, and no second reading to tell its end.
                length = min(max(status.st_size + 1, _SMALL), _BLOCK)
                while block := os.read(descriptor, length):
                    size += len(block)
                    sha1.update(block)
                    sha256.update(block)
                    if size == status.st_size and len(block) < length:
                        break
            finally:
                os.close(descriptor)
        except OSError as error:
            raise FunctionError(f"cannot read {path!r}: {error.strerror}") from error
    return _with(entry, inside, size, sha1.hexdigest(), sha256.hexdigest())


def _with(file: File, secondary: tuple[Entry, ...], size: int, sha1: str, sha256: str) -> File:
    own = {**file.extensions.get("fairwf", {}), "sha256": sha256}
    return replace(
        file,
        size=size,
        checksum=f"sha1${sha1}",
        secondary=secondary,
        extensions={**file.extensions, "fairwf": own},
    )


def with_listing(folder: Directory, deep: bool = True, digests: bool = False) -> Directory:
    """Return the folder with its listing, in order of names.

    Raises:
        FunctionError: it cannot be listed, or a file cannot be read.
    """
    listed = load_listing(folder, "deep" if deep else "shallow")
    if digests:
        changed = with_digests(listed)
        assert isinstance(changed, Directory)
        return changed
    return listed


def without_path(entry: Entry) -> Entry:
    """Return the entry as others see it: ``path`` and ``dirname`` exist only while a task runs."""
    if isinstance(entry, Directory):
        listing = entry.listing
        if listing is not None:
            listing = tuple(map(without_path, listing))
        return replace(entry, path=None, listing=listing)
    inside = tuple(map(without_path, entry.secondary))
    return replace(entry, path=None, dirname=None, secondary=inside)


def entry_at(path: str, mode: int) -> Entry:
    """Return the file or folder at an absolute path, by its name there; without size or digest.

    ``mode`` is its mode as :func:`os.stat` tells it.
    """
    folder, name = os.path.split(path)
    if stat.S_ISDIR(mode):
        return Directory(location=file_uri(path), path=path, basename=name)
    root, extension = os.path.splitext(name)
    return File(
        location=file_uri(path),
        path=path,
        basename=name,
        dirname=folder,
        nameroot=root,
        nameext=extension,
    )
