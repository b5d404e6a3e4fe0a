"""Programs that exchange streams while they run.

What a program writes to standard output, where its port is a stream, is heard line by line. What a
program reads, where its port is a stream, comes through a named pipe: the items are appended to a
file, which ``pump.py`` beside the program writes to the pipe. The file is what is recorded, so that
a program that ran on a growing stream counts as the same as one that found all of it.

Items are appended in the order of their lineage, as far as it is certain that none comes before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from fairwf.engine.evaluate import FunctionError, NotReady, RuntimeValue, StreamValue
from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.expansion.frames import Deferred
from fairwf.engine.expansion.scheduler import Cell, Waits
from fairwf.engine.failures import Failed, Failure
from fairwf.engine.task.files import described
from fairwf.engine.task.lines import items_of, written
from fairwf.ir.expressions import File
from fairwf.ir.ports import Stdout
from fairwf.ir.types import StreamType, Type
from fairwf.ir.workflow import Command, Process, Script

if TYPE_CHECKING:
    from fairwf.engine.expansion.world import Place, World

LISTEN_S = 0.05
"""How often the engine looks at what running programs have written, in seconds."""
_BLOCK = 1 << 20

Flow = Callable[[str, int, Sequence[Any]], None]
"""Takes items of a port, and the number of the first of them."""


def flowing_outputs(process: Process) -> dict[str, Type]:
    """Return the ports whose items are lines of standard output, and the type of an item."""
    if not isinstance(process, (Command, Script)):
        return {}
    return {
        port.id: port.type.items
        for port in process.outputs
        if isinstance(port.type, StreamType) and isinstance(port.collect, Stdout)
    }


def flowing_inputs(process: Process) -> dict[str, Type]:
    """Return the ports of a program that are streams, and the type of an item."""
    if not isinstance(process, (Command, Script)):
        return {}
    return {p.id: p.type.items for p in process.inputs if isinstance(p.type, StreamType)}


class Hearing:
    """Reads what a running program writes to a file, line by line."""

    def __init__(self, path: str, ports: Mapping[str, Type], flow: Flow) -> None:
        self._path = path
        self._ports = dict(ports)
        self._flow = flow
        self._read = 0
        self._rest = b""
        self._lines = 0

    def listen(self) -> None:
        """Pass on the lines that are new. What is no item will show when the program has ended."""
        try:
            # Opened each time: only then does a shared file system look for what is new.
            with open(self._path, "rb") as source:
                source.seek(self._read)
                data = source.read(_BLOCK)
        except OSError:
            return
        self._read += len(data)
        whole, found, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest
        if not found:
            return
        for port, type_ in list(self._ports.items()):
            try:
                items = items_of(whole + found, type_)
            except FunctionError:
                del self._ports[port]
                continue
            self._flow(port, self._lines, items)
        self._lines += whole.count(b"\n") + 1


class Feed:
    """A stream on its way into a program: ``path`` grows, ``pipe`` is what the program reads."""

    def __init__(self, path: Path, type_: Type) -> None:
        self.path = path
        self.pipe = path.with_name(f"{path.name}.pipe")
        self.ended = False
        self._type = type_
        self._given = 0
        self._there = path.stat().st_size if path.is_file() else 0
        self._size = 0

    def give(self, value: StreamValue | Sequence[Any]) -> None:
        """Append what is certain to come next; of a stream that is closed, all.

        Raises:
            FunctionError: an item is no line.
            OSError: it cannot be written.
        """
        items = value.in_order() if isinstance(value, StreamValue) else list(value)
        closed = not isinstance(value, StreamValue) or value.closed
        if not closed and isinstance(value, StreamValue):
            certain = 0
            for item in sorted(value.items, key=lambda item: item.lineage):
                if item.lineage != (certain,):
                    break
                certain += 1
            items = items[:certain]
        data = written(items[self._given :], self._type)
        self._given = max(self._given, len(items))
        # What an earlier session has written is the beginning of the same.
        new = data[max(0, self._there - self._size) :] if self._size < self._there else data
        self._size += len(data)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if new or not self.path.exists():
            with open(self.path, "ab") as target:
                target.write(new)
        if closed:
            self.path.with_name(f"{self.path.name}.end").touch()
            self.ended = True

    def reset(self) -> None:
        """Begin anew."""
        for path in (self.path, self.path.with_name(f"{self.path.name}.end"), self.pipe):
            path.unlink(missing_ok=True)
        self._given = self._there = self._size = 0
        self.ended = False

    def open(self) -> File:
        """Make the pipe, and return it as a program sees it.

        Raises:
            OSError: it cannot be made.
        """
        if not self.pipe.is_fifo():
            os.mkfifo(self.pipe, 0o600)
        return File(location=file_uri(self.pipe), basename=self.pipe.name)

    def file(self) -> File:
        """Return the file, complete."""
        plain = File(location=file_uri(self.path), basename=self.path.name)
        return described(plain, digests=True)  # type: ignore[return-value]  # of a file, a file


class _Asking(msgspec.Struct):
    """How a stream is looked at."""

    flowing: bool
    watched: set[Cell] | None = None


class Source:
    """A stream that a program reads, as an expression gives it."""

    def __init__(self, live: Deferred | Sequence[Any], feed: Feed) -> None:
        self._live = live
        self.feed = feed

    def look(self) -> tuple[StreamValue | Sequence[Any] | None, set[Cell]]:
        """Return what there is by now (None: nothing), and what to wait for where more may come.

        Raises:
            Failed: it is closed, and an item failed.
            FunctionError: it is no stream.
        """
        if not isinstance(self._live, Deferred):
            return self._live, set()
        changes: set[Cell] = set()
        try:
            value: RuntimeValue = self._live.evaluate(_Asking(True, changes))
            if not isinstance(value, StreamValue) or value.closed:
                value = self._live.evaluate(_Asking(False))  # which tells of failures
        except NotReady as missing:
            changes.update(cell for cell in missing.waits if isinstance(cell, Cell))
            return None, changes
        if isinstance(value, StreamValue):
            return value, changes if not value.closed else set()
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            raise FunctionError("what a program reads as a stream is neither a stream nor an array")
        return value, set()


def begun(
    world: World, process: Command | Script, values: Mapping[str, Any], place: Place
) -> Waits[dict[str, Source]]:
    """Wait until each stream that a program reads has an item or its end; return them.

    Raises:
        Failed: one of them failed, or cannot be written down.
    """
    found: dict[str, Source] = {}
    for port, type_ in flowing_inputs(process).items():
        live = values.get(port)
        if live is None:
            continue
        source = Source(live, world.feed(place, port, type_))
        found[port] = source
        while True:
            value, changes = source.look()
            if value is not None and (not changes or _holds_any(value)):
                break
            yield frozenset(changes)
    for source in found.values():
        _pass_on(source, place)
    return found


def _holds_any(value: StreamValue | Sequence[Any]) -> bool:
    return bool(value.items if isinstance(value, StreamValue) else value)


def _pass_on(source: Source, place: Place) -> set[Cell]:
    try:
        value, changes = source.look()
        if value is not None:
            source.feed.give(value)
    except FunctionError as fault:
        raise Failed(Failure.of("FWF4002", fault.message, place.key, hint=fault.hint)) from None
    except OSError as error:
        text = f"a stream cannot be written down: {error.strerror}"
        raise Failed(Failure.of("FWF9002", text, place.key)) from None
    return changes


def fed(source: Source, place: Place) -> File:
    """Return what a program gets: the file where the stream has ended, else the pipe.

    Raises:
        Failed: the pipe cannot be made.
    """
    try:
        return source.feed.file() if source.feed.ended else source.feed.open()
    except OSError as error:
        text = f"a pipe cannot be made: {error.strerror}"
        raise Failed(Failure.of("FWF9002", text, place.key)) from None


def feed(world: World, source: Source, place: Place, over: Cell) -> Waits[None]:
    """Pass on what arrives, until the stream closes, or the program that reads it has ended."""
    while not over.settled:
        try:
            changes = _pass_on(source, place)
        except Failed as error:
            world.abandon(place, error.failure)
            return
        if source.feed.ended:
            return
        yield frozenset({world.scheduler.any_of((over, *changes), f"items for {place.key}")})
