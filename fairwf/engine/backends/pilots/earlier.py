"""What pilots of earlier engines of a run may still write."""

from __future__ import annotations

import time
from pathlib import Path

from fairwf.engine.backends.pilots.guard import give_up, open_bundles

_LOOK_S = 0.1


def settle(bundles: Path, grace_s: float) -> None:
    """Give up bundles that were begun, and wait until their workers have told how they ended.

    A worker shows within ``grace_s`` that it lives. One that has been silent for so long is dead,
    and its log will not grow any more.
    """
    begun = list(open_bundles(str(bundles)))
    for path in begun:
        give_up(path)
    sizes: dict[str, int] = {}
    heard: dict[str, float] = {}
    for path in begun:
        try:
            status = (Path(path) / "log").stat()
        except OSError:
            continue
        sizes[path] = status.st_size
        heard[path] = time.monotonic() - max(0.0, time.time() - status.st_mtime)
    while begun:
        open_now = set(open_bundles(str(bundles)))
        now = time.monotonic()
        for path in begun:
            size = _size(path)
            if size != sizes.get(path, 0):
                sizes[path], heard[path] = size, now
        begun = [
            path for path in begun if path in open_now and now - heard.get(path, 0.0) < grace_s
        ]
        if begun:
            time.sleep(_LOOK_S)


def _size(path: str) -> int:
    try:
        return (Path(path) / "log").stat().st_size
    except OSError:
        return 0
