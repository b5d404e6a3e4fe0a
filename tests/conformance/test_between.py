"""The program that compares formats in their engines: its verdicts, on a specification of three."""

from pathlib import Path

import pytest

from tests.conformance import between
from tests.conformance.between import Verdict, table

EXAMPLES = {
    "adds": ("Int n", "Int x = n + 1", '{"adds.n": 1}'),
    "mixed": ("Float f = 0.5", 'String x = "~{f}"', "{}"),
    "refused": ("String s", 'String x = sub(s, "a|b", "c")', '{"refused.s": "a"}'),
}


@pytest.fixture
def specification(tmp_path: Path) -> Path:
    """A folder like a checkout of openwdl/wdl."""
    (tmp_path / "SPEC.md").write_text(
        "".join(
            f"<details>\n<summary>\nExample: {name}.wdl\n\n```wdl\nversion 1.2\n"
            f"workflow {name} {{\n  input {{ {given} }}\n  output {{ {made} }}\n}}\n```\n"
            f"</summary>\n<p>\nExample input:\n\n```json\n{inputs}\n```\n\n"
            "Example output:\n\n```json\n{}\n```\n</p>\n</details>\n\n"
            for name, (given, made, inputs) in EXAMPLES.items()
        )
    )
    return tmp_path


def test_each_document_is_judged(
    specification: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "MINIWDL__SCHEDULER__CONTAINER_BACKEND"):
        monkeypatch.setenv(name, "")
    code = between.main(["wdl", str(specification), "--engine", "fairwf", "--verbose"])
    said = capsys.readouterr().out.splitlines()
    assert code == 0
    assert said[:2] == ["equal: adds: ", "equal: mixed: "]
    assert said[2].startswith("refused: refused: JavaScript might match this regular expression")
    assert said[-2:] == ["of 3: 2 equal, 1 refused", "equal: 66.7 %"]


def test_the_table_counts_by_feature() -> None:
    verdicts = [
        Verdict("a", "equal", features=("scatter", "workflow")),
        Verdict("b", "silent", "x", features=("workflow",)),
    ]
    _, scatter, workflow = table(verdicts)
    assert scatter.split() == ["scatter", "1", "0", "0", "0", "0"]
    assert workflow.split() == ["workflow", "1", "0", "0", "0", "1"]
