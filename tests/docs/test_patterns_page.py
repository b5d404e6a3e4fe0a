"""docs/patterns.md is what the converters make today, of every format that is written."""

import re
from pathlib import Path

import pytest

from fairwf import convert
from fairwf.cli.comparison.counterparts import outline
from fairwf.conversion import read_document
from fairwf.formats import Source, converters
from fairwf.report import FairwfError, Report
from tools import patterns


def test_the_page_is_current() -> None:
    pytest.importorskip("WDL")
    pytest.importorskip("gxformat2")
    assert patterns.PAGE.read_text("utf-8") == patterns.generated(), (
        "the converters write something else now: python -m tools.patterns"
    )


def test_every_pattern_stands_there_in_every_format_that_is_written() -> None:
    heads = re.findall(r"^### (.*) in (.*)$", patterns.PAGE.read_text("utf-8"), re.MULTILINE)
    titles = [c.title for _, c in sorted(converters().items()) if c.write and c.documents]
    assert heads == [(name, title) for name in patterns.PATTERNS.values() for title in titles]


@pytest.mark.parametrize("name", patterns.PATTERNS)
def test_what_is_shown_has_the_same_steps(name: str, tmp_path: Path) -> None:
    """Steps and links are those of the source, whatever the language calls them."""
    source = read_document(
        Source.at(patterns.ROOT / "examples" / "patterns" / f"{name}.cwl"), Report()
    )
    compared = 0
    for converter in patterns.writers():
        if converter.read is None:
            continue
        try:
            done = convert(source, converter.name)
        except FairwfError:
            continue
        for file, data in done.written.files.items():
            place = tmp_path / converter.name / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        again = read_document(
            Source.at(tmp_path / converter.name / done.written.main), Report(), converter.name
        )
        if again.instance:
            continue
        paired = {pair.a for pair in outline(source, again).steps if pair.a and pair.b}
        assert paired == {pair.a for pair in outline(source, source).steps}, converter.name
        compared += 1
    assert compared >= 2
