"""Programs on their way: queued, staged, started, ended, recorded."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from fairwf.engine.backends.protocol import Backend
from fairwf.engine.clock import placed
from fairwf.engine.confidential import Secrets
from fairwf.engine.evaluate import EvaluationError, Evaluator
from fairwf.engine.events import (
    Audience,
    TaskQueued,
)
from fairwf.engine.expansion.coupling import Hearing, flowing_outputs
from fairwf.engine.expansion.scheduler import Cell, Scheduler
from fairwf.engine.expansion.world import TaskCall, around, is_inside
from fairwf.engine.failures import Failure
from fairwf.engine.journal.facts import Recorder, literals, timestamp, values
from fairwf.engine.journal.replay import Memory
from fairwf.engine.options import RunOptions
from fairwf.engine.places.rundir import RunDir
from fairwf.engine.programs.ahead import Lane
from fairwf.engine.programs.attempt import Attempt, End, name_of
from fairwf.engine.programs.digests import Digests
from fairwf.engine.programs.ends import Ends
from fairwf.engine.programs.notes import Notes
from fairwf.engine.programs.preparation import Preparation
from fairwf.engine.programs.resources import Pool, Wanted, wanted
from fairwf.engine.task import Completion, foreseen
from fairwf.ir.origins import Origins
from fairwf.report import Report

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
        self._scheduler = scheduler
        self._evaluator = evaluator
        self._backend = backend
        self._pool = pool
        self._memory = memory
        self._origins = origins
        self._record = record
        self._emit = emit
        self._now = now
        self._digests = Digests(run.root)
        notes = Notes(report)
        hidden = secrets or Secrets()
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
                note=notes.take,
            )
        self._ends = Ends(
            run=run,
            scheduler=scheduler,
            evaluator=evaluator,
            digests=self._digests,
            cache=self._cache,
            notes=notes,
            record=record,
            emit=emit,
            now=now,
            secrets=hidden,
        )
        self._preparation = Preparation(
            run=run,
            options=options,
            evaluator=evaluator,
            backend=backend,
            memory=memory,
            origins=origins,
            secrets=hidden,
            cache=self._cache,
            ends=self._ends,
            notes=notes,
        )
        # What one task may overtake stays in sight, and so do twice as many as can run.
        self._enough = int(min(MOST_WAITING, max(FEW_WAITING, 2 * pool.cores)))
        self._room: Cell | None = None
        self._lanes: dict[tuple[float, float, str], Lane[Attempt]] = {}
        self._cancelled: set[str] = set()
        self._hearings: dict[str, Hearing] = {}
        self._coupled = Lane[Attempt](Wanted(0, 0), "coupled")
        self.running: dict[str, Attempt] = {}

    def start(self, call: TaskCall) -> Cell:
        """Queue a program, unless an earlier session finished it."""
        cell = Cell(f"task {call.place.key}")
        inputs = literals(call.inputs) if call.inputs else {}
        digest = self._digests.of(call, inputs)
        done = self._memory.finished(call.place.key, digest)
        if done is not None:
            self._ends.tell_replayed(done)
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
            self._ends.fail(Attempt(call, cell, Wanted(0, 0), digest, inputs), failure)
            return cell
        site = self._backend.site_of(call.place.key)
        if site.name:
            want = structs.replace(want, site=site.name)
        fits = self._pool.fits_ever(want)
        if not fits and not call.resources.required:
            want = self._bounded(want)
            fits = self._pool.fits_ever(want)
        if not fits:
            failure = Failure.of(
                "FWF4011",
                self._pool.shortage(want),
                call.place.key,
                span=self._origins.get(call.resources) or self._origins.get(call.process),
                hint="run it on a larger machine, or raise --cores and --memory",
            )
            self._ends.fail(Attempt(call, cell, want, digest, inputs), failure)
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
            self._ends.fail(waiting, failure)

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
        self._ends.fail(
            attempt, Failure.of("FWF4017", f"{name_of(attempt.call)!r} was cancelled", key)
        )

    # --- start --------------------------------------------------------------------------------

    def launch(self) -> None:
        """Start as many queued programs as fit, and hand over some short ones ahead."""
        while taken := self._next():
            if self._backend.kept:
                taken = [attempt for attempt in taken if not self._adopt(attempt)]
            now = self._time()
            self._record(*[self._preparation.claim(each, now) for each in taken])
            for attempt in taken:
                if not self._preparation.ask(attempt) or not self._preparation.prepare(attempt):
                    self._pool.give_back(attempt.want)
                    continue
                attempt.lane = self._lane(attempt)
                attempt.lane.begin()
                self._submit(attempt.lane, [attempt])
                self._ends.tell_started(attempt)
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
        self._record(*[self._preparation.claim(each, None) for each in taken])
        asked = [attempt for attempt in taken if self._preparation.ask(attempt)]
        self._evaluator.foresee(
            each for attempt in asked if attempt.request for each in foreseen(attempt.request)
        )
        ready = list(filter(self._preparation.prepare, asked))
        if ready:
            self._submit(lane, ready, ahead=True)
            for attempt in ready:
                attempt.lane = lane
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
        self._preparation.adopt(attempt, kept.number, kept.tmp, kept.prepared)
        attempt.lane = self._lane(attempt)
        attempt.lane.begin()
        self.running[key] = attempt
        self._hear(attempt)
        self._ends.tell_started(attempt)
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

    # --- end ----------------------------------------------------------------------------------

    def finish(self, completions: Iterable[Completion]) -> None:
        """Collect what ended programs left, record it, and let others know.

        Raises:
            EnvironmentFault: one found no room on the disk; the others are recorded.
        """
        now = self._now()
        ends = [end for each in completions if (end := self._ended(each, now)) is not None]
        self._ends.conclude(ends)
        if self._ends.stopped is not None:
            raise self._ends.stopped

    def _ended(self, completion: Completion, now: float) -> End | None:
        attempt = self.running.pop(completion.task_id)
        completion = placed(completion, attempt.submitted, now)
        assert attempt.request is not None and attempt.lane is not None
        key = attempt.call.place.key
        self._preparation.scratch.give_back(attempt.request.tmp)
        if self._hearings:
            self._hearings.pop(key, None)
        for feed in attempt.call.feeds.values():
            feed.pipe.unlink(missing_ok=True)
        follower = attempt.lane.end(completion.ended - completion.started)
        if follower is None and not attempt.lent:
            self._pool.give_back(attempt.want)
        unwanted = bool(self._cancelled) and self._unwanted(key)
        if not completion.again or unwanted:
            end = self._ends.of(attempt, completion, follower)
            if end is not None or self._ends.stopped is not None:
                return end
        fresh = Attempt(attempt.call, attempt.cell, attempt.want, attempt.digest, attempt.inputs)
        if unwanted:
            self._end(fresh)
        else:
            self._pool.put(attempt.want, attempt.call.priority, fresh)
        return None

    def _time(self) -> str:
        return timestamp(self._now())
