"""Writing files so that a reader sees the old or the new contents, never half of either."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO


def write_file(path: Path, data: bytes) -> None:
    """Write octets to a path by way of a temporary file beside it; folders above it are made.

    A link is followed; a device or pipe is written to directly.

    Raises:
        OSError: the place cannot be written; what was there before is unharmed.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not (path.is_file() or path.is_dir()):
        _to_device(path, data)
        return
    _replace(path, io.BytesIO(data))


def copy_file(source: Path, path: Path) -> None:
    """Copy a file to a path as :func:`write_file` does; what its owner may run, all may.

    Raises:
        OSError: it cannot be read, or the place not be written.
    """
    path = Path(os.path.realpath(path))
    with source.open("rb") as data:
        _replace(path, data, bool(os.fstat(data.fileno()).st_mode & stat.S_IXUSR))


def _replace(path: Path, data: IO[bytes], program: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = path.name.encode("utf-8", "replace")[:100].decode("utf-8", "ignore")
    temporary = path.with_name(f".{shown}.{os.urandom(6).hex()}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(temporary, flags, 0o666)
    except OSError as error:
        error.filename = str(path)
        raise
    try:
        with os.fdopen(descriptor, "wb") as stream:
            shutil.copyfileobj(data, stream, 1024 * 1024)
        if path.is_file():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        if program:
            temporary.chmod(stat.S_IMODE(temporary.stat().st_mode) | 0o111)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, str(temporary)):
            error.filename = str(path)
        raise


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their paths relative to a folder, each one whole.

    Raises:
        ValueError: a path leaves the folder; nothing was written.
        OSError: a place cannot be written.
    """
    for name in files:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or PurePosixPath(name).is_absolute():
            raise ValueError(f"the path {name!r:.80} leaves its folder")
    for name, data in files.items():
        write_file(folder / name, data)


def _to_device(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        error.filename = str(path)
        raise


def try_folder(folder: Path) -> None:
    """Find out whether files can be put into a folder, or into one that is still to be made.

    Nothing is left behind.

    Raises:
        OSError: they cannot; it names the folder that refuses.
    """
    folder = folder.absolute()
    while not os.path.lexists(folder):
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL):
            raise
        # A file system without nameless files.
        named = folder / f".{os.urandom(6).hex()}.tmp"
        try:
            os.close(os.open(named, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            named.unlink()
        except OSError as refusal:
            refusal.filename = str(folder)
            raise
