"""Draw the known groups: ``python -m benchmarks.fair_validity.known_groups.draw``.

The rule is in the README beside this file; it was committed before any repository was scored.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FRAME = Path(__file__).with_name("frame.tsv")
SEED = 20261127
CURATED_PER_OWNER = 8
UNCURATED = {"wdl": 44, "cwl": 44}
Group = Literal["curated", "uncurated"]


@dataclass(frozen=True)
class Listed:
    """A repository of the frame: its group, its engine, owner/name."""

    group: str
    engine: str
    repository: str

    @property
    def owner(self) -> str:
        """The account that the repository belongs to."""
        return self.repository.split("/")[0]


def frame() -> list[Listed]:
    """Return the frame in the order of its file."""
    with FRAME.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [Listed(row["group"], row["engine"], row["repository"]) for row in rows]


def in_drawn_order() -> list[Listed]:
    """Return the whole frame, shuffled."""
    order = frame()
    random.Random(SEED).shuffle(order)
    return order


def drawn() -> list[Listed]:
    """Return the repositories whose snapshots are asked for, in drawn order."""
    order = in_drawn_order()
    taken: list[Listed] = []
    owners: Counter[tuple[str, str]] = Counter()
    counts: Counter[str] = Counter()
    for entry in order:
        if entry.group == "curated":
            owners[entry.engine, entry.owner] += 1
            if owners[entry.engine, entry.owner] <= CURATED_PER_OWNER:
                taken.append(entry)
        else:
            counts[entry.engine] += 1
            if counts[entry.engine] <= UNCURATED[entry.engine]:
                taken.append(entry)
    return taken


if __name__ == "__main__":
    for one in drawn():
        print(one.group, one.engine, one.repository, sep="\t")
