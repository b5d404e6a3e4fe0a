"""A site where a program of our own runs the tasks: on another machine, or in another folder.

A thread moves files and starts tasks; the engine's own thread only hands over and takes. When the
connection ends, so do the tasks there; it is made again, and they run once more.
"""

from __future__ import annotations

import os
import queue
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from fairwf.engine.backends.bundles.bundle import Line
from fairwf.engine.backends.bundles.dispatch import WORKER
from fairwf.engine.backends.bundles.script import job_script
from fairwf.engine.backends.bundles.stored import kept
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.engine.backends.protocol import Kept, Site
from fairwf.engine.backends.sites.arrival import Strange
from fairwf.engine.backends.sites.carrier import PAUSES_S, Carrier, NoCarrier
from fairwf.engine.backends.sites.link import Link, LinkLost, Refused
from fairwf.engine.backends.sites.movers import CopyMover, Mover, NotMoved, RsyncMover, pause
from fairwf.engine.backends.sites.needs import Needs, needs_of
from fairwf.engine.backends.sites.pool import AheadPool, Room
from fairwf.engine.backends.sites.remains import Ended, ended_there, note_bundle
from fairwf.engine.backends.sites.staying import Staying
from fairwf.engine.resources import Pool
from fairwf.engine.rundir import RunDir
from fairwf.engine.task import Completion, PreparedTask
from fairwf.engine.task.view import View
from fairwf.report import EnvironmentFault, FairwfError, Report

_BEAT_S = 10.0
_AHEAD = 4
"""How many times as many tasks as can run are on their way, so that files move beside them."""
_TOGETHER = 200
"""How many tasks are started together at most."""
_ANY = 1e9
"""Cores of a bundle: how many tasks run at once is decided by the pool."""
_BASE = "fairwf-"


@dataclass(eq=False)
class _Task:
    """A task on its way; ``line`` is how it ended there. ``logs`` is where its output is kept."""

    prepared: PreparedTask
    tmp: str
    logs: str
    state: Literal["moving", "ready", "running", "fetching"] = "moving"
    bundle: str = ""
    number: int = 0
    line: Line | None = None
    unwanted: bool = False

    @property
    def id(self) -> str:
        return self.prepared.task_id


class ApartBackend:
    """Runs the tasks of one site. A context manager; entering it connects."""

    lasting = False

    def __init__(self, name: str, settings: SiteSettings, run: RunDir, report: Report) -> None:
        self.name = name
        self._settings = settings
        self._jobs = settings.jobs or Deployment()
        self._report = report
        self._run = run
        self._folder = run.sites / name
        run_id = str(run.read_description()["id"])
        copied = settings.mover != "shared"
        self._base = f"{settings.root}/{_BASE}{run_id}" if copied else f"{self._folder}/there"
        pairs = (
            ((str(run.root), f"{self._base}/run"), ("/", f"{self._base}/outside")) if copied else ()
        )
        self._site = Site(name, programs_here=False, pairs=pairs)
        self._view = View(pairs)
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._results: queue.Queue[Completion | str | FairwfError] = queue.Queue()
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        self._stopping = threading.Event()
        # The path of a socket must be short.
        self._private = tempfile.mkdtemp(prefix="fairwf-") if settings.host is not None else None
        self._socket = f"{self._private}/ssh" if self._private else None
        self._thread: threading.Thread | None = None
        self._link: Link | None = None
        self._carrier: Carrier | NoCarrier | None = None
        self._tasks: dict[str, _Task] = {}
        self._bundles: dict[str, list[_Task]] = {}
        self._hosts: dict[str, str] = {}
        self._losses: Counter[str] = Counter()
        self._next = 1
        self._prefix = f"{time.time_ns():x}"
        self._fault: FairwfError | None = None
        self._cores, self._memory = 1.0, 1024.0
        self._room = Room(1, 1024)
        self._ready: list[_Task] = []
        self._homes: list[tuple[Sequence[str], Future[None]]] = []
        self.kept: dict[str, Kept] = {}
        """What had ended there, and whose files had not come home, when an engine died."""
        self._ended: dict[str, Ended] = {}

    # --- the engine's thread

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._site.apart:
                tell, stopped = self._tell, self._stopping.is_set
                staying = Staying(self.name, str(self._run.root), self._folder / "staying")
                self._carrier = Carrier(
                    self.name,
                    self._mover(),
                    self._view,
                    self._base,
                    self._folder,
                    staying,
                    self._settings.keep_mib * 2**20,
                    tell,
                    stopped,
                )
            else:
                self._carrier = NoCarrier()
        except OSError as error:
            raise EnvironmentFault.refused(error) from None
        try:
            self._connect()
            assert self._link is not None
            self._ended = ended_there(self._folder / "bundles", str(self._run.root), self._link)
            self.kept = {key: kept(each.attempt) for key, each in self._ended.items()}
        except (LinkLost, Refused) as error:
            self.close()
            raise self._unreachable(str(error)) from None
        self._thread = threading.Thread(target=self._work, name=f"site {self.name}", daemon=True)
        self._thread.start()
        return self

    def _mover(self) -> Mover:
        stopped = self._stopping.is_set
        if self._settings.mover == "rsync":
            return RsyncMover(self._settings, self._base, self._folder, self._socket, stopped)
        return CopyMover(self._base, stopped)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """A descriptor that becomes readable when :meth:`wait` may have news."""
        return self._woken

    def site_of(self, key: str) -> Site:
        """Return this site."""
        return self._site

    def pool(self, cores: float | None, memory_mib: float | None) -> Pool[Any]:
        """Return the queue of tasks that wait for cores and memory there."""
        own = self._settings
        self._room = Room(own.cores or self._cores, own.memory_mib or self._memory)
        return AheadPool(self._room.cores, self._room.ram_mib, _AHEAD)

    def adopt(self, key: str, digest: str, above: int) -> Kept | None:
        """Return an attempt that had ended there; what it left is taken home."""
        found, ended = self.kept.pop(key, None), self._ended.pop(key, None)
        if found is None or ended is None or found.digest != digest or found.number <= above:
            return None
        task = _Task(found.prepared, found.tmp, ended.logs, "fetching", line=ended.line)
        task.bundle = ended.bundle
        self._hosts[ended.bundle] = ended.host
        self._tasks[key] = task
        self._queue.put(("fetch", task))
        return found

    def submit(self, *tasks: PreparedTask, lane: str = "", ahead: bool = False) -> None:
        """Have what they need brought there, and start them."""
        for each in tasks:
            assert each.request is not None
            task = self._tasks[each.task_id] = _Task(each, each.request.tmp, each.request.logs)
            self._queue.put(("bring", task))

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return the completions since the last call; waits for one for ``timeout`` seconds.

        Raises:
            EnvironmentFault: the site is out of reach, or files do not come.
        """
        done: list[Completion] = []
        until = None if timeout is None else time.monotonic() + timeout
        while self._tasks or not self._results.empty():
            self._drain()
            try:
                block = not done
                left = None if until is None else max(0.0, until - time.monotonic())
                found = self._results.get(block and left != 0, left)
            except queue.Empty:
                break
            if isinstance(found, str):
                self._report.add("FWF4062", found)
            elif isinstance(found, FairwfError):
                raise found
            else:
                self._tasks.pop(found.task_id, None)
                done.append(found)
        return done

    def _drain(self) -> None:
        try:
            while os.read(self._woken, 1024):
                pass
        except BlockingIOError:
            return

    def home(self, paths: Sequence[str]) -> Future[None]:
        """Have files here that stayed there."""
        arrival: Future[None] = Future()
        self._queue.put(("home", (paths, arrival)))
        if self._thread is None or not self._thread.is_alive():
            self._give_up_homes()
        return arrival

    def cancel(self, *task_ids: str) -> None:
        """End tasks, or all; each is reported as cancelled."""
        for name in task_ids or list(self._tasks):
            task = self._tasks.get(name)
            if task is not None:
                task.unwanted = True
                self._queue.put(("cancel", task))

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
        for end in (self._woken, self._wake):
            if end >= 0:
                os.close(end)
        self._woken = self._wake = -1
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)
        self._tasks.clear()

    def clear(self) -> None:
        """Remove what the run left there: all that counts is home."""
        if self._link is None or self._carrier is None:
            return
        self._carrier.clear()
        try:
            self._link.ask("remove", paths=[self._base])
        except (LinkLost, Refused) as error:
            where = self._settings.host or "this machine"
            text = f"{self._base!r} on {where} could not be removed: {error}"
            self._report.add("FWF4062", f"site {self.name!r}: {text}", hint="remove it by hand")

    # --- the connection

    def _connect(self) -> None:
        """Connect, and have our program there ready.

        Raises:
            LinkLost, Refused: of the connection.
        """
        jobs = self._jobs
        log = self._folder / "connection.log"
        link = Link(self._settings, jobs.python, log, self._told, self._socket)
        try:
            shell = list(jobs.shell) if jobs.setup else ["/bin/sh"]
            script = job_script(jobs, held=True)
            said = link.ask(
                "hello",
                base=self._base,
                worker=WORKER.read_text("utf-8"),
                script=script,
                shell=shell,
            )
            if self._settings.mover == "rsync" and not said["rsync"]:
                raise Refused("rsync is not installed there")
            self._cores, self._memory = float(said["cores"]), float(said["memory_mib"])
            assert self._carrier is not None
            self._carrier.begin(link)
        except BaseException:
            link.close()
            raise
        self._link = link

    def _unreachable(self, why: str) -> EnvironmentFault:
        where = self._settings.host or self._settings.root
        return EnvironmentFault.of(
            "FWF4063",
            f"the site {self.name!r} ({where}) is out of reach: {why}",
            hint=f"its log: {self._folder / 'connection.log'}; after mending the cause: "
            f"fairwf resume {self._run.root}",
        )

    def _told(self, said: dict[str, Any]) -> None:
        self._queue.put(("told", said))

    # --- the site's own thread

    def _give(self, result: Completion | str | FairwfError) -> None:
        self._results.put(result)
        self._wakeup()

    def _wakeup(self) -> None:
        try:
            os.write(self._wake, b"x")
        except (BlockingIOError, OSError):
            return  # it will wake anyway

    def _end_with(self, fault: FairwfError) -> None:
        self._fault = fault
        self._give(fault)

    def _tell(self, text: str) -> None:
        self._give(f"site {self.name!r}: {text}")

    def _work(self) -> None:
        try:
            self._serve()
        finally:
            self._give_up_homes()

    def _give_up_homes(self) -> None:
        """Fail those who wait for files: none will come any more."""
        left, self._homes = self._homes, []
        while True:
            try:
                what, given = self._queue.get(block=False)
            except queue.Empty:
                break
            if what == "home":
                left.append(given)
        for _, arrival in left:
            arrival.set_exception(self._fault or self._unreachable("the connection has ended"))
        self._wakeup()

    def _serve(self) -> None:
        waiting: list[_Task] = []
        ended: list[_Task] = []
        while not self._stopping.is_set():
            try:
                busy = waiting or ended or self._homes
                self._take(waiting, ended, block=not busy)
                self._start()
                if self._homes:
                    self._bring_home()
                if ended:
                    self._fetch(ended)
                if waiting:
                    self._bring(waiting)
                self._start()
            except LinkLost as error:
                if self._stopping.is_set() or not self._again(str(error)):
                    return
            except (NotMoved, Refused, Strange) as error:
                if not self._stopping.is_set():
                    self._end_with(self._unreachable(str(error)))
                return
            except OSError as error:
                self._end_with(EnvironmentFault.refused(error))
                return

    def _take(self, waiting: list[_Task], ended: list[_Task], block: bool) -> None:
        while len(waiting) < _TOGETHER:
            try:
                what, given = self._queue.get(block)
            except queue.Empty:
                return
            block = False
            if what == "bring":
                waiting.append(given)
            elif what == "home":
                self._homes.append(given)
            elif what == "fetch":
                ended.append(given)
            elif what == "cancel":
                self._cancel(given, waiting)
            elif what == "told" and "lost" in given:
                raise LinkLost(given["lost"])
            elif what == "told":
                ended += self._heard(given)
            elif what == "stop":
                return

    def _cancel(self, task: _Task, waiting: list[_Task]) -> None:
        unstarted = waiting if task in waiting else self._ready
        if task in unstarted:
            unstarted.remove(task)
            self._end_unstarted(task)
        elif task.state == "running" and self._link is not None:
            self._link.request("cancel", name=task.bundle, task=task.number)

    def _end_unstarted(self, task: _Task) -> None:
        now = time.time()
        self._finish(
            task,
            Completion(task_id=task.id, exit_code=143, started=now, ended=now, cancelled=True),
        )

    def _finish(self, task: _Task, completion: Completion) -> None:
        self._give(completion)

    def _heard(self, said: dict[str, Any]) -> list[_Task]:
        """Take news of a bundle; return the tasks that have ended."""
        name = str(said.get("bundle"))
        tasks = self._bundles.get(name, [])
        if said.get("over"):
            self._bundles.pop(name, None)
            for task in tasks:
                if task.state == "running":
                    self._lost(task, "the program that ran it has ended")
            return []
        try:
            line = msgspec.convert(said.get("line"), Line)
        except msgspec.ValidationError:
            return []
        if line.k == "claim":
            self._hosts[name] = line.host or ""
        if line.k != "end" or line.stopped or not 0 <= line.i < len(tasks):
            return []
        task = tasks[line.i]
        if task.state != "running":
            return []
        self._room.leave(task.prepared)
        task.state, task.line = "fetching", line
        return [task]

    def _lost(self, task: _Task, why: str) -> None:
        self._room.leave(task.prepared)
        self._losses[task.id] += 1
        again = self._losses[task.id] <= self._jobs.lost_retries and not task.unwanted
        if task.unwanted:
            self._end_unstarted(task)
            return
        if again:
            self._tell(f"{task.id!r:.120} runs again: {why}")
        now = time.time()
        text = f"at the site {self.name!r}, {why}"
        self._finish(
            task,
            Completion(
                task_id=task.id, exit_code=0, started=now, ended=now, lost=text, again=again
            ),
        )

    def _again(self, why: str) -> bool:
        """Connect again; False where that is given up."""
        link, self._link = self._link, None
        if link is not None:
            link.close()
        bundles, self._bundles = self._bundles, {}
        for task in [each for tasks in bundles.values() for each in tasks]:
            if task.state == "running":
                self._lost(task, f"the connection ended ({why})")
        self._tell(f"the connection ended ({why}); it is made again")
        for wait in (0.0, *PAUSES_S):
            pause(wait, self._stopping.is_set)
            if self._stopping.is_set():
                return False
            try:
                self._connect()
                self._forget_old()
                return True
            except (LinkLost, Refused) as error:
                why = str(error)
        self._end_with(self._unreachable(why))
        return False

    def _forget_old(self) -> None:
        """Drop from the queue what an earlier connection said."""
        kept = []
        while True:
            try:
                what, given = self._queue.get(block=False)
            except queue.Empty:
                break
            if what != "told":
                kept.append((what, given))
        for each in kept:
            self._queue.put(each)

    # --- files and tasks

    def _bring(self, waiting: list[_Task]) -> None:
        """Bring what tasks need; those that have it leave the list."""
        assert self._carrier is not None and self._link is not None
        needs = Needs()
        for task in list(waiting):
            try:
                own = needs_of(task.prepared) if self._site.apart else Needs()
            except OSError as error:
                waiting.remove(task)
                self._unready(task, error)
                continue
            needs.files.update(own.files)
            needs.folders.update(own.folders)
            needs.links.update(own.links)
        if not waiting:
            return
        self._carrier.bring(self._link, needs)
        for task in waiting:
            task.state = "ready"
        self._ready += waiting
        waiting.clear()

    def _start(self) -> None:
        """Start what is ready, as far as there is room."""
        tasks = [task for task in self._ready if self._room.enter(task.prepared)]
        if not tasks:
            return
        assert self._link is not None
        self._ready = [task for task in self._ready if task not in tasks]
        name = f"{self._prefix}-{self._next:06}"
        self._next += 1
        bundle = {
            "cores": _ANY,
            "ram": None,
            "life": None,
            "beat": _BEAT_S,
            "path": os.environ.get("PATH", ""),
            "tasks": [self._entry(task.prepared) for task in tasks],
        }
        self._bundles[name] = tasks
        for number, task in enumerate(tasks):
            task.state, task.bundle, task.number = "running", name, number
        note_bundle(
            self._folder / "bundles", name, str(self._run.root), [t.prepared for t in tasks]
        )
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

    def _unready(self, task: _Task, error: OSError) -> None:
        now = time.time()
        text = f"what it needs cannot be read: {error.filename}: {error.strerror}"
        self._finish(
            task, Completion(task_id=task.id, exit_code=0, started=now, ended=now, lost=text)
        )

    def _entry(self, prepared: PreparedTask) -> dict[str, Any]:
        """Return what starts a program there."""
        request = prepared.request
        assert request is not None
        entry = prepared.program()
        for name in ("cwd", "stdin", "stdout", "stderr"):
            if entry[name] is not None:
                entry[name] = self._view.seen(entry[name])
        kept = prepared.streams(declared=True)
        return {**entry, "kept": kept, "cores": request.cores, "ram": request.ram_mib}

    def _fetch(self, ended: list[_Task]) -> None:
        """Take home what tasks left, and tell of their ends."""
        assert self._carrier is not None and self._link is not None
        self._carrier.fetch(self._link, [f for t in ended for f in (t.prepared.cwd, t.logs)])
        done, ended[:] = list(ended), []
        if self._site.apart:
            temporary = [self._view.seen(task.tmp) for task in done]
            self._link.request("remove", paths=temporary)
        for task in done:
            line = task.line
            assert line is not None
            self._finish(
                task,
                Completion(
                    task_id=task.id,
                    exit_code=line.code,
                    started=line.t0,
                    ended=line.t1,
                    cpu_user_s=line.u,
                    cpu_system_s=line.s,
                    max_rss_kib=line.rss,
                    timed_out=line.to,
                    cancelled=line.cut,
                    error=line.err,
                    signal=line.sig,
                    host=self._hosts.get(task.bundle) or None,
                ),
            )
