"""How a site is reached where a program of our own runs the tasks, and what is found there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from fairwf.engine.backends.bundles.dispatch import WORKER
from fairwf.engine.backends.bundles.script import job_script
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.engine.backends.protocol import Site
from fairwf.engine.backends.sites.carrier import Carrier, NoCarrier
from fairwf.engine.backends.sites.link import Link, Refused
from fairwf.engine.backends.sites.movers import CopyMover, Mover, RsyncMover
from fairwf.engine.backends.sites.pool import Room
from fairwf.engine.backends.sites.staying import Staying
from fairwf.engine.places.rundir import RunDir
from fairwf.engine.task.view import View
from fairwf.report import EnvironmentFault

_BASE = "fairwf-"


class Connection:
    """Makes the connections to one site, one after the other.

    ``folder`` is what is kept of the site here, ``base`` the folder of the run there.
    ``room`` and ``machine`` are what the site has and is, known once it was reached.
    """

    def __init__(self, name: str, settings: SiteSettings, run: RunDir) -> None:
        self.name = name
        self.settings = settings
        self.jobs = settings.jobs or Deployment()
        self.run = run
        self.folder = run.sites / name
        self.room = Room(1, 1024)
        self.machine: dict[str, Any] = {}
        run_id = str(run.read_description()["id"])
        copied = settings.mover != "shared"
        self.base = f"{settings.root}/{_BASE}{run_id}" if copied else f"{self.folder}/there"
        pairs = (
            ((str(run.root), f"{self.base}/run"), ("/", f"{self.base}/outside")) if copied else ()
        )
        self.site = Site(name, programs_here=False, pairs=pairs)
        self.view = View(pairs)
        # The path of a socket must be short.
        self._private = tempfile.mkdtemp(prefix="fairwf-") if settings.host is not None else None
        self._socket = f"{self._private}/ssh" if self._private else None
        self._reached = False

    def carrier(
        self, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> Carrier | NoCarrier:
        """Return what carries the files; ``tell`` takes warnings.

        Raises:
            OSError: what is kept here cannot be written.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.site.apart:
            return NoCarrier()
        mover: Mover = CopyMover(self.base, stopped)
        if self.settings.mover == "rsync":
            mover = RsyncMover(self.settings, self.base, self.folder, self._socket, stopped)
        return Carrier(
            self.name,
            mover,
            self.view,
            self.base,
            self.folder,
            Staying(self.name, str(self.run.root), self.folder / "staying"),
            self.settings.keep_mib * 2**20,
            tell,
            stopped,
        )

    def link(self, told: Callable[[dict[str, Any]], None], carrier: Carrier | NoCarrier) -> Link:
        """Connect, and have our program there ready; ``told`` hears what it says by itself.

        Raises:
            LinkLost, Refused: of the connection.
        """
        jobs = self.jobs
        log = self.folder / "connection.log"
        link = Link(self.settings, jobs.python, log, told, self._socket)
        try:
            said = link.ask(
                "hello",
                base=self.base,
                worker=WORKER.read_text("utf-8"),
                script=job_script(jobs, held=True),
                shell=list(jobs.shell) if jobs.setup else ["/bin/sh"],
            )
            if self.settings.mover == "rsync" and not said["rsync"]:
                raise Refused("rsync is not installed there")
            if not self._reached:
                self._look(said)
            carrier.begin(link)
        except BaseException:
            link.close()
            raise
        self._reached = True
        return link

    def _look(self, said: dict[str, Any]) -> None:
        own = self.settings
        cores, memory = float(said["cores"]), float(said["memory_mib"])
        self.room = Room(own.cores or cores, own.memory_mib or memory)
        self.machine = {
            **{name: str(said[name]) for name in ("host", "system", "release")},
            **{name: said[name] and str(said[name]) for name in ("architecture", "cpu")},
            "cores": int(cores),
            "memory_bytes": int(memory * 2**20),
        }

    def unreachable(self, why: str) -> EnvironmentFault:
        """Return what the engine is told when the site cannot be used any more."""
        where = self.settings.host or self.settings.root
        return EnvironmentFault.of(
            "FWF4063",
            f"the site {self.name!r} ({where}) is out of reach: {why}",
            hint=f"its log: {self.folder / 'connection.log'}; after mending the cause: "
            f"fairwf resume {self.run.root}",
        )

    def close(self) -> None:
        """Remove what connections need here."""
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)
