"""The wrappers in a folder, by the ids of their tools."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from fairwf_galaxy.names import tool_name
from fairwf_galaxy.wrappers.failures import WrapperError
from fairwf_galaxy.wrappers.xml import Element, expanded, read

_MOST_FILES = 20_000


class Library:
    """Finds the wrapper of a tool below a folder; a wrapper may be named itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._expanded: dict[Path, Element | WrapperError] = {}

    @cached_property
    def _wrappers(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in self._files():
            try:
                root = read(path)
            except WrapperError:
                continue  # files of other kinds lie beside wrappers
            name = root.get("id")
            if root.tag == "tool" and name:
                found.setdefault(name, []).append(path)
        return found

    def _files(self) -> list[Path]:
        if self.folder.is_file():
            return [self.folder]
        found: list[Path] = []
        for place, folders, files in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            found += [Path(place, name) for name in sorted(files) if name.endswith(".xml")]
            if len(found) > _MOST_FILES:
                raise WrapperError(f"there are more than {_MOST_FILES} files below it")
        return found

    def wrapper(self, tool: str) -> tuple[Path, Element] | None:
        """Return the wrapper of a tool by its id, that of its version where there are several.

        Raises:
            WrapperError: it is broken, and no other one is of the version.
        """
        paths = self._wrappers.get(tool) or self._wrappers.get(tool_name(tool) or tool)
        version = tool.rsplit("/", 1)[-1]
        first: tuple[Path, Element] | None = None
        broken: WrapperError | None = None
        for path in paths or ():
            root = self._whole(path)
            if isinstance(root, WrapperError):
                broken = broken or root
            elif root.get("version") == version:
                return path, root
            else:
                first = first or (path, root)
        if broken is not None:
            raise WrapperError(str(broken))
        return first

    def _whole(self, path: Path) -> Element | WrapperError:
        """Return a wrapper with its macros in place, or why that cannot be made."""
        if path not in self._expanded:
            try:
                within = self.folder if self.folder.is_dir() else None
                self._expanded[path] = expanded(path, within)
            except WrapperError as error:
                self._expanded[path] = error
        return self._expanded[path]
