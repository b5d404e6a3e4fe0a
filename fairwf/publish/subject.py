"""The crate that is published: checked, read, and packed for sending."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fairwf.crates import check_crate, open_crate
from fairwf.crates.identifiers import safe_name
from fairwf.crates.metadata import FILE
from fairwf.crates.persistent_id import identity, state_doi, stated
from fairwf.crates.preview import PREVIEW
from fairwf.publish.facts import Facts, facts_of
from fairwf.report import EnvironmentFault, InvalidError, Report

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


class Subject:
    """A crate, a folder or a zip file. ``root`` is the same without links.

    Raises:
        InvalidError: it is no crate, unsafe, or breaks what RO-Crate or its profiles require.
    """

    SEPARATE = (FILE, PREVIEW)
    """Files that repositories get on their own, too, for who does not unpack."""

    def __init__(self, path: Path, report: Report) -> None:
        if path.name.startswith("ro-crate-metadata.") and path.is_file():
            path = path.parent
        self.path = path
        self.root = Path(os.path.realpath(path))
        found = Report()
        check_crate(path, found)
        report.extend(Report(d for d in found if d.severity != "error"))
        if not found.ok:
            raise InvalidError(Report(found.errors))
        with open_crate(path) as crate:
            self.facts: Facts = facts_of(crate)
            self.identity = identity(crate)
            self.dois = stated(crate)
            self.files = {name: crate.size(name) or 0 for name in crate.files()}

    @cached_property
    def is_bag(self) -> bool:
        """True where the crate lies in a bag, whose manifests any change would break."""
        if self.root.is_dir():
            return (self.root / "bagit.txt").is_file()
        with zipfile.ZipFile(self.root) as archive:
            return any(name.rpartition("/")[2] == "bagit.txt" for name in archive.namelist())

    @property
    def size(self) -> int:
        """The octets of all files."""
        return sum(self.files.values())

    @property
    def archive_name(self) -> str:
        """The name of the zip file that is sent."""
        name = safe_name(self.root.name)
        return name if self.root.is_file() else f"{name}.zip"

    def state_doi(self, doi: str, replaced: list[str], scratch: Path) -> bool:
        """Write a DOI into the crate; False where it is there.

        Raises:
            InvalidError: the crate is in a bag (FWF5208).
            EnvironmentFault: it cannot be written.
        """
        with open_crate(self.path) as crate:
            if stated(crate)[:1] == [doi] and not set(replaced).intersection(stated(crate)):
                return False
            if self.is_bag:
                raise InvalidError.of(
                    "FWF5208",
                    f"the DOI {doi} cannot be written into a bag: its manifests say what is in it",
                    file=str(self.path),
                    hint="package it without --bagit",
                )
            return state_doi(self.root, crate, doi, scratch, replaced)

    def pieces(self, folder: Path, separate: bool) -> list[Piece]:
        """Return what is sent: the crate as one zip file.

        Args:
            folder: a place for what is made; the same crate always gives the same octets.
            separate: also what stands in ``SEPARATE``, each on its own.
        """
        made = [self._archive(folder)]
        if separate:
            with open_crate(self.path) as crate:
                for name in self.SEPARATE:
                    if crate.size(name) is not None:
                        place = folder / name
                        with crate.open_path(name) as source, place.open("wb") as target:
                            shutil.copyfileobj(source, target, _CHUNK)
                        made.append(_piece(name, place))
        return made

    def _archive(self, folder: Path) -> Piece:
        if self.root.is_file():
            return _piece(self.archive_name, self.root)
        target = folder / self.archive_name
        try:
            pack(self.path, target)
        except OSError as error:
            raise EnvironmentFault.refused(error, file=str(target)) from None
        return _piece(self.archive_name, target)


def pack(crate_path: Path, target: Path) -> None:
    """Write a crate into a zip file with the metadata at its root and first; times are fixed.

    Raises:
        OSError: it cannot be written.
        InvalidError: a file cannot be read.
    """
    with open_crate(crate_path) as crate, zipfile.ZipFile(target, "w") as archive:
        for name in sorted(crate.files(), key=lambda n: (n != crate.file, n)):
            info = zipfile.ZipInfo(name, _EPOCH)
            runs = crate_path.is_dir() and os.access(crate_path / name, os.X_OK)
            info.external_attr = (0o100755 if runs else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            with crate.open_path(name) as source, archive.open(info, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out, _CHUNK)


def _piece(key: str, path: Path) -> Piece:
    digest, size = hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Piece(key, path, size, digest.hexdigest())
