"""The CWL conformance tests that need a container; at length, whole suites with containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.conftest import load

pytestmark = [
    pytest.mark.root,
    pytest.mark.xdist_group("podman"),
    pytest.mark.usefixtures("podman"),
]

WITH_CONTAINERS = {"v1.2": 377, "v1.1": 252, "v1.0": 197}
"""How many tests of a suite pass: all but ``networkaccess``, which asks a public web page."""


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_those_that_need_a_container(corpora: Path, version: str) -> None:
    conformance = load()
    suite = conformance.SUITES[version]
    chosen = sorted(suite.need_container - suite.need_network)
    found = conformance.run(version, corpora / suite.folder, chosen, container="podman", warm=True)
    print(f"CWL {version} with podman: {found}")
    assert found.passed
    assert sorted(found.passed) == chosen


@pytest.mark.long
@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_the_whole_suite(corpora: Path, version: str) -> None:
    conformance = load()
    suite = corpora / conformance.SUITES[version].folder
    found = conformance.run(version, suite, container="podman", warm=True)
    print(f"CWL {version} with podman: {found}")
    assert found.failed == found.unsupported == ()
    assert len(found.passed) == WITH_CONTAINERS[version]
