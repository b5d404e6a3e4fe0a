"""Starts the client of Parsl, and ends everything once the client or the engine is gone.

Parsl leaves its interchange and its pilots behind when its client dies (Parsl/parsl#3663). So this
process stands above them: whatever loses its parent becomes a child of it, and is ended. It reads
a pipe that only the engine holds open, and holds one open for the client. One file, the standard
library only; started as ``python guard.py SETTINGS``, where SETTINGS is a JSON object:

``client``, ``canceller``: command lines; the second one cancels what the first one left on nodes.
``lifeline``: descriptor of the pipe to the engine. ``passed``: descriptors for the client.
``bundles``: the folder of bundles, which are given up when the engine dies.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36
CLIENT_S = 40.0
"""How long a client may take to end its pilots."""
CANCEL_S = 60.0
PATIENCE_S = 9.0
"""How long what was asked to end may take: a worker gives its tasks 5 seconds."""
LOOK_S = 0.1
_TAIL_BYTES = 300


def open_bundles(folder: str) -> Iterator[str]:
    """Yield the folders of bundles that a worker has begun and not closed."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if os.path.exists(os.path.join(path, "claim")) and not _closed(path):
            yield path


def _closed(path: str) -> bool:
    try:
        with open(os.path.join(path, "log"), "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - _TAIL_BYTES))
            last = log.read().rstrip(b"\n").rpartition(b"\n")[2]
    except OSError:
        return False
    return b'"k":"close"' in last


def give_up(path: str) -> None:
    """Tell the worker of a bundle, wherever it is, to end everything."""
    try:
        Path(path, "stop").touch(mode=0o600)
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr, flush=True)  # noqa: T201 - its log


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as listed:
            return [int(number) for number in listed.read().split()]
    except (OSError, ValueError):
        return []


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def end_children(patience: float = PATIENCE_S) -> None:
    """End every descendant: asked first, then killed."""
    asked: set[int] = set()
    end = time.monotonic() + patience
    while children := _children():
        late = time.monotonic() >= end
        for child in children:
            if late or child not in asked:
                asked.add(child)
                try:
                    os.kill(child, signal.SIGKILL if late else signal.SIGTERM)
                except OSError:
                    continue
        _reap()
        time.sleep(LOOK_S / 2)
        _reap()


def main(said: dict[str, Any]) -> int:
    """Run the client to its end, and what it leaves to theirs."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    alarm, ringing = os.pipe()
    for end in (alarm, ringing):
        os.set_blocking(end, False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(ringing)
    watched, held = os.pipe()
    client = subprocess.Popen(
        [*said["client"], str(watched)],
        stdin=subprocess.DEVNULL,
        pass_fds=[*said["passed"], watched],
    )
    os.close(watched)
    for each in said["passed"]:
        if each not in said["kept"]:
            os.close(each)
    awaited = [alarm, said["lifeline"]]
    deadline: float | None = None
    while client.poll() is None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            client.kill()
            client.wait()
            break
        ready = select.select(awaited, [], [], left)[0]
        ended = said["lifeline"] in ready
        if alarm in ready:
            rung = set(os.read(alarm, 4096))
            ended = ended or bool(rung - {signal.SIGCHLD})
        if ended and deadline is None:
            awaited = [alarm]
            deadline = time.monotonic() + CLIENT_S
            for path in open_bundles(said["bundles"]):
                give_up(path)
            os.close(held)
    if client.returncode != 0:
        # What it left on nodes; where it never came so far, this does nothing.
        try:
            subprocess.run(
                said["canceller"], stdin=subprocess.DEVNULL, check=False, timeout=CANCEL_S
            )
        except (OSError, subprocess.SubprocessError) as error:
            print(f"blocks may be left: {error}", file=sys.stderr, flush=True)  # noqa: T201 - its log
    end_children()
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
