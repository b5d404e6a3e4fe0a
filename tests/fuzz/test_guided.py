"""Fuzzing that coverage guides, for a while."""

import pytest

from tests.fuzz.guided import KINDS, guided


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_what_coverage_leads_to_ends_in_success_or_diagnostics(kind: str) -> None:
    pytest.importorskip("atheris", reason="`make test-all` installs it")
    found, status = guided(kind, 3000, seed=1)
    assert not found, found
    assert "cov:" in status
