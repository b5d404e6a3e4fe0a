"""Draw the known groups: ``python -m benchmarks.fair_validity.known_groups.draw [SAMPLE]``.

The rule is in the README beside this file; it was committed before any repository was scored.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
Group = Literal["curated", "uncurated"]


@dataclass(frozen=True)
class Sample:
    """A sample: the folder of its lists, the seed, and how many of whom are drawn and paired."""

    folder: Path
    seed: int
    curated_per_owner: int
    uncurated: int
    pairs_per_owner: int

    @property
    def pairs(self) -> Path:
        """The list of the members of the pairs."""
        return self.folder / "pairs.tsv"

    @property
    def left_out(self) -> Path:
        """The list of what was drawn and is not eligible."""
        return self.folder / "left_out.tsv"


SAMPLES = {
    "first": Sample(HERE, 20261127, 8, 44, 6),
    "second": Sample(HERE / "second", 20261128, 6, 75, 4),
    "third": Sample(HERE / "third", 20261129, 9, 120, 5),
    "fourth": Sample(HERE / "fourth", 20261130, 9, 80, 6),
}


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


def frame(sample: Sample = SAMPLES["first"]) -> list[Listed]:
    """Return the frame in the order of its file."""
    with (sample.folder / "frame.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [Listed(row["group"], row["engine"], row["repository"]) for row in rows]


def in_drawn_order(sample: Sample = SAMPLES["first"]) -> list[Listed]:
    """Return the whole frame, shuffled."""
    order = frame(sample)
    random.Random(sample.seed).shuffle(order)
    return order


def drawn(sample: Sample = SAMPLES["first"]) -> list[Listed]:
    """Return the repositories whose snapshots are asked for, in drawn order."""
    taken: list[Listed] = []
    owners: Counter[tuple[str, str]] = Counter()
    counts: Counter[str] = Counter()
    for entry in in_drawn_order(sample):
        if entry.group == "curated":
            owners[entry.engine, entry.owner] += 1
            if owners[entry.engine, entry.owner] <= sample.curated_per_owner:
                taken.append(entry)
        else:
            counts[entry.engine] += 1
            if counts[entry.engine] <= sample.uncurated:
                taken.append(entry)
    return taken


if __name__ == "__main__":
    for one in drawn(SAMPLES[sys.argv[1] if len(sys.argv) > 1 else "first"]):
        print(one.group, one.engine, one.repository, sep="\t")
