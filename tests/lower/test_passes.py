"""Each pass by example: tests/lower/passes/NAME.yaml holds what goes in, comes out, and is told.

A file holds cases; each names its ``pass`` where that is not the file's name. ``after: as before``
says that the pass leaves the document alone.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from fairwf.lower.catalogue import PASSES
from tests.lower.cases import applied, cases, dump

CASES = list(cases())


@pytest.mark.parametrize(
    ("name", "case"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_pass_makes_what_its_example_says(name: str, case: Mapping[str, Any]) -> None:
    after, report = applied(name, case["before"])
    assert dump({"report": report}) == dump({"report": case["report"]})
    assert dump("as before" if after is None else after) == dump(case["after"])


def test_every_pass_has_an_example_in_which_it_has_something_to_do() -> None:
    shown = {name for _, name, case in CASES if case["after"] != "as before"}
    assert {one.name for one in PASSES} - shown == set()
