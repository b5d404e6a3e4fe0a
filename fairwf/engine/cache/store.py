"""Results on disk: one folder a key, which appears whole or not at all.

::

    DIR/1/ab/abcd.../entry.json   a digest, a newline, the entry
                     files/...    what the task made, by its path in the task's folder
    DIR/1/making/                 entries that are being written
    DIR/1/last/ab/abcd....json    of what parts the last key of a task was made, by its place

Entries are read only where they belong to the user who asks, so that nobody else who may write
into the folder can slip in a result.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from fairwf.atomic import write_file
from fairwf.engine.facts import Literals
from fairwf.report import EnvironmentFault

_BLOCK = 1 << 20
_STALE_S = 7 * 24 * 3600
_LARGEST_ENTRY = 1 << 28


class DamagedError(Exception):
    """An entry is not what was written."""


class ForeignError(Exception):
    """An entry belongs to somebody else."""


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an entry: its path below ``files``, digest, size in bytes, whether it can run."""

    path: str
    sha256: str
    size: int
    executable: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A result: the task that gave it, and its outputs with locations ``cache:PATH``."""

    key: str
    run: str
    process: str
    kept: str
    outputs: Literals
    command: tuple[str, ...] = ()
    exit_code: int | None = None
    container: str | None = None
    container_digest: str | None = None
    folders: tuple[str, ...] = ()
    files: tuple[StoredFile, ...] = ()


class Store:
    """The entries of one cache folder."""

    def __init__(self, root: Path) -> None:
        """Make the folder if it is missing.

        Raises:
            EnvironmentFault: it cannot be made or written.
        """
        self._root = root / "1"
        self._making = self._root / "making"
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._making.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._forget_stale()
        except OSError as error:
            raise EnvironmentFault.of(
                "FWF9002", f"the cache cannot be written: {error.strerror}", file=str(root)
            ) from None

    def _forget_stale(self) -> None:
        """Remove what runs that were killed left half written."""
        for path in self._making.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_S:
                    shutil.rmtree(path)

    def _place(self, key: str) -> Path:
        return self._root / key[:2] / key

    # --- reading

    def load(self, key: str) -> Entry | None:
        """Return the entry of a key, None if there is none.

        Raises:
            DamagedError: it is not what was written.
            ForeignError: it belongs to another user.
        """
        place = self._place(key)
        try:
            status = place.lstat()
        except OSError:
            return None
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise ForeignError(str(place))
        try:
            with _opened(place / "entry.json") as stream:
                digest, _, body = stream.read(_LARGEST_ENTRY).partition(b"\n")
        except FileNotFoundError as error:
            raise DamagedError("it has no entry.json") from error
        if hashlib.sha256(body).hexdigest().encode() != digest:
            raise DamagedError("entry.json is not what was written")
        try:
            entry = msgspec.json.decode(body, type=Entry)
        except (msgspec.DecodeError, RecursionError) as error:
            raise DamagedError(f"entry.json: {error}") from error
        if entry.key != key:
            raise DamagedError("it is the entry of another task")
        for path in (*entry.folders, *(file.path for file in entry.files)):
            check_relative(path)
        return entry

    def restore(self, entry: Entry, folder: Path) -> None:
        """Copy the files of an entry into a folder; each is checked on the way.

        Raises:
            DamagedError: a file is missing or is not what was written.
            ForeignError: a file belongs to another user.
            OSError: the folder cannot be written.
        """
        source = self._place(entry.key) / "files"
        folder.mkdir(parents=True)
        for path in entry.folders:
            (folder / path).mkdir(parents=True, exist_ok=True)
        for file in entry.files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                stream = _opened(source / file.path)
            except FileNotFoundError as error:
                raise DamagedError(f"{file.path!r:.200} is missing") from error
            with stream:
                found = _copy(stream.fileno(), target, file.executable)
            if found != (file.sha256, file.size):
                raise DamagedError(f"{file.path!r:.200} is not what was written")

    def parts(self, place: str) -> dict[str, str] | None:
        """Return what was noted of the last key of a task, None where nothing (whole) was."""
        try:
            with _opened(self._last(place)) as stream:
                return msgspec.json.decode(stream.read(_LARGEST_ENTRY), type=dict[str, str])
        except (OSError, DamagedError, ForeignError, msgspec.DecodeError):
            return None

    def _last(self, place: str) -> Path:
        name = hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()
        return self._root / "last" / name[:2] / f"{name}.json"

    # --- writing

    def note_parts(self, place: str, parts: dict[str, str]) -> None:
        """Note of what parts the last key of a task was made.

        Raises:
            OSError: the cache cannot be written.
        """
        write_file(self._last(place), msgspec.json.encode(parts))

    @contextlib.contextmanager
    def making(self) -> Iterator[Making]:
        """Make an entry; what was not finished is gone afterwards.

        Raises:
            OSError: the cache cannot be written.
        """
        place = self._making / os.urandom(12).hex()
        place.mkdir(mode=0o700)
        try:
            (place / "files").mkdir()
            yield Making(place)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def finish(self, making: Making, entry: Entry, instead: bool) -> None:
        """Let an entry appear; of two at the same time one stays.

        ``instead``: what is there is damaged and goes.

        Raises:
            OSError: the cache cannot be written.
        """
        body = msgspec.json.encode(entry)
        digest = hashlib.sha256(body).hexdigest().encode()
        (making.place / "entry.json").write_bytes(digest + b"\n" + body)
        target = self._place(entry.key)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        if instead:
            gone = self._making / os.urandom(12).hex()
            with contextlib.suppress(FileNotFoundError):
                target.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
        try:
            making.place.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # somebody was faster
                raise


class Making:
    """An entry that is being written."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._files: dict[str, StoredFile] = {}
        self._folders: dict[str, None] = {}

    @property
    def folders(self) -> tuple[str, ...]:
        """The paths of its folders."""
        return tuple(self._folders)

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """Its files."""
        return tuple(self._files.values())

    def add(self, source: Path, path: str) -> None:
        """Copy a file or a folder with all that is in it, links followed, to a relative path.

        Raises:
            OSError: it cannot be read, or the cache cannot be written.
        """
        if source.is_dir():
            self._folders[path] = None
            for entry in sorted(source.iterdir(), key=lambda each: each.name):
                if entry.is_dir() or entry.is_file():
                    self.add(entry, f"{path}/{entry.name}")
            return
        if path in self._files:
            return
        target = self.place / "files" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb", buffering=0) as stream:
            executable = bool(os.fstat(stream.fileno()).st_mode & 0o100)
            sha256, size = _copy(stream.fileno(), target, executable)
        self._files[path] = StoredFile(path=path, sha256=sha256, size=size, executable=executable)

    @property
    def paths(self) -> list[Path]:
        """Where its files are being written."""
        return [self.place / "files" / path for path in self._files]

    def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a file that was added."""
        file = self._files.get(path)
        return file.sha256 if file is not None else None


def check_relative(path: str) -> None:
    """Refuse a path that is not below its folder.

    Raises:
        DamagedError: it is not.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise DamagedError(f"the path {path!r:.200} leaves the entry")


class _Stream:
    """A file of an entry, open for reading."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def fileno(self) -> int:
        return self._handle

    def read(self, most: int) -> bytes:
        blocks, length = [], 0
        while length < most and (block := os.read(self._handle, _BLOCK)):
            blocks.append(block)
            length += len(block)
        return b"".join(blocks)


def _opened(path: Path) -> _Stream:
    """Open a regular file of this user, and no link.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is something else, or cannot be read.
        ForeignError: it is another user's.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedError(f"{path.name!r:.200}: {error.strerror}") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        os.close(handle)
        if not stat.S_ISREG(status.st_mode):
            raise DamagedError(f"{path.name!r:.200} is no file")
        raise ForeignError(str(path))
    return _Stream(handle)


def _copy(reading: int, target: Path, executable: bool) -> tuple[str, int]:
    """Copy to a new file; return SHA-256 and size of what was copied."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    writing = os.open(target, flags, 0o755 if executable else 0o644)
    digest, size = hashlib.sha256(), 0
    try:
        while block := os.read(reading, _BLOCK):
            digest.update(block)
            size += len(block)
            while block:
                block = block[os.write(writing, block) :]
    finally:
        os.close(writing)
    return digest.hexdigest(), size
