"""What the expansion of a workflow asks of the world, so that it needs no input or output itself.

The driver (:mod:`fairwf.engine.driver`) is the real world; tests of the scheduler have a small one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote

import msgspec

from fairwf.engine.evaluate import RuntimeValue, Scope
from fairwf.engine.expansion.scheduler import Cell, Scheduler
from fairwf.engine.failures import Failure
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.origins import Origins
from fairwf.ir.resources import Resources
from fairwf.ir.types import Type
from fairwf.ir.values import Value
from fairwf.ir.workflow import Command, Process, Pure, Script

if TYPE_CHECKING:
    from fairwf.engine.expansion.coupling import Feed, Flow

Libraries = Sequence[ExpressionLibrary]


class Place(msgspec.Struct, frozen=True):
    """Where in the run something is.

    ``key`` is its name in the journal: unique, and the same when the run is resumed. ``step`` is
    the path of step ids, ``index`` says which item, round or key, ``parent`` is the key of the
    enclosing subworkflow.
    """

    key: str = ""
    step: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    parent: str | None = None

    def enter(self, step: str) -> Place:
        """Return the place of a step inside the workflow that runs here."""
        name = quote(step)
        key = f"{self.key}/{name}" if self.key else name
        return Place(key, (*self.step, step), self.index, self.key or None)

    def at(self, mark: str, index: str) -> Place:
        """Return the place of an item (mark ``[3]``), round (``#2``), key (``{n=1}``) of it."""
        return Place(self.key + mark, self.step, (*self.index, index), self.parent)


def is_inside(key: str, place: str) -> bool:
    """Tell whether a key is a place, or a round, try or step of what runs there."""
    return key.startswith(place) and key[len(place) : len(place) + 1] in _INSIDE


def around(key: str) -> Iterator[str]:
    """Yield a key and the places that it is inside of."""
    yield key
    for number, character in enumerate(key):
        if character in _INSIDE:
            yield key[:number]


_INSIDE = frozenset({"", "/", "#", "!"})


def quote(text: str) -> str:
    """Return a text without the characters that structure keys."""
    return text.translate(_QUOTED)


_QUOTED = {ord(mark): f"%{ord(mark):02X}" for mark in "%/[]#{}!=,"}


class Segment(NamedTuple):
    """A step in a key: its id, the marks of its item and key, those of its round, try or part."""

    step: str
    item: str = ""
    turn: str = ""


def segments(key: str) -> Iterator[Segment]:
    """Yield the steps of a key, from the outermost workflow: what :class:`Place` has put there."""
    for part in key.split("/"):
        step = path_of(part)
        marks = _MARK.findall(part, len(step))
        item = "".join(mark for mark in marks if mark[0] in "[{")
        turn = "".join(mark for mark in marks if mark[0] in "#!")
        yield Segment(unquote(step), item, turn)


def path_of(key: str) -> str:
    """Return the path of the step that a key is of: without items, keys, rounds and tries."""
    return _MARKS.sub("", key)


_MARK = re.compile(r"\[[^\]]*\]|\{[^}]*\}|[#!][^\[{#!]*")
_MARKS = re.compile(r"[\[{#!][^/]*")


class TaskCall(msgspec.Struct, frozen=True, kw_only=True):
    """A program to run, with complete inputs. ``attempt`` counts the tries asked for, from 1.

    ``flow`` takes the items of its streams while it runs; ``feeds`` are those that it reads.
    """

    place: Place
    process: Command | Script
    inputs: Mapping[str, Value]
    resources: Resources
    environment: Environment
    attempt: int = 1
    last: bool = True
    keys: Mapping[str, Value] = {}
    priority: int = 0
    flow: Flow | None = None
    feeds: Mapping[str, Feed] = {}


class World(Protocol):
    """Where expressions are evaluated and programs run."""

    scheduler: Scheduler
    origins: Origins

    def evaluate(self, expression: Expr, scope: Scope, libraries: Libraries) -> RuntimeValue:
        """Return the value of an expression.

        Raises:
            NotReady: it has to wait.
            EvaluationError: it has none.
            Failed: what it needs has failed.
        """
        ...

    def complete(
        self, process: Process, values: Mapping[str, Value], place: Place
    ) -> dict[str, Value]:
        """Return the inputs of a process, with defaults, checked, files described.

        Raises:
            Failed: a value does not fit.
        """
        ...

    def compute(self, process: Pure, values: Mapping[str, Value], place: Place) -> dict[str, Value]:
        """Return the outputs of a pure process.

        Raises:
            Failed: an expression has no value.
        """
        ...

    def conclude(
        self, process: Process, outputs: Mapping[str, Value], place: Place
    ) -> dict[str, Value]:
        """Return the outputs of a workflow or made process, each of its port's type.

        Raises:
            Failed: one does not fit.
        """
        ...

    def read_process(self, path: Path, place: Place) -> Process:
        """Return the checked process in a document that was made while the run goes on.

        Raises:
            Failed: it is none, or names files outside of its folder.
        """
        ...

    def source_file(self, path: str) -> File | Directory | None:
        """Return the file or folder at a path relative to the document, if there is one."""
        ...

    def start(self, call: TaskCall) -> Cell:
        """Have a program run; the cell gets its outputs (a dict) or a :class:`Failure`."""
        ...

    def crowded(self) -> Cell | None:
        """Return what is settled when more tasks may come; None where they may come now."""
        ...

    def sleep(self, place: Place, seconds: float) -> Cell:
        """Return a cell that is settled so many seconds after the first time of asking."""
        ...

    def sleep_until(self, place: Place, time: str) -> Cell:
        """Return a cell that is settled at a time (ISO 8601).

        Raises:
            Failed: the text is no time.
        """
        ...

    def event(self, place: Place, name: str) -> Cell:
        """Return a cell that is settled when the event arrives."""
        ...

    def approval(self, place: Place, prompt: str, who: tuple[str, ...]) -> Cell:
        """Return a cell that is settled when a person says yes."""
        ...

    def quiet(self) -> Cell:
        """Return a cell that is settled when nothing can go on before a program has ended."""
        ...

    def cancel(self, place: Place, process: Process) -> None:
        """End what runs there; its cells get a :class:`Failure` that says so."""
        ...

    def was_cancelled(self, place: Place) -> bool:
        """Tell whether an earlier session ended what ran there."""
        ...

    def feed(self, place: Place, port: str, type_: Type) -> Feed:
        """Return the way of a stream of such items into a program that runs there."""
        ...

    def abandon(self, place: Place, failure: Failure) -> None:
        """End a program that reads a stream which failed."""
        ...

    def entered(self, place: Place, process: Process, inputs: Mapping[str, Value]) -> None:
        """Hear that a subworkflow begins."""
        ...

    def left(
        self,
        place: Place,
        process: Process,
        inputs: Mapping[str, Value],
        outputs: Mapping[str, Value] | Failure,
    ) -> None:
        """Hear that a subworkflow or computed step ended."""
        ...

    def skipped(self, place: Place, process: Process) -> None:
        """Hear that a condition was false."""
        ...
