"""What every pass promises, on generated documents: valid out, and only the features it names."""

from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from fairwf.check import check
from fairwf.document import Document
from fairwf.features import Capabilities, Feature, features_of
from fairwf.ir.codec import Root
from fairwf.ir.workflow import Operation, Step, Workflow
from fairwf.lower import lower
from fairwf.lower.catalogue import PASSES
from fairwf.lower.context import fields_of
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
            if one.removes in features_of(root):
                _held(one, root)

    hold(law, st.one_of(workflows(), instances()), effort)


def _held(one: Pass, root: Root) -> None:
    report, before = Report(), features_of(root)
    after = run(one, root, report)
    if after is root:
        assert one.fate != "lost", f"{one.name} left what it drops"
        return
    errors = [f"{d} {d.path}" for d in check(Document(workflow=after), Report()).errors]
    assert errors == [], f"{one.name}: valid in, valid out"
    assert set(features_of(after)) - set(before) - one.adds == set(), one.name
    fates = [d.fate for d in report if d.fate is not None]
    # A task that becomes a step says what it said: only what was measured of it is told of.
    assert fates or one.name == "tasks_to_steps", f"{one.name} changed something without a word"
    if not one.name.startswith(MIXED):
        assert all(FATES.index(fate) <= FATES.index(one.fate) for fate in fates), one.name


def test_fields_of_a_class_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuzzed workflow of 6,700 nodes took half a minute: most went into annotations."""
    asked: list[type] = []
    original = msgspec.structs.fields

    def counted(kind: Any) -> Any:
        asked.append(kind)
        return original(kind)

    fields_of.cache_clear()
    monkeypatch.setattr(msgspec.structs, "fields", counted)
    steps = tuple(Step(id=f"s{n}", run=Operation(label="x", doc="y"), label="z") for n in range(50))
    workflow = Workflow(steps=steps, label="w")
    lower(Document(workflow=workflow), Capabilities(frozenset({Feature.WORKFLOW})), Report())
    assert asked and len(asked) == len(set(asked))
