"""What a folder for outputs held before: what earlier runs put there, and what is somebody's own.

A hidden list in the folder names what runs published there, and the state in which they left it.
What is on the list and unchanged, a new run replaces: it is how results are brought up to date.
Anything else makes way under another name, so nothing of a person is ever lost.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import stat
from json.encoder import encode_basestring_ascii
from pathlib import Path

from fairwf.report import Report

LIST = ".fairwf-outputs.json"
"""The name of the list in the folder."""

_LARGEST_LIST = 64 * 1024 * 1024


class Earlier:
    """The list of a folder; the report is told of what makes way (FWF4041)."""

    def __init__(self, folder: Path, report: Report) -> None:
        self._list = folder / LIST
        self._report = report
        self._states = self._read()

    def make_way(self, target: str, new: str) -> None:
        """Let what lies at a path make way for what is about to replace it.

        Args:
            target: the path.
            new: the path of what will be put there; what is equal needs no way made.

        Raises:
            OSError: what lies there cannot be renamed.
        """
        if not os.path.lexists(target):
            return
        name = os.path.basename(target)
        if self._states.get(name) == _state(target) or _same(target, new):
            return
        number = 1
        while os.path.lexists(f"{target}.~{number}~"):
            number += 1
        os.rename(target, f"{target}.~{number}~")
        self._report.add(
            "FWF4041",
            f"an output takes this name; what was there before is now {name}.~{number}~",
            file=target,
            hint="name a folder of its own with --outdir, or move your files elsewhere",
        )

    def note(self, target: str) -> None:
        """Remember that a run put a file or folder there."""
        self._states[os.path.basename(target)] = _state(target)

    def save(self, part: str) -> None:
        """Write the list; ``part`` is the path that it has until it is whole.

        Raises:
            OSError: it cannot be written.
        """
        if self._list.is_symlink() or (self._list.exists() and not self._list.is_file()):
            self._list.unlink()
        there = set(os.listdir(self._list.parent))
        lines = ",\n".join(
            f"{encode_basestring_ascii(name)}: {encode_basestring_ascii(state)}"
            for name, state in sorted(self._states.items())
            if name in there
        )
        try:
            with open(part, "xb") as stream:
                stream.write(f"{{\n{lines}\n}}\n".encode())
            os.replace(part, self._list)
        except OSError:
            Path(part).unlink(missing_ok=True)
            raise

    def _read(self) -> dict[str, str]:
        try:
            if self._list.is_symlink() or not self._list.is_file():
                return {}
            if self._list.stat().st_size > _LARGEST_LIST:
                return {}
            said = json.loads(self._list.read_bytes())
        except (OSError, ValueError, RecursionError):  # nothing counts as an earlier run's
            return {}
        names = said.items() if isinstance(said, dict) else ()
        return {
            name: state
            for name, state in names
            if isinstance(state, str) and name not in ("", ".", "..") and "/" not in name
        }


def _same(target: str, new: str) -> bool:
    """Tell whether two regular files, or two folders of such, hold the same."""
    kinds = [stat.S_IFMT(os.lstat(path).st_mode) for path in (target, new)]
    if kinds == [stat.S_IFREG, stat.S_IFREG]:
        return filecmp.cmp(target, new, shallow=False)
    if kinds != [stat.S_IFDIR, stat.S_IFDIR]:
        return False
    names = sorted(os.listdir(target))
    if names != sorted(os.listdir(new)):
        return False
    return all(_same(f"{target}/{name}", f"{new}/{name}") for name in names)


def _state(path: str) -> str:
    """Return what changes when a file, or anything in a folder, is written to."""
    status = os.lstat(path)
    own = f"{stat.S_IFMT(status.st_mode):o} {status.st_size} {status.st_mtime_ns}"
    if not stat.S_ISDIR(status.st_mode):
        return own
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted([*folders, *files]):
            inner = f"{folder}/{name}"
            found = os.lstat(inner)
            size = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
            said = f"{inner[len(path) :]}\0{found.st_mode:o} {size} {found.st_mtime_ns}\0"
            digest.update(os.fsencode(said))
    return f"folder {digest.hexdigest()}"
