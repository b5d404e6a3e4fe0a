"""Programs on their way: queued, staged, started, ended, recorded."""

from __future__ import annotations

import hashlib
import math
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs
from msgspec.structs import replace

from fairwf.engine.backends.protocol import Backend
from fairwf.engine.confidential import Secrets
from fairwf.engine.containers import ContainerEngine, Images
from fairwf.engine.evaluate import EvaluationError, Evaluator
from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.events import Audience, TaskFailed, TaskFinished, TaskQueued, TaskStarted
from fairwf.engine.facts import AnyFact, Done, Literals, Started, literals, timestamp, values
from fairwf.engine.failures import Failure
from fairwf.engine.options import RunOptions
from fairwf.engine.replay import Memory
from fairwf.engine.resources import Pool, Wanted, wanted
from fairwf.engine.rundir import RunDir
from fairwf.engine.scheduler import Cell, Scheduler
from fairwf.engine.scratch import Scratch
from fairwf.engine.software import Software
from fairwf.engine.task import Completion, PreparedTask, TaskRequest, collect, prepare
from fairwf.engine.task import TaskFailed as TaskFault
from fairwf.engine.world import TaskCall
from fairwf.ir.canonical import content_hash
from fairwf.ir.origins import Origins
from fairwf.ir.values import Value
from fairwf.ir.workflow import Script
from fairwf.report import Diagnostic, FairwfError, Report

if TYPE_CHECKING:
    from fairwf.engine.cache import TaskCache

_ENCODER = msgspec.json.Encoder(order="deterministic")


class _Attempt(msgspec.Struct, frozen=True, eq=False):
    call: TaskCall
    cell: Cell
    want: Wanted
    digest: str
    inputs: Literals
    number: int = 0
    cache_key: str | None = None
    request: TaskRequest | None = None
    prepared: PreparedTask | None = None


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
        pool: Pool[_Attempt],
        memory: Memory,
        origins: Origins,
        report: Report,
        record: Callable[[AnyFact], None],
        emit: Audience,
        now: Callable[[], float],
        secrets: Secrets | None = None,
    ) -> None:
        self._run = run
        self._options = options
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
        self._host = platform.node()
        self._scratch = Scratch(run.lasting_tmp if backend.lasting else run.tmp)
        self._root = f"{run.root}/"
        self._here = f'"{file_uri(run.root)}/'.encode()
        self._tasks, self._staged, self._logs = str(run.tasks), str(run.staged), str(run.logs)
        self._hashes: dict[int, tuple[object, str]] = {}
        self._images: dict[ContainerEngine, Images] = {}
        self._software = Software()
        self._noted: list[Diagnostic] = []
        self._cache: TaskCache | None = None
        if options.cache is not None:
            from fairwf.engine.cache import TaskCache

            self._cache = TaskCache(
                options.cache,
                options.cache_key,
                own=run.root,
                run=run.read_description()["id"],
                evaluator=evaluator,
                note=self._note,
            )
        self.running: dict[str, _Attempt] = {}

    def start(self, call: TaskCall) -> Cell:
        """Queue a program, unless an earlier session finished it."""
        cell = Cell(f"task {call.place.key}")
        inputs = literals(call.inputs)
        digest = self._digest(call, inputs)
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
        try:
            want = wanted(call.resources, call.inputs, self._evaluator, call.process.libraries)
        except (EvaluationError, ValueError) as error:
            node = error.node if isinstance(error, EvaluationError) else call.process
            failure = Failure.of(
                "FWF4002", str(error), call.place.key, span=self._origins.get(node)
            )
            self._fail(_Attempt(call, cell, Wanted(0, 0), digest, inputs), failure)
            return cell
        want = self._bounded(call, want)
        if not self._pool.fits_ever(want):
            failure = Failure.of(
                "FWF4011",
                self._pool.shortage(want),
                call.place.key,
                span=self._origins.get(call.resources) or self._origins.get(call.process),
                hint="run it on a larger machine, or raise --cores and --memory",
            )
            self._fail(_Attempt(call, cell, want, digest, inputs), failure)
            return cell
        self._pool.put(want, call.priority, _Attempt(call, cell, want, digest, inputs))
        if self._emit:
            self._emit(TaskQueued(time=self._time(), key=call.place.key, process=_name(call)))
        return cell

    def _bounded(self, call: TaskCall, want: Wanted) -> Wanted:
        fits = want.cores <= self._pool.cores and want.ram_mib <= self._pool.ram_mib
        if fits or call.resources.required:
            return want
        return Wanted(
            cores=min(want.cores, self._pool.cores),
            ram_mib=min(want.ram_mib, self._pool.ram_mib),
            tmp_mib=want.tmp_mib,
            out_mib=want.out_mib,
        )

    def _digest(self, call: TaskCall, inputs: Literals) -> str:
        known = self._hashes.get(id(call.process))
        if known is None:
            known = self._hashes[id(call.process)] = (call.process, content_hash(call.process))
        body = _ENCODER.encode(
            [known[1], call.resources, call.environment, inputs, literals(call.keys)]
        )
        # What lies in the run directory is the same wherever that is.
        return hashlib.sha256(body.replace(self._here, b'"run:')).hexdigest()

    # --- start --------------------------------------------------------------------------------

    def launch(self) -> None:
        """Start as many queued programs as fit."""
        while (attempt := self._pool.take()) is not None:
            self._begin(attempt)

    def _begin(self, attempt: _Attempt) -> None:
        call = attempt.call
        key = call.place.key
        if self._backend.kept and self._adopt(attempt):
            return
        number = self._memory.attempts.get(key, 0) + 1
        name = self._run.attempt_name(key, number)
        while os.path.lexists(f"{self._tasks}/{name}"):  # a journal lost its end with the machine
            number += 1
            name = self._run.attempt_name(key, number)
        self._record(Started(key=key, attempt=number))
        try:
            tmp = self._scratch.take()
        except OSError as error:
            self._pool.give_back(attempt.want)
            self._fail(attempt, _unprepared(error, key))
            return
        request = self._request(attempt, name, tmp)
        going = replace(attempt, number=number, request=request)
        try:
            if self._cache is not None and call.process.cacheable is not False:
                going = replace(going, cache_key=self._cache.key(request))
                if self._reuse(self._cache, going):
                    return
            prepared = prepare(request, self._evaluator)
        except FairwfError as error:
            self._end(request, attempt.want)
            self._fail(attempt, Failure.from_report(error.report, key))
            return
        except OSError as error:
            self._end(request, attempt.want)
            self._fail(attempt, _unprepared(error, key))
            return
        self._note(prepared.warnings)
        self.running[request.id] = replace(going, prepared=prepared)
        self._backend.submit(prepared, request, attempt.digest, number)
        self._tell_start(request, prepared, number)

    def _tell_start(self, request: TaskRequest, prepared: PreparedTask, number: int) -> None:
        if self._emit:
            self._emit(
                TaskStarted(
                    time=self._time(),
                    key=request.id,
                    attempt=number,
                    command=prepared.command,
                    folder=request.folder,
                )
            )

    def _request(self, attempt: _Attempt, name: str, tmp: str) -> TaskRequest:
        call = attempt.call
        return TaskRequest(
            id=call.place.key,
            process=call.process,
            inputs=call.inputs,
            folder=f"{self._tasks}/{name}",
            tmp=tmp,
            staged=f"{self._staged}/{name}",
            logs=f"{self._logs}/{name}",
            libraries=call.process.libraries,
            resources=call.resources,
            environment=call.environment,
            cores=attempt.want.cores or 1,
            ram_mib=math.ceil(attempt.want.ram_mib),
            tmp_mib=math.ceil(attempt.want.tmp_mib),
            out_mib=math.ceil(attempt.want.out_mib),
            attempt=call.attempt,
            keys=call.keys,
            container=self._options.container,
            programs_here=self._backend.programs_here,
            secrets=self._secrets,
            images=self._images_of,
            software=self._software,
            origins=self._origins,
        )

    def _adopt(self, attempt: _Attempt) -> bool:
        """Go on with what an earlier engine submitted; False where there is nothing of the kind."""
        key = attempt.call.place.key
        # How attempts ended that are recorded as failed is known.
        kept = self._backend.adopt(key, attempt.digest, self._memory.failed.get(key, 0))
        if kept is None:
            return False
        request = self._request(attempt, self._run.attempt_name(key, kept.number), kept.tmp)
        self.running[key] = replace(
            attempt, number=kept.number, request=request, prepared=kept.prepared
        )
        self._tell_start(request, kept.prepared, kept.number)
        return True

    def _reuse(self, cache: TaskCache, attempt: _Attempt) -> bool:
        """Settle a task with a kept result; False where there is none."""
        request, key = attempt.request, attempt.call.place.key
        assert request is not None
        kept = cache.find(attempt.cache_key, request) if attempt.cache_key is not None else None
        if kept is None:
            return False
        self._end(request, attempt.want)
        now, entry = self._time(), kept.entry
        done = self._done(attempt, "completed", None, {})
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

    def _images_of(self, engine: ContainerEngine) -> Images:
        known = self._images.get(engine)
        if known is None:
            folder = self._options.base or Path.cwd()
            known = Images(engine, folder, self._options.allow_network)
            self._images[engine] = known
        return known

    def _note(self, warnings: Report) -> None:
        """Report what holds for many tasks once."""
        for found in warnings:
            if found not in self._noted:
                self._noted.append(found)
                self._report.diagnostics.append(found)

    # --- end ----------------------------------------------------------------------------------

    def _end(self, request: TaskRequest, want: Wanted) -> None:
        self._pool.give_back(want)
        self._scratch.give_back(request.tmp)

    def finish(self, completion: Completion) -> None:
        """Collect what an ended program left, record it, and let others know."""
        attempt = self.running.pop(completion.task_id)
        assert attempt.request is not None and attempt.prepared is not None
        self._end(attempt.request, attempt.want)
        if completion.again:
            fresh = replace(attempt, number=0, request=None, prepared=None)
            self._pool.put(attempt.want, attempt.call.priority, fresh)
            return
        if self._secrets:
            self._secrets.redact(Path(attempt.request.logs))
        key = attempt.call.place.key
        try:
            outputs = collect(attempt.request, attempt.prepared, completion, self._evaluator)
        except TaskFault as error:
            self._fail(
                attempt,
                Failure.from_report(error.report, key, completion.exit_code, completion.timed_out),
                completion,
            )
            return
        except FairwfError as error:
            self._fail(attempt, Failure.from_report(error.report, key), completion)
            return
        done = self._done(attempt, "completed", completion, outputs)
        self._record(done)
        if self._cache is not None and attempt.cache_key is not None:
            self._cache.keep(attempt.cache_key, attempt.request, done)
        if self._emit:
            code = completion.exit_code
            self._emit(
                TaskFinished(time=self._time(), key=key, attempt=attempt.number, exit_code=code)
            )
        self._scheduler.settle(attempt.cell, dict(outputs))

    def _fail(
        self, attempt: _Attempt, failure: Failure, completion: Completion | None = None
    ) -> None:
        failure = failure.without(self._secrets)
        done = self._done(attempt, "failed", completion, {}, failure)
        self._record(done)
        self._emit(
            TaskFailed(
                time=self._time(),
                key=done.key,
                attempt=done.attempt,
                message=str(failure),
                exit_code=done.exit_code,
                will_retry=not attempt.call.last,
                stderr=self._absolute(done.stderr),
            )
        )
        self._scheduler.settle(attempt.cell, failure)

    def _done(
        self,
        attempt: _Attempt,
        status: str,
        completion: Completion | None,
        outputs: Mapping[str, Value],
        failure: Failure | None = None,
    ) -> Done:
        call, prepared, request = attempt.call, attempt.prepared, attempt.request
        ended = completion
        # Of a container, only its client could be measured.
        measured = ended if prepared is not None and prepared.image is None else None
        return Done(
            key=call.place.key,
            kind="script" if isinstance(call.process, Script) else "command",
            status="completed" if status == "completed" else "failed",
            process=_name(call),
            digest=attempt.digest,
            step=call.place.step,
            index=call.place.index,
            parent=call.place.parent,
            attempt=max(attempt.number, 1),
            command=prepared.command if prepared is not None else (),
            started=timestamp(ended.started) if ended else None,
            ended=timestamp(ended.ended) if ended else self._time(),
            exit_code=ended.exit_code if ended else None,
            timed_out=ended.timed_out if ended else False,
            code=failure.causes[0].diagnostic.code if failure else None,
            error=str(failure) if failure else None,
            inputs=attempt.inputs,
            outputs=literals(outputs),
            host=(ended.host if ended else None) or self._host,
            cores=attempt.want.cores,
            cpu_user_s=measured.cpu_user_s if measured else None,
            cpu_system_s=measured.cpu_system_s if measured else None,
            container=prepared.image if prepared is not None else None,
            container_digest=prepared.image_digest if prepared is not None else None,
            max_rss_kib=measured.max_rss_kib if measured else None,
            stdin=self._relative(prepared.stdin) if prepared and prepared.stdin else None,
            stdout=self._written(prepared.stdout) if prepared is not None else None,
            stderr=self._written(prepared.stderr) if prepared is not None else None,
            folder=self._relative(request.folder) if request is not None else None,
        )

    def _written(self, path: str) -> str | None:
        """Return the path of an output of which there may be a file."""
        return self._relative(path) if os.path.lexists(path) else None

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._root)

    def _absolute(self, path: str | None) -> str | None:
        return str(self._run.root / path) if path is not None else None

    def _time(self) -> str:
        return timestamp(self._now())


def _unprepared(error: OSError, key: str) -> Failure:
    where = f": {os.fsdecode(error.filename)!r:.300}" if error.filename else ""
    return Failure.of("FWF9002", f"cannot be prepared: {error.strerror}{where}", key)


def _name(call: TaskCall) -> str:
    return call.process.id or (call.place.step[-1] if call.place.step else "main")
