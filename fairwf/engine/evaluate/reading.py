"""Functions that look into files: sizes, contents, listings, parsed texts."""

from __future__ import annotations

import json
import os
import posixpath
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from msgspec.structs import replace

from fairwf.engine.evaluate.bounds import CONTENTS_BYTES, MAX_ITEMS, MAX_TEXT
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.places.away import at_hand
from fairwf.ir.expressions import Directory, File

_UNQUOTED = re.compile(r"[A-Za-z0-9/!$&'()*+,;=:@~._-]*")


def file_uri(path: Path | str) -> str:
    """Return the ``file:`` URI of an absolute path."""
    text = os.fspath(path)
    if _UNQUOTED.fullmatch(text):
        return f"file://{text}"
    return "file://" + quote(os.fsencode(path), safe="/!$&'()*+,;=:@~-._")


def local_path(node: File | Directory) -> Path:
    """Return the absolute path on this machine of a file or folder that has one.

    Raises:
        FunctionError: it has none: a literal, a remote or a relative location.
    """
    return Path(path_text(node))


def path_text(node: File | Directory) -> str:
    """Return :func:`local_path` as a text, as it stands: a path object costs more than a reading.

    Raises:
        FunctionError: as there.
    """
    if node.path is not None and node.path.startswith("/"):
        return node.path
    location = node.location or node.path
    if location is None:
        raise FunctionError("the file lies nowhere: it has neither location nor path")
    path = _path_in(location)
    if path is None:
        raise FunctionError(f"{location!r:.120} does not lie on this machine")
    return path


def path_of_location(location: str) -> Path | None:
    """Return the absolute path that a ``file:`` URI or path names; None for any other."""
    path = _path_in(location)
    return None if path is None else Path(path)


def _path_in(location: str) -> str | None:
    if location.startswith("/"):
        return location
    if not location.startswith("file:"):
        return None
    # A '#' or '?' in a file's name should be escaped, but many documents do not.
    rest = location[len("file:") :]
    if rest.startswith("///"):
        rest = rest[2:]
    elif rest.startswith("//"):
        try:
            host = urlsplit(location).netloc
        except ValueError:  # file://[x
            return None
        if host not in ("", "localhost"):
            return None
        rest = rest.removeprefix("//" + host)
    path = unquote(rest, errors="surrogateescape") if "%" in rest else rest
    return path if path.startswith("/") and "\0" not in path else None


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except (OSError, ValueError) as error:
        raise FunctionError(f"cannot look at {str(path)!r}: {_why(error)}") from error


def _why(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def file_size(file: File) -> int | None:
    """Return the size in bytes, from the file where it is not said; None if it lies nowhere."""
    if file.size is not None:
        return file.size
    if file.contents is not None:
        return len(file.contents.encode("utf-8", "surrogatepass"))
    if file.location is None and file.path is None:
        return None
    return _stat(local_path(file)).st_size


def size(value: Any) -> int:
    """Bytes of a file, a folder (all files below), or of all in an array or record."""
    if value is None:
        return 0
    if isinstance(value, File):
        return file_size(value) or 0
    if isinstance(value, Directory):
        if value.listing is not None:
            return sum(size(entry) for entry in value.listing)
        return _folder_size(local_path(value))
    if isinstance(value, Mapping):
        return sum(size(entry) for entry in value.values())
    if isinstance(value, (list, tuple)):
        return sum(size(entry) for entry in value)
    raise FunctionError("only files, folders and collections of them have a size in bytes")


def _folder_size(path: Path) -> int:
    total = 0
    _stat(path)
    for folder, _, names in os.walk(path):
        for name in names:
            status = (Path(folder) / name).lstat()
            total += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return total


def read_bytes(file: File, limit: int) -> bytes:
    """Return a file's octets.

    Raises:
        FunctionError: it cannot be read, is no regular file, or is larger than ``limit``.
    """
    if file.contents is not None:
        data = file.contents.encode("utf-8", "surrogatepass")
    else:
        path = local_path(file)
        if not stat.S_ISREG(_stat(path).st_mode):
            raise FunctionError(f"{str(path)!r} is no regular file")
        at_hand(path)
        try:
            with path.open("rb") as stream:
                data = stream.read(limit + 1)
        except OSError as error:
            raise FunctionError(f"cannot read {str(path)!r}: {_why(error)}") from error
    if len(data) > limit:
        raise FunctionError(f"the file is larger than the {limit} bytes that may be read")
    return data


def read_text(file: File, limit: int = MAX_TEXT) -> str:
    """Return a file's text (UTF-8)."""
    data = read_bytes(file, limit)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        name = file.basename or file.path or file.location
        raise FunctionError(f"{name!r} is not UTF-8 text (byte {error.start})") from error


def read_lines(file: File) -> list[str]:
    """Return the lines without their ends (``\\n`` or ``\\r\\n``)."""
    text = read_text(file)
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def read_json(file: File) -> Any:
    """Return the value that a JSON file holds."""
    return parse_json(read_text(file))


def parse_json(text: str) -> Any:
    """Return the value of a JSON text (RFC 8259: no NaN).

    Raises:
        FunctionError: it is not well-formed, or nested too deeply.
    """

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise FunctionError("the JSON text is nested too deeply") from None
    except ValueError as error:
        raise FunctionError(f"this is no JSON text: {error}") from error


def read_tsv(file: File) -> list[list[str]]:
    """Return the fields of each line, by tabulator."""
    return [line.split("\t") for line in read_lines(file)]


def load_contents(file: File) -> File:
    """Return the file with its text as ``contents``.

    Implements CWL v1.2 ``loadContents``: more than 64 KiB, or no UTF-8, is an error.
    """
    return replace(file, contents=read_text(file, CONTENTS_BYTES))


def load_listing(folder: Directory, depth: Literal["none", "shallow", "deep"]) -> Directory:
    """Return the folder with its listing (CWL v1.2 ``loadListing``), in order of names.

    Entries carry location, basename and, for files, size; symlinks are followed but for loops.
    """
    if depth == "none":
        return folder
    if depth not in ("shallow", "deep"):
        raise FunctionError(f"a listing is 'none', 'shallow' or 'deep', not {depth!r:.40}")
    if folder.listing is not None:
        if depth == "shallow":
            return folder
        entries = tuple(
            load_listing(entry, depth) if isinstance(entry, Directory) else entry
            for entry in folder.listing
        )
        return replace(folder, listing=entries)
    budget = [MAX_ITEMS]
    path = local_path(folder)
    return replace(folder, listing=_listing(path, folder.path is not None, depth, budget, ()))


def _listing(
    path: Path,
    with_path: bool,
    depth: str,
    budget: list[int],
    above: tuple[tuple[int, int], ...],
) -> tuple[File | Directory, ...]:
    status = _stat(path)
    here = (status.st_dev, status.st_ino)
    if here in above:
        raise FunctionError(f"the folder {str(path)!r} contains itself through a symlink")
    try:
        names = sorted((entry.name for entry in path.iterdir()), key=os.fsencode)
    except OSError as error:
        raise FunctionError(f"cannot list {str(path)!r}: {_why(error)}") from error
    budget[0] -= len(names)
    if budget[0] < 0:
        raise FunctionError(f"the folder holds more than {MAX_ITEMS} entries")
    entries: list[File | Directory] = []
    for name in names:
        entry = path / name
        seen = str(entry) if with_path else None
        if entry.is_dir():
            inside = None
            if depth == "deep":
                inside = _listing(entry, with_path, depth, budget, (*above, here))
            entries.append(
                Directory(location=file_uri(entry), path=seen, basename=name, listing=inside)
            )
        else:
            root, extension = posixpath.splitext(name)
            entries.append(
                File(
                    location=file_uri(entry),
                    path=seen,
                    basename=name,
                    dirname=str(path) if with_path else None,
                    nameroot=root,
                    nameext=extension,
                    size=entry.stat().st_size if entry.exists() else None,
                )
            )
    return tuple(entries)


def _path_given(path: str) -> str:
    if not path or "\0" in path:
        raise FunctionError(f"{path!r:.120} is no path")
    return path


def file_path(value: Any) -> str:
    """Return where a file or folder lies: a path, where it lies on this machine."""
    if isinstance(value, str):
        return value
    place: str | None = value.path or value.location
    if place is None:
        raise FunctionError("the file lies nowhere yet")
    return _path_in(place) or place


def to_file(path: str) -> File:
    """Return the file at a path, which may not be there yet."""
    location = _path_given(path)
    name = posixpath.basename(location)
    root, extension = posixpath.splitext(name)
    return File(location=location, path=path, basename=name, nameroot=root, nameext=extension)


def to_directory(path: str) -> Directory:
    """Return the folder at a path, which may not be there yet."""
    location = _path_given(path).rstrip("/") or "/"
    return Directory(location=location, path=location, basename=posixpath.basename(location))


def if_exists(entry: Any) -> Any:
    """Return a file or folder that lies where it says, None for any other."""
    if not isinstance(entry, (File, Directory)):
        if entry is None:
            return None
        raise FunctionError("only files and folders can be looked for")
    if entry.location is None and entry.path is None:
        return entry
    path = local_path(entry)
    return entry if (path.is_dir() if isinstance(entry, Directory) else path.is_file()) else None


def literal_file(name: str, text: str) -> File:
    """Return a file of this name and text that lies nowhere yet."""
    if not name or "/" in name or "\0" in name or name in (".", ".."):
        raise FunctionError(f"{name!r} is no file name")
    root, extension = posixpath.splitext(name)
    size_ = len(text.encode("utf-8", "surrogatepass"))
    return File(basename=name, nameroot=root, nameext=extension, contents=text, size=size_)


def secondary(file: File, suffix: str) -> File | Directory | None:
    """Return the first secondary file whose name ends so, or None."""
    for entry in file.secondary:
        if (entry.basename or entry.path or entry.location or "").endswith(suffix):
            return entry
    return None
