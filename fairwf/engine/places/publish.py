"""Publishing: the outputs of a run are copied into one folder under their own names."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.reading import file_uri, path_of_location, path_text
from fairwf.engine.journal.replay import files_in
from fairwf.engine.places.earlier import LIST, Earlier
from fairwf.engine.task.files import (
    Entry,
    is_literal,
    map_files,
    name_of,
    with_digests,
    with_listing,
)
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.values import Value
from fairwf.report import EnvironmentFault
from fairwf.trace.whereabouts import with_original

E = TypeVar("E", File, Directory)

_SMALL = 1 << 16
_BLOCK = 1 << 26
_ADVICE = {errno.ENOSPC: "make room", errno.EDQUOT: "make room within your quota"}


class Publisher:
    """Copies outputs into a folder; each file appears whole.

    ``run_id`` marks what is not whole yet; what a killed session left of it is removed first.
    ``seen`` are locations by name of files in the folder that must stay. In a folder that a person
    named, ``earlier`` knows what may be replaced.
    Names are the files' own; where one is taken by another file, ``_2`` comes before its
    extension. Secondary files lie beside their primary file.
    """

    def __init__(
        self,
        folder: Path,
        run_id: str,
        seen: Mapping[str, str] | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        self._folder = str(folder)
        self._taken: dict[str, str] = {LIST: "", **(seen or {})}
        self._earlier = earlier
        self._placed: dict[str, str] = {}
        self._part = f".{hashlib.sha256(run_id.encode()).hexdigest()[:12]}.part"

    def publish(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values with the files' new, absolute locations, sizes and digests.

        Raises:
            EnvironmentFault: a file cannot be copied.
        """
        try:
            os.makedirs(self._folder, exist_ok=True)
            self._remove_parts()
            published = {name: map_files(value, self._entry) for name, value in values.items()}
            self._note()
        except OSError as error:
            raise EnvironmentFault.refused(
                error,
                "the outputs cannot be published",
                file=str(error.filename or self._folder),
                hint=f"{_ADVICE.get(error.errno or 0, 'mend that')}, then `fairwf resume RUN_DIR`; "
                "or name another folder with --outdir DIR",
            ) from None
        except FunctionError as error:
            raise EnvironmentFault.of(
                "FWF9002", f"the outputs cannot be published: {error.message}"
            ) from None
        return published

    def _remove_parts(self) -> None:
        with os.scandir(self._folder) as entries:
            left = [entry.path for entry in entries if entry.name.endswith(self._part)]
        for path in left:
            _remove(path)

    def _note(self) -> None:
        if self._earlier is not None:
            for target in self._placed.values():
                self._earlier.note(target)
            self._earlier.save(f"{self._folder}/.list{self._part}")

    def _entry(self, entry: Entry) -> Entry:
        if isinstance(entry, File) and entry.secondary:
            return self._family(entry)
        return self._single(entry, self._place(entry))

    def _family(self, file: File) -> File:
        target = self._place(file)
        old, new = name_of(file), os.path.basename(target)
        companions = []
        for each in file.secondary:
            name = name_of(each)
            if new != old and name.startswith(old):
                name = new + name[len(old) :]
            companions.append(self._single(each, self._place(each, name)))
        placed = self._single(replace(file, secondary=()), target)
        assert isinstance(placed, File)
        return replace(placed, secondary=tuple(companions))

    def _place(self, entry: Entry, name: str | None = None) -> str:
        identity = entry.location or f"literal:{id(entry)}"
        if identity in self._placed:
            return self._placed[identity]
        wanted = name or name_of(entry)
        root, extension = os.path.splitext(wanted)
        chosen, number = wanted, 1
        while self._taken.get(chosen, identity) != identity:
            number += 1
            chosen = f"{root}_{number}{extension}"
        self._taken[chosen] = identity
        self._placed[identity] = f"{self._folder}/{chosen}"
        return self._placed[identity]

    def _single(self, entry: Entry, target: str) -> Entry:
        name = os.path.basename(target)
        if isinstance(entry, Directory):
            self._whole(entry, target, _copy_folder)
            placed = replace(
                with_original(entry, entry.location),
                location=file_uri(target),
                path=None,
                basename=name,
                listing=None,
            )
            return with_listing(placed, deep=True, digests=True)
        self._whole(entry, target, _copy_file)
        root, extension = os.path.splitext(name)
        file = replace(
            with_original(entry, entry.location),
            location=file_uri(target),
            path=None,
            basename=name,
            nameroot=root,
            nameext=extension,
            dirname=None,
            contents=entry.contents if not is_literal(entry) else None,
        )
        if file.checksum is None or "sha256" not in file.extensions.get("fairwf", {}):
            described = with_digests(file)
            assert isinstance(described, File)
            return described
        return file

    def _whole(self, entry: E, target: str, make: Callable[[E, str], None]) -> None:
        """Make a file or folder under another name first, so that it appears whole."""
        folder = os.path.dirname(target)
        part = f"{folder}/.new{self._part}"
        try:
            try:
                make(entry, part)
            except OSError as error:
                error.filename = error.filename if error.filename not in (None, part) else target
                raise
            if self._earlier is not None:
                self._earlier.make_way(target, part)
            try:
                os.replace(part, target)
            except IsADirectoryError:
                raise IsADirectoryError(21, "a folder is in the way", target) from None
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                gone = f"{folder}/.gone{self._part}"  # it goes whole, as the new one comes
                os.replace(target, gone)
                os.replace(part, target)
                _remove(gone)
        except BaseException:
            _remove(part)
            raise


def _remove(part: str) -> None:
    if os.path.isdir(part) and not os.path.islink(part):
        shutil.rmtree(part, ignore_errors=True)
    else:
        Path(part).unlink(missing_ok=True)


def inputs_in(folder: Path, inputs: Mapping[str, Expr]) -> dict[str, str]:
    """Return the locations of the inputs that lie directly in a folder, by name."""
    found: dict[str, str] = {}
    for value in inputs.values():
        for entry in files_in(value):
            if entry.location is not None and not is_literal(entry):
                path = path_of_location(entry.location)
                if path is not None and path.parent == folder:
                    found[path.name] = entry.location
    return found


def _copy_file(file: File, target: str) -> None:
    if is_literal(file):
        data = (file.contents or "").encode("utf-8", "surrogatepass")
        with open(target, "xb") as stream:
            stream.write(data)
        return
    _copy(path_text(file), target)


def _copy_folder(folder: Directory, target: str) -> None:
    if not is_literal(folder):
        _copy_tree(path_text(folder), target)
        return
    os.mkdir(target)
    for each in folder.listing or ():
        place = f"{target}/{name_of(each)}"
        if isinstance(each, Directory):
            _copy_folder(each, place)
        else:
            _copy_file(each, place)
            for companion in each.secondary:
                beside = f"{target}/{name_of(companion)}"
                if isinstance(companion, Directory):
                    _copy_folder(companion, beside)
                else:
                    _copy_file(companion, beside)


def _copy_tree(source: str, target: str) -> None:
    """Copy a folder, following links (a task's outputs may be links to its inputs)."""
    os.mkdir(target)
    for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
        inner = f"{target}/{entry.name}"
        if entry.is_dir():
            _copy_tree(entry.path, inner)
        elif entry.is_file():
            _copy(entry.path, inner)


def _copy(source: str, target: str) -> None:
    """Copy a file to a new path: readable for all, and a program where the source is one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        status = os.fstat(reading)
        mode = 0o644 | (status.st_mode & 0o111)
        writing = os.open(target, flags, mode)
        try:
            if status.st_size <= _SMALL:
                copied = 0
                while data := os.read(reading, _SMALL):
                    copied += len(data)
                    while data:
                        data = data[os.write(writing, data) :]
                    if copied == status.st_size:
                        break
            else:
                while os.sendfile(writing, reading, None, _BLOCK):
                    pass
            os.fchmod(writing, mode)  # the mask that files are made with may have taken some away
        finally:
            os.close(writing)
    finally:
        os.close(reading)
