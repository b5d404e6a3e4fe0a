"""The crate that is published: checked, read, and packed for sending."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fairwf.crates import check_crate, open_crate
from fairwf.crates.packing import LINK_SET, link_set_entity
from fairwf.crates.persistent_id import identity, state_doi, stated
from fairwf.crates.preview import PREVIEW
from fairwf.crates.read import FolderPayload, crate_root
from fairwf.entities.identifiers import safe_name
from fairwf.entities.metadata import FILE
from fairwf.publish.facts import Facts
from fairwf.publish.reading import facts_of
from fairwf.report import Diagnostic, EnvironmentFault, InvalidError, Report

_CHUNK = 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Piece:
    """A file to send: its name there, where it lies here, its octets, its MD5 in hexadecimal.

    The MD5 is what repositories tell of a file; it guards against mistakes on the way only.
    """

    key: str
    path: Path
    size: int
    md5: str


def _ours(fault: Diagnostic) -> bool:
    """Tell whether a manifest is behind a file that publishing writes, which it then mends.

    A call that was killed may have left it so.
    """
    written = (FILE, LINK_SET, PREVIEW)
    tags = ("bag-info.txt", "manifest-sha512.txt", "manifest-sha256.txt")
    files = (*(f"data/{name}" for name in written), *tags)
    return fault.code == "FWF5103" and fault.message.startswith(tuple(f"{f!r} " for f in files))


class Subject:
    """A crate, a folder or a zip file. ``root`` is the same without links.

    ``separate`` are files that repositories get on their own, too, for who does not unpack.
    ``has_link_set``: the crate says that its link set is one of ours.

    Raises:
        InvalidError: it is no crate, unsafe, or breaks what RO-Crate or its profiles require.
    """

    def __init__(self, path: Path, report: Report) -> None:
        if path.name.startswith("ro-crate-metadata.") and path.is_file():
            path = path.parent
        self.path = path
        self.root = Path(os.path.realpath(path))
        found = Report()
        check_crate(path, found)
        errors = [d for d in found.errors if not _ours(d)]
        report.extend(Report(d for d in found if d.severity != "error"))
        if errors:
            raise InvalidError(Report(errors))
        with open_crate(path) as crate:
            self.facts: Facts = facts_of(crate)
            self.identity = identity(crate)
            self.dois = stated(crate)
            self.separate = (crate.file, PREVIEW)
            self.has_link_set = crate.get(LINK_SET) == link_set_entity()
            self.files = {name: crate.size(name) or 0 for name in crate.files()}

    @property
    def size(self) -> int:
        """The octets of all files."""
        return sum(self.files.values())

    @property
    def archive_size(self) -> int:
        """The octets of the zip file that is sent; of a folder before it is packed."""
        return self.root.stat().st_size if self.root.is_file() else self.size

    @property
    def archive_name(self) -> str:
        """The name of the zip file that is sent."""
        name = safe_name(self.root.name)
        return name if self.root.is_file() else f"{name}.zip"

    def state_doi(self, doi: str, replaced: list[str], scratch: Path) -> bool:
        """Write a DOI into the crate; False where it is there.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        with open_crate(self.path) as crate:
            return state_doi(self.root, crate, doi, scratch, replaced)

    def deposit_pieces(self, folder: Path) -> list[Piece]:
        """Return what a repository gets: one zip file, and what is ``separate``.

        A bag stays a bag. The same crate always gives the same octets.

        Args:
            folder: a place for what is made.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        made = [_piece(self.archive_name, self._archive(folder))]
        with open_crate(self.path) as crate:
            for name in self.separate:
                if crate.size(name) is not None:
                    place = folder / name
                    with crate.open_path(name) as source, place.open("wb") as target:
                        shutil.copyfileobj(source, target, _CHUNK)
                    made.append(_piece(name, place))
        return made

    def crate_piece(self, folder: Path, changed: Mapping[str, bytes]) -> Piece:
        """Return the crate as a zip file with the metadata at its root, whatever is around it.

        Args:
            folder: a place for it.
            changed: files of the crate that are others in the copy that is sent.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        target = folder / f"{self.root.name.removesuffix('.zip').removesuffix('.eln')}.zip"
        try:
            pack(self.path, target, changed)
        except OSError as error:
            raise EnvironmentFault.refused(error, file=str(target)) from None
        return _piece(target.name, target)

    def _archive(self, folder: Path) -> Path:
        if self.root.is_file():
            return self.root
        target = folder / self.archive_name
        try:
            if crate_root(self.root) != self.root:
                bag = FolderPayload(self.root, str(self.path))
                _pack(sorted(bag.files()), bag.open, target, {}, self.root)
            else:
                pack(self.path, target)
        except OSError as error:
            raise EnvironmentFault.refused(error, file=str(target)) from None
        return target


def pack(crate_path: Path, target: Path, changed: Mapping[str, bytes] | None = None) -> None:
    """Write a crate into a zip file with the metadata at its root and first; times are fixed.

    Raises:
        OSError: it cannot be written.
        InvalidError: a file cannot be read.
    """
    with open_crate(crate_path) as crate:
        names = sorted(crate.files(), key=lambda name: (name != crate.file, name))
        _pack(names, crate.open_path, target, changed or {}, crate_path)


def _pack(
    names: Iterable[str],
    opened: Callable[[str], BinaryIO],
    target: Path,
    changed: Mapping[str, bytes],
    folder: Path | None,
) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name, _EPOCH)
            runs = folder is not None and folder.is_dir() and os.access(folder / name, os.X_OK)
            info.external_attr = (0o100755 if runs else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            data = changed.get(name)
            with (
                opened(name) if data is None else io.BytesIO(data) as source,
                archive.open(info, "w", force_zip64=True) as out,
            ):
                shutil.copyfileobj(source, out, _CHUNK)


def _piece(key: str, path: Path) -> Piece:
    digest, size = hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Piece(key, path, size, digest.hexdigest())
