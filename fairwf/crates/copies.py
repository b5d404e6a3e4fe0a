"""Other places where the run left the same file: what was published has a copy in its task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

from fairwf.crates.checksums import checksums, measure
from fairwf.ir.expressions import File
from fairwf.ir.iris import is_web
from fairwf.ir.walk import nodes
from fairwf.trace.run import Task


class Copies:
    """The files that tasks gave, by checksum; they are looked for only when one is missing."""

    def __init__(
        self, tasks: Callable[[], Iterable[Task]], path: Callable[[str], Path | None]
    ) -> None:
        self._tasks = tasks
        self._path = path

    def __call__(self, checksum: str) -> Path | None:
        """Return a file of this SHA-1 or SHA-256 that is still what it was."""
        for location in self._locations.get(checksum, ()):
            path = self._path(location)
            try:
                if path is not None and path.is_file() and checksum in measure(path):
                    return path
            except OSError:
                continue
        return None

    @cached_property
    def _locations(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for task in self._tasks():
            for file in (file for value in task.outputs.values() for file in nodes(value, File)):
                for checksum in checksums(file):
                    if file.location is not None and not is_web(file.location):
                        found.setdefault(checksum, []).append(file.location)
        return found
