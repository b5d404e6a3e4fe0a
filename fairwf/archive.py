"""Zip files of strangers: read in place, or unpacked into a folder of their own.

Paths that leave the archive, links, members that stand twice, encrypted ones and zip bombs are
refused before anything is read.
"""

from __future__ import annotations

import errno
import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import msgspec

from fairwf.report import EnvironmentFault, InvalidError, Report
from fairwf.signatures import is_zip

# What zipfile raises for members that are damaged, or packed in a way that it does not know.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)

_CHUNK = 1024**2


class Limits(msgspec.Struct, frozen=True):
    """What an archive may cost its reader: octets, members, and how far a member may unpack.

    ``unpacked_bytes`` are those of all members together, where they are written to a disk.
    """

    metadata_bytes: int = 1024**3
    members: int = 1_000_000
    member_bytes: int = 64 * 1024**3
    unpacked_bytes: int = 64 * 1024**3
    ratio: int = 1000


class Archive:
    """An open zip file; where everything lies in one folder, paths count from there.

    ``tops`` are names that say where the top is: with one of them at its root, the archive has no
    such folder. ``prefix`` is that folder, with a slash at its end.

    Raises:
        InvalidError: it is no zip file (FWF5001), or unsafe (FWF5006).
    """

    def __init__(self, path: Path, name: str, limits: Limits, tops: tuple[str, ...]) -> None:
        self._name = name
        self._limits = limits
        try:
            self._archive = zipfile.ZipFile(path)
        except DAMAGE as error:
            if not is_zip(path):
                hint = (
                    "what can be named: a folder or zip file of a crate; `fairwf package` makes one"
                )
                raise InvalidError.of(
                    "FWF5001", "is no crate and no zip file", file=name, hint=hint
                ) from None
            raise InvalidError.of("FWF5001", f"is no zip file: {error}", file=name) from None
        report = Report()
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            fault = _fault(info, members, limits)
            if fault:
                report.add("FWF5006", f"{info.filename!r:.80} {fault}", file=name)
                break
            members[info.filename] = info
        if report.errors:
            self._archive.close()
            raise InvalidError(report)
        self.prefix = _top(members, tops)
        self._members = members

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def size(self, path: str) -> int | None:
        """Return the octets of a member, 0 for a folder, None for what is not there."""
        name = self.prefix + path
        info = self._members.get(name)
        if info is not None:
            return info.file_size
        folder = self.prefix if path == "." else name.rstrip("/") + "/"
        return 0 if any(other.startswith(folder) for other in self._members) else None

    def open(self, path: str) -> BinaryIO:
        """Return a stream of a member.

        Raises:
            InvalidError: it is damaged.
        """
        try:
            return cast(BinaryIO, self._archive.open(self._members[self.prefix + path]))
        except DAMAGE as error:
            raise self._damaged(path, error) from None

    def files(self) -> Iterator[str]:
        """Yield the paths of all files."""
        for name, info in self._members.items():
            if not info.is_dir() and name.startswith(self.prefix):
                yield name[len(self.prefix) :]

    def unpack(self, folder: Path) -> None:
        """Write every file into an empty folder; of their permissions, that to execute is kept.

        Raises:
            InvalidError: a member is damaged, cannot have its name, or all are too large.
            EnvironmentFault: the disk has not that much room, or cannot be written.
        """
        total = sum(info.file_size for info in self._members.values())
        if total > self._limits.unpacked_bytes:
            most = self._limits.unpacked_bytes
            raise InvalidError.of("FWF1009", f"unpacks to more than {most} octets", file=self._name)
        if total > shutil.disk_usage(folder).free:
            raise EnvironmentFault.of(
                "FWF9002",
                f"no room to unpack {total} octets in {folder}",
                file=self._name,
                hint="make room, or name another folder with TMPDIR",
            )
        for path in self.files():
            target = folder / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with self.open(path) as stream, target.open("xb") as out:
                    shutil.copyfileobj(stream, out, _CHUNK)
                if (self._members[self.prefix + path].external_attr >> 16) & stat.S_IXUSR:
                    target.chmod(target.stat().st_mode | 0o100)
            except DAMAGE as error:
                if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise
                raise self._damaged(path, error) from None

    def _damaged(self, path: str, error: Exception) -> InvalidError:
        message = f"{path!r:.80} is damaged: {error}"
        return InvalidError.of("FWF5001", message, file=self._name)


def _fault(
    info: zipfile.ZipInfo, members: Mapping[str, zipfile.ZipInfo], limits: Limits
) -> str | None:
    """Return what is wrong with a member of a zip file, if anything."""
    parts = PurePosixPath(info.filename).parts
    if info.filename in members:
        return "stands twice in the zip file"
    if ".." in parts or info.filename.startswith("/") or "\\" in info.filename:
        return "leaves the crate"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link"
    if info.flag_bits & 1:
        return "is encrypted"
    if len(members) >= limits.members:
        return f"is one of more than {limits.members} members"
    if info.file_size > limits.member_bytes:
        return f"unpacks to more than {limits.member_bytes} octets"
    if info.file_size > 10 * 1024**2 and info.file_size > limits.ratio * info.compress_size:
        return f"unpacks to more than {limits.ratio} times its size"
    return None


def _top(members: Mapping[str, zipfile.ZipInfo], names: tuple[str, ...]) -> str:
    """Return the folder that everything is in, where no name of the top is at the root."""
    if any(name in members for name in names):
        return ""
    if "bagit.txt" in members and any(f"data/{name}" in members for name in names):
        return "data/"
    tops = {name.partition("/")[0] for name in members}
    top = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    return top if any(top + name in members for name in names) else ""
