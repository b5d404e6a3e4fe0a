"""How well the score separates the known groups, beside three counts that anyone can make."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import fairwf.fair as fair
from benchmarks.fair_validity.known_groups.draw import SAMPLES, Sample
from benchmarks.fair_validity.known_groups.pairs import git
from fairwf.fair.score import Scorecard
from fairwf.fair.subject import Subject

DRAWS = 10_000
SEED = 20261127


@dataclass(frozen=True)
class Member:
    """A repository of a pair, and what was measured of it."""

    pair: int
    group: str
    engine: str
    repository: str
    card: Scorecard
    measures: dict[str, float]


@dataclass(frozen=True)
class Separation:
    """AUC of one measure with its 95 % interval."""

    measure: str
    auc: float
    lower: float
    upper: float


def _readme_size(subject: Subject) -> int:
    return subject.size(subject.readme) if subject.readme is not None else 0


def members(clones: Path, sample: Sample) -> list[Member]:
    """Score every member of the pairs in its clone, at the commit that is listed.

    Raises:
        ValueError: a clone is at another commit.
    """
    found = []
    with sample.pairs.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            place = clones / row["repository"].replace("/", "+")
            if git("-C", place, "rev-parse", "HEAD") != row["commit"]:
                raise ValueError(f"{row['repository']} is not at {row['commit']}")
            subject = fair.subject_at(str(place), None, row["main"])
            card = fair.assess(subject)
            measures = {
                "score": card.score.value,
                "files": float(len(subject.files)),
                "README": float(_readme_size(subject)),
                "tags": float(len(git("-C", place, "tag").split())),
            }
            where = int(row["pair"]), row["group"], row["engine"], row["repository"]
            found.append(Member(*where, card, measures))
    return found


def auc(curated: Sequence[float], others: Sequence[float]) -> float:
    """Return the chance that the first of two drawn at random is more, ties one half."""
    wins = sum((a > b) + (a == b) / 2 for a in curated for b in others)
    return wins / (len(curated) * len(others))


def separation(found: Sequence[Member], measure: Callable[[Member], float]) -> Separation:
    """Return the AUC of a measure; the interval is of bootstrap draws of whole pairs."""
    curated = {one.pair: measure(one) for one in found if one.group == "curated"}
    others = {one.pair: measure(one) for one in found if one.group == "uncurated"}
    pairs = sorted(curated)
    draw, values = random.Random(SEED), []
    for _ in range(DRAWS):
        taken = draw.choices(pairs, k=len(pairs))
        values.append(auc([curated[n] for n in taken], [others[n] for n in taken]))
    values.sort()
    lower, upper = values[int(0.025 * DRAWS)], values[int(0.975 * DRAWS) - 1]
    return Separation("", auc(list(curated.values()), list(others.values())), lower, upper)


def measure(clones: Path, sample: str = "first") -> tuple[list[Member], list[Separation]]:
    """Return the members and the separation by each measure."""
    found = members(clones, SAMPLES[sample])
    results = []
    for name in ("score", "files", "README", "tags"):
        one = separation(found, lambda member, name=name: member.measures[name])  # type: ignore[misc]
        results.append(Separation(name, one.auc, one.lower, one.upper))
    return found, results
