"""Makes a case that shows a mistake smaller, as long as it shows the same mistake."""

from __future__ import annotations

import select
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.fuzz.campaign import Found, Worker
from tests.fuzz.case import Case

TRIES = 400
SECONDS = 60.0


def minimised(found: Found) -> Case:
    """Return the smallest case found by removing lines and then characters (ddmin)."""
    with tempfile.TemporaryDirectory(prefix="fairwf-fuzzing-") as folder:
        trial = _Trial(found, Path(folder))
        try:
            case = found.case
            part = "beside" if case.kind == "run" else "data"
            if not trial.shows(case):
                return case
            for separator in (b"\n", b""):
                case = _smaller(case, part, separator, trial.shows)
            return case
        finally:
            trial.close()


class _Trial:
    def __init__(self, found: Found, folder: Path) -> None:
        self.found = found
        self.folder = folder
        self.worker: Worker | None = None
        self.left = TRIES
        self.until = time.monotonic() + SECONDS

    def shows(self, case: Case) -> bool:
        self.left -= 1
        if self.left < 0 or time.monotonic() > self.until:
            return False
        if self.worker is None or not self.worker.alive:
            self.worker = Worker(0, False, self.folder)
        self.worker.give(case, 0)
        while (answer := self.worker.answer()) is None:
            select.select([self.worker.answers], [], [], 0.2)
        return bool(answer["finding"]) and answer["finding"][0] == self.found.signature

    def close(self) -> None:
        if self.worker is not None:
            self.worker.kill()


def _smaller(case: Case, part: str, separator: bytes, shows: Callable[[Case], bool]) -> Case:
    data: bytes = getattr(case, part)
    pieces = data.split(separator) if separator else [data[i : i + 1] for i in range(len(data))]
    size = max(len(pieces) // 2, 1)
    while True:
        at = 0
        while at < len(pieces):
            rest = pieces[:at] + pieces[at + size :]
            smaller = replace(case, **{part: separator.join(rest)})
            if shows(smaller):
                pieces, case = rest, smaller
            else:
                at += size
        if size == 1:
            return case
        size //= 2
