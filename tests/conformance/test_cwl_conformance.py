"""The CWL conformance suites: all of v1.2 in the gate, samples of the others; at length all of all.

Each call of ``fairwf`` is a fork of a warm process, so that a suite costs seconds. The published
suites are no part of the repository: without them these tests are skipped, and say so.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

NO_CONTAINER = {"v1.3": 395, "v1.2": 364, "v1.1": 243, "v1.0": 191}
"""How many tests of a suite need neither a container nor a network. All of them pass."""


def score(
    conformance: ModuleType, corpora: Path, version: str, sample: int | None = None, **how: object
) -> None:
    """Run a suite, or a sample, without containers; everything must pass."""
    suite = corpora / conformance.SUITES[version].folder
    chosen = conformance.sample(version, suite, sample, seed=20261124) if sample else None
    found = conformance.run(version, suite, chosen, warm=True, **how)
    print(f"CWL {version}: {found}")
    assert found.failed == found.unsupported == ()
    assert len(found.passed) == (sample or NO_CONTAINER[version])


def test_the_whole_suite_of_v1_2(conformance: ModuleType, corpora: Path) -> None:
    score(conformance, corpora, "v1.2")


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_a_sample_of_older_suites(conformance: ModuleType, corpora: Path, version: str) -> None:
    score(conformance, corpora, version, sample=40)


def test_a_sample_through_ir(conformance: ModuleType, corpora: Path) -> None:
    score(conformance, corpora, "v1.2", sample=60, through_ir=True)


@pytest.mark.long
def test_the_suite_of_the_coming_version(conformance: ModuleType, corpora: Path) -> None:
    suite = conformance.SUITES["v1.3"]
    if not (corpora / suite.folder / suite.tests).is_file():
        pytest.skip(f"put common-workflow-language/cwl-v1.3 into {corpora / suite.folder}")
    score(conformance, corpora, "v1.3")


@pytest.mark.long
@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_the_older_suites(conformance: ModuleType, corpora: Path, version: str) -> None:
    score(conformance, corpora, version)


@pytest.mark.long
@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_the_suites_through_ir(conformance: ModuleType, corpora: Path, version: str) -> None:
    score(conformance, corpora, version, through_ir=True)
