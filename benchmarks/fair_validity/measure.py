"""Whether the FAIR score means something: ``python -m benchmarks.fair_validity.measure CORPORA``.

Prints one table. CORPORA is the folder of published documents (FAIRWF_CORPORA in the tests).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from benchmarks.fair_validity import format_invariance, repositories, speed, stuffing, weights
from benchmarks.fair_validity.known_groups import separation
from benchmarks.fair_validity.known_groups.draw import SAMPLES
from benchmarks.fair_validity.labels import agreement

Row = tuple[str, str, str, str]


def invariance(corpora: Path, every: int) -> list[Row]:
    """Return a row for each target format."""
    rows = []
    for found in format_invariance.measure(corpora, every):
        said = f"{sum(found.differences.values())} differences in {found.compared} levels"
        if found.differences:
            said += f" ({', '.join(f'{k}: {n}' for k, n in found.differences.most_common(5))})"
        lossless = f"{found.lossless} of {found.tried} workflows convert without loss"
        apart = f"; format: {dict(found.of_format)}" if found.of_format else ""
        rows.append((f"format invariance, to {found.target}", lossless, said + apart, "0"))
    return rows


def junk(each: int) -> list[Row]:
    """Return a row for each kind of junk, alone and around a workflow."""
    rows: list[Row] = []
    alone, around = stuffing.measure(each), stuffing.around(each)
    for kind in stuffing.KINDS:
        scores = [found for found in alone if found.kind == kind]
        most = max(found.score for found in scores)
        levels = sorted({found.level for found in scores})
        said = f"at most {most:.1f}, {', '.join(levels)}"
        rows.append((f"junk, {kind}", f"{len(scores)} repositories", said, "below 10, never M1"))
    for kind in stuffing.KINDS:
        added = [found.added for found in around if found.kind == kind]
        said = f"adds {min(added):+.1f} to {max(added):+.1f} points"
        rows.append((f"junk around a workflow, {kind}", f"{len(added)} repositories", said, "-"))
    return rows


def stability(corpora: Path) -> list[Row]:
    """Return the row of the weights."""
    cards = [card for _, card in repositories.cards(corpora)]
    found = weights.measure(cards)
    said = f"median tau {found.median:.3f}, 5th percentile {found.fifth_percentile:.3f}"
    return [("weights", f"{found.ranked} ranked, {found.draws} draws", said, "median above 0.9")]


def cost(corpora: Path, count: int) -> list[Row]:
    """Return the row of the CPU time."""
    return [_cpu(speed.measure(corpora, count), "workflows")]


def _cpu(found: speed.Speed, of: str) -> Row:
    if found.cwltool is None:
        return ("CPU time", f"{found.documents} {of}", f"{found.fairwf:.1f} s", "-")
    said = f"{found.fairwf:.1f} s; cwltool --validate {found.cwltool:.1f} s"
    ratio = f"{found.cwltool / found.fairwf:.1f} times"
    return ("CPU time", f"{found.documents} {of}", f"{said}: {ratio}", "less")


def groups(clones: Path) -> list[Row]:
    """Return a row for the score and for each baseline, of each sample."""
    rows = []
    for sample in SAMPLES:
        members, found = separation.measure(clones, sample)
        of = f"{len(members) // 2} + {len(members) // 2} repositories"
        rows += [
            (
                f"known groups, {sample} sample, {one.measure}",
                of,
                f"AUC {one.auc:.3f} [{one.lower:.3f}, {one.upper:.3f}]",
                "above each baseline" if one.measure == "score" else "baseline",
            )
            for one in found
        ]
    return rows


def extractors(clones: Path) -> list[Row]:
    """Return the rows of all essential indicators, and of those that vary among the labels."""
    rows: list[Row] = []
    for name, without in (("all", frozenset()), ("that vary", agreement.CONSTANT)):
        found = agreement.measure(clones, without)
        said = (
            f"precision {found.precision:.3f} ({found.found - len(found.wrong)} of {found.found}), "
            f"recall {found.recall:.3f}"
        )
        of = f"{found.labels} labels in {found.repositories} repositories"
        rows.append((f"extractors, essential rows {name}", of, said, "precision 0.95"))
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="?", default=os.environ.get("FAIRWF_CORPORA"), type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every n-th workflow")
    parser.add_argument("--junk", type=int, default=25, help="repositories of each kind")
    parser.add_argument("--count", type=int, default=20, help="workflows for the CPU time")
    parser.add_argument("--mirrors", type=Path, help="git directories of the known groups")
    parser.add_argument("--clones", type=Path, help="folder that pairs.py cloned them to")
    options = parser.parse_args()
    parts: list[Callable[[], list[Row]]] = [lambda: junk(options.junk)]
    if options.corpora is not None:
        parts += [
            lambda: invariance(options.corpora, options.every),
            lambda: stability(options.corpora),
            lambda: cost(options.corpora, options.count),
        ]
    if options.clones is not None:
        parts += [lambda: groups(options.clones), lambda: extractors(options.clones)]
    if options.mirrors is not None and options.clones is not None:
        parts.append(
            lambda: [_cpu(speed.repositories(options.mirrors, options.clones), "repositories")]
        )
    print("| experiment | of | found | wanted |\n|---|---|---|---|", flush=True)
    for part in parts:
        for row in part():
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
