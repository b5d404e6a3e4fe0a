"""Several backends that look like one: each task goes to the site of its step."""

from __future__ import annotations

import select
import time
from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

from msgspec.structs import replace

from fairwf.engine.backends.bundles.backend import BundleBackend
from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.backends.protocol import Backend, Kept, Site
from fairwf.engine.backends.sites.apart import ApartBackend
from fairwf.engine.backends.sites.binding import Bindings
from fairwf.engine.backends.sites.needs import needs_of, without_needs
from fairwf.engine.backends.sites.pool import SitesPool
from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.made_files import entries_of
from fairwf.engine.evaluate.reading import path_text
from fairwf.engine.places.away import AWAY
from fairwf.engine.programs.resources import Pool
from fairwf.engine.task import Completion, PreparedTask

_LOOK_S = 0.1


class _Coming(NamedTuple):
    """A task that waits for files to come home."""

    task: PreparedTask
    site: str
    lane: str
    arrivals: list[Future[None]]
    sites: set[str]


class SitesBackend:
    """Routes tasks to backends by the bindings of a deployment. A context manager.

    ``backends`` are those of the sites by name; entering this enters them.
    """

    lasting = True

    def __init__(self, deployment: Deployment, backends: Mapping[str, Backend]) -> None:
        self._deployment = deployment
        self._backends = dict(backends)
        self._bindings = Bindings(deployment)
        self._running: dict[str, str] = {}
        self._coming: list[_Coming] = []
        self._unstarted: list[Completion] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(AWAY.serve, None)
            AWAY.serve(self._fetch)
            for backend in self._backends.values():
                stack.enter_context(backend)
            self._open = stack.pop_all()
        return self

    def _fetch(self, paths: Sequence[str]) -> None:
        """Wait until files are here that stayed at their sites."""
        for arrival in self._arrivals(paths):
            arrival.result()

    def _arrivals(self, paths: Sequence[str]) -> list[Future[None]]:
        by_site: dict[str, list[str]] = {}
        for path in paths:
            if (absent := AWAY.get(path)) is not None:
                by_site.setdefault(absent.site, []).append(path)
        found = []
        for name, some in by_site.items():
            backend = self._backends[name]
            assert isinstance(backend, ApartBackend)
            found.append(backend.home(some))
        return found

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)

    @property
    def kept(self) -> Mapping[str, Kept]:
        """Attempts of earlier engines at all sites."""
        maps = [one.kept for one in self._backends.values() if one.kept]
        return ChainMap(*(cast("MutableMapping[str, Kept]", each) for each in maps))

    def site_of(self, key: str) -> Site:
        """Return where the task of this key runs."""
        name = self._bindings.site(key)
        return replace(self._backends[name].site_of(key), name=name)

    def pool(self, cores: float | None, memory_mib: float | None) -> Pool[Any]:
        """Return the queue of tasks; cores and memory are those of this machine."""
        pools = {}
        for name, backend in self._backends.items():
            said = self._deployment.sites[name]
            here = isinstance(backend, LocalBackend)
            own = said.cores or (cores if here else None)
            memory = said.memory_mib or (memory_mib if here else None)
            pools[name] = backend.pool(own, memory)
        return SitesPool(pools)

    def submit(self, *tasks: PreparedTask, lane: str = "", ahead: bool = False) -> None:
        """Have programs run, each at the site of its step."""
        by_site: dict[str, list[PreparedTask]] = {}
        for task in tasks:
            name = self._bindings.site(task.task_id)
            self._running[task.task_id] = name
            try:
                wanted = self._elsewhere(task, name) if AWAY else []
            except OSError as error:
                self._unstarted.append(without_needs(task.task_id, error))
                continue
            if wanted:
                arrivals = self._arrivals(wanted)
                sites = {absent.site for path in wanted if (absent := AWAY.get(path))}
                self._coming.append(_Coming(task, name, lane, arrivals, sites))
            else:
                by_site.setdefault(name, []).append(task)
        for name, some in by_site.items():
            self._backends[name].submit(*some, lane=lane)

    def _elsewhere(self, task: PreparedTask, site: str) -> list[str]:
        """Return the files that a task needs and that have to come home for it."""
        needs = needs_of(task)
        paths = [*needs.files, *([task.stdin] if task.stdin is not None else [])]
        return [
            path
            for path in AWAY.among(paths)
            if (absent := AWAY.get(path)) is not None and absent.site != site
        ]

    def _submit_what_came(self) -> None:
        waiting = []
        for each in self._coming:
            if all(arrival.done() for arrival in each.arrivals):
                for arrival in each.arrivals:
                    arrival.result()
                self._backends[each.site].submit(each.task, lane=each.lane)
            else:
                waiting.append(each)
        self._coming = waiting

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return those that ended at any site; wait for the first so many seconds at most.

        Raises:
            EnvironmentFault: a site cannot be used any more.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            self._submit_what_came()
            done = [end for one in self._backends.values() for end in one.wait(0)]
            done += self._unstarted
            self._unstarted = []
            left = None if until is None else until - time.monotonic()
            if done or not self._running or (left is not None and left <= 0):
                for each in done:
                    self._running.pop(each.task_id, None)
                return done
            self._rest(left)

    def _rest(self, left: float | None) -> None:
        """Wait until a site may have news."""
        files = []
        busy = {*self._running.values(), *(site for each in self._coming for site in each.sites)}
        for name, backend in self._backends.items():
            if name not in busy:
                continue
            if isinstance(backend, (LocalBackend, ApartBackend)):
                files.append(backend.fileno())
            elif isinstance(backend, BundleBackend):
                left = _LOOK_S if left is None else min(left, _LOOK_S)
        select.select(files, [], [], left)

    def adopt(self, key: str, digest: str, above: int) -> Kept | None:
        """Return an attempt of an earlier engine, whose completion is wanted from now on."""
        for name, backend in self._backends.items():
            if key in backend.kept:
                kept = backend.adopt(key, digest, above)
                if kept is not None:
                    self._running[key] = name
                    return kept
        return None

    def cancel(self, *task_ids: str) -> None:
        """End these tasks, or all."""
        if not task_ids:
            for backend in self._backends.values():
                backend.cancel()
        now = time.time()
        for coming in list(self._coming):
            if not task_ids or coming.task.task_id in task_ids:
                self._coming.remove(coming)
                name = coming.task.task_id
                self._unstarted.append(
                    Completion(task_id=name, exit_code=143, started=now, ended=now, cancelled=True)
                )
        for each in task_ids:
            if each in self._running:
                self._backends[self._running[each]].cancel(each)

    @property
    def machines(self) -> dict[str, Mapping[str, Any]]:
        """What the machines of sites are that are not this one, or look so."""
        apart = [one for one in self._backends.values() if isinstance(one, ApartBackend)]
        return {one.name: one.machine for one in apart}

    def bring(self, outputs: object) -> None:
        """Bring home the files of the outputs of a run.

        Raises:
            EnvironmentFault: a site is out of reach.
        """
        places = []
        for entry in entries_of([outputs]):
            with suppress(FunctionError):  # a text that no file lies in yet
                places.append(path_text(entry))
        AWAY.bring(places)

    def clear(self) -> bool:
        """Remove what the run has left at the sites, unwanted now; tell whether all is gone."""
        apart = [each for each in self._backends.values() if isinstance(each, ApartBackend)]
        gone = [each.clear() for each in apart]
        return all(gone)
