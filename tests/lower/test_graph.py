"""For each target, the passes that it can use end: what one adds, the target has or others remove.

A pass is an edge from the feature that it removes to those that it adds and the target lacks.
"""

from graphlib import TopologicalSorter

import pytest

from fairwf.features import Capabilities, Feature
from fairwf.formats import converters
from fairwf.lower.catalogue import PASSES
from fairwf.lower.plan import usable
from tests.laws.targets import MADE_UP

F = Feature
FORMATS = {
    name: one.capabilities(version)
    for name, one in converters().items()
    if one.capabilities is not None
    for version in one.versions[-1:] or (None,)
}
TARGETS: dict[str, Capabilities] = {**MADE_UP, **FORMATS}

NEVER_REMOVED: dict[str, set[Feature]] = {
    "cwl": {F.BYTES},
    "ir": set(),
}
"""What a format lacks and no usable pass removes: a document that uses it is refused. WfFormat is
left out: an instance, once made, uses no other feature."""


@pytest.mark.parametrize("name", TARGETS)
def test_what_passes_add_ends(name: str) -> None:
    have = TARGETS[name].features
    chosen = usable(PASSES, TARGETS[name])
    graph: dict[Feature, set[Feature]] = {}
    for one in chosen:
        graph.setdefault(one.removes, set()).update(one.adds - have)
    TopologicalSorter(graph).prepare()  # raises CycleError where passes could go on for ever
    added = {feature for after in graph.values() for feature in after}
    assert added - set(graph) == set(), "a pass adds what nothing removes"
    assert not {one.removes for one in chosen} & have, "a pass removes what the target has"


@pytest.mark.parametrize("name", NEVER_REMOVED)
def test_what_a_target_lacks_is_removed_but_for(name: str) -> None:
    lacking = set(Feature) - TARGETS[name].features
    removed = {one.removes for one in usable(PASSES, TARGETS[name])}
    assert {f.value for f in lacking - removed} == {f.value for f in NEVER_REMOVED[name]}


def test_a_rewriting_comes_before_an_approximation_before_a_loss() -> None:
    for name, target in TARGETS.items():
        fates = [one.fate for one in usable(PASSES, target)]
        order = ["rewritten", "approximated", "lost"]
        assert fates == sorted(fates, key=order.index), name
