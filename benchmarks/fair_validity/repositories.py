"""What others published, for rankings: whatever ``fairwf score`` takes as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fairwf.fair as fair
from benchmarks.fair_validity.corpus import ROOT, workflows
from benchmarks.fair_validity.format_invariance import subject
from fairwf.fair.score import Scorecard, assess
from fairwf.report import FairwfError


def cards(corpora: Path, per_repository: int = 3) -> Iterator[tuple[str, Scorecard]]:
    """Yield names and scorecards: crates, our examples, and workflows with their repositories.

    Of each repository's workflows the first, in the order of their paths, are taken.
    """
    for metadata in sorted((corpora / "rocrate").rglob("ro-crate-metadata.json")):
        try:
            yield str(metadata.parent.relative_to(corpora)), fair.score(str(metadata.parent))
        except FairwfError:
            continue
    for name in ("quickstart", "variant-calling"):
        yield name, fair.score(str(ROOT / "examples" / name))
    taken: dict[Path, int] = {}
    for entry in workflows(corpora):
        taken[entry.repository] = taken.get(entry.repository, 0) + 1
        if taken[entry.repository] <= per_repository:
            yield str(entry.path.relative_to(corpora)), assess(subject(entry))
