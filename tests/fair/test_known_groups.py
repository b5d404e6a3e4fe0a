"""The lists of the known groups and of the hand labels keep to the rule that was written before."""

import csv
from collections import Counter
from itertools import groupby
from pathlib import Path

from benchmarks.fair_validity.known_groups.draw import drawn
from benchmarks.fair_validity.known_groups.pairs import PAIRS, PER_OWNER
from benchmarks.fair_validity.known_groups.separation import auc
from benchmarks.fair_validity.labels.agreement import LABELS, NAMED
from fairwf.fair.indicators import INDICATORS


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_each_pair_is_of_one_engine_and_of_like_size() -> None:
    pairs = [list(two) for _, two in groupby(rows(PAIRS), key=lambda row: row["pair"])]
    assert len(pairs) >= 20
    for curated, other in pairs:
        assert (curated["group"], other["group"]) == ("curated", "uncurated")
        assert curated["engine"] == other["engine"]
        assert 0.5 <= int(curated["size"]) / int(other["size"]) <= 2


def test_members_are_drawn_once_and_of_no_owner_too_many() -> None:
    members = [row["repository"] for row in rows(PAIRS)]
    assert len(set(members)) == len(members)
    assert set(members) <= {entry.repository for entry in drawn()}
    owners = Counter(
        (r["engine"], r["repository"].split("/")[0]) for r in rows(PAIRS) if r["group"] == "curated"
    )
    assert max(owners.values()) <= PER_OWNER


def test_labels_are_of_other_repositories_and_of_all_essential_indicators() -> None:
    labels = rows(LABELS)
    essential = {entry.id for entry in INDICATORS if entry.priority == "essential"}
    assert len(labels) == 20
    assert not {row["repository"] for row in labels} & {row["repository"] for row in rows(PAIRS)}
    assert all(row.keys() - set(NAMED) == essential for row in labels)


def test_auc_counts_ties_one_half() -> None:
    assert auc([3, 4], [1, 2]) == 1
    assert auc([1, 2], [1, 2]) == 0.5
    assert auc([1], [2]) == 0
