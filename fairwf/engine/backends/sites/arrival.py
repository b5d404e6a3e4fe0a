"""Taking home what a task left at its site. What the site says is not trusted: it stays inside."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from fairwf.engine.backends.sites.staying import is_placeholder
from fairwf.engine.task.view import View

Kind = Literal["file", "folder", "link"]
_BLOCK = 1 << 20


class Found(NamedTuple):
    """What lies in a folder of a task: ``name`` is its path below that."""

    name: str
    kind: Kind
    size: int
    digest: str
    sha1: str
    runs: bool
    target: str


class Strange(Exception):  # noqa: N818 - what a site says
    """A site says what no honest one does."""


def findings(told: Sequence[Sequence[Any]]) -> list[Found]:
    """Return what a site found in a folder.

    Raises:
        Strange: a name leaves the folder.
    """
    found = []
    for each in told:
        try:
            one = msgspec.convert(each, Found)
        except msgspec.ValidationError as error:
            raise Strange(f"what it says of a folder makes no sense: {error}") from None
        parts = one.name.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts) or "\0" in one.target:
            raise Strange(f"{one.name!r:.120} is no name in the folder of a task")
        found.append(one)
    return found


def missing(folder: str, found: Sequence[Found]) -> list[Found]:
    """Return the files that a folder here does not hold as they are there.

    Raises:
        OSError: a file here cannot be read.
    """
    return [one for one in found if one.kind == "file" and not _same(f"{folder}/{one.name}", one)]


def _same(path: str, there: Found) -> bool:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    if is_placeholder(path) or not stat.S_ISREG(status.st_mode) or status.st_size != there.size:
        return False
    return digest_of(path) == there.digest


def settle(
    folder: str, found: Sequence[Found], came: Path, wanted: Sequence[Found], view: View
) -> None:
    """Make a folder here what it is there; ``wanted`` are files that lie below ``came``.

    Raises:
        Strange: a name leads through a link.
        OSError: something cannot be written.
    """
    there = {one.name: one for one in found}
    for name in list(_below(folder)):
        kind = _kind(f"{folder}/{name}")
        if name not in there or kind != there[name].kind:
            _remove(f"{folder}/{name}")
    for one in sorted(found):
        if one.kind == "folder" and not os.path.isdir(f"{folder}/{one.name}"):
            refuse_links(folder, one.name)
            os.mkdir(f"{folder}/{one.name}")
    for one in found:
        if one.kind == "link":
            target = view.host(one.target)
            path = f"{folder}/{one.name}"
            if os.path.lexists(path) and os.readlink(path) == target:
                continue
            refuse_links(folder, one.name)
            if os.path.lexists(path):
                os.unlink(path)
            os.symlink(target, path)
    for one in wanted:
        refuse_links(folder, one.name)
        source = came / one.name
        source.chmod(0o755 if one.runs else 0o644)
        os.replace(source, f"{folder}/{one.name}")


def refuse_links(folder: str, name: str) -> None:
    """Refuse a name of which a part above the last is a link.

    Raises:
        Strange: it is.
    """
    path = folder
    for part in name.split("/")[:-1]:
        path = f"{path}/{part}"
        if os.path.islink(path) or not os.path.isdir(path):
            raise Strange(f"{name!r:.120} leads through what is no folder")


def _kind(path: str) -> str:
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return "link"
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.unlink(path)


def _below(folder: str) -> Iterator[str]:
    """Yield what is in a folder, what is inside of others first."""
    for inside, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *folders):
            yield os.path.relpath(os.path.join(inside, name), folder)


def digest_of(path: str | Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
