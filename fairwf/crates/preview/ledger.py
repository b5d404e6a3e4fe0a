"""Executions and what they used and made, as columns of small arrays that the page's script pages.

An execution is ``[name, step, start, length, status, used, made, command, whole]`` with times in
milliseconds since the first start; ``used`` and ``made`` number things; ``whole`` is 1 for a
workflow whose parts have executions of their own, else 0. A thing is
``[name, address]``, a file ``[name, address, bytes, sha256]``. The script turns them round to
answer, on a click, what a file was made from and what used it.

Names, addresses and commands of neighbours begin alike: as JSON each is the number of characters
that it shares with the one before, a space, and the rest (front coding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fairwf.crates.preview.entities import (
    Entities,
    Entity,
    address,
    clip,
    id_of,
    text,
    time,
)
from fairwf.entities.reading import types, values

MOST_BYTES = 1_700_000
"""The most that the arrays of a page take as JSON; the whole page stays under 2 MB."""
COMPLETED, FAILED, OTHER = 0, 1, 2
RUN_TEXTS, THING_TEXTS = (0, 1, 7), (0, 1)
"""Which columns are front coded."""

Row = list[Any]


@dataclass(eq=False)
class Ledger:
    """The arrays of a page.

    Attributes:
        runs: executions, by start.
        things: files, groups of files and values.
        hidden_runs, hidden_things: how many had no room.
    """

    runs: list[Row] = field(default_factory=list)
    things: list[Row] = field(default_factory=list)
    hidden_runs: int = 0
    hidden_things: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)
    _left: int = MOST_BYTES

    def json(self) -> str:
        """Return the arrays as JSON that may stand in a script element."""
        data = {
            "runs": _front_coded(self.runs, RUN_TEXTS),
            "things": _front_coded(self.things, THING_TEXTS),
        }
        encoded = msgspec.json.encode(data).decode("utf-8", errors="replace")
        return encoded.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace(
            "\u2029", "\\u2029"
        )  # fmt: skip

    def fill(self, entities: Entities, steps: dict[str, str]) -> None:
        """Take in the executions and files of a crate.

        Args:
            entities: of the crate.
            steps: the name of the step of each execution, by its id.
        """
        for entity in entities.all("File"):
            if address(entity):
                self._thing(entity, entities)
        actions = [a for a in entities.all("CreateAction") if time(a, "startTime") is not None]
        actions.sort(key=lambda action: (time(action, "startTime") or 0.0, id_of(action)))
        wholes = {id_of(a) for o in entities.all("OrganizeAction") for a in values(o.get("result"))}
        start = time(actions[0], "startTime") or 0.0 if actions else 0.0
        for action in actions:
            whole = id_of(action) in wholes
            self._run(action, entities, steps.get(id_of(action), ""), start, whole)

    def _run(
        self, action: Entity, entities: Entities, step: str, start: float, whole: bool
    ) -> None:
        if self._left <= 0:
            self.hidden_runs += 1
            return
        begin = time(action, "startTime") or 0.0
        end = time(action, "endTime")
        description = text(action.get("description"))
        row = [
            clip(text(action.get("name")), 80),
            step,
            round(1000 * (begin - start)),
            None if end is None else max(0, round(1000 * (end - begin))),
            _status(action),
            self._numbered(action.get("object"), entities),
            self._numbered(action.get("result"), entities),
            clip(description.removeprefix("Command: "), 200),
            int(whole),
        ]
        self._pay(self.runs, row, RUN_TEXTS)
        self.runs.append(row)

    def _numbered(self, value: Any, entities: Entities) -> list[int]:
        numbers = (self._thing(entity, entities) for entity in entities.each(value))
        return [number for number in numbers if number is not None]

    def _thing(self, entity: Entity, entities: Entities) -> int | None:
        identifier = id_of(entity)
        if identifier in self._numbers:
            return self._numbers[identifier]
        if self._left <= 0:
            self.hidden_things += 1
            return None
        kinds = types(entity)
        if "PropertyValue" in kinds:
            row: Row = [clip(f"{text(entity.get('name'))} = {text(entity.get('value'))}", 80), ""]
        elif "Collection" in kinds:
            parts = entities.each(entity.get("hasPart"))
            names = ", ".join(text(part.get("name")) for part in parts)
            row = [clip(names or text(entity.get("name")), 80), address(entities.one(
                entity.get("mainEntity")))]  # fmt: skip
        else:
            bytes_ = text(entity.get("contentSize"))
            name = clip(text(entity.get("name")) or identifier, 80)
            row = [name, address(entity), int(bytes_) if bytes_.isdecimal() else None]
            row.append(text(entity.get("sha256"))[:16])
        self._pay(self.things, row, THING_TEXTS)
        self._numbers[identifier] = len(self.things)
        self.things.append(row)
        return self._numbers[identifier]

    def _pay(self, rows: Sequence[Row], row: Row, texts: Sequence[int]) -> None:
        coded = _coded(rows[-1] if rows else None, row, texts)
        self._left -= len(msgspec.json.encode(coded)) + 1


def _front_coded(rows: Sequence[Row], texts: Sequence[int]) -> list[Row]:
    return [_coded(rows[n - 1] if n else None, row, texts) for n, row in enumerate(rows)]


def _coded(before: Row | None, row: Row, texts: Sequence[int]) -> Row:
    coded = list(row)
    for column in texts:
        shared = _shared(before[column], row[column]) if before else 0
        coded[column] = f"{shared} {row[column][shared:]}"
    return coded


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def span(runs: Sequence[Row]) -> int:
    """Return how long it took until the last execution ended, in milliseconds, at least 1."""
    return max((row[2] + (row[3] or 0) for row in runs), default=0) or 1


def _status(action: Entity) -> int:
    words = text(action.get("actionStatus"))
    return COMPLETED if "Completed" in words else FAILED if "Failed" in words else OTHER
