"""Puts files where a task expects them.

Inputs are read where they lie, unless their names or companions must differ: then symlinks lie
together in a folder of their own. What a process asks for in its working folder (CWL v1.2
"InitialWorkDirRequirement") is linked there, or copied if the task may change it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec.structs import replace

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.reading import local_path
from fairwf.engine.evaluate.texts import describe, json_text
from fairwf.engine.places.away import at_hand
from fairwf.engine.task.faults import Computing, attempt, failed
from fairwf.engine.task.files import Entry, allow_length, at_path, is_literal, map_files, name_of
from fairwf.ir.command import StagedItem
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value


def relative_name(name: str) -> PurePosixPath:
    """Return the path that a name says, inside a folder.

    Raises:
        FunctionError: it is empty, absolute, holds NUL, climbs out with ``..``, or is too long.
    """
    path = PurePosixPath(name)
    if not name or "\0" in name or path.is_absolute() or ".." in path.parts or not path.parts:
        raise FunctionError(f"{name!r:.120} does not stay inside the task's folder")
    for part in path.parts:
        allow_length(part)
    return path


class Placement:
    """Gives every input a path. ``folder`` receives what cannot be read where it lies."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._count = 0

    def place(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values with a path for each file and folder.

        Raises:
            FunctionError: a file lies nowhere, or two secondary files have the same name.
            OSError: the folder cannot be written.
        """
        return {name: map_files(value, self._one) for name, value in values.items()}

    def _one(self, entry: Entry) -> Entry:
        if _in_place(entry):
            return _where_it_lies(entry)
        self._count += 1
        folder = Path(self._folder, str(self._count))
        folder.mkdir(parents=True)
        return lay(entry, folder / name_of(entry), writable=False)


def _in_place(entry: Entry) -> bool:
    if is_literal(entry):
        return False
    path = local_path(replace(entry, path=None) if entry.location else entry)
    if path.name != name_of(entry):
        return False
    if isinstance(entry, Directory):
        return entry.listing is None or all(_lies_in(one, path) for one in entry.listing)
    return all(_lies_in(one, path.parent) for one in entry.secondary)


def _lies_in(entry: Entry, folder: Path) -> bool:
    if not _in_place(entry):
        return False
    return local_path(replace(entry, path=None) if entry.location else entry).parent == folder


def _where_it_lies(entry: Entry) -> Entry:
    path = local_path(replace(entry, path=None) if entry.location else entry)
    placed = at_path(entry, path)
    if isinstance(placed, File) and placed.secondary:
        return replace(placed, secondary=tuple(map(_where_it_lies, placed.secondary)))
    return placed


def lay(entry: Entry, path: Path, *, writable: bool, in_place: bool = False) -> Entry:
    """Put an entry at a path, its secondary files beside it, and return it with that path.

    A symlink, or a copy if it is ``writable`` (a symlink all the same if it is to be changed
    ``in_place``). Literals are written.

    Raises:
        FunctionError: something else is there, or the entry does not exist.
    """
    if isinstance(entry, Directory):
        _lay_folder(entry, path, writable, in_place)
    else:
        _lay_file(entry, path, writable and not in_place)
    placed = at_path(entry, path)
    if isinstance(placed, File):
        inside = tuple(
            lay(one, path.parent / name_of(one), writable=writable, in_place=in_place)
            for one in placed.secondary
        )
        return replace(placed, secondary=inside)
    return placed


def source_of(entry: Entry) -> Path:
    """Return where on this machine an entry's content lies."""
    return local_path(replace(entry, path=None) if entry.location else entry)


def _lay_file(file: File, path: Path, copy: bool) -> None:
    if is_literal(file):
        write_new(path, file.contents or "")
        return
    source = source_of(file)
    _free(path, source)
    if not source.is_file():
        raise FunctionError(f"the file {str(source)!r} does not exist")
    if path.is_symlink() and not copy:
        return
    if copy:
        path.unlink(missing_ok=True)
        at_hand(source)
        shutil.copyfile(source, path)
        path.chmod(0o700 if os.access(source, os.X_OK) else 0o600)
    else:
        path.symlink_to(source)


def _lay_folder(folder: Directory, path: Path, writable: bool, in_place: bool) -> None:
    if folder.listing is not None and (is_literal(folder) or not _in_place(folder)):
        path.mkdir(parents=True, exist_ok=True)
        for entry in folder.listing:
            lay(entry, path / name_of(entry), writable=writable, in_place=in_place)
        return
    source = source_of(folder)
    _free(path, source)
    if not source.is_dir():
        raise FunctionError(f"the folder {str(source)!r} does not exist")
    if path.is_symlink():
        return
    if writable and not in_place:
        at_hand(source)
        try:
            shutil.copytree(source, path)
        except shutil.Error as error:
            raise FunctionError(f"cannot copy {str(source)!r}: {error.args[0]!r:.300}") from error
        for inside, _, _ in os.walk(path):
            Path(inside).chmod(0o700)
    else:
        path.symlink_to(source)


def _free(path: Path, source: Path) -> None:
    if os.path.lexists(path) and not (path.is_symlink() and path.readlink() == source):
        raise FunctionError(f"two different things are to be called {path.name!r}")


def write_new(path: Path, text: str) -> None:
    """Write a new file with this text (UTF-8), never through a symlink.

    Raises:
        FunctionError: something is there already.
    """
    try:
        with path.open("x", encoding="utf-8", errors="surrogatepass", newline="") as stream:
            stream.write(text)
    except FileExistsError:
        raise FunctionError(f"two different things are to be called {path.name!r}") from None


class WorkingFolder:
    """Fills a task's working folder with what its process asks for; ``sources`` lists it.

    In a container that the document requires, absolute names are places inside it: their entries
    are put into the folder ``outside``, and ``bound`` says where they belong and whether the task
    may change them. ``changing`` are files that the task changes where they lie.
    """

    def __init__(
        self, folder: str, computing: Computing, in_place: bool, outside: str | None = None
    ) -> None:
        self._folder = folder
        self._outside = outside
        self.bound: dict[str, tuple[Path, bool]] = {}
        self.changing: list[Path] = []
        self._computing = computing
        self._in_place = in_place
        self._moved: dict[str, Entry] = {}
        self.sources: list[Entry] = []

    def stage(self, items: tuple[StagedItem, ...]) -> None:
        """Put the items into the folder.

        Raises:
            TaskFailed: FWF4014 a name leaves the folder, FWF4002 something else is wrong.
        """
        for number, item in enumerate(items, start=1):
            what = f"staging, item {number}"
            value = self._computing.value(item.value, what)
            name = None
            if item.name is not None:
                given = self._computing.value(item.name, f"{what}, its name")
                if given is not None and not isinstance(given, str):
                    raise self._fault(item, what, f"a name is a text, not {describe(given)}")
                name = given
            self._item(item, value, name, item.writable, what)

    def seen(self, values: dict[str, Value]) -> dict[str, Value]:
        """Return the values as the task sees them: what was staged has its path in the folder."""
        if not self._moved:
            return values
        return {name: map_files(value, self._where) for name, value in values.items()}

    def _where(self, entry: Entry) -> Entry:
        moved = self._moved.get(_identity(entry))
        if moved is None or moved.path is None:
            if isinstance(entry, File) and entry.secondary:
                return replace(entry, secondary=tuple(map(self._where, entry.secondary)))
            return entry
        placed = at_path(entry, Path(moved.path))
        if isinstance(placed, File) and placed.secondary:
            return replace(placed, secondary=tuple(map(self._where, placed.secondary)))
        return placed

    def _fault(self, item: StagedItem, what: str, why: str, code: str = "FWF4002") -> Exception:
        return failed(code, f"{what}: {why}", self._computing.origins, item, item.value)

    def _item(
        self, item: StagedItem, value: Value, name: str | None, writable: bool, what: str
    ) -> None:
        if value is None:
            return
        if isinstance(value, (File, Directory)):
            self._entry(item, value, name, writable, what)
        elif isinstance(value, (list, tuple)) and _is_group(value, name):
            if name is not None and value:
                raise self._fault(item, what, "several files cannot have one name")
            for number, one in enumerate(value, start=1):
                self._item(item, one, None, writable, f"{what}, entry {number}")
        elif name is None and isinstance(value, Mapping) and _is_dirent(value):
            inner = value.get("entryname")
            if inner is not None and not isinstance(inner, str):
                raise self._fault(item, what, f"a name is a text, not {describe(inner)}")
            change = writable or value.get("writable") is True
            self._item(item, value["entry"], inner, change, what)
        elif name is None:
            raise self._fault(item, what, f"{describe(value)} needs a name to be written as a file")
        else:
            target = self._target(item, name, what, writable)
            text = value if isinstance(value, str) else self._json(item, value, what)
            self._attempt(lambda: write_new(target, text), item, what)

    def _json(self, item: StagedItem, value: Value, what: str) -> str:
        return str(self._attempt(lambda: json_text(value, spaced=True), item, what))

    def _attempt(self, act: Any, item: StagedItem, what: str) -> Any:
        return attempt(act, "FWF4002", what, self._computing.origins, item, item.value)

    def _target(self, item: StagedItem, name: str, what: str, writable: bool) -> Path:
        if self._outside is not None and name.startswith("/"):
            return self._bind(item, name, what, writable)
        relative = attempt(
            lambda: relative_name(name), "FWF4014", what, self._computing.origins, item
        )
        target = Path(self._folder, relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A folder that was staged earlier may be a symlink out of the folder.
        if not target.parent.resolve().is_relative_to(Path(self._folder).resolve()):
            raise self._fault(item, what, f"{name!r} leaves the task's folder", "FWF4014")
        return target

    def _bind(self, item: StagedItem, name: str, what: str, writable: bool) -> Path:
        """A place for an entry that has an absolute name in the container (CWL "Dirent")."""
        assert self._outside is not None
        path = PurePosixPath(name)
        if "\0" in name or ".." in path.parts or len(path.parts) < 2 or name in self.bound:
            raise self._fault(item, what, f"{name!r:.120} cannot be mounted", "FWF4014")
        folder = Path(self._outside, f"bound-{len(self.bound) + 1}")
        folder.mkdir(parents=True)
        self.bound[name] = (folder / path.name, writable)
        return folder / path.name

    def _entry(
        self, item: StagedItem, entry: Entry, name: str | None, writable: bool, what: str
    ) -> None:
        own = name if name is not None else self._attempt(lambda: name_of(entry), item, what)
        target = self._target(item, own, what, writable)

        def put() -> Entry:
            try:
                return lay(entry, target, writable=writable, in_place=self._in_place)
            except OSError as error:
                raise FunctionError(f"cannot stage {own!r}: {error.strerror}") from error

        self.sources.append(entry)
        if writable and self._in_place and not is_literal(entry):
            self.changing.append(source_of(entry))
        self._remember(entry, self._attempt(put, item, what))

    def _remember(self, entry: Entry, placed: Entry) -> None:
        self._moved.setdefault(_identity(entry), placed)
        if isinstance(entry, File) and isinstance(placed, File):
            for one, laid in zip(entry.secondary, placed.secondary, strict=True):
                self._remember(one, laid)


def _identity(entry: Entry) -> str:
    if entry.location is not None:
        return entry.location
    return f"path:{entry.path}"


def _is_group(value: Any, name: str | None) -> bool:
    """Tell arrays to stage one by one from arrays to write as JSON."""
    kinds = (File, Directory, type(None))
    return name is None or (bool(value) and all(isinstance(one, kinds) for one in value))


def _is_dirent(value: Mapping[str, Any]) -> bool:
    return "entry" in value and set(value) <= {"entry", "entryname", "writable", "class"}
