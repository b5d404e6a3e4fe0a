"""Carries files between this machine and a site: each once, checked, tried again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from fairwf.engine.backends.sites.arrival import (
    Found,
    digest_of,
    findings,
    missing,
    settle,
)
from fairwf.engine.backends.sites.ledger import Ledger
from fairwf.engine.backends.sites.link import Link
from fairwf.engine.backends.sites.movers import Mover, NotMoved, pause
from fairwf.engine.backends.sites.needs import Needs
from fairwf.engine.task.view import View

PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""Between tries to move files."""


class Carrier:
    """Files of one site; ``base`` is the folder of the run there, ``folder`` that of the site here.

    Used by one thread.
    """

    def __init__(
        self,
        mover: Mover,
        view: View,
        base: str,
        folder: Path,
        tell: Callable[[str], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._mover = mover
        self._view = view
        self._base = base
        self._came = folder / "incoming"
        self._tell = tell
        self._stopped = stopped
        self._ledger = Ledger(folder / "moved")

    def begin(self, link: Link) -> None:
        """Find out what the site still has of what came there.

        Raises:
            LinkLost, Refused: of the connection.
        """
        files = self._ledger.files()
        there = link.ask("have", files=[[self._view.seen(path), size] for path, size in files])
        self._ledger.forget(path for (path, _), has in zip(files, there, strict=True) if not has)

    def bring(self, link: Link, needs: Needs) -> None:
        """Have all that is needed at the site.

        Raises:
            NotMoved: files did not come, however often it was tried.
            OSError: a file is not here any more.
            LinkLost, Refused: of the connection.
        """
        left = [path for path in needs.files if not self._ledger.has(path)]
        known = {path: (os.stat(path), digest_of(path)) for path in left}

        def once() -> None:
            nonlocal left
            self._mover.push(left)
            asked = [self._arrival(path, *known[path]) for path in left]
            refused = set(link.ask("accept", files=asked))
            for path in left:
                if self._view.seen(path) not in refused:
                    self._ledger.add(path, *known[path])
            left = [path for path in left if self._view.seen(path) in refused]
            if left:
                raise NotMoved(f"{left[0]!r:.200} came damaged")

        if left:
            self._tried(once)
        seen = self._view.seen
        links = [
            [seen(p), seen(os.path.join(os.path.dirname(p), t))] for p, t in needs.links.items()
        ]
        link.ask("lay", folders=[seen(path) for path in needs.folders], links=links)

    def _arrival(self, path: str, status: os.stat_result, digest: str) -> list[object]:
        came = f"{self._base}/incoming{path}"
        return [came, self._view.seen(path), digest, bool(status.st_mode & 0o100)]

    def _tried(self, act: Callable[[], None]) -> None:
        for wait in (*PAUSES_S, None):
            try:
                act()
                return
            except NotMoved as error:
                if wait is None or self._stopped():
                    raise
                self._tell(f"files did not come: {error}; it is tried again")
            pause(wait, self._stopped)

    def fetch(self, link: Link, folders: Sequence[str]) -> None:
        """Have here what tasks left in their folders, and in those of their logs.

        Raises:
            NotMoved, LinkLost, Refused, OSError: as :meth:`bring`.
            Strange: the site tells of what cannot be.
        """
        seen = self._view.seen
        told = link.ask("survey", folders=[seen(folder) for folder in folders])
        found = {folder: findings(each) for folder, each in zip(folders, told, strict=True)}
        wanted = {folder: missing(folder, each) for folder, each in found.items()}

        def once() -> None:
            left = {}
            for folder, files in wanted.items():
                place = self._place(folder)
                left[folder] = [one for one in files if not self._whole(place / one.name, one)]
            names = [f"{self._below(folder)}/{one.name}" for folder, f in left.items() for one in f]
            if names:
                self._mover.pull(names, self._came)
            for folder, files in left.items():
                for one in files:
                    if not self._whole(self._place(folder) / one.name, one):
                        raise NotMoved(f"{one.name!r:.200} of {seen(folder)!r:.200} came damaged")

        self._tried(once)
        for folder, each in found.items():
            if each:
                os.makedirs(folder, exist_ok=True)
            settle(folder, each, self._place(folder), wanted[folder], self._view)
            for one in each:
                path = f"{folder}/{one.name}"
                if one.kind == "file":
                    self._ledger.add(path, os.stat(path), one.digest)
            shutil.rmtree(self._place(folder), ignore_errors=True)

    def _place(self, folder: str) -> Path:
        return self._came / self._below(folder)

    def _below(self, folder: str) -> str:
        return self._view.seen(folder).removeprefix(f"{self._base}/")

    def _whole(self, path: Path, wanted: Found) -> bool:
        """Tell whether a file came as it is there; remove one that did not."""
        if path.is_symlink() or not path.is_file():
            return False
        if digest_of(path) == wanted.digest:
            return True
        path.unlink()
        return False

    def clear(self) -> None:
        """Remove what came here on its way."""
        shutil.rmtree(self._came, ignore_errors=True)

    def close(self) -> None:
        """Let go of everything."""
        self._mover.close()
        self._ledger.close()


class NoCarrier:
    """For a site that shares the file system."""

    def begin(self, link: Link) -> None:
        """Nothing has to come."""

    def bring(self, link: Link, needs: Needs) -> None:
        """Nothing has to come."""

    def fetch(self, link: Link, folders: Sequence[str]) -> None:
        """Nothing has to come home."""

    def clear(self) -> None:
        """Nothing came."""

    def close(self) -> None:
        """Nothing is held."""
