"""Keeps what a task hands out inside its folder and its inputs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.reading import local_path
from fairwf.ir.expressions import Directory, File


class UnsafePathError(FunctionError):
    """Something leads out of the places that a task's outputs may lie in."""


class Confinement:
    """The places that a task's outputs may lie in: its folder, and what it was given."""

    def __init__(self, folder: Path, staged: Path, given: Sequence[Any]) -> None:
        self._folders = {folder.resolve(), staged.resolve()}
        self._files: set[Path] = set()
        for entry in entries_of(list(given)):
            try:
                place = local_path(entry)
            except FunctionError:
                continue
            if isinstance(entry, Directory):
                self._folders.add(place.resolve())
            self._files.add(place.resolve())

    def check(self, path: Path) -> Path:
        """Return the real path of an entry that may be handed out.

        Raises:
            UnsafePathError: it lies elsewhere.
            FunctionError: it leads nowhere, or is a socket, pipe or device.
        """
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            raise FunctionError(f"{path.name!r} is a symlink that leads nowhere") from None
        if not self._allows(real):
            raise UnsafePathError(f"{path.name!r} leads out of the task's folder, to {str(real)!r}")
        if real.is_dir():
            self._check_inside(real)
        elif not real.is_file():
            raise FunctionError(f"{path.name!r} is neither a file nor a folder")
        return real

    def _allows(self, real: Path) -> bool:
        if real in self._files or real in self._folders:
            return True
        return any(above in self._folders for above in real.parents)

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
