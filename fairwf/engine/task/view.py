"""How a task sees paths: as they are, or under other names inside its container."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fairwf.engine.task.files import Entry, map_files
from fairwf.ir.expressions import Directory


class View:
    """Pairs of a path of this machine and the path that the task sees in its place.

    Everything below goes along. All other paths are seen as they are.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        differing = [(host, seen) for host, seen in pairs if host != seen]
        self._pairs = sorted(differing, key=lambda pair: len(pair[0]), reverse=True)
        self._back = sorted(differing, key=lambda pair: len(pair[1]), reverse=True)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs that differ."""
        return list(self._pairs)

    def seen(self, path: str) -> str:
        """Return what the task calls a path of this machine."""
        return _moved(path, self._pairs) if self._pairs else path

    def host(self, path: str) -> str:
        """Return the path of this machine that the task calls so."""
        if not self._pairs:
            return path
        return _moved(path, [(seen, host) for host, seen in self._back])

    def seen_values(self, value: Any) -> Any:
        """Return a value whose files and folders have the paths that the task sees."""
        return map_files(value, self._seen_entry) if self._pairs else value

    def host_values(self, value: Any) -> Any:
        """Return a value whose files and folders have their paths on this machine."""
        return map_files(value, self._host_entry) if self._pairs else value

    def _seen_entry(self, entry: Entry) -> Entry:
        return _entry(entry, self.seen)

    def _host_entry(self, entry: Entry) -> Entry:
        return _entry(entry, self.host)


def _moved(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    for start, other in pairs:
        if path == start:
            return other
        if path.startswith(start.rstrip("/") + "/"):
            return other.rstrip("/") + path[len(start.rstrip("/")) :]
    return path


def _entry(entry: Entry, name: Any) -> Entry:
    path = None if entry.path is None else name(entry.path)
    if isinstance(entry, Directory):
        listing = entry.listing
        if listing is not None:
            listing = tuple(_entry(one, name) for one in listing)
        return replace(entry, path=path, listing=listing)
    inside = tuple(_entry(one, name) for one in entry.secondary)
    folder = entry.dirname if path is None else str(Path(path).parent)
    return replace(entry, path=path, dirname=folder, secondary=inside)
