"""A disk without room: no task is to blame, so the run stops, and goes on when there is some.

Were it told as a failure of the task, a handler might take another way, or a retry be used up.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from fairwf.report import EnvironmentFault

_NONE_LEFT = 1 << 16
"""In octets: where less is left, a program that failed has probably found no room."""
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def is_full(folder: Path) -> bool:
    """Tell whether a folder's file system has no room for more data or more files."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    blocks = found.f_bfree if os.geteuid() == 0 else found.f_bavail
    if not found.f_blocks:  # it does not tell
        return False
    return blocks * found.f_frsize < _NONE_LEFT or bool(found.f_files and not found.f_ffree)


def no_room(
    run_dir: Path, folder: str, what: str, error: OSError | None = None
) -> EnvironmentFault:
    """Return what stops the run.

    ``folder`` is where there is no room, ``what`` what was met there, ``error`` the refusal if any.
    """
    refusal = error or OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    advice = "make the place writable" if refusal.errno == errno.EROFS else "make room"
    return EnvironmentFault.of(
        "FWF9002",
        f"{refusal.strerror}: {what}",
        file=os.fsdecode(refusal.filename or folder),
        hint=f"{advice}, then go on: fairwf resume {run_dir}",
    )


def is_of_the_disk(error: OSError) -> bool:
    """Tell whether the system refused something for want of room or rights to write at all."""
    return error.errno in _OF_THE_DISK
