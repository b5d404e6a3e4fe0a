"""Movers: how the bytes of files come to a site and back.

They put files into a folder for what has come (``incoming``), under the path that they have where
they come from. There they are checked, and get their names by a rename.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from fairwf.engine.backends.deployment import SiteSettings
from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.backends.sites.link import quoted, ssh_words
from fairwf.engine.task.request import Completion, PreparedTask
from fairwf.report import FairwfError

PARTIAL = ".fairwf-partial"
_LOOK_S = 0.2


class NotMoved(Exception):  # noqa: N818 - what happened to the files
    """Files did not come; another try may help."""


class Mover(Protocol):
    """Moves files. Used by one thread."""

    def push(self, files: Sequence[str]) -> None:
        """Bring files of this machine, by their absolute paths, into ``incoming`` of the site.

        Raises:
            NotMoved: not all came.
        """
        ...

    def pull(self, files: Sequence[str], folder: Path) -> None:
        """Bring files, by their paths below the site's folder of the run, into a folder here.

        Raises:
            NotMoved: not all came.
        """
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class CopyMover:
    """Between two folders of this machine."""

    def __init__(self, base: str, stopped: Callable[[], bool]) -> None:
        self._base = base
        self._stopped = stopped

    def push(self, files: Sequence[str]) -> None:
        """Bring files of this machine into ``incoming`` of the site."""
        for path in files:
            self._copy(path, f"{self._base}/incoming{path}")

    def pull(self, files: Sequence[str], folder: Path) -> None:
        """Bring files of the site into a folder here."""
        for path in files:
            self._copy(f"{self._base}/{path}", f"{folder}/{path}")

    def _copy(self, source: str, target: str) -> None:
        if self._stopped():
            raise NotMoved("the engine stops")
        try:
            os.makedirs(os.path.dirname(target), 0o700, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise NotMoved(f"{error.filename or source}: {error.strerror}") from None

    def close(self) -> None:
        """Nothing is held."""


class RsyncMover:
    """Over ssh.

    What was cut short stays in a folder for partial files, and the next try goes on with it. rsync
    runs as a task of this machine does, so that it ends when the engine dies.
    """

    def __init__(
        self,
        site: SiteSettings,
        base: str,
        folder: Path,
        socket: str | None,
        stopped: Callable[[], bool],
    ) -> None:
        assert site.host is not None
        self._place = f"{site.host}:{base}"
        self._folder = folder
        self._stopped = stopped
        self._number = 0
        self._local: LocalBackend | None = None
        program = shutil.which(site.rsync[0]) or site.rsync[0]
        self._words = [
            program,
            # Not the times and rights of a stranger's folders; what links lead to, not the links.
            *("--times", "--executability", "--copy-links", "--no-implied-dirs"),
            *("--partial", f"--partial-dir={PARTIAL}", "--from0", "--files-from=-"),
            "--protect-args",
            f"--rsh={quoted(ssh_words(site, socket, first=False))}",
            *site.rsync[1:],
            "--",
        ]

    def push(self, files: Sequence[str]) -> None:
        """Bring files of this machine into ``incoming`` of the site."""
        self._run(files, "/", f"{self._place}/incoming/")

    def pull(self, files: Sequence[str], folder: Path) -> None:
        """Bring files of the site into a folder here."""
        folder.mkdir(parents=True, exist_ok=True)
        self._run(files, f"{self._place}/", f"{folder}/")

    def _run(self, files: Sequence[str], source: str, target: str) -> None:
        self._number += 1
        stem = self._folder / "rsync"
        listed, errors = stem.with_suffix(".files"), stem.with_suffix(".err")
        try:
            listed.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in files))
            ended = self._wait([*self._words, source, target], listed, errors)
            with (self._folder / "rsync.log").open("ab") as log:
                log.write(errors.with_suffix(".out").read_bytes() + errors.read_bytes())
        except OSError as error:
            raise NotMoved(f"{error.filename}: {error.strerror}") from None
        except FairwfError as error:
            raise NotMoved(str(error)) from None
        if ended.exit_code != 0 or ended.error:
            raise NotMoved(ended.error or _last_line(errors) or f"rsync ended {ended.exit_code}")

    def _wait(self, words: list[str], listed: Path, errors: Path) -> Completion:
        if self._local is None:
            self._local = LocalBackend()
        name = f"rsync {self._number}"
        self._local.submit(
            PreparedTask(
                task_id=name,
                argv=tuple(words),
                command=tuple(words),
                env=dict(os.environ),
                cwd=str(self._folder),
                stdin=str(listed),
                stdout=str(errors.with_suffix(".out")),
                stderr=str(errors),
                stdout_declared=True,
                stderr_declared=True,
            )
        )
        told = False
        while not (ended := self._local.wait(_LOOK_S)):
            if self._stopped() and not told:
                told = True
                self._local.cancel(name)
        return ended[0]

    def close(self) -> None:
        """End what still runs."""
        if self._local is not None:
            self._local.close()
            self._local = None


def _last_line(path: Path) -> str:
    try:
        lines = path.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    shown = [line for line in lines if "rsync error" not in line] or lines
    return "".join(c if c.isprintable() else "?" for c in shown[-1])[:300] if shown else ""


def pause(seconds: float, stopped: Callable[[], bool]) -> None:
    """Wait, unless the engine stops."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stopped():
        time.sleep(min(_LOOK_S, max(0.0, until - time.monotonic())))
