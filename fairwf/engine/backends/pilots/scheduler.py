"""Parsl's pilots as a scheduler of bundles: a job is one call that runs one bundle.

Futures of Parsl say nothing when its interchange dies (Parsl/parsl#3374), and all fail at once when
its pilots do. So calls that have not ended are given to other pilots then. Whatever had begun a
bundle is known by its claim, so that nothing runs twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread

from fairwf.engine.backends.bundles.scheduler import JobLister, JobSubmitter, Listed
from fairwf.engine.backends.bundles.sizing import Shape
from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.backends.pilots.available import availability
from fairwf.engine.backends.pilots.connection import Connection, Told
from fairwf.engine.backends.pilots.earlier import settle
from fairwf.ir.origins import Span
from fairwf.report import EnvironmentFault, FairwfError, InvalidError, Report

_START_S = 240.0
_SILENCE = 2.0, 10.0
"""The interchange counts as dead after so many times ``grace``, and so many seconds."""
_AHEAD = 2
"""Calls for each worker: one that runs, and one that it finds when that has ended."""
_LEAST_ROOM = 4


@dataclass
class _Call:
    command: Sequence[str]
    ended: bool = False
    why: str | None = None


class PilotScheduler:
    """The pilots of one executor of a configuration of Parsl, by its label."""

    held = True

    def __init__(self, label: str, deployment: Deployment, run_id: str, report: Report) -> None:
        self.name = f"parsl:{label}"
        self._pilots = Pilots(label, deployment, run_id, report)
        self.lister: JobLister = self._pilots

    def connect(self, folder: Path) -> JobSubmitter:
        """Start Parsl, and wait until it takes calls; pilots come when they come.

        Raises:
            InvalidError: FWF4042, the configuration file is wrong.
            EnvironmentFault: FWF9002, Parsl is not installed, or does not start.
        """
        found = availability()
        if not found.works:
            raise EnvironmentFault.of("FWF9002", f"{self.name}: {found.reason}")
        self._pilots.start(folder)
        return self._pilots


class Pilots:
    """Calls that wait or run. Methods are for one thread, but for :meth:`submit`."""

    def __init__(self, label: str, deployment: Deployment, run_id: str, report: Report) -> None:
        self.asked = 0.0
        self.error: str | None = None
        self._label = label
        self._deployment = deployment
        self._run_id = run_id
        self._report = report
        self._folder = Path()
        self._state = Condition()
        self._calls: dict[str, _Call] = {}
        self._connection: Connection | None = None
        self._ready: Told | None = None
        self._fault: Told | None = None
        self._gone = False
        self._closing = False
        self._deaths = 0
        self._renewing: Thread | None = None
        self._broken: FairwfError | None = None
        self._said: list[str] = []
        self._ids: frozenset[str] | None = None
        self._too_wide = False
        self._workers = 0

    # --- starting, and starting again

    def start(self, folder: Path) -> None:
        """Start Parsl.

        Raises:
            InvalidError: FWF4042, the configuration file is wrong.
            EnvironmentFault: FWF9002, Parsl does not start.
        """
        self._folder = folder
        try:
            self._connect()
            settle(folder / "bundles", self._deployment.seconds("grace"))
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        assert self._deployment.parsl is not None, "the choice of the backend has seen to it"
        grace = self._deployment.seconds("grace")
        with self._state:
            self._ready = self._fault = None
            self._gone = False
        self._connection = Connection(
            self._deployment.parsl,
            self._label,
            self._folder / "pilots",
            self._folder / "bundles",
            self._run_id,
            grace * _SILENCE[0] + _SILENCE[1],
            self._hear,
        )
        with self._state:
            self._state.wait_for(
                lambda: self._ready or self._fault or self._gone or self._closing, _START_S
            )
            if self._ready is None:
                raise self._reason()

    def _reason(self) -> FairwfError:
        """Return why there are no pilots."""
        told = self._fault or {"fault": "the client of Parsl has died"}
        if not self._fault and not self._gone:
            told = {"fault": f"Parsl does not start within {_START_S:.0f} s"}
        if "line" in told:
            file, line = str(self._deployment.parsl), told["line"]
            span = Span(file, line, 1, line, 1) if line else None
            return InvalidError.of("FWF4042", told["fault"], span=span, file=file)
        return EnvironmentFault.of(
            "FWF9002",
            f"parsl:{self._label}: {told['fault']}",
            hint=f"what Parsl says is in {self._folder / 'pilots'}; after mending the cause: "
            f"fairwf resume {self._folder.parent}",
        )

    def _hear(self, told: Told | None) -> None:
        """Take note of what the client tells; runs in the thread that reads."""
        with self._state:
            if told is None:
                self._gone = True
            elif "ready" in told:
                self._ready = told
            elif "fault" in told:
                self._fault = told
            elif "workers" in told:
                self._workers = told["workers"]
            elif "warning" in told:
                self._said.append(told["warning"])
            elif (call := self._calls.get(told["ended"])) is not None:
                call.ended, call.why = True, told["why"]
                if call.why is None:
                    self._deaths = 0
            self._state.notify_all()

    def _renew(self) -> None:
        """Replace pilots that are gone; runs in a thread of its own, for it takes a while."""
        try:
            if self._connection is not None:
                self._connection.close()
            self._connect()
        except FairwfError as error:
            with self._state:
                self._broken = error
            return
        with self._state:
            again = [(name, call.command) for name, call in self._calls.items() if not call.ended]
            connection, self._renewing = self._connection, None
        assert connection is not None
        for name, command in again:
            connection.run(name, command)

    def _watch(self) -> None:
        """Notice that pilots are gone.

        Raises:
            FairwfError: others cannot be had.
        """
        with self._state:
            for text in self._said:
                self._report.add("FWF4044", f"parsl:{self._label}: {text}")
            self._said.clear()
            if self._broken is not None:
                raise self._broken
            if self._renewing is not None or not (self._fault or self._gone):
                return
            self._deaths += 1
            reason = self._reason()
            if self._deaths > self._deployment.lost_retries:
                self._broken = reason
                raise reason
            what = self._fault["fault"] if self._fault else "the client of Parsl has died"
            self._report.add("FWF4044", f"parsl:{self._label}: {what}; other pilots are started")
            self._renewing = Thread(target=self._renew, name="pilots anew", daemon=True)
        self._renewing.start()

    # --- as what submits

    @property
    def room(self) -> int:
        """How many calls keep the workers busy that there are, or may be."""
        with self._state:
            workers = max(self._workers, int((self._ready or {}).get("most", 0)))
        return max(_AHEAD * workers, _LEAST_ROOM)

    def submit(self, tag: str, command: Sequence[str], shape: Shape) -> str:
        """Have a bundle run in a pilot; its name serves as id."""
        with self._state:
            self._calls[tag] = _Call(command)
            there = float((self._ready or {}).get("cores", 1))
            if shape.cores > max(there, 1) and not self._too_wide:
                self._too_wide = True
                self._said.append(
                    f"a task wants {shape.cores} cores, and a worker has {there:g} "
                    "(cores_per_worker); it may share them with others"
                )
            connection = self._connection if self._renewing is None else None
        if connection is not None:  # else it goes to the pilots that are being started
            connection.run(tag, command)
        return tag

    def cancel(self, job_id: str) -> str | None:
        """Forget a call: what it runs sees by itself that its bundle was given up."""
        with self._state:
            self._calls.pop(job_id, None)
        return None

    def close(self) -> None:
        """End the pilots, and wait until nothing of them runs here."""
        with self._state:
            self._closing = True
            self._state.notify_all()
            renewing = self._renewing
        if renewing is not None:
            renewing.join()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # --- as what lists

    @property
    def waiting(self) -> bool:
        """Whether an answer is awaited."""
        return self._ids is not None

    def ask(self, ids: Sequence[str]) -> None:
        """Put the question; calls that have ended and matter no more are forgotten."""
        self.asked = time.monotonic()
        self._ids = frozenset(ids)

    def answer(self) -> list[Listed] | None:
        """Return the calls.

        Raises:
            FairwfError: no call can run any more.
        """
        ids, self._ids = self._ids, None
        if ids is None:
            return None
        self._watch()
        with self._state:
            if ids:
                gone = [n for n, call in self._calls.items() if call.ended and n not in ids]
                for name in gone:
                    del self._calls[name]
            return self._listed()

    def _listed(self) -> list[Listed]:
        return [
            Listed(name, name, "ended" if call.ended else "running", call.why)
            for name, call in self._calls.items()
        ]

    def now(self, timeout: float) -> list[Listed] | None:
        """Return the calls at once."""
        self.asked, self._ids = time.monotonic(), None
        with self._state:
            return self._listed()
