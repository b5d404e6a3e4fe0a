"""Programs before their start: numbered, told from what the cache holds, their files laid."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from fairwf.atomic import write_file
from fairwf.engine.backends.protocol import Backend
from fairwf.engine.confidential import Secrets
from fairwf.engine.evaluate import Evaluator
from fairwf.engine.expansion.world import TaskCall
from fairwf.engine.failures import Failure
from fairwf.engine.journal.facts import Started
from fairwf.engine.journal.replay import Memory
from fairwf.engine.options import RunOptions
from fairwf.engine.places.rundir import RunDir, file_name
from fairwf.engine.programs.attempt import Attempt, name_of
from fairwf.engine.programs.ends import Ends
from fairwf.engine.programs.notes import Notes
from fairwf.engine.programs.scratch import Scratch
from fairwf.engine.programs.task_requests import TaskRequests
from fairwf.engine.room import is_full, is_of_the_disk, no_room
from fairwf.engine.task import PreparedTask, prepare
from fairwf.ir.origins import Origins
from fairwf.report import FairwfError

if TYPE_CHECKING:
    from fairwf.engine.cache import TaskCache

_PUMP = Path(__file__).with_name("pump.py")


class Preparation:
    """Makes programs of a run ready to start."""

    def __init__(
        self,
        *,
        run: RunDir,
        options: RunOptions,
        evaluator: Evaluator,
        backend: Backend,
        memory: Memory,
        origins: Origins,
        secrets: Secrets,
        cache: TaskCache | None,
        ends: Ends,
        notes: Notes,
    ) -> None:
        self._run = run
        self._evaluator = evaluator
        self._lasting = backend.lasting
        self._site_of = backend.site_of
        self._memory = memory
        self._cache = cache
        self._ends = ends
        self._notes = notes
        self._requests = TaskRequests(run, options, origins, secrets, backend.site_of)
        self._tasks = str(run.tasks)
        self._used = _holds_something(run.tasks)
        self.scratch = Scratch(run.lasting_tmp if backend.lasting else run.tmp)

    def claim(self, attempt: Attempt, begins: str | None) -> Started:
        """Give a program's attempt its number, which must be recorded before it is used.

        ``begins`` is the time; None where it does not begin yet.
        """
        key = attempt.call.place.key
        attempt.name = file_name(key)
        number = self._memory.last_attempt(key) + 1
        while self._used and os.path.lexists(f"{self._tasks}/{attempt.name}.{number}"):
            number += 1  # a journal lost its end with the machine
        attempt.number = number
        # What may outlive the engine may wait elsewhere: nobody knows yet when it begins.
        return self._ends.begun(attempt, None if self._lasting else begins)

    def adopt(self, attempt: Attempt, number: int, tmp: str, prepared: PreparedTask) -> None:
        """Take what an earlier engine prepared."""
        attempt.number = number
        attempt.request = self._requests.of(attempt, tmp)
        attempt.prepared = prepared

    def ask(self, attempt: Attempt) -> bool:
        """Say what is asked of a program; False where there is no place for its files."""
        try:
            tmp = self._temporary(attempt) if self._lasting else self.scratch.take()
        except OSError as error:
            self._ends.fail(attempt, self._unprepared(error, attempt))
            return False
        attempt.request = self._requests.of(attempt, tmp)
        return True

    def _temporary(self, attempt: Attempt) -> str:
        """Return a folder for temporary files: here, or one that will be made where it runs."""
        node = self._site_of(attempt.call.place.key).scratch
        return self.scratch.on_a_node(node) if node else self.scratch.take()

    def prepare(self, attempt: Attempt) -> bool:
        """Make a program ready to start; False where it failed, or its result is known."""
        call, request, key = attempt.call, attempt.request, attempt.call.place.key
        assert request is not None
        try:
            if self._cache is not None and self._is_known(self._cache, attempt):
                return False
            attempt.prepared = prepare(request, self._evaluator)
            if call.feeds:
                attempt.prepared = self._fed(attempt.prepared, call)
        except FairwfError as error:
            self.scratch.give_back(request.tmp)
            failure = Failure.from_report(error.report, key)
            if is_full(self._run.root):
                raise no_room(self._run.root, request.folder, str(failure)) from None
            self._ends.fail(attempt, failure)
            return False
        except OSError as error:
            self.scratch.give_back(request.tmp)
            self._ends.fail(attempt, self._unprepared(error, attempt))
            return False
        if attempt.prepared.warnings.diagnostics:
            self._notes.take(attempt.prepared.warnings)
        return True

    def _unprepared(self, error: OSError, attempt: Attempt) -> Failure:
        key = attempt.call.place.key
        if is_of_the_disk(error):
            folder = f"{self._tasks}/{attempt.name}.{attempt.number}"
            text = f"{name_of(attempt.call)!r} cannot be prepared"
            raise no_room(self._run.root, folder, text, error) from None
        where = f": {os.fsdecode(error.filename)!r:.300}" if error.filename else ""
        return Failure.of("FWF9002", f"cannot be prepared: {error.strerror}{where}", key)

    def _is_known(self, cache: TaskCache, attempt: Attempt) -> bool:
        """Tell whether a kept result settled a task."""
        request, call = attempt.request, attempt.call
        assert request is not None
        if call.process.cacheable is not False and not call.feeds:
            attempt.cache_key = cache.key(request)
        kept_as = attempt.cache_key
        found = cache.find(kept_as.text, request) if kept_as is not None else None
        if found is not None:
            self.scratch.give_back(request.tmp)
            self._ends.reuse(attempt, found)
            return True
        attempt.because = cache.because(kept_as, request) if kept_as else ("uncached",)
        return False

    def _fed(self, prepared: PreparedTask, call: TaskCall) -> PreparedTask:
        """Have a program started by the one that fills its pipes."""
        pump = self._run.root / "pump.py"
        write_file(pump, _PUMP.read_bytes())
        python = "python3" if self._lasting else sys.executable
        pairs = []
        for feed in call.feeds.values():
            feed.open()
            pairs += [str(feed.path), str(feed.pipe)]
        return structs.replace(prepared, argv=(python, str(pump), *pairs, "--", *prepared.argv))


def _holds_something(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entries)
    except FileNotFoundError:
        return False
