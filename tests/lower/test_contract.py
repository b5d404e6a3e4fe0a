"""What every pass promises, on generated documents: valid out, and only the features it names."""

import pytest
from hypothesis import strategies as st

from fairwf.check import check
from fairwf.document import Document
from fairwf.features import features_of
from fairwf.ir.codec import Root
from fairwf.lower.catalogue import PASSES
from fairwf.lower.contract import Pass
from fairwf.report import FATES, Report
from tests.generation import instances, workflows
from tests.laws.effort import Effort, efforts, hold
from tests.lower.cases import run

MIXED = ("expand_", "packages_of_conda", "tasks_to_steps")
"""Passes that keep what a feature means in another form, and tell of single parts that are lost."""


@pytest.mark.parametrize("effort", efforts(30, 400))
def test_a_pass_adds_only_what_it_declares_and_tells_what_it_did(effort: Effort) -> None:
    def law(root: Root) -> None:
        for one in PASSES:
            _held(one, root)

    hold(law, st.one_of(workflows(), instances()), effort)


def _held(one: Pass, root: Root) -> None:
    report, before = Report(), features_of(root)
    after = run(one, root, report)
    if after is root:
        assert one.removes not in before or one.fate != "lost", f"{one.name} left what it drops"
        return
    assert one.removes in before, f"{one.name}: nothing to do, but something was done"
    errors = [f"{d} {d.path}" for d in check(Document(workflow=after), Report()).errors]
    assert errors == [], f"{one.name}: valid in, valid out"
    assert set(features_of(after)) - set(before) - one.adds == set(), one.name
    fates = [d.fate for d in report if d.fate is not None]
    assert fates, f"{one.name} changed something without a word"
    if not one.name.startswith(MIXED):
        assert all(FATES.index(fate) <= FATES.index(one.fate) for fate in fates), one.name
