"""What goes on at a site where a program of our own runs the tasks: a thread of the engine.

It moves files, starts tasks, takes home what they left. When the connection ends, so do the tasks
there; it is made again, and those that had not ended run once more.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Literal

import msgspec

from fairwf.engine.backends.bundles.bundle import Line
from fairwf.engine.backends.sites.arrival import Strange
from fairwf.engine.backends.sites.carrier import PAUSES_S, Carrier, NoCarrier
from fairwf.engine.backends.sites.connection import Connection
from fairwf.engine.backends.sites.link import Link, LinkLost, Refused
from fairwf.engine.backends.sites.movers import NotMoved, pause
from fairwf.engine.backends.sites.needs import Needs, needs_of, without_needs
from fairwf.engine.backends.sites.remains import Ended, ended_there, note_bundle
from fairwf.engine.backends.sites.site_task import Result, SiteTask, completion_of
from fairwf.engine.task import Completion
from fairwf.report import EnvironmentFault

_BEAT_S = 10.0
_TOGETHER = 200
"""How many tasks are brought together at most."""
_ANY = 1e9
"""Cores of a bundle: how many tasks run at once is decided here."""


class SiteWork:
    """The work at one site. Others hand over by :meth:`tell`, and look at ``results``.

    ``wake`` is a descriptor that gets a byte when there is news.
    """

    def __init__(self, connection: Connection, wake: int) -> None:
        self.results: SimpleQueue[Result] = SimpleQueue()
        self._connection = connection
        self._view = connection.view
        self._name = connection.name
        self._root = str(connection.run.root)
        self._bundles_here = connection.folder / "bundles"
        self._wake = wake
        self._queue: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._link: Link | None = None
        self._carrier: Carrier | NoCarrier | None = None
        self._waiting: list[SiteTask] = []
        self._ready: list[SiteTask] = []
        self._bundles: dict[str, list[SiteTask]] = {}
        self._over: list[SiteTask] = []
        self._homes: list[tuple[Sequence[str], Future[None]]] = []
        self._hosts: dict[str, str] = {}
        self._losses: Counter[str] = Counter()
        self._next = 1
        self._prefix = f"{time.time_ns():x}"
        self._fault: Exception | None = None

    # --- for the engine's thread

    def begin(self) -> dict[str, Ended]:
        """Connect and begin to work; return what earlier engines left there.

        Raises:
            EnvironmentFault: the site is out of reach, or the run directory cannot be written.
        """
        connection = self._connection
        try:
            self._carrier = connection.carrier(self._warn, self._stopping.is_set)
        except OSError as error:
            raise EnvironmentFault.refused(error) from None
        try:
            self._link = connection.link(self._told, self._carrier)
            found = ended_there(self._bundles_here, self._root, self._link)
        except (LinkLost, Refused) as error:
            raise connection.unreachable(str(error)) from None
        self._thread = threading.Thread(target=self._work, name=f"site {self._name}", daemon=True)
        self._thread.start()
        return found

    def tell(self, what: Literal["bring", "fetch", "cancel"], task: SiteTask) -> None:
        """Have a task run, have home what it left, or end it."""
        self._queue.put((what, task))

    def home(self, paths: Sequence[str]) -> Future[None]:
        """Have files here that stayed there."""
        arrival: Future[None] = Future()
        self._queue.put(("home", (paths, arrival)))
        if self._thread is None or not self._thread.is_alive():
            self._give_up_homes()
        return arrival

    def clear(self) -> str | None:
        """Remove what the run left there; return why it could not be."""
        link, base = self._link, self._connection.base
        where = self._connection.settings.host or "this machine"
        if self._carrier is not None:
            self._carrier.clear()
        if link is None:  # it was lost, and another try has not succeeded
            return f"{base!r} on {where} could not be removed: the connection has ended"
        try:
            link.ask("remove", paths=[base])
        except (LinkLost, Refused) as error:
            return f"{base!r} on {where} could not be removed: {error}"
        return None

    def close(self) -> None:
        """End everything that still runs there, and let go of the site."""
        self._stopping.set()
        self._queue.put(("stop", None))
        if self._link is not None:  # first: the thread may wait for an answer
            self._link.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._carrier is not None:
            self._carrier.close()
            self._carrier = None
        self._connection.close()

    def _told(self, said: dict[str, Any]) -> None:
        self._queue.put(("told", said))

    # --- the thread

    def _give(self, result: Result) -> None:
        self.results.put(result)
        self._wakeup()

    def _wakeup(self) -> None:
        try:
            os.write(self._wake, b"x")
        except OSError:
            return  # it will wake anyway

    def _warn(self, text: str) -> None:
        self._give(f"site {self._name!r}: {text}")

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._turn()
                except LinkLost as error:
                    if self._stopping.is_set() or not self._again(str(error)):
                        return
        except Exception as error:  # noqa: BLE001 - the engine raises it
            if not self._stopping.is_set():
                self._fault = self._told_fault(error)
                self._give(self._fault)
        finally:
            self._give_up_homes()

    def _told_fault(self, error: Exception) -> Exception:
        """Return what the engine is told of a fault that ends the work here."""
        if isinstance(error, (NotMoved, Refused, Strange)):
            return self._connection.unreachable(str(error))
        return EnvironmentFault.refused(error) if isinstance(error, OSError) else error

    def _turn(self) -> None:
        self._take(block=not (self._waiting or self._over or self._homes))
        self._start()
        if self._homes:
            self._bring_home()
        if self._over:
            self._fetch()
        if self._waiting:
            self._bring()
        self._start()

    def _take(self, block: bool) -> None:
        while len(self._waiting) < _TOGETHER:
            try:
                what, given = self._queue.get(block)
            except Empty:
                return
            block = False
            if what == "bring":
                self._waiting.append(given)
            elif what == "home":
                self._homes.append(given)
            elif what == "fetch":
                self._over.append(given)
            elif what == "cancel":
                self._cancel(given)
            elif what == "told" and "lost" in given:
                raise LinkLost(given["lost"])
            elif what == "told":
                self._hear(given)
            elif what == "stop":
                return

    def _left(self, kind: str) -> Iterator[Any]:
        """Yield what of a kind is in the queue; all else stays there."""
        others = []
        while True:
            try:
                what, given = self._queue.get(block=False)
            except Empty:
                break
            if what == kind:
                yield given
            else:
                others.append((what, given))
        for each in others:
            self._queue.put(each)

    def _give_up_homes(self) -> None:
        """Fail those who wait for files: none will come any more."""
        left, self._homes = self._homes, []
        for _, arrival in [*left, *self._left("home")]:
            arrival.set_exception(
                self._fault or self._connection.unreachable("the connection has ended")
            )
        self._wakeup()

    def _cancel(self, task: SiteTask) -> None:
        unstarted = self._waiting if task in self._waiting else self._ready
        if task in unstarted:
            unstarted.remove(task)
            self._end_unstarted(task)
        elif task.state == "running" and self._link is not None:
            self._link.request("cancel", name=task.bundle, task=task.number)

    def _end_unstarted(self, task: SiteTask) -> None:
        now = time.time()
        self._give(
            Completion(task_id=task.id, exit_code=143, started=now, ended=now, cancelled=True)
        )

    def _hear(self, said: dict[str, Any]) -> None:
        """Take news of a bundle."""
        name = str(said.get("bundle"))
        if said.get("over"):
            for task in self._bundles.pop(name, []):
                if task.state == "running":
                    self._lose(task, "the program that ran it has ended")
            return
        try:
            line = msgspec.convert(said.get("line"), Line)
        except msgspec.ValidationError:
            return
        self._read(name, line)

    def _read(self, name: str, line: Line) -> None:
        """Take a line of the log of a bundle."""
        tasks = self._bundles.get(name, [])
        if line.k == "claim":
            self._hosts[name] = line.host or ""
        if line.k != "end" or line.stopped or not 0 <= line.i < len(tasks):
            return
        task = tasks[line.i]
        if task.state == "running":
            self._connection.room.leave(task.prepared)
            task.state, task.line, task.host = "fetching", line, self._hosts.get(name, "")
            self._over.append(task)

    def _lose(self, task: SiteTask, why: str) -> None:
        self._connection.room.leave(task.prepared)
        if task.unwanted:
            self._end_unstarted(task)
            return
        self._losses[task.id] += 1
        again = self._losses[task.id] <= self._connection.jobs.lost_retries
        if again:
            self._warn(f"{task.id!r:.120} runs again: {why}")
        self._give_lost(task, f"at the site {self._name!r}, {why}", again)

    def _give_lost(self, task: SiteTask, why: str, again: bool = False) -> None:
        now = time.time()
        self._give(
            Completion(task_id=task.id, exit_code=0, started=now, ended=now, lost=why, again=again)
        )

    def _again(self, why: str) -> bool:
        """Connect again; False where that is given up."""
        link, self._link = self._link, None
        if link is not None:
            link.close()
        self._warn(f"the connection ended ({why}); it is made again")
        for said in list(self._left("told")):
            if "lost" not in said and not said.get("over"):
                self._hear(said)
        failed = why
        for wait in (0.0, *PAUSES_S):
            pause(wait, self._stopping.is_set)
            if self._stopping.is_set():
                return False
            try:
                assert self._carrier is not None
                self._link = self._connection.link(self._told, self._carrier)
                self._judge(f"the connection ended ({why})")
            except (LinkLost, Refused) as error:
                failed = str(error)
                self._link = None
            else:
                for _ in self._left("told"):  # that an earlier try has ended
                    continue
                return True
        self._fault = self._connection.unreachable(failed)
        self._give(self._fault)
        return False

    def _judge(self, why: str) -> None:
        """Find out which tasks had ended before a connection did; the others run again."""
        assert self._link is not None
        names = list(self._bundles)
        for name, lines in zip(names, self._link.ask("logs", names=names), strict=True):
            for line in lines:
                self._hear({"bundle": name, "line": line})
        bundles, self._bundles = self._bundles, {}
        for task in [each for tasks in bundles.values() for each in tasks]:
            if task.state == "running":
                self._lose(task, why)
        self._waiting[:0], self._ready = self._ready, []

    # --- files and tasks

    def _bring(self) -> None:
        """Bring what tasks need; those that have it are ready."""
        assert self._carrier is not None and self._link is not None
        needs = Needs()
        for task in list(self._waiting):
            try:
                own = needs_of(task.prepared) if self._connection.site.apart else Needs()
            except OSError as error:
                self._waiting.remove(task)
                self._give(without_needs(task.id, error))
                continue
            needs.add(own)
        if not self._waiting:
            return
        self._carrier.bring(self._link, needs)
        for task in self._waiting:
            task.state = "ready"
        self._ready += self._waiting
        self._waiting = []

    def _start(self) -> None:
        """Start what is ready, in order, as far as there is room."""
        tasks: list[SiteTask] = []
        for task in self._ready:
            if not self._connection.room.enter(task.prepared):
                break
            tasks.append(task)
        if not tasks:
            return
        assert self._link is not None
        self._ready = self._ready[len(tasks) :]
        name = f"{self._prefix}-{self._next:06}"
        self._next += 1
        bundle = {
            "cores": _ANY,
            "ram": None,
            "life": None,
            "beat": _BEAT_S,
            "path": os.environ.get("PATH", ""),
            "tasks": [task.program(self._view) for task in tasks],
        }
        self._bundles[name] = tasks
        for number, task in enumerate(tasks):
            task.state, task.bundle, task.number = "running", name, number
        prepared = [task.prepared for task in tasks]
        note_bundle(self._bundles_here, name, self._root, prepared)
        self._link.ask("start", name=name, bundle=bundle)

    def _bring_home(self) -> None:
        """Bring files home that somebody waits for."""
        assert self._carrier is not None
        homes = list(self._homes)
        self._carrier.home(list(dict.fromkeys(path for paths, _ in homes for path in paths)))
        self._homes = self._homes[len(homes) :]
        for _, arrival in homes:
            arrival.set_result(None)
        self._wakeup()

    def _fetch(self) -> None:
        """Take home what tasks left that are over, and tell of their ends."""
        assert self._carrier is not None and self._link is not None
        over = list(self._over)
        self._carrier.fetch(self._link, [f for t in over for f in (t.prepared.cwd, t.logs)])
        self._over = self._over[len(over) :]
        if self._connection.site.apart:
            self._link.request("remove", paths=[self._view.seen(task.tmp) for task in over])
        for task in over:
            assert task.line is not None
            self._give(completion_of(task, task.line))
