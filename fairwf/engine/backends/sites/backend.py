"""Several backends that look like one: each task goes to the site of its step."""

from __future__ import annotations

import select
import time
from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, cast

from msgspec.structs import replace

from fairwf.engine.backends.bundles.backend import BundleBackend
from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.backends.protocol import Backend, Kept, Site
from fairwf.engine.backends.sites.apart import ApartBackend
from fairwf.engine.backends.sites.binding import Bindings
from fairwf.engine.backends.sites.pool import SitesPool
from fairwf.engine.resources import Pool
from fairwf.engine.task import Completion, PreparedTask

_LOOK_S = 0.1


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
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for backend in self._backends.values():
                stack.enter_context(backend)
            self._open = stack.pop_all()
        return self

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
            by_site.setdefault(name, []).append(task)
            self._running[task.task_id] = name
        for name, some in by_site.items():
            self._backends[name].submit(*some, lane=lane)

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return those that ended at any site; wait for the first so many seconds at most.

        Raises:
            EnvironmentFault: a site cannot be used any more.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            done = [end for one in self._backends.values() for end in one.wait(0)]
            left = None if until is None else until - time.monotonic()
            if done or not self._running or (left is not None and left <= 0):
                for each in done:
                    self._running.pop(each.task_id, None)
                return done
            self._rest(left)

    def _rest(self, left: float | None) -> None:
        """Wait until a site may have news."""
        files = []
        busy = set(self._running.values())
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
        for each in task_ids:
            if each in self._running:
                self._backends[self._running[each]].cancel(each)

    def clear(self) -> None:
        """Remove what the run left at the sites; it has completed, and all that counts is home."""
        for backend in self._backends.values():
            if isinstance(backend, ApartBackend):
                backend.clear()
