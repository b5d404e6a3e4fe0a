"""The entries: sixty, complete, in the order of their principles, and told in the documentation."""

import re
from pathlib import Path

import pytest

from fairwf.fair.indicator import Indicator
from fairwf.fair.indicators import INDICATORS


def test_there_are_sixty_in_order() -> None:
    assert len({indicator.id for indicator in INDICATORS}) == 60
    letters = "".join(i.principle[0] for i in INDICATORS)
    assert re.fullmatch("F+A+I+R+", letters)
    assert [i.id for i in INDICATORS if i.source == "format"] == ["F2-5", "I1-1", "R3-1", "R3-2"]
    assert [i.id for i in INDICATORS if i.reads == "N"] == ["F1-2", "F4-2", "A1-2", "R1.2-2"]


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda i: i.id)
def test_an_entry_is_complete(indicator: Indicator) -> None:
    assert indicator.id.rsplit("-", 1)[0] == indicator.principle
    assert indicator.question.endswith("?")
    assert all(indicator.levels) and len(set(indicator.levels)) == 3
    assert indicator.crosswalk and indicator.fix.endswith(".")
    assert set(indicator.reads) <= set("WRCXN")


def test_the_documentation_lists_every_entry(repository: Path) -> None:
    text = (repository / "docs" / "fairness.md").read_text()
    rows = re.findall(r"^\| ([FAIR][\d.]+-\d+) \| (.+?) \| (\w+) \| (\w+) \| (\w+) \|$", text, re.M)
    wanted = [(i.id, i.question, i.priority, i.reads, i.source) for i in INDICATORS]
    assert rows == wanted
