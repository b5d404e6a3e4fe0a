"""The lists of the known groups and of the hand labels keep to the rule that was written before."""

import csv
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from benchmarks.fair_validity.known_groups.draw import SAMPLES, drawn
from benchmarks.fair_validity.known_groups.separation import auc
from benchmarks.fair_validity.labels.agreement import LABELS, NAMED
from fairwf.fair.indicators import INDICATORS


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_pair_is_of_one_engine_and_of_like_size(sample: str) -> None:
    members = rows(SAMPLES[sample].pairs)
    pairs = [list(two) for _, two in groupby(members, key=lambda row: row["pair"])]
    assert len(pairs) >= 20
    for curated, other in pairs:
        assert (curated["group"], other["group"]) == ("curated", "uncurated")
        assert curated["engine"] == other["engine"]
        assert 0.5 <= int(curated["size"]) / int(other["size"]) <= 2


@pytest.mark.parametrize("sample", SAMPLES)
def test_members_are_drawn_once_and_of_no_owner_too_many(sample: str) -> None:
    one = SAMPLES[sample]
    members = [row["repository"] for row in rows(one.pairs)]
    assert len(set(members)) == len(members)
    assert set(members) <= {entry.repository for entry in drawn(one)}
    curated = [row for row in rows(one.pairs) if row["group"] == "curated"]
    owners = Counter((row["engine"], row["repository"].split("/")[0]) for row in curated)
    assert max(owners.values()) <= one.pairs_per_owner


def test_no_repository_is_in_two_samples_or_has_labels() -> None:
    lists = [*(sample.pairs for sample in SAMPLES.values()), LABELS]
    every = [row["repository"] for path in lists for row in rows(path)]
    assert len(set(every)) == len(every)


def test_labels_are_of_other_repositories_and_of_all_essential_indicators() -> None:
    labels = rows(LABELS)
    essential = {entry.id for entry in INDICATORS if entry.priority == "essential"}
    assert len(labels) == 20
    assert all(row.keys() - set(NAMED) == essential for row in labels)


def test_auc_counts_ties_one_half() -> None:
    assert auc([3, 4], [1, 2]) == 1
    assert auc([1, 2], [1, 2]) == 0.5
    assert auc([1], [2]) == 0
