"""What a folder's ``.git`` says, read without running git."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_MAX = 16 * 1024 * 1024
_MAX_TAGS = 10_000


@dataclass(frozen=True)
class Git:
    """A folder's history. ``folder`` is the repository's own folder, None where there is none."""

    folder: Path | None

    def _text(self, name: str) -> str:
        if self.folder is None:
            return ""
        path = self.folder / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX:
            return ""
        return path.read_text("utf-8", "replace")

    @cached_property
    def remote(self) -> str | None:
        """The URL of the remote ``origin``."""
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        try:
            parser.read_string(self._text("config").replace("\t", ""))
        except configparser.Error:
            return None
        return parser.get('remote "origin"', "url", fallback=None)

    @cached_property
    def tags(self) -> list[str]:
        """Names of tags, sorted."""
        if self.folder is None:
            return []
        loose = self.folder / "refs" / "tags"
        names = [path.name for path in loose.iterdir()] if loose.is_dir() else []
        packed = re.findall(r"refs/tags/([^\s^]+)", self._text("packed-refs"))
        return sorted({*names[:_MAX_TAGS], *packed[:_MAX_TAGS]})

    @cached_property
    def commit(self) -> str | None:
        """The commit that is checked out."""
        head = self._text("HEAD").strip()
        if _COMMIT.match(head):
            return head
        name = head.removeprefix("ref: ")
        if not re.fullmatch(r"refs/[\w./+-]+", name) or ".." in name:
            return None
        loose = self._text(name).strip()
        if _COMMIT.match(loose):
            return loose
        found = re.search(
            rf"^([0-9a-f]{{40,64}}) {re.escape(name)}$", self._text("packed-refs"), re.M
        )
        return found[1] if found else None


def git_at(folder: Path | None) -> Git:
    """Return what a folder's ``.git`` says."""
    place = folder / ".git" if folder is not None else None
    there = place is not None and place.is_dir() and not place.is_symlink()
    return Git(place if there else None)
