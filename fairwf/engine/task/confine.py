"""Keeps what a task hands out inside its folder and its inputs."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.made_files import entries_of
from fairwf.engine.evaluate.reading import local_path
from fairwf.ir.expressions import Directory


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

    def __init__(self, folder: str, staged: str, given: Sequence[Any]) -> None:
        self._folder = folder
        self._staged = staged
        self._given = given

    @cached_property
    def _own(self) -> str:
        return real_path(self._folder)

    @cached_property
    def _others(self) -> tuple[set[Path], set[Path]]:
        """The real paths of the other folders, and of single files (and folders)."""
        folders, files = {Path(self._staged).resolve()}, set[Path]()
        for entry in entries_of(list(self._given)):
            try:
                place = local_path(entry)
            except FunctionError:
                continue
            if isinstance(entry, Directory):
                folders.add(place.resolve())
            files.add(place.resolve())
        return folders, files

    def check(self, path: str) -> os.stat_result:
        """Return what the system says of an entry that may be handed out, symlinks followed.

        Raises:
            UnsafePathError: it lies elsewhere.
            FunctionError: it leads nowhere, or is a socket, pipe or device.
        """
        folder, name = os.path.split(path)
        direct = folder == self._folder and name not in ("", ".", "..")
        try:
            status = os.lstat(path)
            # What lies in the task's folder itself and is no link cannot lead out of it.
            if not direct or stat.S_ISLNK(status.st_mode):
                real = real_path(path)
                status = os.stat(real)
                if not self._allows(real):
                    raise UnsafePathError(f"{name!r} leads out of the task's folder, to {real!r}")
        except OSError:
            why = "is a symlink that leads nowhere"
            if not os.path.lexists(path):
                why = "is not there any more: the task removed it"
            raise FunctionError(f"{name!r} {why}") from None
        if stat.S_ISDIR(status.st_mode):
            self._check_inside(path)
        elif not stat.S_ISREG(status.st_mode):
            raise FunctionError(f"{name!r} is neither a file nor a folder")
        return status

    def is_own(self, real: str) -> bool:
        """Tell whether a real path lies in the task's own folder."""
        return real == self._own or real.startswith(self._own + "/")

    def _allows(self, real: str) -> bool:
        if self.is_own(real):
            return True
        folders, files = self._others
        path = Path(real)
        if path in files or path in folders:
            return True
        return any(above in folders for above in path.parents)

    def _check_inside(self, folder: str) -> None:
        for inside, folders, files in os.walk(folder):
            for name in (*folders, *files):
                entry = f"{inside}/{name}"
                if os.path.islink(entry):
                    try:
                        real = os.path.realpath(entry, strict=True)
                    except OSError:
                        continue
                    if not self._allows(real):
                        raise UnsafePathError(
                            f"{name!r} leads out of the task's folder, to {real!r}"
                        )
