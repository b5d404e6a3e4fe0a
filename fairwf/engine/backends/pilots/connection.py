"""The guard and the client of one set of pilots, as the engine sees them."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from fairwf.report import EnvironmentFault

_HERE = Path(__file__).parent
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
"""Paths that Parsl writes into its scripts without harm; it does not quote others."""
_LOCK_S = 120.0
_END_S = 90.0
_LOOK_S = 0.1

Told = dict[str, Any]
"""One line of the client, as ``client.py`` describes them."""


class Connection:
    """Starts Parsl in processes of its own, and ends it.

    ``hear`` gets what the client tells, None when it is gone; it is called from a thread.
    """

    def __init__(
        self,
        config: str,
        label: str,
        folder: Path,
        bundles: Path,
        run_id: str,
        silence_s: float,
        hear: Callable[[Told | None], None],
    ) -> None:
        """Raise EnvironmentFault where the processes cannot be started."""
        self.log = folder / "log"
        self._hear = hear
        self._sending = Lock()
        safe = _SAFE.fullmatch(str(folder)) is not None
        runinfo = folder / "runinfo" if safe else Path.home() / ".fairwf" / "pilots" / run_id
        if not _SAFE.fullmatch(str(runinfo)):
            raise EnvironmentFault.of(
                "FWF9002",
                "Parsl cannot write its scripts to a path with spaces or quotes",
                file=str(folder),
                hint="name another folder with --run-dir",
            )
        lock = _locked(folder / "lock")
        ours, theirs = socket.socketpair()
        watched, self._lifeline = os.pipe()
        said = {
            "config": config,
            "label": label,
            "runinfo": str(runinfo),
            "blocks": str(folder / "blocks"),
            "socket": theirs.fileno(),
            "silence": silence_s,
        }
        program = [sys.executable, "-P", str(_HERE / "client.py")]
        guard = {
            "client": [*program, json.dumps(said)],
            "canceller": [*program, json.dumps(said)],
            "lifeline": watched,
            "passed": [theirs.fileno(), lock],
            "kept": [lock],
            "bundles": str(bundles),
        }
        try:
            runinfo.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                # A session of its own: Ctrl-C on the terminal is the engine's to handle.
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(_HERE / "guard.py"), json.dumps(guard)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(theirs.fileno(), watched, lock),
                    start_new_session=True,
                )
        except OSError as error:
            ours.close()
            os.close(self._lifeline)
            raise EnvironmentFault.refused(error, "Parsl cannot be started") from None
        finally:
            theirs.close()
            os.close(watched)
            os.close(lock)
        self._socket = ours
        self._reader = Thread(target=self._read, name="pilots", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        # A line that is cut short says that whoever wrote it is gone.
        with self._socket.makefile("rb") as lines, suppress(OSError, ValueError):
            for line in lines:
                self._hear(json.loads(line))
        self._hear(None)

    def run(self, name: str, command: Sequence[str]) -> None:
        """Have a command run in a pilot; where the client is gone, nothing happens."""
        data = json.dumps({"run": name, "command": list(command)}).encode() + b"\n"
        with self._sending:
            try:
                self._socket.sendall(data)
            except OSError:
                return  # the reader hears of it

    def close(self) -> None:
        """End the pilots, and wait until nothing of them runs here."""
        with suppress(OSError):  # the client may be gone
            self._socket.shutdown(socket.SHUT_RDWR)
        os.close(self._lifeline)
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._socket.close()


def _locked(path: Path) -> int:
    """Return a descriptor that locks this run's pilots: those before them must have ended."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EnvironmentFault.refused(error) from None
    end = time.monotonic() + _LOCK_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < end:
                time.sleep(_LOOK_S)
                continue
            os.close(lock)
            raise EnvironmentFault.of(
                "FWF9002",
                f"pilots of an earlier engine of this run have not ended within {_LOCK_S:.0f} s",
                file=str(path),
                hint=f"what they say is in {path.with_name('log')}",
            ) from None
        return lock
