"""What earlier sessions of a run recorded, in the form that the driver asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.facts import (
    AnyFact,
    Approved,
    Awaited,
    Done,
    EventArrived,
    Given,
    Started,
    TimerSet,
)
from fairwf.ir.expressions import Array, Directory, Expr, File, Record


class Memory:
    """Facts by key. Only what resuming needs is kept."""

    def __init__(self, facts: Iterable[AnyFact] = ()) -> None:
        self.done: dict[str, Done] = {}
        self.attempts: dict[str, int] = {}
        self.failed: dict[str, int] = {}
        self.cancelled: set[str] = set()
        self.awaited: dict[str, Awaited] = {}
        self.approved: dict[str, Approved] = {}
        self.events: set[str] = set()
        self.timers: dict[str, float] = {}
        self.given: Mapping[str, Expr] = {}
        for fact in facts:
            self.take(fact)

    def take(self, fact: AnyFact) -> None:
        """Remember a fact."""
        if isinstance(fact, Done):
            if fact.status in ("completed", "skipped"):
                self.done[fact.key] = fact
            else:
                self.done.pop(fact.key, None)
                self.failed[fact.key] = fact.attempt
                if fact.status == "cancelled":
                    self.cancelled.add(fact.key)
        elif isinstance(fact, Started):
            self.attempts[fact.key] = fact.attempt
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

    def finished(self, key: str, digest: str) -> Done | None:
        """Return the record of a task that need not run again: same work, outputs still there."""
        done = self.done.get(key)
        if done is None or done.digest != digest or done.status != "completed":
            return None
        return done if outputs_exist(done.outputs) else None


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
            stack.extend(reversed(node.items))
        elif isinstance(node, Record):
            stack.extend(reversed(list(node.fields.values())))
    return found
