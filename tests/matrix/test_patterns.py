"""Twelve patterns of workflows, each written once, in every engine that runs here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.matrix.engines import promised, run
from tests.matrix.page import PAGE, with_table
from tests.matrix.table import ENGINES, PATTERNS, entry

GATE = {
    ("dynamic_number_of_tasks", "snakemake"),
    ("nested_scatter", "cwltool"),
    ("condition", "miniwdl"),
}
"""What the gate tries of engines that are not ours; each start of one takes seconds."""


def cells() -> Iterator[Any]:
    for pattern in PATTERNS:
        for engine in ENGINES:
            known = entry(pattern, engine)
            marks = []
            if known.not_yet:
                marks.append(pytest.mark.xfail(reason=known.not_yet, strict=True))
            if engine != "fairwf" and (pattern, engine) not in GATE:
                marks.append(pytest.mark.long)
            yield pytest.param(pattern, engine, marks=marks, id=f"{pattern}-{engine}")


@pytest.mark.parametrize(("pattern", "engine"), list(cells()))
def test_a_pattern_gives_what_it_promises(
    pattern: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(pattern, engine, tmp_path, monkeypatch)
    known, wanted = entry(pattern, engine), promised(pattern)
    others = {name for name, value in wanted.items() if result.outputs[name] != value}
    assert result.outputs.keys() == wanted.keys()
    assert others == known.differs
    assert result.losses == known.losses


def test_the_table_in_the_documentation_is_that_of_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text) == text, "python -m tests.matrix.page"
