"""The place of a crate: a folder or a zip file that appears whole, or not at all."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairwf.atomic import try_folder
from fairwf.entities.metadata import FILE, FILES
from fairwf.report import EnvironmentFault, InvalidError

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_AT_FDCWD = -100
_FRESH_S = 5.0  # a folder this young may not be held yet by the process that just made it
PACKED = (".zip", ".eln")
"""Endings of files that hold a whole crate."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Give an empty folder; when the block ends, it becomes the crate at ``target``.

    A target that ends in ``.zip`` becomes a zip file with the metadata at its root, one that ends
    in ``.eln`` a zip file with all in one folder (ELN file format 1.0). A crate that is there
    already is replaced at once; a process that dies leaves the old or the new one.

    Raises:
        InvalidError: something that is no crate is in the way (FWF5004).
        EnvironmentFault: the place cannot be written.
    """
    target = Path(os.path.realpath(target))
    _check(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(target)
        folder = target.with_name(f".{target.name[:100]}.{os.urandom(6).hex()}.tmp")
        folder.mkdir()
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _fault(target, error) from None
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield folder
        if target.suffix in PACKED:
            _place_zip(folder, target)
        else:
            _place_folder(folder, target)
    except OSError as error:
        raise _fault(target, error) from error
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


def _clear_leftovers(target: Path) -> None:
    """Remove what processes left behind that were killed: nobody holds their folders."""
    pattern = re.compile(re.escape(f".{target.name[:100]}.") + r"[0-9a-f]{12}\.tmp(\.zip|\.old)?\Z")
    for path in sorted(target.parent.iterdir(), key=lambda path: not path.is_dir()):
        if not pattern.match(path.name) or path.is_symlink():
            continue
        if path.is_dir():
            if _abandoned(path):
                shutil.rmtree(path, ignore_errors=True)
        elif not path.with_suffix("").exists():  # its folder is gone, or was just now
            path.unlink(missing_ok=True)


def _abandoned(folder: Path) -> bool:
    try:
        if time.time() - folder.stat().st_mtime < _FRESH_S:
            return False
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _fault(target: Path, error: OSError) -> EnvironmentFault:
    place = error.filename or target
    return EnvironmentFault.of("FWF9002", f"cannot be written: {error.strerror}", file=str(place))


def check_target(target: Path) -> None:
    """Find out whether a crate can be put at a place, before there is one to put.

    Raises:
        InvalidError: something that is no crate is in the way (FWF5004).
        EnvironmentFault: the place cannot be written.
    """
    target = Path(os.path.realpath(target))
    _check(target)
    try:
        try_folder(target.parent)
    except OSError as error:
        hint = "name another place for the crate"
        raise EnvironmentFault.refused(error, file=str(target), hint=hint) from None


def _check(target: Path) -> None:
    if target.is_dir():
        held = any((target / part / name).is_file() for part in ("", "data") for name in FILES)
        fine = target.suffix not in PACKED and (held or not any(target.iterdir()))
    else:
        fine = not target.exists() or (target.suffix in PACKED and _is_zipped_crate(target))
    if not fine:
        raise InvalidError.of(
            "FWF5004",
            "exists and is no crate, so it is not replaced",
            file=str(target),
            hint="name another place, or move it away",
        )


def _is_zipped_crate(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            return any(name in FILES or name.partition("/")[2] in FILES for name in names)
    except (OSError, zipfile.BadZipFile):
        return False


def _place_folder(folder: Path, target: Path) -> None:
    if not target.exists():
        folder.rename(target)
    elif not _exchange(folder, target):
        old = target.with_name(f"{folder.name}.old")
        target.rename(old)
        folder.rename(target)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    names = os.fsencode(one), os.fsencode(other)
    if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(other))


def _place_zip(folder: Path, target: Path) -> None:
    packed = folder.with_name(folder.name + ".zip")
    top = f"{target.stem}/" if target.suffix == ".eln" else ""
    try:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            paths = sorted(folder.rglob("*"), key=lambda p: (p.name != FILE, p.as_posix()))
            for path in paths:
                name = top + path.relative_to(folder).as_posix() + ("/" if path.is_dir() else "")
                info = zipfile.ZipInfo(name, _EPOCH)
                info.external_attr = (0o40755 if path.is_dir() else 0o100644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                if path.is_dir():
                    archive.writestr(info, b"")
                else:
                    with (
                        path.open("rb") as source,
                        archive.open(info, "w", force_zip64=True) as stream,
                    ):
                        shutil.copyfileobj(source, stream, 1024 * 1024)
        packed.replace(target)
    finally:
        packed.unlink(missing_ok=True)
