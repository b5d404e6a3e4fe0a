"""Verdicts of earlier calls, which hold as long as every file that was read is the same.

They lie in ``$XDG_CACHE_HOME/fairwf/validate``, one file for each folder that ``validate`` was
called in and each choice of findings. A verdict is known by the path that was given and holds for
the SHA-256 of the document and of every file that was read with it, and for this very fairwf.
What is damaged, or belongs to another user, counts as not there.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import msgspec

from fairwf.atomic import write_file
from fairwf.cli.validation.workers import Task, Verdict
from fairwf.formats import converters
from fairwf.version import VERSION

MOST_BYTES = 64 * 1024 * 1024
"""How much all files together may hold."""
MOST_VERDICTS = 50_000
"""How many verdicts one file holds."""
_UNCERTAIN = ("FWF1002", "FWF1008", "FWF9")
"""Findings about the surroundings of a document, which its files do not tell."""


class _Entry(msgspec.Struct, array_like=True):
    verdict: Verdict
    digests: list[bytes]


class _Store(msgspec.Struct, array_like=True):
    key: str
    entries: dict[str, _Entry]


class Kept:
    """The verdicts of one call of ``validate``."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()
        self._stores: dict[str, _Store] = {}
        self._fresh: dict[str, dict[str, _Entry]] = {}
        self._digests: dict[str, bytes] = {}
        self._listings: dict[str, bytes] = {}
        self._keys: dict[int, str] = {}
        self._base = "\n".join([VERSION, _fingerprint(), os.getcwd()])

    def get(self, task: Task) -> Verdict | None:
        """Return the verdict on a document if it still holds."""
        key = self._key(task)
        if key not in self._stores:
            self._stores[key] = self._load(key)
            self._fresh[key] = {}
        entry = self._stores[key].entries.get(_name(task))
        if entry is None:
            return None
        for path, digest in zip(entry.verdict.read, entry.digests, strict=False):
            if self._digest(path) != digest:
                return None
        return entry.verdict

    def put(self, task: Task, verdict: Verdict) -> None:
        """Keep a verdict, unless it depends on more than on files that were read."""
        found = verdict.file.diagnostics if verdict.file is not None else ()
        if verdict.read and not any(d.code.startswith(_UNCERTAIN) for d in found):
            digests = [self._digest(path) for path in verdict.read]
            self._fresh[self._key(task)][_name(task)] = _Entry(verdict, digests)

    def save(self) -> None:
        """Write what is new; a folder that cannot be written keeps nothing."""
        with suppress(OSError):
            for key, fresh in self._fresh.items():
                if fresh:
                    entries = {**self._stores[key].entries, **fresh}
                    newest = dict(list(entries.items())[-MOST_VERDICTS:])
                    self._write(key, _Store(key, newest))

    def _key(self, task: Task) -> str:
        number = id(task.selection)
        if number not in self._keys:
            self._keys[number] = f"{self._base}\n{task.selection!r}"
        return f"{self._keys[number]}\n{task.format}"

    def _file(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.msgpack"

    def _load(self, key: str) -> _Store:
        with suppress(OSError, msgspec.MsgspecError):
            data = _own_octets(self._file(key))
            if hashlib.sha256(data[32:]).digest() == data[:32]:
                store = msgspec.msgpack.decode(data[32:], type=_Store)
                if store.key == key:
                    return store
        return _Store(key, {})

    def _write(self, key: str, store: _Store) -> None:
        data = msgspec.msgpack.encode(store)
        if len(data) > MOST_BYTES // 2:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_file(self._file(key), hashlib.sha256(data).digest() + data)
        self._bound()

    def _bound(self) -> None:
        """Remove the files that were used least lately, until the others fit."""
        files = [(each.stat(), each) for each in self.folder.glob("*.msgpack")]
        left = sum(status.st_size for status, _ in files)
        for status, path in sorted(files, key=lambda pair: pair[0].st_mtime):
            if left <= MOST_BYTES:
                break
            path.unlink(missing_ok=True)
            left -= status.st_size

    def _digest(self, path: str) -> bytes:
        if path not in self._digests:
            self._digests[path] = _digest(path) or self._surroundings(path)
        return self._digests[path]

    def _surroundings(self, path: str) -> bytes:
        """Return what tells of a path that is no regular file: the names beside it."""
        above = os.path.dirname(path)
        if above not in self._listings:
            try:
                names = sorted(os.listdir(above))
            except OSError:
                names = []
            text = "\n".join(names).encode("utf-8", "surrogateescape")
            self._listings[above] = hashlib.sha256(text).digest()[:16]
        return (b"folder" if os.path.isdir(path) else b"absent") + self._listings[above]


def cache_folder() -> Path:
    """Return where verdicts are kept (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(home) if os.path.isabs(home) else Path.home() / ".cache"
    return base / "fairwf" / "validate"


def _name(task: Task) -> str:
    return f"{'+' if task.found else '-'}{task.name}"


def _digest(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            if status.st_size < 1_000_000:
                return hashlib.sha256(stream.read()).digest()
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _own_octets(path: Path) -> bytes:
    """Return what a file holds that belongs to this user, and that nobody else may write to.

    Raises:
        OSError: there is none.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        writable = stat.S_IWOTH | stat.S_IWGRP
        own = status.st_uid == os.geteuid() and not status.st_mode & writable
        if not (own and stat.S_ISREG(status.st_mode)) or status.st_size > MOST_BYTES:
            return b""
        return stream.read()


def _fingerprint() -> str:
    """Return a text that changes with the programs that verdicts come from."""
    packages = [Path(__file__).resolve().parents[2]]
    names = {c.read.__module__.partition(".")[0] for c in converters().values() if c.read}
    for name in (*sorted(names), "WDL"):
        found = find_spec(name)
        packages += map(Path, (found.submodule_search_locations or []) if found else [])
    told = "\n".join(f"{path} {changed}" for path, changed in sorted(_changes(packages)))
    return hashlib.sha256(told.encode()).hexdigest()


def _changes(folders: list[Path]) -> Iterator[tuple[str, int]]:
    for top in folders:
        for here, names, files in os.walk(top):
            names[:] = [name for name in names if name != "__pycache__"]
            for file in files:
                if file.endswith(".py"):
                    path = os.path.join(here, file)
                    yield path, os.stat(path).st_mtime_ns
