"""The tree of a document: the files that it may name and have read or copied.

A document of a stranger that names ``../../.ssh/id_rsa`` must not bring it into what is written,
printed or packaged. Real repositories keep tools beside workflows, so a document may go up, but
never out of the repository or folder that it came in.
"""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

MARKERS = (".git", ".hg", ".svn", "ro-crate-metadata.json")
"""What the root folder of a repository or crate holds."""


def document_tree(folder: Path) -> Path:
    """Return the outermost folder that a document in ``folder`` may name files of.

    The outermost repository or crate around it; without one, the highest folder that belongs to
    the same owner, below the owner's home, below every folder that anybody may write to, and below
    the root of the file system.
    """
    own = folder.resolve()
    try:
        owner = own.stat().st_uid
        homes = {Path.home().resolve(), Path(pwd.getpwuid(owner).pw_dir).resolve()}
    except (OSError, KeyError, RuntimeError):
        return own
    highest, repository = own, _marked(own)
    while highest not in homes:
        above = highest.parent
        if above in homes or above == above.parent or not _private(above, owner):
            break
        highest = above
        repository = _marked(above) or repository
    return repository or highest


def in_tree(path: Path, tree: Path) -> bool:
    """Tell whether a file lies in a tree, by its name and, links followed, in truth."""
    if "\0" in str(path):
        return False
    named, real = os.path.abspath(path), os.path.realpath(path)  # noqa: PTH100 - links stay
    return Path(named).is_relative_to(tree) and Path(real).is_relative_to(tree)


def _marked(folder: Path) -> Path | None:
    return folder if any(os.path.lexists(folder / name) for name in MARKERS) else None


def _private(folder: Path, owner: int) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return False
    return status.st_uid == owner and not status.st_mode & stat.S_IWOTH
