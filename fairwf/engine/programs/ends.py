"""How programs end: what they left is collected, recorded, and others hear of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from fairwf.engine.confidential import Secrets
from fairwf.engine.evaluate import Evaluator
from fairwf.engine.events import Audience, TaskCancelled, TaskFailed, TaskFinished, TaskStarted
from fairwf.engine.expansion.scheduler import Scheduler
from fairwf.engine.failures import Failure
from fairwf.engine.journal.facts import Done, Recorder, Started, literals, timestamp, values
from fairwf.engine.places.rundir import RunDir
from fairwf.engine.programs.attempt import Attempt, Describer, End, name_of
from fairwf.engine.programs.digests import Digests
from fairwf.engine.programs.notes import Notes
from fairwf.engine.room import is_full, no_room
from fairwf.engine.task import Completion, collect
from fairwf.engine.task import TaskFailed as TaskFault
from fairwf.ir.workflow import Script
from fairwf.report import EnvironmentFault, FairwfError

if TYPE_CHECKING:
    from fairwf.engine.cache import TaskCache
    from fairwf.engine.cache.results import Kept


class Ends:
    """The ends of all programs of a run."""

    def __init__(
        self,
        *,
        run: RunDir,
        scheduler: Scheduler,
        evaluator: Evaluator,
        digests: Digests,
        cache: TaskCache | None,
        notes: Notes,
        record: Recorder,
        emit: Audience,
        now: Callable[[], float],
        secrets: Secrets,
    ) -> None:
        self._root = run.root
        self._scheduler = scheduler
        self._evaluator = evaluator
        self._digests = digests
        self._cache = cache
        self._notes = notes
        self._record = record
        self._emit = emit
        self._now = now
        self._began = now()
        self._secrets = secrets
        self._describe = Describer(run.root, now)
        self.stopped: EnvironmentFault | None = None
        """What stops the run: no room on the disk, of which no program is to blame."""

    def of(self, attempt: Attempt, completion: Completion, follower: Attempt | None) -> End | None:
        """Collect what a program left; None where it is to run again, now or when there is room."""
        assert attempt.request is not None and attempt.prepared is not None
        if self._secrets.names:
            self._secrets.redact(Path(attempt.request.logs))
        if attempt.doomed is not None:
            return self._failed(attempt, attempt.doomed, completion, follower)
        if attempt.call.feeds:
            self._settle_feeds(attempt)
        try:
            outputs = collect(attempt.request, attempt.prepared, completion, self._evaluator)
            if attempt.prepared.warnings.diagnostics:
                self._notes.take(attempt.prepared.warnings)
        except FairwfError as error:
            ended = (
                (completion.exit_code, completion.timed_out) if isinstance(error, TaskFault) else ()
            )
            failure = Failure.from_report(error.report, attempt.call.place.key, *ended)
            if not failure.cancelled and not failure.timed_out:
                if is_full(self._root):
                    self.stopped = no_room(self._root, attempt.request.folder, str(failure))
                    return None
                if self._is_of_the_past(attempt, completion):
                    return None
            return self._failed(attempt, failure, completion, follower)
        done = self._describe(attempt, completion, outputs)
        return End(attempt, done, dict(outputs), follower)

    def _is_of_the_past(self, attempt: Attempt, completion: Completion) -> bool:
        """Tell whether a program ended before this session, which tries again what failed before.

        The end of it may have been that of another: a full disk, or the engine's own.
        """
        return not attempt.submitted and completion.ended < self._began

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

    def fail(self, attempt: Attempt, failure: Failure) -> None:
        """Have a program fail that does not run."""
        self.conclude([self._failed(attempt, failure)])

    def reuse(self, attempt: Attempt, kept: Kept) -> None:
        """Settle a program that need not run, with a result that the cache has kept."""
        now, entry = timestamp(self._now()), kept.entry
        done = structs.replace(
            self._describe(attempt, None, {}),
            started=now,
            ended=now,
            command=entry.command,
            exit_code=entry.exit_code,
            container=entry.container,
            container_digest=entry.container_digest,
            outputs=kept.outputs,
            reused=entry.run,
        )
        self._record(done)
        self._emit(
            TaskFinished(
                time=now,
                key=done.key,
                attempt=attempt.number,
                exit_code=entry.exit_code,
                reused=entry.run,
            )
        )
        self._scheduler.settle(attempt.cell, values(kept.outputs))

    def conclude(self, ends: Iterable[End]) -> None:
        """Record ends together, and let others know of each."""
        ends = list(ends)
        if not ends:
            return
        # A follower may have ended with those whose place it has: its end says when it began.
        ended = {end.attempt for end in ends}
        begun = [each for end in ends if (each := end.follower) is not None and each not in ended]
        now = timestamp(self._now()) if begun else None
        facts = [self.begun(each, now) for each in begun]
        self._record(*facts, *[end.done for end in ends])
        for end in ends:
            if self._cache is not None and end.attempt.cache_key is not None:
                self._keep(self._cache, end)
            if self._emit:
                self._tell(end)
            self._scheduler.settle(end.attempt.cell, end.result)
            if end.follower is not None:
                self.tell_started(end.follower)

    def _keep(self, cache: TaskCache, end: End) -> None:
        attempt = end.attempt
        if not isinstance(end.result, Failure):
            assert attempt.cache_key is not None and attempt.request is not None
            cache.keep(attempt.cache_key, attempt.request, end.done)

    def _tell(self, end: End) -> None:
        time, done, result = timestamp(self._now()), end.done, end.result
        if not isinstance(result, Failure):
            self._emit(
                TaskFinished(
                    time=time, key=done.key, attempt=end.attempt.number, exit_code=done.exit_code
                )
            )
        elif result.cancelled:
            self._emit(TaskCancelled(time=time, key=done.key, attempt=done.attempt))
        else:
            self._emit(
                TaskFailed(
                    time=time,
                    key=done.key,
                    attempt=done.attempt,
                    message=str(result),
                    exit_code=done.exit_code,
                    will_retry=not end.attempt.call.last,
                    stderr=str(self._root / done.stderr) if done.stderr is not None else None,
                )
            )

    def begun(self, attempt: Attempt, time: str | None) -> Started:
        """Return the fact that an attempt has its folder, and began at a time; None: not yet."""
        place = attempt.call.place
        return Started(
            key=place.key,
            attempt=attempt.number,
            site=attempt.want.site or None,
            time=time,
            step=place.step,
            index=place.index,
            parent=place.parent,
            process=name_of(attempt.call),
            kind="script" if type(attempt.call.process) is Script else "command",
        )

    def tell_started(self, attempt: Attempt) -> None:
        """Let others know that a program runs."""
        if self._emit:
            assert attempt.prepared is not None
            self._emit(
                TaskStarted(
                    time=timestamp(self._now()),
                    key=attempt.call.place.key,
                    attempt=attempt.number,
                    command=attempt.prepared.command,
                    folder=attempt.prepared.cwd,
                    site=attempt.want.site or None,
                )
            )

    def tell_replayed(self, done: Done) -> None:
        """Let others know of a program that an earlier session finished."""
        if self._emit:
            self._emit(
                TaskFinished(
                    time=timestamp(self._now()),
                    key=done.key,
                    attempt=done.attempt,
                    exit_code=done.exit_code,
                    replayed=True,
                )
            )
