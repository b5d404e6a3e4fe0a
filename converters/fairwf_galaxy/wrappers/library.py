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
            WrapperError: it is broken.
        """
        paths = self._wrappers.get(tool) or self._wrappers.get(tool_name(tool) or tool)
        if not paths:
            return None
        within = self.folder if self.folder.is_dir() else None
        read_ = [(path, expanded(path, within)) for path in paths]
        version = tool.rsplit("/", 1)[-1]
        same = [pair for pair in read_ if pair[1].get("version") == version]
        return (same or read_)[0]
