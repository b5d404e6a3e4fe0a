"""What a run waits for beyond its tasks: times, events, and people."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fairwf.engine.events import AnyEvent, ApprovalGiven, ApprovalWanted, WaitStarted
from fairwf.engine.facts import AnyFact, Approved, Awaited, EventArrived, TimerSet, timestamp
from fairwf.engine.failures import Failed, Failure
from fairwf.engine.replay import Memory
from fairwf.engine.rundir import RunDir
from fairwf.engine.scheduler import Cell, Scheduler
from fairwf.engine.world import Place, is_inside

POLL_S = 0.25
"""How often the folder of requests is looked at, in seconds."""


class Waiting:
    """Timers, events and approvals; requests come as files in the run directory."""

    def __init__(
        self,
        run: RunDir,
        scheduler: Scheduler,
        memory: Memory,
        record: Callable[[AnyFact], None],
        emit: Callable[[AnyEvent], None],
        now: Callable[[], float],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._run = run
        self._scheduler = scheduler
        self._memory = memory
        self._record = record
        self._emit = emit
        self._now = now
        self._wall = wall
        self._order = itertools.count()
        self._timers: list[tuple[float, int, Cell, str]] = []
        self._moments: list[tuple[float, int, Cell, str]] = []
        self._approvals: dict[str, Cell] = {}
        self._asked: dict[str, tuple[Place, str]] = {}
        self._events: dict[str, dict[str, Cell]] = {}
        self._looked = 0.0
        self.cancelled = False

    @property
    def people(self) -> list[str]:
        """The keys of steps that wait for an approval, and names of events that are awaited."""
        return [*self._approvals, *self._events]

    @property
    def timers(self) -> int:
        """How many timers run."""
        return len(self._timers) + len(self._moments)

    def due_in(self) -> float | None:
        """Return the seconds until the next timer; None without one."""
        left = [
            queue[0][0] - clock()
            for queue, clock in ((self._timers, self._now), (self._moments, self._wall))
            if queue
        ]
        return max(0.0, min(left)) if left else None

    # --- asking -------------------------------------------------------------------------------

    def sleep(self, place: Place, seconds: float) -> Cell:
        """Return a cell that is settled so many seconds after the first time of asking."""
        due = self._memory.timers.get(place.key)
        if due is None:
            due = self._now() + max(0.0, seconds)
            self._record(TimerSet(key=place.key, due=due))
        return self._until(place, due, self._timers, self._now)

    def sleep_until(self, place: Place, time: str) -> Cell:
        """Return a cell that is settled when the clocks of people show a time.

        Raises:
            Failed: the text is no time.
        """
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            message = f"{time!r:.60} is no time; write it like 2030-01-31T12:00:00+00:00"
            raise Failed(Failure.of("FWF4002", message, place.key)) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return self._until(place, moment.timestamp(), self._moments, self._wall)

    def _until(
        self,
        place: Place,
        due: float,
        queue: list[tuple[float, int, Cell, str]],
        clock: Callable[[], float],
    ) -> Cell:
        cell = Cell(f"{timestamp(due)} for {place.key}")
        if due <= clock():
            self._scheduler.settle(cell)
        else:
            heapq.heappush(queue, (due, next(self._order), cell, place.key))
            self._emit(WaitStarted(time=self._time(), key=place.key, until=timestamp(due)))
        return cell

    def event(self, place: Place, name: str) -> Cell:
        """Return a cell that is settled when an event of this name arrives."""
        cell = Cell(f"the event {name!r}")
        if name in self._memory.events:
            self._scheduler.settle(cell)
            return cell
        if name not in self._events:
            self._events[name] = {}
            self._record(Awaited(key=name, what="event", text=name))
            self._looked = 0.0
        self._events[name][place.key] = cell
        self._emit(WaitStarted(time=self._time(), key=place.key, name=name))
        return cell

    def approval(self, place: Place, prompt: str, who: tuple[str, ...]) -> Cell:
        """Return a cell that is settled when a person says yes."""
        cell = Cell(f"the approval of {place.key}")
        if place.key in self._memory.approved:
            self._scheduler.settle(cell)
            return cell
        if place.key not in self._memory.awaited:
            self._record(Awaited(key=place.key, what="approval", text=prompt, who=who))
        self._approvals[place.key] = cell
        self._asked[place.key] = (place, prompt)
        self._hear()  # the answer may have come before the engine did
        if cell.settled:
            return cell
        self._looked = 0.0
        self._emit(ApprovalWanted(time=self._time(), key=place.key, prompt=prompt, who=who))
        return cell

    def cancel(self, place: str) -> None:
        """Let nothing wait there any more."""
        over = [self._approvals.pop(k) for k in [*self._approvals] if is_inside(k, place)]
        for name, cells in [*self._events.items()]:
            over += [cells.pop(key) for key in [*cells] if is_inside(key, place)]
            if not cells:
                del self._events[name]
        for queue in (self._timers, self._moments):
            over += [cell for _, _, cell, key in queue if is_inside(key, place)]
            queue[:] = [entry for entry in queue if not is_inside(entry[3], place)]
            heapq.heapify(queue)
        for cell in over:
            self._scheduler.settle(cell)

    # --- hearing ------------------------------------------------------------------------------

    def poll(self) -> None:
        """Settle what is due, and serve requests."""
        now = self._now()
        for queue, moment in ((self._timers, now), (self._moments, self._wall())):
            while queue and queue[0][0] <= moment:
                self._scheduler.settle(heapq.heappop(queue)[2])
        if abs(now - self._looked) >= POLL_S:
            self._looked = now
            self._hear()

    def _hear(self) -> None:
        for request in self._run.read_requests():
            self._serve(request)

    def _serve(self, request: dict[str, Any]) -> None:
        kind, key = str(request["kind"]), str(request["key"])
        if kind == "cancel":
            self.cancelled = True
        elif kind == "approval" and key in self._approvals:
            who = request.get("who")
            who = who if isinstance(who, str) else None
            place, prompt = self._asked[key]
            self._record(
                Approved(
                    key=key,
                    time=self._time(),
                    who=who,
                    step=place.step,
                    index=place.index,
                    prompt=prompt,
                )
            )
            self._emit(ApprovalGiven(time=self._time(), key=key, who=who))
            self._scheduler.settle(self._approvals.pop(key))
        elif kind == "event" and key in self._events:
            self._record(EventArrived(key=key, time=self._time()))
            for cell in self._events.pop(key).values():
                self._scheduler.settle(cell)
        else:
            return
        self._run.forget_request(kind, key)

    def _time(self) -> str:
        return timestamp(self._now())
