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
    refuse_links,
    settle,
)
from fairwf.engine.backends.sites.ledger import Ledger
from fairwf.engine.backends.sites.link import Link
from fairwf.engine.backends.sites.movers import Mover, NotMoved, pause
from fairwf.engine.backends.sites.needs import Needs
from fairwf.engine.backends.sites.staying import Staying, is_placeholder
from fairwf.engine.places.away import AWAY, Absent, digests_of
from fairwf.engine.task.view import View

PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""Between tries to move files."""


class Carrier:
    """Files of one site; ``base`` is the folder of the run there, ``folder`` that of the site here.

    Used by one thread.
    """

    def __init__(
        self,
        site: str,
        mover: Mover,
        view: View,
        base: str,
        folder: Path,
        staying: Staying,
        keep_bytes: float,
        tell: Callable[[str], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._site = site
        self._mover = mover
        self._view = view
        self._base = base
        self._came = folder / "incoming"
        self._tell = tell
        self._stopped = stopped
        self._ledger = Ledger(folder / "moved")
        self._staying = staying
        self._keep_bytes = keep_bytes

    def begin(self, link: Link) -> None:
        """Find out what the site still has of what came there.

        Raises:
            LinkLost, Refused: of the connection.
        """
        files = self._ledger.files()
        there = link.ask("have", files=[[self._view.seen(path), size] for path, size in files])
        self._ledger.forget(path for (path, _), has in zip(files, there, strict=True) if not has)
        staying = self._staying.files()
        asked = [[self._view.seen(path), file.size] for path, file in staying.items()]
        for (path, file), has in zip(staying.items(), link.ask("have", files=asked), strict=True):
            if not has or (os.path.lexists(path) and not is_placeholder(path)):
                self._staying.lost(path)
                continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self._staying.place(path, file)
            self._ledger.add(path, os.stat(path), file.sha256)

    def bring(self, link: Link, needs: Needs) -> None:
        """Have all that is needed at the site.

        Raises:
            NotMoved: files did not come, however often it was tried.
            OSError: a file is not here any more.
            LinkLost, Refused: of the connection.
        """
        left = [path for path in needs.files if not self._is_there(path, needs)]
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

    def _is_there(self, path: str, needs: Needs) -> bool:
        absent = digests_of(path)
        if absent is None:
            return self._ledger.has(path)
        real = os.path.realpath(path)
        if real != path:
            needs.links[path] = real
        return True

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
        stays: dict[str, Found] = {}
        for folder in folders[::2]:  # beside each, the folder of its logs, which are small
            large = [one for one in wanted[folder] if one.size >= self._keep_bytes]
            stays.update((f"{folder}/{one.name}", one) for one in large)
            wanted[folder] = [one for one in wanted[folder] if one.size < self._keep_bytes]

        def once() -> None:
            left = {}
            for folder, files in wanted.items():
                place = self._place(folder)
                left[folder] = [
                    one for one in files if not self._whole(place / one.name, one.digest)
                ]
            names = [f"{self._below(folder)}/{one.name}" for folder, f in left.items() for one in f]
            if names:
                self._mover.pull(names, self._came)
            for folder, files in left.items():
                for one in files:
                    if not self._whole(self._place(folder) / one.name, one.digest):
                        raise NotMoved(f"{one.name!r:.200} of {seen(folder)!r:.200} came damaged")

        self._tried(once)
        for folder, each in found.items():
            if each:
                os.makedirs(folder, exist_ok=True)
            settle(folder, each, self._place(folder), wanted[folder], self._view)
            for one in each:
                path = f"{folder}/{one.name}"
                if path in stays:
                    refuse_links(folder, one.name)
                    absent = Absent(self._site, one.size, one.digest, one.sha1, one.runs)
                    self._staying.stay(path, absent)
                if one.kind == "file":
                    self._ledger.add(path, os.stat(path), one.digest)
            shutil.rmtree(self._place(folder), ignore_errors=True)

    def home(self, paths: Sequence[str]) -> None:
        """Have files here that stayed at the site.

        Raises:
            NotMoved: they did not come, however often it was tried.
            OSError: something cannot be written.
        """
        files = {path: absent for path in paths if (absent := AWAY.get(path)) is not None}

        def once() -> None:
            left = [p for p, file in files.items() if not self._came_whole(p, file)]
            if left:
                self._mover.pull([self._below(path) for path in left], self._came)
            for path in left:
                if not self._came_whole(path, files[path]):
                    raise NotMoved(f"{path!r:.200} came damaged")

        self._tried(once)
        for path, file in files.items():
            came = self._place(path)
            came.chmod(0o755 if file.runs else 0o644)
            os.replace(came, path)
            self._staying.came(path)
            self._ledger.add(path, os.stat(path), file.sha256)

    def _came_whole(self, path: str, file: Absent) -> bool:
        return self._whole(self._place(path), file.sha256)

    def _place(self, folder: str) -> Path:
        return self._came / self._below(folder)

    def _below(self, folder: str) -> str:
        return self._view.seen(folder).removeprefix(f"{self._base}/")

    def _whole(self, path: Path, digest: str) -> bool:
        """Tell whether a file came as it is there; remove one that did not."""
        if path.is_symlink() or not path.is_file():
            return False
        if digest_of(path) == digest:
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
        self._staying.close()


class NoCarrier:
    """For a site that shares the file system."""

    def begin(self, link: Link) -> None:
        """Nothing has to come."""

    def bring(self, link: Link, needs: Needs) -> None:
        """Nothing has to come."""

    def fetch(self, link: Link, folders: Sequence[str]) -> None:
        """Nothing has to come home."""

    def home(self, paths: Sequence[str]) -> None:
        """All is here."""

    def clear(self) -> None:
        """Nothing came."""

    def close(self) -> None:
        """Nothing is held."""
