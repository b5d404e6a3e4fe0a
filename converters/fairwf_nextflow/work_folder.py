"""The folder of a task: what it ran, what was laid into it, what it left.

``.command.sh`` is the script, ``.command.run`` lays inputs out as links, ``.exitcode`` holds how it
ended, and ``.command.trace`` what was measured.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairwf.trace.numbers import whole

_MOST_TEXT = 4 * 1024 * 1024
_STAGED = re.compile(r"^[ \t]*(?:ln -s|cp -[a-zA-Z]+) (.+)$", re.MULTILINE)
_STAGING = ("nxf_stage() {", "\n}")
_MEASURED = ("realtime", "rchar", "wchar")
_OWN = (".command.", ".exitcode", ".nextflow", ".fusion")


@dataclass(frozen=True)
class WorkFolder:
    """The folder of a task. ``path`` is absolute."""

    path: str

    @property
    def script(self) -> str | None:
        """What the task ran."""
        return self._text(".command.sh")

    @property
    def exit_code(self) -> int | None:
        """How it ended."""
        return whole((self._text(".exitcode") or "").strip(), 3)

    @property
    def measured(self) -> dict[str, str]:
        """What was measured, by the names of the trace; KiB and milliseconds are made its units."""
        found: dict[str, str] = {}
        for line in (self._text(".command.trace") or "").splitlines():
            name, separator, value = line.partition("=")
            if separator:
                found[name] = value
        kept: dict[str, str] = {k: found[k] for k in _MEASURED if k in found}
        if (tenths := whole(found.get("%cpu"))) is not None:
            kept["%cpu"] = str(tenths / 10)
        if (kilobytes := whole(found.get("peak_rss"))) is not None:
            kept["peak_rss"] = f"{kilobytes} KB"
        return kept

    def stream(self, name: str) -> str | None:
        """Return the path of ``.command.out`` or ``.command.err`` if it is there."""
        path = os.path.join(self.path, f".command.{name}")
        return path if os.path.isfile(path) and not os.path.islink(path) else None

    def staged(self) -> dict[str, str]:
        """Return the names of inputs with the paths that they were linked or copied from."""
        found: dict[str, str] = {}
        for name in self._names():
            path = os.path.join(self.path, name)
            if os.path.islink(path):
                target = os.readlink(path)
                found[name] = os.path.normpath(os.path.join(self.path, target))
        begin, end = _STAGING
        _, _, rest = (self._text(".command.run") or "").partition(begin)
        body, closed, _ = rest.partition(end)
        for line in _STAGED.findall(body) if closed else ():
            found.update(_link(line))
        return found

    def left(self) -> Iterator[tuple[str, bool]]:
        """Yield the paths of files, and of folders (True), that the task left, links aside."""
        for name in self._names():
            path = os.path.join(self.path, name)
            if not os.path.islink(path):
                yield path, os.path.isdir(path)

    def _names(self) -> list[str]:
        try:
            found = os.listdir(self.path)
        except OSError:
            return []
        return sorted(name for name in found if not name.startswith(_OWN))

    def _text(self, name: str) -> str | None:
        path = Path(self.path, name)
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_TEXT:
                return None
            return path.read_text("utf-8", "replace")
        except OSError:
            return None


def _link(line: str) -> dict[str, str]:
    """Return the name and the source of ``ln -s SOURCE NAME``."""
    try:
        words = shlex.split(line)
    except ValueError:
        return {}
    plain = len(words) == 2 and words[0].startswith("/") and "\0" not in line
    return {words[1]: os.path.normpath(words[0])} if plain else {}


def task_folder(work: str, digest: str) -> str | None:
    """Return the folder of a task that the trace calls ``ab/cdef01``; None where it is gone."""
    first, _, rest = digest.partition("/")
    if not re.fullmatch(r"[0-9a-f]{2}", first) or not re.fullmatch(r"[0-9a-f]{4,40}", rest):
        return None
    parent = os.path.join(work, first)
    try:
        found = [name for name in os.listdir(parent) if name.startswith(rest)]
    except OSError:
        return None
    return os.path.join(parent, found[0]) if len(found) == 1 else None
