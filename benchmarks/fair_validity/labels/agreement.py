"""Precision and recall of what is extracted, against the hand labels."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import fairwf.fair as fair
from benchmarks.fair_validity.known_groups.pairs import git

LABELS = Path(__file__).with_name("labels.tsv")
CONSTANT = frozenset({"A1-3", "F2-5", "I1-1", "I3-1"})
"""What holds of every labelled repository: whatever is eligible can be read."""
NAMED = ("repository", "commit", "main")


@dataclass
class Agreement:
    """Counts over all labels; ``wrong`` and ``missed`` name indicator and repository."""

    repositories: int = 0
    labels: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of what was extracted, how much a person found too."""
        return (self.found - len(self.wrong)) / self.found

    @property
    def recall(self) -> float:
        """Of what a person found, how much was extracted."""
        right = self.found - len(self.wrong)
        return right / (right + len(self.missed))


def measure(clones: Path, without: frozenset[str] = frozenset()) -> Agreement:
    """Score each labelled repository in its clone and compare, leaving some indicators out.

    Raises:
        ValueError: a clone is at another commit.
    """
    result = Agreement()
    with LABELS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            place = clones / row["repository"].replace("/", "+")
            if git("-C", place, "rev-parse", "HEAD") != row["commit"]:
                raise ValueError(f"{row['repository']} is not at {row['commit']}")
            card = fair.assess(fair.subject_at(str(place), None, row["main"]))
            levels = {finding.id: finding.outcome.level for finding in card.findings}
            result.repositories += 1
            for indicator in row.keys() - set(NAMED) - without:
                name = f"{indicator} {row['repository']}"
                result.labels += 1
                result.found += bool(levels[indicator])
                if levels[indicator] and row[indicator] == "0":
                    result.wrong.append(name)
                if not levels[indicator] and row[indicator] == "1":
                    result.missed.append(name)
    return result
