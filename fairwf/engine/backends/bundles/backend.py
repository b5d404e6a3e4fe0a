"""Tasks in bundles, each run by our own worker inside a job of a scheduler or a pilot.

The engine trusts the end markers of its workers alone. What the scheduler says serves to notice
jobs that died. No task can run twice by a submission that is repeated: a bundle belongs to whoever
claims it first (:mod:`fairwf.engine.backends.bundles.bundle`), so a job that an engine knows
nothing of, because it died before it could record it, either is found by its name, or runs nothing.
"""

from __future__ import annotations

import re
import time
from functools import partial
from types import TracebackType
from typing import Any, Self

from fairwf.engine.backends.bundles.dispatch import Dispatcher
from fairwf.engine.backends.bundles.job import BatchJob, BatchTask
from fairwf.engine.backends.bundles.losses import Losses
from fairwf.engine.backends.bundles.pool import BatchPool
from fairwf.engine.backends.bundles.recovery import recover
from fairwf.engine.backends.bundles.scheduler import Listed, Scheduler
from fairwf.engine.backends.bundles.script import JobNames
from fairwf.engine.backends.bundles.sizing import Estimates, Load
from fairwf.engine.backends.bundles.stored import stored
from fairwf.engine.backends.bundles.waiting import WaitingTasks
from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.backends.protocol import Kept, Site
from fairwf.engine.places.rundir import RunDir
from fairwf.engine.programs.resources import Pool
from fairwf.engine.task import Completion, PreparedTask, TaskRequest
from fairwf.report import EnvironmentFault, Report

_INDEX = re.compile(r"[\[#{!][^/]*")
_PAUSE_S = 0.1
_MOST_OUT = 20_000
"""How many tasks are on their way at once: each costs some kilobytes."""
_FIRST_QUERY_S = 30.0
_CANCEL_QUERY_S = 10.0
_SUBMITTING_S = 15.0


class BundleBackend:
    """Runs tasks through whatever takes jobs: a batch scheduler, or pilots.

    A context manager. Entering it finds the jobs of earlier engines of this run; leaving it cancels
    what still waits or runs. Not for several threads at once.
    """

    def __init__(
        self, scheduler: Scheduler, deployment: Deployment, run: RunDir, report: Report
    ) -> None:
        self.lasting = True
        self.kept: dict[str, Kept] = {}
        self._site = Site(
            lasting=True, programs_here=not deployment.setup, scratch=deployment.scratch or ""
        )
        self._scheduler = scheduler
        self._deployment = deployment
        self._run = run
        self._report = report
        self._look_s = deployment.seconds("look_interval")
        self._query_s = deployment.seconds("query_interval")
        self._grace_s = deployment.seconds("grace")
        self._names = JobNames(run.jobs_id)
        self._estimates = Estimates(deployment.seconds("guess"))
        self._waiting = WaitingTasks(deployment, self._estimates)
        self._jobs: dict[int, BatchJob] = {}
        self._running: dict[str, int] = {}
        self._early: dict[str, Completion] = {}
        self._losses = Losses(deployment.lost_retries)
        self._unwanted: set[str] = set()
        self._completions: list[Completion] = []
        self._next = 1
        self._sweeping = False
        self._looked = 0.0
        self._judged = 0.0
        self._silent: str | None = None
        self._warned_of_memory = False
        self._lister = scheduler.lister
        self._dispatcher = Dispatcher(scheduler, deployment, run, self._names, report)

    def __enter__(self) -> Self:
        self._dispatcher.prepare()
        try:
            self._recover()
        except BaseException:
            self._dispatcher.close()
            raise
        return self

    def _recover(self) -> None:
        """Find what earlier engines of this run have left."""
        listed = self._lister.now(_FIRST_QUERY_S)
        if listed is None:
            raise EnvironmentFault.of(
                "FWF9002",
                f"the scheduler ({self._scheduler.name}) does not answer: {self._lister.error}",
                hint="see `fairwf backends`; after mending the cause: "
                f"fairwf resume {self._run.root}",
            )
        try:
            found = recover(self._run.batch / "bundles", self._run.root, self._names, listed)
        except OSError as error:
            raise EnvironmentFault.refused(error) from None
        self.kept, self._early = found.kept, found.ended
        self._jobs, self._next = found.jobs, found.next_number
        self._sweeping = any(one.held and self._names.number(one) for one in listed)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def site_of(self, key: str) -> Site:
        """Return the nodes of the scheduler."""
        return self._site

    def pool(self, cores: float | None, memory_mib: float | None) -> Pool[Any]:
        """Return the queue of tasks: as many go out as the jobs may hold."""
        said = self._deployment
        most = min(said.most_jobs * said.bundle_size, _MOST_OUT)
        return BatchPool(most, cores or float("inf"), memory_mib or float("inf"))

    # --- what the engine asks

    def submit(self, *tasks: PreparedTask, lane: str = "", ahead: bool = False) -> None:
        """Have tasks run with others of their kind."""
        for each in tasks:
            self._submit(each)

    def _submit(self, prepared: PreparedTask) -> None:
        request = prepared.request
        assert request is not None, "the engine says what was asked"
        kind = request.process.id or _INDEX.sub("", request.id)
        load = Load(kind, request.cores, prepared.gpus, prepared.time_limit_s, request.ram_mib)
        unasked = self._deployment.memory_mib is None and not self._scheduler.held
        if unasked and not self._warned_of_memory:
            self._warn_of_memory(request)
        entry = {
            **prepared.program(),
            "kept": prepared.streams(declared=True),
            "cores": request.cores,
            "ram": request.ram_mib,
        }
        if self._site.scratch:
            entry["tmp"] = request.tmp
        attempt = stored(prepared, request.digest, request.number, request.tmp, load)
        self._running[prepared.task_id] = request.number
        self._waiting.add(BatchTask(attempt=attempt, entry=entry))

    def _warn_of_memory(self, request: TaskRequest) -> None:
        """Say, once, that a task asks for memory and its job does not."""
        asked = request.resources or request.process.resources
        if asked.memory is None:
            return
        self._warned_of_memory = True
        self._report.add(
            "FWF4049",
            f"{request.process.id or request.id!r} asks for {request.ram_mib:g} MiB of memory, "
            "and its job asks the scheduler for none",
            span=request.origins.get(asked) or request.origins.get(request.process),
            hint="set memory_mib in the deployment file (--config): a job then has as much, "
            "or what a task wants if that is more",
        )

    def adopt(self, key: str, digest: str, above: int) -> Kept | None:
        """Return an attempt of an earlier engine, whose completion is wanted from now on."""
        found, early = self.kept.pop(key, None), self._early.pop(key, None)
        if found is None or found.digest != digest or found.number <= above:
            return None
        self._running[key] = found.number
        if early is not None:
            self._completions.append(early)
        return found

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return the completions since the last call; waits for one for ``timeout`` seconds.

        Raises:
            EnvironmentFault: the run directory cannot be written.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                self._turn()
            except OSError as error:
                raise EnvironmentFault.refused(error) from None
            if self._completions or not self._running:
                break
            left = _PAUSE_S if end is None else end - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, _PAUSE_S, self._look_s))
        done, self._completions = self._completions, []
        for one in done:
            self._running.pop(one.task_id, None)
        return done

    def cancel(self, *task_ids: str) -> None:
        """End these tasks, or cancel all jobs: what has not started will not start any more."""
        for key in task_ids:
            self._cancel_task(key)
        if not task_ids:
            self._cancel_all()

    def _cancel_task(self, key: str) -> None:
        """End one task: its worker is told, and says when it has ended."""
        self._unwanted.add(key)
        if self._waiting.remove(key):
            self._tell_cancelled(key)
        for job in self._jobs.values():
            for number, task in enumerate(job.tasks):
                if task.key == key and number not in job.ended:
                    # Where that cannot be written, it runs to its end, and nobody takes the result.
                    _quietly(partial(job.folder.cancel, number))

    def _tell_cancelled(self, key: str) -> None:
        now = time.time()
        self._completions.append(
            Completion(task_id=key, exit_code=143, started=now, ended=now, cancelled=True)
        )

    def _cancel_all(self) -> None:
        self._waiting.clear()
        for job in list(self._jobs.values()):  # a submission that is refused takes its job out
            _quietly(job.folder.give_up)
            if job.claimed is None:
                _quietly(job.folder.revoke)
            if job.future is not None and not job.future.cancel():
                _quietly(partial(self._settle, job, _SUBMITTING_S))
        if not self._jobs and not self._sweeping:
            return
        # A submission that was cut short may have left a job that only its name tells, and a
        # scheduler may have put one back into its queue.
        self._sweeping = False
        listed = self._lister.now(_CANCEL_QUERY_S)
        if listed is None:
            text = f"the scheduler does not answer: {self._lister.error}"
            self._report.add("FWF4044", text, hint=f"jobs may be left: {self._names.pattern}")
            listed = []
        gone = {one.id for one in listed if one.state == "ended" and not one.held}
        ours = {one.id for one in listed if self._names.number(one)} - gone
        ours |= {job.id for job in self._jobs.values() if job.id is not None} - gone
        for job_id in sorted(ours):
            why = self._dispatcher.cancel(job_id)
            if why is not None:
                self._report.add("FWF4044", f"job {job_id} could not be cancelled: {why}")
        self._jobs.clear()
        self._running.clear()

    def close(self) -> None:
        """Cancel what still waits or runs, and let go of everything."""
        self.cancel()
        self._dispatcher.close()
        self._lister.close()

    # --- one turn of the loop

    def _turn(self) -> None:
        now = time.monotonic()
        for job in list(self._jobs.values()):
            if job.future is not None:
                self._settle(job, 0)
        if now - self._looked >= self._look_s:
            self._looked = now
            for job in list(self._jobs.values()):
                self._look(job, now)
        self._ask(now)
        for job in list(self._jobs.values()):
            self._end_if_over(job, now)
        self._dispatch(now)

    def _look(self, job: BatchJob, now: float) -> None:
        for task, completion in job.look(now):
            self._estimates.learn(task.attempt.kind, completion.ended - completion.started)
            self._arrived_of(task, completion)

    def _arrived_of(self, task: BatchTask, completion: Completion) -> None:
        """Pass an end on, if it is that of the attempt that counts."""
        key, number = task.key, task.attempt.number
        if self._running.get(key) == number:
            self._completions.append(completion)
        elif key in self.kept and self.kept[key].number == number:
            self._early[key] = completion

    def _ask(self, now: float) -> None:
        """Ask the scheduler where it is time, and judge the jobs by what it says."""
        if not self._lister.waiting:
            asked = self._lister.asked
            unsure = any(job.uncertain and job.uncertain > asked for job in self._jobs.values())
            if not self._jobs or (now - asked < self._query_s and not unsure):
                return
            known = [job.id for job in self._jobs.values() if job.id is not None]
            self._lister.ask(known if len(known) == len(self._jobs) else ())
        listed = self._lister.answer()
        if listed is not None:
            self._silent = None
            self._judge(listed, now)
        elif self._lister.error not in (None, self._silent):
            self._silent = self._lister.error
            text = f"the scheduler does not answer: {self._silent}"
            self._report.add("FWF4044", text, hint="jobs go on; it is asked again")

    def _judge(self, listed: list[Listed], now: float) -> None:
        by_id = {one.id: one for one in listed}
        by_number = self._names.by_number(listed)
        asked = self._judged = self._lister.asked
        for number, job in list(self._jobs.items()):
            there = by_id.get(job.id or "") or by_number.get(number)
            failed = job.uncertain
            if job.id is None and failed is not None and asked > failed:
                job.uncertain = None
                if there is not None:
                    job.folder.submitted(there.id)
                    job.known(there.id)
            elif job.judge(there, asked, now):
                self._lose(job, "its scheduler put it back into the queue", now)

    def _end_if_over(self, job: BatchJob, now: float) -> None:
        """Let go of a job that has ended, one way or the other."""
        if job.closed is not None:
            if len(job.ended) == len(job.tasks) or job.closed.why is None:
                self._drop(job)
                self._return(job, None)
            elif self._judged > job.closed_at and job.missing is not None:
                self._lose(job, job.reason or f"it was ended from outside ({job.closed.why})", now)
            elif now - job.closed_at >= self._grace_s:
                self._lose(job, f"it was ended from outside ({job.closed.why})", now)
        elif job.missing is not None:
            # Whoever is listed as ended has ended; its last words may be on their way.
            grace = self._grace_s if job.vanished else min(self._grace_s, 2 + 3 * self._look_s)
            if now - max(job.missing, job.heard) >= grace:
                why = "its scheduler does not know it any more" if job.vanished else None
                self._lose(job, job.reason or why or "it ended before its tasks did", now)

    def _lose(self, job: BatchJob, reason: str, now: float) -> None:
        """Give up a job: its tasks run in another, or fail where that was tried often enough."""
        self._look(job, now)
        if job.claimed is None and job.closed is None:
            if not job.folder.revoke():
                job.claimed = job.heard = now  # it has just begun
                job.missing = None
                return
            words = job.folder.last_words()
            reason += f", before its worker started ({words})" if words else ""
        else:
            job.folder.give_up()
        self._drop(job)
        if job.id is not None and not job.over:
            # It may wait for another start, or be held for ever. Where the scheduler has forgotten
            # it, that is no news.
            self._dispatcher.cancel(job.id)
        self._sweeping = True
        self._return(job, reason)

    def _return(self, job: BatchJob, reason: str | None) -> None:
        """Deal with the tasks of a job that is over which have not ended.

        ``reason`` of None: the job ended in order, and had no time left for them.
        """
        again = 0
        for task, fate in self._losses.fates(job, lost=reason is not None):
            if task.key in self._unwanted:
                if self._running.get(task.key) == task.attempt.number:
                    self._tell_cancelled(task.key)
                continue
            if fate == "waits":
                again += 1
                self._waiting.add(task)
            elif task.key in self.kept and self.kept[task.key].number == task.attempt.number:
                del self.kept[task.key]
            elif self._running.get(task.key) == task.attempt.number:
                again += fate == "again"
                text = f"its {job.name} is gone: {reason or 'it ran out of time'}"
                self._fail(task, text, again=fate == "again")
        if again and reason is not None:
            tasks = "one task of it runs" if again == 1 else f"{again} tasks of it run"
            self._report.add("FWF4044", f"{job.name}: {reason}; {tasks} again")

    def _fail(self, task: BatchTask, text: str, again: bool) -> None:
        now = time.time()
        self._completions.append(
            Completion(
                task_id=task.key, exit_code=0, started=now, ended=now, lost=text, again=again
            )
        )

    def _drop(self, job: BatchJob) -> None:
        self._jobs.pop(job.folder.number, None)

    # --- submitting

    def _dispatch(self, now: float) -> None:
        """Put ready tasks into jobs, once no more of them seem to come."""
        for job in self._jobs.values():
            self._dispatcher.again(job, now)
        for tasks in self._waiting.take(len(self._jobs), self._dispatcher.room):
            self._jobs[self._next] = self._dispatcher.dispatch(self._next, tasks)
            self._next += 1

    def _settle(self, job: BatchJob, timeout: float) -> None:
        """Take the result of a submission that is over; fail the tasks of a job that is refused."""
        refusal = self._dispatcher.settle(job, timeout)
        if refusal is None or not job.folder.revoke():
            return
        self._drop(job)
        for task in job.tasks:
            if task.key in self._running:
                self._fail(task, f"the scheduler refused its job: {refusal}", again=False)


def _quietly(act: Any) -> None:
    """Do what need not succeed: the claim of a bundle keeps it from running twice anyway."""
    try:
        act()
    except OSError:
        return
