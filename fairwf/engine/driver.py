"""The driver: joins the scheduler with tasks, backend, journal, and the world outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from fairwf.document import Document
from fairwf.engine.backends.protocol import Backend
from fairwf.engine.confidential import Secrets
from fairwf.engine.evaluate import Evaluator, FunctionError
from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.events import (
    Audience,
    FrameFinished,
    FrameStarted,
    StepCancelled,
    StepSkipped,
)
from fairwf.engine.expansion.coupling import LISTEN_S, Feed
from fairwf.engine.expansion.execute import Overrides, run_process
from fairwf.engine.expansion.frames import Definitions
from fairwf.engine.expansion.instances import InstanceRun
from fairwf.engine.expansion.scheduler import Cell, Scheduler, Waits
from fairwf.engine.expansion.world import Place
from fairwf.engine.failures import Failed, Failure
from fairwf.engine.interrupts import Interrupts
from fairwf.engine.journal.facts import AnyFact, Done, Given, Recorder, literals, timestamp
from fairwf.engine.journal.replay import Memory
from fairwf.engine.ontology import FormatKinds
from fairwf.engine.options import RunOptions
from fairwf.engine.places.anchoring import anchored
from fairwf.engine.places.away import at_hand
from fairwf.engine.places.rundir import RunDir, file_name
from fairwf.engine.programs.attempt import status_of
from fairwf.engine.programs.attempts import Attempts
from fairwf.engine.task import complete_inputs, compute
from fairwf.engine.task.compute import typed_outputs
from fairwf.engine.task.inputs import as_they_are
from fairwf.engine.waiting import POLL_S, Waiting
from fairwf.formats import Source
from fairwf.ir.expressions import Directory, File
from fairwf.ir.instance import Instance
from fairwf.ir.types import Type
from fairwf.ir.values import Value
from fairwf.ir.workflow import Process, Pure, Workflow
from fairwf.report import FairwfError, Report

Ending = Literal["completed", "failed", "cancelled", "waiting", "interrupted"]


class Driver:
    """The real :class:`fairwf.engine.expansion.world.World`, and the loop that runs it."""

    def __init__(
        self,
        *,
        run: RunDir,
        document: Document,
        options: RunOptions,
        memory: Memory,
        evaluator: Evaluator,
        backend: Backend,
        report: Report,
        record: Recorder,
        emit: Audience,
        now: Callable[[], float],
        secrets: Secrets | None = None,
    ) -> None:
        self.scheduler = Scheduler()
        self.origins = document.origins
        self._run = run
        self._document = document
        self._options = options
        self._memory = memory
        self._evaluator = evaluator
        self._backend = backend
        self._report = report
        self._write = record
        self._emit = emit
        self._now = now
        self._base = options.base or Path.cwd()
        self._formats = FormatKinds(document, self._base, report)
        self._entered: dict[str, float] = {}
        self._quiet: Cell | None = None
        self._attempts = Attempts(
            run=run,
            options=options,
            scheduler=self.scheduler,
            evaluator=evaluator,
            backend=backend,
            pool=backend.pool(options.cores, options.memory_mib),
            memory=memory,
            origins=document.origins,
            report=report,
            record=self._record,
            emit=emit,
            now=now,
            secrets=secrets,
        )
        self.evaluate = evaluator.evaluate
        self.start, self.crowded = self._attempts.start, self._attempts.crowded
        self._waiting = Waiting(run, self.scheduler, memory, self._record, emit, now)

    # --- the loop -----------------------------------------------------------------------------

    def run(
        self, inputs: Mapping[str, Value], interrupts: Interrupts
    ) -> tuple[Ending, Mapping[str, Value] | Failure | list[str]]:
        """Run the document; return how it ended, with outputs, failure, or what it waits for."""
        root = self.scheduler.spawn(self._root(inputs), "the run")
        interrupts.listen(self._backend.cancel if self._backend.lasting else None)
        while True:
            self.scheduler.run()
            self._attempts.launch()
            if not self.scheduler.idle:
                continue
            if root.settled:
                break
            if interrupts.asked or self._waiting.cancelled:
                self._backend.cancel()
                return ("interrupted" if interrupts.asked else "cancelled"), []
            if self._quiet is not None:
                quiet, self._quiet = self._quiet, None
                self.scheduler.settle(quiet)
                continue
            if not self._rest():
                waits = self._waiting.people
                return ("waiting", waits) if waits else ("failed", self._stalled())
        if isinstance(root.value, Failure):
            return "failed", root.value
        outputs: Mapping[str, Value] = root.value
        return "completed", outputs

    def _rest(self) -> bool:
        """Wait until something may have changed; False when nothing ever will."""
        due = self._waiting.due_in()
        pause = POLL_S if due is None else min(due, POLL_S)
        if self._attempts.running:
            if self._attempts.listening:
                pause = min(pause, LISTEN_S)
            self._attempts.finish(self._backend.wait(pause))
            self._attempts.listen()
        elif self._waiting.timers or (self._waiting.people and self._options.wait_for_approval):
            time.sleep(pause)
        else:
            self._waiting.poll()
            return not self.scheduler.idle
        self._waiting.poll()
        return True

    def _stalled(self) -> Failure:
        cycle = self.scheduler.cycle()
        if cycle:
            shown = " -> ".join([*cycle, cycle[0]])
            return Failure.of("FWF4004", f"these wait for each other: {shown}", "")
        waits = self.scheduler.waits()
        lines = [f"{who} waits for {', '.join(what[:3])}" for who, what in waits[:12]]
        more = f"; and {len(waits) - 12} more" if len(waits) > 12 else ""
        return Failure.of("FWF4004", "nothing runs any more, and " + "; ".join(lines) + more, "")

    def _root(self, inputs: Mapping[str, Value]) -> Waits[object]:
        root = self._document.workflow
        try:
            if isinstance(root, Instance):
                return (yield from InstanceRun(self, root, inputs, self._base).run())
            process = anchored(root, self._base, self.origins)
            completed = self._complete(process, inputs, Place(), given=True)
            self._record(Given(inputs=literals(_storable(completed))))
            place = Place()
            if not isinstance(process, Workflow):
                place = Place(key=process.id or "main")
            return (
                yield from run_process(
                    self, process, completed, place, Definitions({}), Overrides()
                )
            )
        except Failed as error:
            return error.failure
        except FunctionError as error:
            return Failure.of("FWF4002", error.message, "", hint=error.hint)

    # --- the world: expressions -----------------------------------------------------------------

    def complete(
        self, process: Process, values: Mapping[str, Value], place: Place
    ) -> dict[str, Value]:
        """Return the inputs of a process, complete and checked."""
        plain = as_they_are(process, values)
        return self._complete(process, values, place, False) if plain is None else plain

    def _complete(
        self, process: Process, values: Mapping[str, Value], place: Place, given: bool
    ) -> dict[str, Value]:
        try:
            return complete_inputs(
                process,
                values,
                self._evaluator,
                origins=self.origins,
                folder=self._base,
                document_folder=self._base,
                discover=given,
                digests=given,
                format_fits=self._formats.fits,
            )
        except FairwfError as error:
            raise Failed(Failure.from_report(error.report, place.key)) from None

    def compute(self, process: Pure, values: Mapping[str, Value], place: Place) -> dict[str, Value]:
        """Return the outputs of a pure process."""
        try:
            return compute(process, values, self._evaluator, origins=self.origins)
        except FairwfError as error:
            failure = Failure.from_report(error.report, place.key)
            self.left(place, process, values, failure)
            raise Failed(failure) from None

    def conclude(
        self, process: Process, outputs: Mapping[str, Value], place: Place
    ) -> dict[str, Value]:
        """Return the outputs of a workflow or made process, each of its port's type."""
        try:
            return typed_outputs(process, outputs, self.origins)
        except FairwfError as error:
            raise Failed(Failure.from_report(error.report, place.key)) from None

    def read_process(self, path: Path, place: Place) -> Process:
        """Return the checked process in a document that was made while the run goes on."""
        from fairwf.conversion import check_document, read_document

        at_hand(path)
        shown, report = str(path), Report()
        try:
            source = Source(name=shown, path=path, tree=path.resolve().parent)
            made = read_document(source, report)
            check_document(made, report)
        except FairwfError as error:
            raise Failed(Failure.from_report(error.report, place.key)) from None
        self._report.extend(report)
        if isinstance(made.workflow, Instance):
            text = "tasks that are expanded already cannot run inside a workflow"
            raise Failed(Failure.of("FWF4035", text, place.key))
        return anchored(made.workflow, path.resolve().parent, made.origins)

    def source_file(self, path: str) -> File | Directory | None:
        """Return the file or folder at a path relative to the document, if there is one."""
        found = self._base / path
        if found.is_dir():
            return Directory(location=file_uri(found.resolve()))
        return File(location=file_uri(found.resolve())) if found.is_file() else None

    # --- the world: what takes time ---------------------------------------------------------------

    def sleep(self, place: Place, seconds: float) -> Cell:
        """Return a cell that is settled after a while."""
        return self._waiting.sleep(place, seconds)

    def sleep_until(self, place: Place, time: str) -> Cell:
        """Return a cell that is settled at a time."""
        return self._waiting.sleep_until(place, time)

    def event(self, place: Place, name: str) -> Cell:
        """Return a cell that is settled when an event arrives."""
        return self._waiting.event(place, name)

    def approval(self, place: Place, prompt: str, who: tuple[str, ...]) -> Cell:
        """Return a cell that is settled when a person says yes."""
        return self._waiting.approval(place, prompt, who)

    def quiet(self) -> Cell:
        """Return a cell that is settled when nothing can go on before a program has ended."""
        if self._quiet is None:
            self._quiet = Cell("a quiet moment")
        return self._quiet

    def cancel(self, place: Place, process: Process) -> None:
        """End what runs there; its cells get a failure that says so."""
        attempt = self._memory.attempts.get(place.key, 1)
        now = self._time()
        self._record(self._note(place, process, status="cancelled", ended=now, attempt=attempt))
        self._emit(StepCancelled(time=now, key=place.key))
        self._attempts.cancel(place.key)
        self._waiting.cancel(place.key)

    def was_cancelled(self, place: Place) -> bool:
        """Tell whether an earlier session ended what ran there."""
        return place.key in self._memory.cancelled

    def feed(self, place: Place, port: str, type_: Type) -> Feed:
        """Return the way of a stream of such items into a program that runs there."""
        feed = Feed(self._run.feeds / file_name(place.key) / file_name(port), type_)
        if not self._backend.site_of(place.key).lasting:
            feed.reset()  # what an earlier session wrote of it may be of programs that run again
        return feed

    def abandon(self, place: Place, failure: Failure) -> None:
        """End a program that reads a stream which failed."""
        self._attempts.abandon(place.key, failure)

    # --- the world: what is recorded ------------------------------------------------------------

    def entered(self, place: Place, process: Process, inputs: Mapping[str, Value]) -> None:
        """Note that a subworkflow begins."""
        self._entered[place.key] = self._now()
        if place.key:
            self._emit(
                FrameStarted(time=self._time(), key=place.key, workflow=_name(process, place))
            )

    def left(
        self,
        place: Place,
        process: Process,
        inputs: Mapping[str, Value],
        outputs: Mapping[str, Value] | Failure,
    ) -> None:
        """Record that a subworkflow or computed step ended."""
        started = self._entered.pop(place.key, self._now())
        failure = outputs if isinstance(outputs, Failure) else None
        if isinstance(process, Workflow) and place.key:
            self._emit(FrameFinished(time=self._time(), key=place.key, failed=failure is not None))
        if not place.key or self._memory.done(place.key) is not None:
            return
        self._record(
            self._note(
                place,
                process,
                status=status_of(failure),
                started=timestamp(started),
                ended=self._time(),
                error=str(failure) if failure is not None else None,
                code=failure.causes[0].diagnostic.code if failure is not None else None,
                inputs=literals(_storable(inputs)),
                outputs={} if isinstance(outputs, Failure) else literals(_storable(outputs)),
            )
        )

    def skipped(self, place: Place, process: Process) -> None:
        """Record that a condition was false."""
        self._emit(StepSkipped(time=self._time(), key=place.key))
        if self._memory.done(place.key) is None:
            self._record(self._note(place, process, status="skipped", ended=self._time()))

    def _note(self, place: Place, process: Process, **more: Any) -> Done:
        kind = str(type(process).__struct_config__.tag)
        return Done(
            key=place.key,
            kind=kind,  # type: ignore[arg-type]  # the tags of the processes
            process=_name(process, place),
            step=place.step,
            index=place.index,
            parent=place.parent,
            **more,
        )

    def _record(self, *facts: AnyFact) -> None:
        self._write(*facts)
        self._memory.take(*facts)

    def _time(self) -> str:
        return timestamp(self._now())


def _name(process: Process, place: Place) -> str:
    return process.id or (place.step[-1] if place.step else "main")


def _storable(values: Mapping[str, Any]) -> dict[str, Value]:
    """Values that a journal can hold; a subworkflow's streams are left out."""
    kinds = (bool, int, float, str, bytes, list, tuple, Mapping, File, Directory)
    return {n: value for n, value in values.items() if value is None or isinstance(value, kinds)}
