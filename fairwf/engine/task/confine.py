"""Keeps what a task hands out inside its folder and its inputs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.reading import local_path
from fairwf.ir.expressions import Directory, File


class UnsafePathError(FunctionError):
    """Something leads out of the places that a task's outputs may lie in."""


def real_path(path: str) -> str:
    """Return the path with every symlink in it resolved, by the system itself where it tells.

    Raises:
        OSError: it leads nowhere.
    """
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        real = os.readlink(f"/proc/self/fd/{descriptor}")
        if os.path.samestat(os.lstat(real), os.fstat(descriptor)):
            return real
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return os.path.realpath(path, strict=True)


class Confinement:
    """The places that a task's outputs may lie in: its folder, and what it was given.

    Real paths are looked up where they are needed: most outputs lie in the task's own folder.
    """

    def __init__(self, folder: Path, staged: Path, given: Sequence[Any]) -> None:
        self._own = real_path(str(folder))
        self._staged = staged
        self._given = given

    @cached_property
    def _others(self) -> tuple[set[Path], set[Path]]:
        """The real paths of the other folders, and of single files (and folders)."""
        folders, files = {self._staged.resolve()}, set[Path]()
        for entry in entries_of(list(self._given)):
            try:
                place = local_path(entry)
            except FunctionError:
                continue
            if isinstance(entry, Directory):
                folders.add(place.resolve())
            files.add(place.resolve())
        return folders, files

    def check(self, path: Path) -> Path:
        """Return the real path of an entry that may be handed out.

        Raises:
            UnsafePathError: it lies elsewhere.
            FunctionError: it leads nowhere, or is a socket, pipe or device.
        """
        try:
            real = Path(real_path(str(path)))
            mode = os.stat(real).st_mode
        except OSError:
            why = "is a symlink that leads nowhere"
            if not os.path.lexists(path):
                why = "is not there any more: the task removed it"
            raise FunctionError(f"{path.name!r} {why}") from None
        if not self._allows(real):
            raise UnsafePathError(f"{path.name!r} leads out of the task's folder, to {str(real)!r}")
        if stat.S_ISDIR(mode):
            self._check_inside(real)
        elif not stat.S_ISREG(mode):
            raise FunctionError(f"{path.name!r} is neither a file nor a folder")
        return real

    def _allows(self, real: Path) -> bool:
        text = str(real)
        if text == self._own or text.startswith(self._own + "/"):
            return True
        folders, files = self._others
        if real in files or real in folders:
            return True
        return any(above in folders for above in real.parents)

    def _check_inside(self, folder: Path) -> None:
        for inside, folders, files in os.walk(folder):
            for name in (*folders, *files):
                entry = Path(inside) / name
                if entry.is_symlink():
                    try:
                        real = entry.resolve(strict=True)
                    except (OSError, RuntimeError):
                        continue
                    if not self._allows(real):
                        raise UnsafePathError(
                            f"{name!r} leads out of the task's folder, to {str(real)!r}"
                        )


def entries_of(values: list[Any]) -> Iterator[File | Directory]:
    """Yield every file and folder in values, those inside others too. The list is used up."""
    while values:
        value = values.pop()
        if isinstance(value, (File, Directory)):
            yield value
            values += value.secondary if isinstance(value, File) else value.listing or ()
        elif isinstance(value, Mapping):
            values += value.values()
        elif isinstance(value, (list, tuple)):
            values += value
