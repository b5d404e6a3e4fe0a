"""Files that only have the right names get nothing, alone or around a workflow (benchmarks too)."""

import pytest

from benchmarks.fair_validity import stuffing


def test_junk_gets_below_a_tenth_and_never_a_maturity_level() -> None:
    found = stuffing.measure(each=3, seed=1)
    assert {junk.kind for junk in found} == set(stuffing.KINDS)
    for junk in found:
        assert junk.score < 10, junk
        assert junk.level == "M0", junk


@pytest.mark.parametrize("kind", stuffing.KINDS)
def test_junk_around_a_workflow_adds_next_to_nothing(kind: str) -> None:
    for found in stuffing.around(each=2, seed=2):
        if found.kind == kind:
            assert found.added < 5, found
