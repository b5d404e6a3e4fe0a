"""What earlier sessions of a run recorded, in the form that the driver asks for."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime

from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.journal.facts import (
    AnyFact,
    Approved,
    Awaited,
    Done,
    EventArrived,
    Given,
    Started,
    TimerSet,
)
from fairwf.engine.journal.history import History
from fairwf.engine.journal.index import Entry
from fairwf.ir.expressions import Array, Directory, Expr, File, Record


class Finished:
    """Where the ends of tasks stand by their keys: sixteen bytes a task, not an object.

    Keys are told apart by their hashes; whoever finds a fact looks whether it is of that key.
    """

    def __init__(self, ends: Iterable[tuple[str, int]] = ()) -> None:
        """Take keys and offsets; of a key the last counts, and a negative one takes it back."""
        hashes, offsets = array("q"), array("q")
        for key, at in ends:
            hashes.append(hash(key))
            offsets.append(at)
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        self._hashes = array("q", (hashes[one] for one in order))
        self._offsets = array("q", (offsets[one] for one in order))

    def places(self, key: str) -> list[int]:
        """Return where the end of this task may stand, the last first; mostly none or one."""
        wanted, found = hash(key), list[int]()
        at = bisect_left(self._hashes, wanted)
        while at < len(self._hashes) and self._hashes[at] == wanted:
            found.append(self._offsets[at])
            at += 1
        return found[::-1]

    def __bool__(self) -> bool:
        return bool(self._hashes)


class Memory:
    """What resuming needs: of finished tasks only where their ends stand in the journal.

    Of tasks that end in this session nothing is kept: nobody asks for them again.
    """

    def __init__(self, history: History | None = None) -> None:
        self._history = history
        self.attempts: dict[str, int] = {}
        self.failed: dict[str, int] = {}
        self.cancelled: set[str] = set()
        self.awaited: dict[str, Awaited] = {}
        self.approved: dict[str, Approved] = {}
        self.events: set[str] = set()
        self.timers: dict[str, float] = {}
        self.given: Mapping[str, Expr] = {}
        self.until = 0.0
        """The last time that is recorded, in seconds since 1970."""
        self._earlier = Finished(self._ends(history) if history is not None else ())
        self._fresh = history is None or not self._earlier

    def _ends(self, history: History) -> Iterable[tuple[str, int]]:
        last = None
        for entry in history.entries():
            if entry.fact in ("done", "session", "ended"):
                last = entry.at
            if entry.fact == "done" and entry.key is not None:
                yield self._ended(entry, entry.key)
            elif entry.fact == "started" and entry.key is not None:
                self.attempts[entry.key] = entry.attempt
            elif entry.fact != "session":
                self.take(history.fact(entry.at))
        if last is not None:
            self.until = _seconds(history.fact(last))

    def _ended(self, entry: Entry, key: str) -> tuple[str, int]:
        if entry.status in ("completed", "skipped"):
            self.attempts.pop(key, None)
            return key, entry.at
        self.failed[key] = entry.attempt
        if entry.status == "cancelled":
            self.cancelled.add(key)
        self.attempts[key] = max(entry.attempt, self.attempts.get(key, 0))
        return key, -1 - entry.at

    def take(self, *facts: AnyFact) -> None:
        """Remember facts of this session."""
        for fact in facts:
            if type(fact) is Started:
                self.attempts[fact.key] = fact.attempt
            elif type(fact) is Done:
                if fact.status in ("completed", "skipped"):
                    self.attempts.pop(fact.key, None)
                else:
                    self.failed[fact.key] = fact.attempt
                    if fact.status == "cancelled":
                        self.cancelled.add(fact.key)
            elif isinstance(fact, Approved):
                self.approved[fact.key] = fact
            elif isinstance(fact, Awaited):
                self.awaited[fact.key] = fact
            elif isinstance(fact, EventArrived):
                self.events.add(fact.key)
            elif isinstance(fact, TimerSet):
                self.timers[fact.key] = fact.due
            elif isinstance(fact, Given):
                self.given = fact.inputs

    def done(self, key: str) -> Done | None:
        """Return how an execution ended well, or was left out, in an earlier session."""
        if self._fresh or self._history is None:
            return None
        for at in self._earlier.places(key):
            fact = self._history.fact(at if at >= 0 else -1 - at)
            if isinstance(fact, Done) and fact.key == key:
                return fact if at >= 0 else None
        return None

    def last_attempt(self, key: str) -> int:
        """Return the number of the last attempt at a task; 0 without any."""
        number = self.attempts.get(key)
        if number is not None:
            return number
        done = None if self._fresh else self.done(key)
        return done.attempt if done is not None else 0

    def finished(self, key: str, digest: str) -> Done | None:
        """Return the record of a task that need not run again: same work, outputs still there."""
        done = None if self._fresh else self.done(key)
        if done is None or done.digest != digest or done.status != "completed":
            return None
        return done if outputs_exist(done.outputs) else None


def _seconds(fact: AnyFact) -> float:
    time = fact.ended if isinstance(fact, Done) else getattr(fact, "time", None)
    return datetime.fromisoformat(time).timestamp() if time is not None else 0.0


def outputs_exist(outputs: Mapping[str, Expr]) -> bool:
    """Tell whether every file in the values is where they say, of the size that they say."""
    return all(_there(file) for value in outputs.values() for file in files_in(value))


def _there(file: File | Directory) -> bool:
    path = path_of_location(file.location) if file.location is not None else None
    if path is None:
        return True
    if isinstance(file, Directory):
        return path.is_dir()
    try:
        return path.is_file() and (file.size is None or path.stat().st_size == file.size)
    except OSError:
        return False


_HOLDING = (File, Directory, Array, Record)


def files_in(value: Expr) -> list[File | Directory]:
    """Return the files and folders in a literal, secondary files and listings included."""
    found: list[File | Directory] = []
    stack: list[Expr] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, File):
            found.append(node)
            stack.extend(reversed(node.secondary))
        elif isinstance(node, Directory):
            found.append(node)
            stack.extend(reversed(node.listing or ()))
        elif isinstance(node, Array):
            stack.extend(item for item in reversed(node.items) if isinstance(item, _HOLDING))
        elif isinstance(node, Record):
            stack.extend(reversed(list(node.fields.values())))
    return found
