"""Programs on their way: queued, staged, started, ended, recorded."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from fairwf.atomic import write_file
from fairwf.engine.backends.protocol import Backend
from fairwf.engine.clock import placed
from fairwf.engine.confidential import Secrets
from fairwf.engine.evaluate import EvaluationError, Evaluator
from fairwf.engine.events import (
    Audience,
    TaskCancelled,
    TaskFailed,
    TaskFinished,
    TaskQueued,
    TaskStarted,
)
from fairwf.engine.expansion.coupling import Hearing, flowing_outputs
from fairwf.engine.expansion.scheduler import Cell, Scheduler
from fairwf.engine.expansion.world import TaskCall, around, is_inside
from fairwf.engine.failures import Failure
from fairwf.engine.journal.facts import Recorder, Started, literals, timestamp, values
from fairwf.engine.journal.replay import Memory
from fairwf.engine.options import RunOptions
from fairwf.engine.places.rundir import RunDir, file_name
from fairwf.engine.programs.ahead import Lane
from fairwf.engine.programs.attempt import Attempt, Describer, End, name_of
from fairwf.engine.programs.digests import Digests
from fairwf.engine.programs.resources import Pool, Wanted, wanted
from fairwf.engine.programs.scratch import Scratch
from fairwf.engine.programs.task_requests import TaskRequests
from fairwf.engine.room import is_full, is_of_the_disk, no_room
from fairwf.engine.task import Completion, PreparedTask, collect, foreseen, prepare
from fairwf.engine.task import TaskFailed as TaskFault
from fairwf.ir.origins import Origins
from fairwf.ir.workflow import Script
from fairwf.report import Diagnostic, EnvironmentFault, FairwfError, Report

if TYPE_CHECKING:
    from fairwf.engine.cache import TaskCache

FEW_WAITING, MOST_WAITING = 128, 4096
"""Between them lies how many tasks wait for resources before no more are expanded."""
CLAIMED = 64
"""How many attempts get their folders' names, and are recorded, together at most."""
_PUMP = Path(__file__).with_name("pump.py")


class Attempts:
    """All programs of a run."""

    def __init__(
        self,
        *,
        run: RunDir,
        options: RunOptions,
        scheduler: Scheduler,
        evaluator: Evaluator,
        backend: Backend,
        pool: Pool[Attempt],
        memory: Memory,
        origins: Origins,
        report: Report,
        record: Recorder,
        emit: Audience,
        now: Callable[[], float],
        secrets: Secrets | None = None,
    ) -> None:
        self._run = run
        self._scheduler = scheduler
        self._evaluator = evaluator
        self._backend = backend
        self._pool = pool
        self._memory = memory
        self._origins = origins
        self._report = report
        self._record = record
        self._emit = emit
        self._now = now
        self._secrets = secrets or Secrets()
        self._scratch = Scratch(run.lasting_tmp if backend.lasting else run.tmp)
        self._digests = Digests(run.root)
        self._describe = Describer(run.root, now)
        self._tasks = str(run.tasks)
        self._used = _holds_something(run.tasks)
        self._requests = TaskRequests(run, options, origins, self._secrets, backend.site_of)
        self._noted: list[Diagnostic] = []
        self._cache: TaskCache | None = None
        if options.cache is not None:
            from fairwf.engine.cache import TaskCache

            self._cache = TaskCache(
                options.cache,
                options.cache_key,
                own=run.root,
                run=run.read_description()["id"],
                workflow=str(options.sources[0]) if options.sources else "",
                evaluator=evaluator,
                note=self._note,
            )
        # What one task may overtake stays in sight, and so do twice as many as can run.
        self._enough = int(min(MOST_WAITING, max(FEW_WAITING, 2 * pool.cores)))
        self._room: Cell | None = None
        self._lanes: dict[tuple[float, float, str], Lane[Attempt]] = {}
        self._cancelled: set[str] = set()
        self._hearings: dict[str, Hearing] = {}
        self._coupled = Lane[Attempt](Wanted(0, 0), "coupled")
        self._stopped: EnvironmentFault | None = None
        self.running: dict[str, Attempt] = {}

    def start(self, call: TaskCall) -> Cell:
        """Queue a program, unless an earlier session finished it."""
        cell = Cell(f"task {call.place.key}")
        inputs = literals(call.inputs) if call.inputs else {}
        digest = self._digests.of(call, inputs)
        done = self._memory.finished(call.place.key, digest)
        if done is not None:
            self._emit(
                TaskFinished(
                    time=self._time(),
                    key=done.key,
                    attempt=done.attempt,
                    exit_code=done.exit_code,
                    replayed=True,
                )
            )
            self._scheduler.settle(cell, values(done.outputs))
            return cell
        if self._cancelled and self._unwanted(call.place.key):
            self._end(Attempt(call, cell, Wanted(0, 0), digest, inputs))
            return cell
        try:
            want = wanted(call.resources, call.inputs, self._evaluator, call.process.libraries)
        except (EvaluationError, ValueError) as error:
            node = error.node if isinstance(error, EvaluationError) else call.process
            failure = Failure.of(
                "FWF4002", str(error), call.place.key, span=self._origins.get(node)
            )
            self._fail(Attempt(call, cell, Wanted(0, 0), digest, inputs), failure)
            return cell
        site = self._backend.site_of(call.place.key)
        if site.name:
            want = structs.replace(want, site=site.name)
        if not self._pool.fits_ever(want) and not call.resources.required:
            want = self._bounded(want)
        if not self._pool.fits_ever(want):
            failure = Failure.of(
                "FWF4011",
                self._pool.shortage(want),
                call.place.key,
                span=self._origins.get(call.resources) or self._origins.get(call.process),
                hint="run it on a larger machine, or raise --cores and --memory",
            )
            self._fail(Attempt(call, cell, want, digest, inputs), failure)
            return cell
        self._pool.put(want, call.priority, Attempt(call, cell, want, digest, inputs))
        if self._emit:
            self._emit(TaskQueued(time=self._time(), key=call.place.key, process=name_of(call)))
        return cell

    def _bounded(self, want: Wanted) -> Wanted:
        cores, ram_mib = self._pool.most(want)
        return structs.replace(
            want, cores=min(want.cores, cores), ram_mib=min(want.ram_mib, ram_mib)
        )

    def cancel(self, place: str) -> None:
        """End the programs that run there, and let none start there any more."""
        self._cancelled.add(place)
        running = [key for key in self.running if is_inside(key, place)]
        if running:
            self._backend.cancel(*running)
        for attempt in self._pool.withdraw(lambda a: is_inside(a.call.place.key, place)):
            self._end(attempt)

    def abandon(self, key: str, failure: Failure) -> None:
        """End a program because of what failed elsewhere."""
        attempt = self.running.get(key)
        if attempt is not None:
            attempt.doomed = failure
            self._backend.cancel(key)
        for waiting in self._pool.withdraw(lambda a: a.call.place.key == key):
            self._fail(waiting, failure)

    @property
    def listening(self) -> bool:
        """Whether programs run whose output is passed on as they write it."""
        return bool(self._hearings)

    def listen(self) -> None:
        """Pass on what running programs have written."""
        for hearing in list(self._hearings.values()):
            hearing.listen()

    def _unwanted(self, key: str) -> bool:
        return any(place in self._cancelled for place in around(key))

    def _end(self, attempt: Attempt) -> None:
        """Settle a program that is not to start."""
        key = attempt.call.place.key
        self._fail(attempt, Failure.of("FWF4017", f"{name_of(attempt.call)!r} was cancelled", key))

    # --- start --------------------------------------------------------------------------------

    def launch(self) -> None:
        """Start as many queued programs as fit, and hand over some short ones ahead."""
        while taken := self._next():
            if self._backend.kept:
                taken = [attempt for attempt in taken if not self._adopt(attempt)]
            self._record(*[self._claim(attempt, begins=True) for attempt in taken])
            for attempt in taken:
                if not self._ask(attempt) or not self._prepare(attempt):
                    self._pool.give_back(attempt.want)
                    continue
                lane = self._lane(attempt)
                lane.begin()
                self._submit(lane, [attempt])
                self._tell_started(attempt)
        # With a cache, a task would be looked up before the one like it has ended.
        if self._cache is None and not self._backend.lasting:
            for lane in self._lanes.values():
                self._look_ahead(lane)
        if self._room is not None and len(self._pool) <= self._enough // 2:
            room, self._room = self._room, None
            self._scheduler.settle(room)

    def crowded(self) -> Cell | None:
        """Return what is settled when fewer tasks wait for resources; None where few do."""
        if len(self._pool) < self._enough:
            return None
        if self._room is None:
            self._room = Cell("room among the tasks that wait for resources")
        return self._room

    def _next(self) -> list[Attempt]:
        """Return the next programs that fit, their resources taken."""
        taken = list(itertools.islice(iter(self._pool.take, None), CLAIMED))
        if not taken and (borrowing := self._borrow()) is not None:
            taken = [borrowing]
        return taken

    def _borrow(self) -> Attempt | None:
        """Return the next program, in the place of one that waits for what others are to give.

        Only where nothing but such programs run, which would wait for ever.
        """
        if not len(self._pool) or any(not each.call.feeds for each in self.running.values()):
            return None
        for each in self.running.values():
            if not each.lent and not all(feed.ended for feed in each.call.feeds.values()):
                each.lent = True
                self._pool.give_back(each.want)
                if (attempt := self._pool.take()) is not None:
                    return attempt
        return None

    def _look_ahead(self, lane: Lane[Attempt]) -> None:
        taken: list[Attempt] = []
        room = lane.room()
        while len(taken) < room:
            attempt = self._pool.take_next(lane.want)
            if attempt is None:
                break
            if attempt.call.feeds:  # it holds its place for longer than those of this lane
                self._pool.put(attempt.want, attempt.call.priority, attempt)
                break
            taken.append(attempt)
        self._record(*[self._claim(attempt, begins=False) for attempt in taken])
        asked = [attempt for attempt in taken if self._ask(attempt)]
        self._evaluator.foresee(
            each for attempt in asked if attempt.request for each in foreseen(attempt.request)
        )
        ready = list(filter(self._prepare, asked))
        if ready:
            self._submit(lane, ready, ahead=True)
            for attempt in ready:
                lane.put(attempt)

    def _adopt(self, attempt: Attempt) -> bool:
        """Go on with what an earlier engine submitted; False where there is nothing of the kind."""
        key = attempt.call.place.key
        # How attempts ended that are recorded is known: as failed, or what they made is gone.
        done = self._memory.done(key)
        known = max(self._memory.failed.get(key, 0), done.attempt if done is not None else 0)
        kept = self._backend.adopt(key, attempt.digest, known)
        if kept is None:
            return False
        attempt.number = kept.number
        attempt.request = self._requests.of(attempt, kept.tmp)
        attempt.prepared = kept.prepared
        self._lane(attempt).begin()
        self.running[key] = attempt
        self._hear(attempt)
        self._tell_started(attempt)
        return True

    def _submit(self, lane: Lane[Attempt], ready: list[Attempt], ahead: bool = False) -> None:
        tasks, now = [], self._now()
        for attempt in ready:
            assert attempt.prepared is not None
            attempt.submitted = now
            tasks.append(attempt.prepared)
            self.running[attempt.prepared.task_id] = attempt
            if attempt.call.flow is not None:
                self._hear(attempt)
        self._backend.submit(*tasks, lane=lane.name, ahead=ahead)

    def _hear(self, attempt: Attempt) -> None:
        if attempt.call.flow is not None and attempt.prepared is not None:
            ports = flowing_outputs(attempt.call.process)
            self._hearings[attempt.call.place.key] = Hearing(
                attempt.prepared.stdout, ports, attempt.call.flow
            )

    def _lane(self, attempt: Attempt) -> Lane[Attempt]:
        if attempt.call.feeds:
            return self._coupled
        want = attempt.want
        size = want.cores, want.ram_mib, want.site
        lane = self._lanes.get(size)
        if lane is None:
            lane = self._lanes[size] = Lane(want)
        return lane

    def _tell_started(self, attempt: Attempt) -> None:
        if self._emit:
            assert attempt.prepared is not None
            self._emit(
                TaskStarted(
                    time=self._time(),
                    key=attempt.call.place.key,
                    attempt=attempt.number,
                    command=attempt.prepared.command,
                    folder=attempt.prepared.cwd,
                    site=attempt.want.site or None,
                )
            )

    def _claim(self, attempt: Attempt, begins: bool) -> Started:
        """Give a program's attempt its number, which must be recorded before it is used."""
        key = attempt.call.place.key
        attempt.name = file_name(key)
        number = self._memory.last_attempt(key) + 1
        while self._used and os.path.lexists(f"{self._tasks}/{attempt.name}.{number}"):
            number += 1  # a journal lost its end with the machine
        attempt.number = number
        # Whatever outlives the engine may wait elsewhere: then nobody knows yet when it begins.
        return self._begun(attempt, begins and not self._backend.lasting)

    def _begun(self, attempt: Attempt, begins: bool = True) -> Started:
        """Return the fact that an attempt has its folder, and begins."""
        place = attempt.call.place
        return Started(
            key=place.key,
            attempt=attempt.number,
            site=attempt.want.site or None,
            time=self._time() if begins else None,
            step=place.step,
            index=place.index,
            parent=place.parent,
            process=name_of(attempt.call),
            kind="script" if type(attempt.call.process) is Script else "command",
        )

    def _ask(self, attempt: Attempt) -> bool:
        """Say what is asked of a program; False where there is no place for its files."""
        try:
            tmp = self._scratch.take()
        except OSError as error:
            self._fail(attempt, self._unprepared(error, attempt))
            return False
        attempt.request = self._requests.of(attempt, tmp)
        return True

    def _prepare(self, attempt: Attempt) -> bool:
        """Make a program ready to start; False where it failed, or its result is known."""
        call, request, key = attempt.call, attempt.request, attempt.call.place.key
        assert request is not None
        try:
            if self._cache is not None and call.process.cacheable is not False and not call.feeds:
                attempt.cache_key = self._cache.key(request)
                if self._reuse(self._cache, attempt):
                    return False
            if self._cache is not None:
                kept = attempt.cache_key
                attempt.because = self._cache.because(kept, request) if kept else ("uncached",)
            attempt.prepared = prepare(request, self._evaluator)
            if call.feeds:
                attempt.prepared = self._fed(attempt.prepared, call)
        except FairwfError as error:
            self._scratch.give_back(request.tmp)
            failure = Failure.from_report(error.report, key)
            if is_full(self._run.root):
                raise no_room(self._run.root, request.folder, str(failure)) from None
            self._fail(attempt, failure)
            return False
        except OSError as error:
            self._scratch.give_back(request.tmp)
            self._fail(attempt, self._unprepared(error, attempt))
            return False
        if attempt.prepared.warnings.diagnostics:
            self._note(attempt.prepared.warnings)
        return True

    def _unprepared(self, error: OSError, attempt: Attempt) -> Failure:
        key = attempt.call.place.key
        if is_of_the_disk(error):
            folder = f"{self._tasks}/{attempt.name}.{attempt.number}"
            text = f"{name_of(attempt.call)!r} cannot be prepared"
            raise no_room(self._run.root, folder, text, error) from None
        where = f": {os.fsdecode(error.filename)!r:.300}" if error.filename else ""
        return Failure.of("FWF9002", f"cannot be prepared: {error.strerror}{where}", key)

    def _fed(self, prepared: PreparedTask, call: TaskCall) -> PreparedTask:
        """Have a program started by the one that fills its pipes."""
        pump = self._run.root / "pump.py"
        write_file(pump, _PUMP.read_bytes())
        python = "python3" if self._backend.lasting else sys.executable
        pairs = []
        for feed in call.feeds.values():
            feed.open()
            pairs += [str(feed.path), str(feed.pipe)]
        return structs.replace(prepared, argv=(python, str(pump), *pairs, "--", *prepared.argv))

    def _reuse(self, cache: TaskCache, attempt: Attempt) -> bool:
        """Settle a task with a kept result; False where there is none."""
        request, key = attempt.request, attempt.call.place.key
        assert request is not None
        kept = cache.find(attempt.cache_key.text, request) if attempt.cache_key else None
        if kept is None:
            return False
        self._scratch.give_back(request.tmp)
        now, entry = self._time(), kept.entry
        done = self._describe(attempt, None, {})
        self._record(
            structs.replace(
                done,
                started=now,
                ended=now,
                command=entry.command,
                exit_code=entry.exit_code,
                container=entry.container,
                container_digest=entry.container_digest,
                outputs=kept.outputs,
                reused=entry.run,
            )
        )
        self._emit(
            TaskFinished(
                time=now,
                key=key,
                attempt=attempt.number,
                exit_code=entry.exit_code,
                reused=entry.run,
            )
        )
        self._scheduler.settle(attempt.cell, values(kept.outputs))
        return True

    def _note(self, warnings: Report) -> None:
        """Report what holds for many tasks once."""
        for found in warnings:
            if found not in self._noted:
                self._noted.append(found)
                self._report.diagnostics.append(found)

    # --- end ----------------------------------------------------------------------------------

    def finish(self, completions: Iterable[Completion]) -> None:
        """Collect what ended programs left, record it, and let others know.

        Raises:
            EnvironmentFault: one found no room on the disk; the others are recorded.
        """
        now = self._now()
        ends = [end for each in completions if (end := self._ended(each, now)) is not None]
        followers = (end.follower for end in ends if end.follower is not None)
        self._record(*(end.done for end in ends), *map(self._begun, followers))
        for end in ends:
            self._conclude(end)
        if self._stopped is not None:
            raise self._stopped

    def _ended(self, completion: Completion, now: float) -> End | None:
        attempt = self.running.pop(completion.task_id)
        completion = placed(completion, attempt.submitted, now)
        assert attempt.request is not None and attempt.prepared is not None
        self._scratch.give_back(attempt.request.tmp)
        self._hearings.pop(attempt.call.place.key, None)
        for feed in attempt.call.feeds.values():
            feed.pipe.unlink(missing_ok=True)
        follower = self._lane(attempt).end(completion.ended - completion.started)
        if follower is None and not attempt.lent:
            self._pool.give_back(attempt.want)
        if completion.again and not self._unwanted(attempt.call.place.key):
            fresh = Attempt(
                attempt.call, attempt.cell, attempt.want, attempt.digest, attempt.inputs
            )
            self._pool.put(attempt.want, attempt.call.priority, fresh)
            return None
        if self._secrets:
            self._secrets.redact(Path(attempt.request.logs))
        return self._collected(attempt, completion, follower)

    def _collected(
        self, attempt: Attempt, completion: Completion, follower: Attempt | None
    ) -> End | None:
        assert attempt.request is not None and attempt.prepared is not None
        key = attempt.call.place.key
        if attempt.doomed is not None:
            return self._failed(attempt, attempt.doomed, completion, follower)
        if attempt.call.feeds:
            self._settle_feeds(attempt)
        try:
            outputs = collect(attempt.request, attempt.prepared, completion, self._evaluator)
        except FairwfError as error:
            ended = (
                (completion.exit_code, completion.timed_out) if isinstance(error, TaskFault) else ()
            )
            failure = Failure.from_report(error.report, key, *ended)
            if not failure.cancelled and not failure.timed_out and is_full(self._run.root):
                self._stopped = no_room(self._run.root, attempt.request.folder, str(failure))
                return None
            return self._failed(attempt, failure, completion, follower)
        done = self._describe(attempt, completion, outputs)
        return End(attempt, done, dict(outputs), follower)

    def _settle_feeds(self, attempt: Attempt) -> None:
        """Note what a program has read as the files that it was, now that they are complete."""
        call = attempt.call
        inputs = {**call.inputs, **{name: feed.file() for name, feed in call.feeds.items()}}
        attempt.inputs = literals(inputs)
        attempt.digest = self._digests.of(call, attempt.inputs)

    def _failed(
        self,
        attempt: Attempt,
        failure: Failure,
        completion: Completion | None = None,
        follower: Attempt | None = None,
    ) -> End:
        failure = failure.without(self._secrets)
        return End(attempt, self._describe(attempt, completion, {}, failure), failure, follower)

    def _fail(self, attempt: Attempt, failure: Failure) -> None:
        end = self._failed(attempt, failure)
        self._record(end.done)
        self._conclude(end)

    def _conclude(self, end: End) -> None:
        """Let others know of an end that is recorded."""
        attempt, done, result = end.attempt, end.done, end.result
        if not isinstance(result, Failure):
            if self._cache is not None and attempt.cache_key is not None:
                assert attempt.request is not None
                self._cache.keep(attempt.cache_key, attempt.request, done)
            if self._emit:
                self._emit(
                    TaskFinished(
                        time=self._time(),
                        key=done.key,
                        attempt=attempt.number,
                        exit_code=done.exit_code,
                    )
                )
        elif result.cancelled:
            self._emit(TaskCancelled(time=self._time(), key=done.key, attempt=done.attempt))
        else:
            self._emit(
                TaskFailed(
                    time=self._time(),
                    key=done.key,
                    attempt=done.attempt,
                    message=str(result),
                    exit_code=done.exit_code,
                    will_retry=not attempt.call.last,
                    stderr=self._absolute(done.stderr),
                )
            )
        self._scheduler.settle(attempt.cell, result)
        if end.follower is not None:
            self._tell_started(end.follower)

    def _absolute(self, path: str | None) -> str | None:
        return str(self._run.root / path) if path is not None else None

    def _time(self) -> str:
        return timestamp(self._now())


def _holds_something(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entries)
    except FileNotFoundError:
        return False
